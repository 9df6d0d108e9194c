"""One run from data to a folder: views and teachers' answers, training, calibration on
validation, scores on test, the card.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from kd_core.artifacts.model_folder import write_model_folder
from kd_core.artifacts.teacher_folder import LoadedTeacher, shortened
from kd_core.data.image_files import content_of
from kd_core.data.labelled import DataSet
from kd_core.data.outliers import outliers
from kd_core.data.teacher_cache import DEFAULT_LIMIT, CachedViews
from kd_core.data.views import MadeViews, TeacherView, ViewSource
from kd_core.models.student import Student
from kd_core.models.teacher import FrozenTeacher, Teacher
from kd_core.platform.hardware import hardware_words
from kd_core.schema.config import TrainConfig
from kd_core.schema.errors import DataError
from kd_core.schema.events import PartStarted, RunEnded, RunEvent, RunProgress
from kd_core.schema.model_card import ModelCard
from kd_core.schema.model_origin import TaughtBy, TrainingNotes
from kd_core.schema.model_scores import PartScores
from kd_core.schema.run_files import STATE_NAME
from kd_core.schemes.relation import RelationPart
from kd_core.schemes.scheme import Scheme
from kd_core.training.calibrated import calibrated
from kd_core.training.distributed import Alone, Workers
from kd_core.training.resume import fingerprint_of, read_state
from kd_core.training.train import LabelledSquares, Resumable, Training

OUTLIERS = 384  # pictures without a class, to draw from where silence is taught
KEPT = "the averaged weights of the epoch with the best macro-F1 on the validation groups"


@dataclass(frozen=True)
class Place:
    """Where a run works.

    ``cache`` None: nothing is stored and teachers are asked anew for every view (a GPU can afford
    it).
    """

    out: Path
    cache: Path | None = None
    cache_limit: int = DEFAULT_LIMIT
    device: str = "cpu"


class Run:
    """A student, alone or distilled; or, through ``TeacherRun``, a teacher.

    ``events`` does the work; then ``card`` is its card.

    ``takes_over``: a state of other settings in the folder is replaced, and the state stays when
    the run has ended, for the caller to delete once the result is safe. ``open_test``: whether the
    test part is scored at the end.
    """

    def __init__(
        self,
        config: TrainConfig,
        data: DataSet,
        place: Place,
        teachers: Sequence[LoadedTeacher] = (),
        *,
        name: str = "student",
        takes_over: bool = False,
        open_test: bool = True,
    ) -> None:
        """Raises DataError where a teacher was trained on images that are held out here."""
        self._config, self._data, self._place, self._teachers = config, data, place, teachers
        self._name, self._takes_over, self._open_test = name, takes_over, open_test
        self.card: ModelCard | None = None
        self.stopped = False
        _check_held_out(data, teachers)

    def events(
        self, should_stop: Callable[[], bool] = lambda: False, workers: Workers | None = None
    ) -> Iterator[RunEvent]:
        """Work; ends with RunEnded.

        A stopped run keeps the best so far, where there is any. Raises DataError and ModelError.
        """
        workers = workers or Alone()
        frozen = [loaded.teacher.to(self._place.device) for loaded in self._teachers]
        torch.manual_seed(self._config.seed)
        scheme = Scheme(
            self._learner(), self._config, [teacher.width for teacher in frozen], self._untaught()
        )
        run = Resumable(self._place.out / STATE_NAME, self._fingerprint(frozen))
        self._check_state(run)
        yield PartStarted("asking the teachers" if frozen else "making views")
        source = yield from self._views(frozen, should_stop if workers.first else lambda: True)
        # The first has filled the cache: on a common disk the others find it filled
        workers.agree(False)
        training = self._training(scheme, source, run, workers)
        yield PartStarted("training")
        yield from training.run(should_stop)
        self.stopped = training.stopped
        if training.best_epoch == 0:
            yield RunEnded("stopped", "Stopped before the first epoch was done; nothing was kept.")
            return
        if not workers.first:
            return
        learner = scheme.learner
        learner.load_state_dict(training.best)
        self.card, results = self._finish(learner.cpu(), self._notes(training, source))
        # One that was stopped can be gone on with by the same command
        if not self.stopped and not self._takes_over:
            run.path.unlink(missing_ok=True)
        part, made = list(results.items())[-1]
        numbers = (
            f"accuracy {made.accuracy:.3f}, macro-F1 {made.macro_f1:.3f} on {made.n} {part} images"
        )
        yield RunEnded(
            "stopped" if self.stopped else "finished",
            f"Model {self.card.version}: {numbers}.",
            str(self._place.out),
        )

    def _check_state(self, run: Resumable) -> None:
        if not self._takes_over and run.path.is_file() and read_state(run.path, run.run) is None:
            way_out = (
                f"Use those again to go on, choose another --out, or delete {run.path.name} there"
                " to start anew."
            )
            raise DataError(
                f"{run.path.parent} holds an unfinished run with other settings or data.", way_out
            )

    def _views(
        self, frozen: list[FrozenTeacher], should_stop: Callable[[], bool]
    ) -> Generator[RunEvent, None, ViewSource]:
        train, config, place = self._data.train, self._config, self._place
        if place.cache is None:
            return MadeViews(train.squares, train.labels, config.views, frozen, place.device)
        cached = CachedViews(
            place.cache, train.squares, train.labels, config.views, frozen, place.cache_limit
        )
        begun = time.monotonic()
        for done, total in cached.fill(should_stop):
            if done % 20 == 0 or done == total:
                yield RunProgress(done, total, (time.monotonic() - begun) / done * (total - done))
        return cached

    def _training(
        self, scheme: Scheme, source: ViewSource, run: Resumable, workers: Workers
    ) -> Training:
        val = LabelledSquares(self._data.val.squares, self._data.val.labels)
        return Training(
            scheme,
            self._data.classes,
            source,
            val,
            outliers=self._outliers(),
            device=self._place.device,
            resumable=run,
            workers=workers,
        )

    def _outliers(self) -> NDArray[np.uint8] | None:
        return (
            outliers(self._data.train.squares, OUTLIERS, self._config.seed)
            if self._config.losses.silence
            else None
        )

    def _learner(self) -> Student | Teacher:
        return Student(len(self._data.classes))

    def _untaught(self) -> Sequence[int]:
        """Classes of which the teachers know nothing."""
        return ()

    def _fingerprint(self, frozen: list[FrozenTeacher]) -> str:
        train = self._data.train
        taught_by = [teacher.fingerprint for teacher in frozen]
        arrays = (train.squares, train.labels, self._data.val.squares, self._data.val.labels)
        return fingerprint_of(self._config, *arrays, self._learner_name(), *taught_by)

    def _learner_name(self) -> str:
        return "student"

    def _notes(self, training: Training, source: ViewSource) -> TrainingNotes:
        return TrainingNotes(
            scheme=f"{self._scheme_name(training.scheme)}; our reading of arXiv 2308.08731",
            config=msgspec.to_builtins(self._config),
            teachers=tuple(self._taught_by(training.scheme, source)),
            parameters=training.scheme.parameter_counts(),
            hardware=hardware_words(self._place.device),
            kept=KEPT,
            best_epoch=training.best_epoch,
            minutes=round(training.seconds / 60, 1),
        )

    def _taught_by(self, scheme: Scheme, source: ViewSource) -> Iterator[TaughtBy]:
        cards = [loaded.card for loaded in self._teachers]
        if "relation" not in scheme.parts:
            yield from (TaughtBy(card.name, card.version) for card in cards)
            return
        for card, grid in zip(cards, self._attention(scheme, source), strict=True):
            rows = [[round(float(share), 4) for share in row] for row in grid]
            yield TaughtBy(card.name, card.version, round(float(grid.sum()), 3), rows)

    def _scheme_name(self, scheme: Scheme) -> str:
        families = " and ".join(f"{name}-based" for name in scheme.parts)
        return f"{families} distillation" if families else "student alone, cross-entropy"

    @torch.no_grad()
    def _attention(self, scheme: Scheme, source: ViewSource) -> Tensor:
        """(T, h, w): which teacher the fusion reads and where, mean over up to 256 training
        images of all classes; it sums to 1.
        """
        part = scheme.parts["relation"].eval()
        assert isinstance(part, RelationPart)
        places = np.linspace(0, len(source.labels) - 1, min(256, len(source.labels))).astype(
            np.int64
        )
        grids = []
        for batch in np.array_split(places, math.ceil(len(places) / 32)):
            _, answers = source.batch(batch, np.zeros_like(batch))
            grids.append(
                part.fuse(
                    [
                        TeacherView(*(tensor.to(self._place.device) for tensor in made))
                        for made in answers
                    ]
                ).attention
            )
        return torch.cat(grids).mean(0).cpu()

    def _finish(
        self, learner: nn.Module, notes: TrainingNotes
    ) -> tuple[ModelCard, dict[str, PartScores]]:
        assert isinstance(learner, Student)
        made = calibrated(learner, self._data, open_test=self._open_test)
        card = write_model_folder(
            learner,
            self._place.out,
            name=self._name,
            classes=self._data.classes,
            temperature=made.temperature,
            thresholds=made.thresholds,
            data=self._data.notes,
            training=notes,
            scores=made.results,
        )
        return card, made.results


def _check_held_out(data: DataSet, teachers: Sequence[LoadedTeacher]) -> None:
    """A teacher that was trained on a picture held out here has told its student about it:
    scores would be worth nothing.
    """
    held_out = {
        shortened(content_of(square)) for part in (data.val, data.test) for square in part.squares
    }
    for loaded in teachers:
        known = len(held_out & loaded.seen)
        if known:
            way_out = (
                "Use the split that the teacher was trained with, or fine-tune a teacher on this"
                " one."
            )
            raise DataError(
                f"{known} images that are held out here were seen by the teacher {loaded.card.name}"
                " in training.",
                way_out,
            )
