"""One run from data to a folder: views and teachers' answers, training, calibration on validation, scores on test, the card."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from kd_core.calibration import fit_temperature
from kd_core.contract.config import TrainConfig
from kd_core.contract.events import PartStarted, RunEnded, RunEvent, RunProgress
from kd_core.contract.model_card import ModelCard
from kd_core.datasets.labelled import DataSet, Part
from kd_core.datasets.teacher_cache import DEFAULT_LIMIT, CachedViews
from kd_core.datasets.views import MadeViews, TeacherView, ViewSource, answer
from kd_core.distributed import Alone, Workers
from kd_core.evaluate import scores
from kd_core.hardware import hardware_words
from kd_core.model_folder import write_model_folder
from kd_core.models.student import Student
from kd_core.models.teacher import FrozenTeacher, Teacher, strongest_directions
from kd_core.predictor import softmax
from kd_core.resume import fingerprint_of
from kd_core.schemes.relation import RelationPart
from kd_core.schemes.scheme import Scheme
from kd_core.teacher_folder import write_teacher_folder
from kd_core.train import LabelledSquares, Resumable, Training, logits_of

STATE_NAME = "run-state.safetensors"
KEPT = "the averaged weights of the epoch with the best macro-F1 on the validation groups"
#: Pictures from which a teacher's strongest directions are found: 49 positions each.
BASIS_PICTURES = 256


@dataclass(frozen=True)
class NamedTeacher:
    """A frozen teacher and what a student's card says of it."""

    teacher: FrozenTeacher
    card: ModelCard


@dataclass(frozen=True)
class Place:
    """Where a run works. ``cache`` None: nothing is stored and teachers are asked anew for every view (a GPU can afford it)."""

    out: Path
    cache: Path | None = None
    cache_limit: int = DEFAULT_LIMIT
    device: str = "cpu"


class Run:
    """A student, alone or distilled; or, through ``TeacherRun``, a teacher. ``events`` does the work; then ``card`` is its card."""

    def __init__(
        self,
        config: TrainConfig,
        data: DataSet,
        place: Place,
        teachers: Sequence[NamedTeacher] = (),
        *,
        name: str = "student",
        scheme: str = "",
    ) -> None:
        self._config, self._data, self._place, self._teachers = config, data, place, teachers
        self._name, self._scheme_name = name, scheme
        self.card: ModelCard | None = None

    def events(self, should_stop: Callable[[], bool] = lambda: False, workers: Workers | None = None) -> Iterator[RunEvent]:
        """Work; ends with RunEnded. A stopped run keeps the best so far, where there is any."""
        begun = time.monotonic()
        workers = workers or Alone()
        frozen = [named.teacher.to(self._place.device) for named in self._teachers]
        if self._place.cache is not None:
            yield PartStarted("teachers" if frozen else "views")
        source = yield from self._views(frozen, should_stop if workers.first else lambda: True)
        workers.agree(False)  # the first has filled the cache: on a common disk the others find it filled
        torch.manual_seed(self._config.seed)
        scheme = Scheme(self._learner(), self._config, [teacher.width for teacher in frozen])
        val = LabelledSquares(self._data.val.squares, self._data.val.labels)
        run = Resumable(self._place.out / STATE_NAME, self._fingerprint(frozen))
        training = Training(scheme, self._data.classes, source, val, device=self._place.device, resumable=run, workers=workers)
        yield PartStarted("training")
        yield from training.run(should_stop)
        if training.best_epoch == 0:
            yield RunEnded("stopped", "Stopped before the first epoch was done; nothing was kept.")
            return
        if not workers.first:
            return
        learner = scheme.learner
        learner.load_state_dict(training.best)
        words = {**self._words(training), "minutes": round((time.monotonic() - begun) / 60, 1)}
        if "relation" in scheme.parts:
            for named, grid in zip(words["teachers"], self._attention(scheme, source), strict=True):
                named["share of attention"] = round(float(grid.sum()), 3)
                named["attention by place"] = [[round(float(share), 4) for share in row] for row in grid]
        self.card, results = self._finish(learner.cpu(), words)
        if not training.stopped:  # one that was stopped can be gone on with by the same command
            run.path.unlink(missing_ok=True)
        last = results.get("test") or results["validation"]
        held_out = f"accuracy {last['accuracy']:.3f}, macro-F1 {last['macro_f1']:.3f} on {last['n']} held-out images"
        outcome = "stopped" if training.stopped else "finished"
        yield RunEnded(outcome, f"Model {self.card.version}: {held_out}.", str(self._place.out))

    def _views(self, frozen: list[FrozenTeacher], should_stop: Callable[[], bool]) -> Generator[RunEvent, None, ViewSource]:
        train, config, place = self._data.train, self._config, self._place
        if place.cache is None:
            return MadeViews(train.squares, train.labels, config.views, frozen, place.device)
        cached = CachedViews(place.cache, train.squares, train.labels, config.views, frozen, place.cache_limit)
        begun = time.monotonic()
        for done, total in cached.fill(should_stop):
            if done % 20 == 0 or done == total:
                yield RunProgress(done, total, (time.monotonic() - begun) / done * (total - done))
        return cached

    def _learner(self) -> Student | Teacher:
        return Student(len(self._data.classes))

    def _fingerprint(self, frozen: list[FrozenTeacher]) -> str:
        train = self._data.train
        taught_by = [teacher.fingerprint for teacher in frozen]
        return fingerprint_of(self._config, train.squares, train.labels, self._data.val.labels, self._learner_name(), *taught_by)

    def _learner_name(self) -> str:
        return "student"

    def _words(self, training: Training) -> dict[str, Any]:
        return {
            "scheme": f"{self._scheme_name}; our reading of arXiv 2308.08731",
            "config": msgspec.to_builtins(self._config),
            "teachers": [{"name": named.card.name, "version": named.card.version} for named in self._teachers],
            "parameters": training.scheme.parameter_counts(),
            "hardware": hardware_words(self._place.device),
            "kept": KEPT,
            "best epoch": training.best_epoch,
        }

    @torch.no_grad()
    def _attention(self, scheme: Scheme, source: ViewSource) -> Tensor:
        """(T, h, w): which teacher the fusion reads and where, mean over up to 256 training views; it sums to 1."""
        part = scheme.parts["relation"].eval()
        assert isinstance(part, RelationPart)
        places = np.arange(min(256, len(source.labels)))
        _, teachers = source.batch(places, np.zeros_like(places))
        attention = part.fuse([TeacherView(*(tensor.to(self._place.device) for tensor in made)) for made in teachers]).attention
        return attention.mean(0).cpu()

    def _finish(self, learner: nn.Module, words: dict[str, Any]) -> tuple[ModelCard, dict[str, Any]]:
        assert isinstance(learner, Student)
        temperature, results = calibrated_scores(learner, self._data)
        card = write_model_folder(
            learner,
            self._place.out,
            name=self._name,
            classes=self._data.classes,
            temperature=temperature,
            data=self._data.words,
            training=words,
            scores=results,
        )
        return card, results


