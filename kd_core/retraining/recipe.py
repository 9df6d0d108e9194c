"""What a retraining makes.

The student in use, taught a reader's frames and a replay of what it knew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from kd_core.artifacts.checkpoint import writing
from kd_core.artifacts.model_folder import write_model_folder
from kd_core.artifacts.replay import Replay
from kd_core.artifacts.teacher_folder import LoadedTeacher
from kd_core.data.augment import Policy
from kd_core.data.head_labels import shows
from kd_core.data.image_files import content_of
from kd_core.evaluation.abstention import naming_level, new_class_level
from kd_core.evaluation.calibration import fit_temperature, temperature_note
from kd_core.models.student import Student
from kd_core.retraining.class_shift import class_shift
from kd_core.retraining.embeddings import embeddings_of, replayed_embeddings
from kd_core.retraining.extended import extended_student
from kd_core.retraining.held_back import HeldBack, Within
from kd_core.retraining.kept_knowledge import grouped_logits, with_own_logits
from kd_core.retraining.mixed_weights import mix_weights
from kd_core.retraining.reader_data import ReaderData
from kd_core.retraining.teachers import untaught
from kd_core.retraining.unlabelled import Unlabelled
from kd_core.schema.class_heads import ClassHead
from kd_core.schema.config import TrainConfig
from kd_core.schema.held_out import HeldOut, merged_sides, read_held_out, write_held_out
from kd_core.schema.model_card import ModelCard
from kd_core.schema.model_origin import TrainingNotes
from kd_core.schema.model_scores import PartScores
from kd_core.schema.naming_level import NEVER, NamingLevel
from kd_core.schemes.scheme import Scheme
from kd_core.training.calibrated import part_scores
from kd_core.training.recipe import Finished, scheme_description, scripted_outliers
from kd_core.training.validation import LabelledCrops, logits_of, replayed_logits
from kd_core.vision.head_probabilities import softmax

#: Views of a reader's frames of none of the classes, and as many scripted outliers, to draw from.
FEWEST_NONE_VIEWS, MOST_NONE_VIEWS = 128, 512
KEPT_LAST = "the averaged weights of the last epoch: no procedure is left to choose one by"
OLD, NEW = "old knowledge", "held-out procedures"


@dataclass(frozen=True)
class Base:
    """What a retraining starts from; ``seen``: what it has learnt from, where it says so."""

    student: Student
    card: ModelCard
    seen: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Sides:
    """Who is learnt from and who is held out.

    ``chosen``: a side for every procedure of the run; ``overall``: the file that holds for all
    models, written once one has learnt.
    """

    overall: Path
    chosen: HeldOut


class Settled(NamedTuple):
    """What the replay set settles of a finished student; see ModelCard."""

    temperature: float = 1.0
    calibration: str = ""
    naming: NamingLevel | None = None
    heads: tuple[ClassHead, ...] = ()


class RetrainingRecipe:
    """A student taught a reader's frames beside what it knew.

    ``data``: its classes are the base's, then new ones; the test part are the held-out procedures,
    the validation part is empty. Temperature and naming level are fitted on the held-out part of
    the replay set, and classes that have lost recall there are raised: held-out procedures stay
    unseen till the comparison. ``held_back``: what is
    known of frames of new classes, by class; see RetrainingRun.
    """

    kept = KEPT_LAST

    def __init__(
        self,
        config: TrainConfig,
        data: ReaderData,
        out: Path,
        teachers: Sequence[LoadedTeacher],
        base: Base,
        replay: Replay,
        sides: Sides,
        name: str,
    ) -> None:
        self._config, self._data, self._out, self._teachers = config, data, out, teachers
        self._base, self._sides, self._name = base, sides, name
        self._columns = [head.columns(data.classes) for head in data.heads]
        self._replay = with_own_logits(replay, base.student, self._columns)
        self.held_back: dict[int, HeldBack] = {}
        self._unlabelled: Unlabelled | None = None

    @property
    def identity(self) -> str:
        """See Recipe."""
        none = hashlib.sha256(
            np.ascontiguousarray(self._data.none_of_these.learnt).tobytes()
        ).hexdigest()
        told = self._unlabelled and f", unlabelled {self._unlabelled.told.digest}"
        return (
            f"student from {self._base.card.version} with {len(self._replay.labels)} replayed and"
            f" mixed as it knew them, none of these {none}{told or ''}"
        )

    @property
    def validation(self) -> LabelledCrops | None:
        """No procedure is left to choose an epoch by."""
        return None

    @property
    def replay(self) -> Replay:
        """What was known before, as the base says it where it is right.

        And unlabelled frames, as the teachers say it.
        """
        told = self._unlabelled and self._unlabelled.told
        return replace(self._replay, told=told)

    def learn_besides(self, unlabelled: Unlabelled | None) -> None:
        """Frames that the teachers alone say something of; before the run."""
        if unlabelled is not None and self._columns:
            told = unlabelled.told
            logits = grouped_logits(told.logits, self._columns)
            unlabelled = unlabelled._replace(told=replace(told, logits=logits))
        self._unlabelled = unlabelled

    @property
    def outliers(self) -> NDArray[np.uint8] | None:
        """The scripted ones and views of the reader's frames of none of the classes.

        Half of each.
        """
        scripted = scripted_outliers(self._data, self._config)
        own = self._data.none_of_these.learnt
        if scripted is None or not len(own):
            return scripted
        count = min(MOST_NONE_VIEWS, max(FEWEST_NONE_VIEWS, len(own)))
        policy = Policy()
        chosen = np.linspace(0, len(own) - 1, count).round().astype(np.intp)
        views = [
            policy(own[place], self._config.seed * MOST_NONE_VIEWS + number)
            for number, place in enumerate(chosen)
        ]
        return np.concatenate([scripted[:count], np.stack(views)])

    def learner(self) -> Student:
        """The base's student, with a row in its head for each new class."""
        student, train = self._base.student, self._data.train
        fresh = range(len(self._base.card.classes), len(self._data.classes))
        own = [embeddings_of(student, train.crops[self._showing(place)]) for place in fresh]
        return extended_student(student, own, replayed_embeddings(student, self._replay))

    def _showing(self, place: int) -> NDArray[np.bool_]:
        """Which frames to learn from are said to show a class."""
        data = self._data
        return shows(data.train.labels, data.train.head_labels, data.heads, data.classes, place)

    def within(self, place: int) -> Within | None:
        """The softmax of the class at ``place``, where a student has one of each class group."""
        return None

    def untaught(self) -> Sequence[int]:
        """Classes that the reader has added since the teachers were trained."""
        return untaught(self._teachers, self._data.classes)

    def description(self, scheme: Scheme) -> str:
        """See Recipe."""
        return (
            f"retrained from {self._base.card.version}: {scheme_description(scheme)}, stem"
            " frozen, latents replayed"
        )

    def unsettled(self) -> list[int]:
        """Classes that no held-out frame of the replay set shows.

        Whether they are named is said by the reader's own frames.
        """
        shown = np.bincount(
            self._replay.labels[self._replay.held_out].numpy(), minlength=len(self._data.classes)
        )
        return [place for place in range(len(self._data.classes)) if not shown[place]]

    def finish(self, learner: nn.Module, notes: TrainingNotes) -> Finished:
        """See Recipe."""
        assert isinstance(learner, Student)
        classes = self._data.classes
        truth = self._replay.labels[self._replay.held_out].numpy()
        mix_weights(learner, self._base.student)
        logits, shift = self._shifted(learner, truth)
        temperature = fit_temperature(logits, truth)
        probabilities = softmax(logits / np.float32(temperature))
        naming = naming_level(probabilities, truth)
        levels, not_named = np.full(len(classes), naming.level), {}
        for place in self.unsettled():
            levels[place], reason = self._level_of_new(
                place, probabilities, truth, temperature, naming.level
            )
            if reason:
                not_named[classes[place]] = reason
        results = {OLD: part_scores(probabilities, truth, levels, classes)}
        test = self._data.test
        if len(test.labels):
            held_out = softmax(logits_of(learner, test.crops) / np.float32(temperature))
            results[NEW] = part_scores(held_out, test.labels, levels, classes)
        settled = Settled(
            temperature=temperature, calibration=temperature_note(temperature), naming=naming
        )
        return self._written(learner, notes, settled, levels, not_named, shift, results)

    def _written(
        self,
        learner: Student,
        notes: TrainingNotes,
        settled: Settled,
        levels: NDArray[np.float64],
        not_named: dict[str, str],
        shift: dict[str, float],
        results: dict[str, PartScores],
    ) -> Finished:
        """The finished model in its folder; ``levels`` (C,) are those of unsettled classes too."""
        classes = self._data.classes
        card = write_model_folder(
            learner,
            self._out,
            name=self._name,
            classes=classes,
            temperature=settled.temperature,
            calibration=settled.calibration,
            naming=settled.naming,
            heads=settled.heads,
            thresholds={classes[place]: float(levels[place]) for place in self.unsettled()},
            parent=self._base.card.version,
            data=msgspec.structs.replace(
                self._data.notes,
                replayed=self._replay.source,
                unlabelled=str(self._unlabelled or ""),
            ),
            training=msgspec.structs.replace(notes, not_yet_named=not_named, class_shift=shift),
            scores=results,
            seen=[*self._base.seen, *(content_of(crop) for crop in self._data.train.crops)],
        )
        # Only now a model has learnt. The run's state still lies there: if this is torn away, the
        # run ends anew and comes here again.
        overall = self._sides.overall
        with writing(overall.parent):
            write_held_out(overall, merged_sides(read_held_out(overall), self._sides.chosen))
        return Finished(card, results)

    def _shifted(
        self, learner: Student, truth: NDArray[np.int64]
    ) -> tuple[NDArray[np.float32], dict[str, float]]:
        """Raise classes of ``learner`` that lost recall: its logits then, and the shift by class.

        Of the held-out part of the replay set.
        """
        logits = replayed_logits(learner, self._replay)
        shift = class_shift(logits, replayed_logits(self._base.student, self._replay), truth)
        with torch.no_grad():
            learner.head.bias.add_(torch.from_numpy(shift).to(learner.head.bias))
        told = zip(self._data.classes, shift.tolist(), strict=True)
        return logits + shift, {name: round(moved, 4) for name, moved in told if moved}

    def _level_of_new(
        self,
        place: int,
        probabilities: NDArray[np.float32],
        truth: NDArray[np.int64],
        temperature: float,
        common: float,
    ) -> tuple[float, str]:
        """From which probability on a class is named that the replay set does not show.

        And why it is not, if so. Old frames are those of the replay set, asked of the finished
        student; of the class, those that were held back in turn.
        """
        count = int(self._showing(place).sum())
        held_back = self.held_back.get(place)
        if held_back is None:
            close = f"its {count} frames are too close together to hold some of them back"
            return NEVER, close if count else "no frame of it is learnt from"
        # Other frames that were held back with them would count against the class what the finished
        # student knows better.
        own = softmax(held_back.logits[held_back.truth == place] / np.float32(temperature))
        level = new_class_level(probabilities, truth, own, place, common)
        hits = int((own.argmax(axis=1) == place).sum())
        return (
            level,
            (
                ""
                if level < NEVER
                else f"of its {len(own)} frames, each held back once, {hits} were recognised"
            ),
        )