class TeacherRun(Run):
    """Fine-tunes a pretrained backbone with the loop that trains students."""

    def __init__(self, config: TrainConfig, data: DataSet, place: Place, backbone: str, weights: str | Path | None) -> None:
        super().__init__(config, data, place, scheme="fine-tuned with cross-entropy")
        self._backbone, self._weights = backbone, weights

    def _learner(self) -> Teacher:
        return Teacher(self._backbone, len(self._data.classes), weights=self._weights)

    def _learner_name(self) -> str:
        return self._backbone

    def _finish(self, learner: nn.Module, words: dict[str, Any]) -> tuple[ModelCard, dict[str, Any]]:
        assert isinstance(learner, Teacher)
        temperature, results = calibrated_scores(learner, self._data)
        frozen = FrozenTeacher(learner)
        squares = self._data.train.squares[:: max(1, len(self._data.train.squares) // BASIS_PICTURES)]
        batches = np.array_split(squares, max(1, len(squares) // 32))
        maps = torch.cat([answer(frozen, torch.from_numpy(batch)).features for batch in batches])
        basis, share = strongest_directions(maps)
        words["basis"] = {"directions": len(basis), "energy kept": round(share, 4)}
        card = write_teacher_folder(
            learner,
            basis,
            self._place.out,
            classes=self._data.classes,
            temperature=temperature,
            data=self._data.words,
            training=words,
            scores=results,
        )
        return card, results


def calibrated_scores(model: nn.Module, data: DataSet) -> tuple[float, dict[str, Any]]:
    """The temperature fitted on the validation part, and the scores of validation and (where there is one) test part with it."""
    logits = logits_of(model, data.val.squares)
    temperature = fit_temperature(logits, data.val.labels)
    results = {"validation": _scored(logits, data.val, data.classes, temperature)}
    if len(data.test.labels):
        results["test"] = _scored(logits_of(model, data.test.squares), data.test, data.classes, temperature)
    return temperature, results


def _scored(logits: NDArray[np.float32], part: Part, classes: tuple[str, ...], temperature: float) -> dict[str, Any]:
    return scores(softmax(logits / np.float32(temperature)), part.labels, classes)
