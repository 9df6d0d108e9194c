"""A retraining of a student that has a softmax for each class group."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from kd_core.evaluation.abstention import naming_level, new_class_level
from kd_core.evaluation.calibration import fit_temperature, temperature_note
from kd_core.evaluation.label_cases import case_scores, label_cases
from kd_core.models.student import Student
from kd_core.retraining.class_shift import class_shift
from kd_core.retraining.held_back import Within
from kd_core.retraining.mixed_weights import mix_weights
from kd_core.retraining.recipe import NEW, OLD, RetrainingRecipe, Settled
from kd_core.schema.class_heads import NO_LABEL, ClassHead
from kd_core.schema.model_origin import TrainingNotes
from kd_core.schema.model_scores import PartScores
from kd_core.schema.naming_level import NEVER, UNSURE_BELOW
from kd_core.training.recipe import Finished
from kd_core.training.validation import logits_of, replayed_logits
from kd_core.vision.head_probabilities import head_logits, head_probabilities, table_of_heads


class GroupedRetrainingRecipe(RetrainingRecipe):
    """As its parent, of each group by itself.

    The replay set has one label an image: it settles a group by the images that show a class of it.
    Of none of the group it says nothing, so a group's naming level never falls below the base's.
    """

    def within(self, place: int) -> Within:
        """The softmax of the class at ``place``, for what is held back of it."""
        data, train = self._data, self._data.train
        number = next(at for at, columns in enumerate(self._columns) if place in columns)
        assert train.head_labels is not None
        fresh = {
            new: train.crops[self._showing(new)]
            for new in range(len(self._base.card.classes), len(data.classes))
        }
        head = data.heads[number]
        return Within(
            self._columns[number],
            head.none,
            train.head_labels[:, number],
            data.heads,
            self._columns,
            fresh,
        )

    def finish(self, learner: nn.Module, notes: TrainingNotes) -> Finished:
        """See Recipe."""
        assert isinstance(learner, Student)
        data, classes = self._data, self._data.classes
        truth = self._replay.labels[self._replay.held_out].numpy()
        mix_weights(learner, self._base.student)
        logits, shift = self._shifted(learner, truth)
        table = self._places(truth)
        heads = tuple(
            _settled(head, logits, table[:, number], classes)
            for number, head in enumerate(data.heads)
        )
        levels, not_named = np.full(len(classes), UNSURE_BELOW), {}
        for head in heads:
            if head.naming is not None:
                levels[head.columns(classes)] = head.naming.level
        for place in self.unsettled():
            levels[place], reason = self._level_within(place, logits, table, heads)
            if reason:
                not_named[classes[place]] = reason
        results = {OLD: self._scores(logits, table, heads)}
        if len(data.test.labels) and data.test.head_labels is not None:
            asked = logits_of(learner, data.test.crops)
            results[NEW] = self._scores(asked, data.test.head_labels, heads)
        settled = Settled(heads=heads)
        return self._written(learner, notes, settled, levels, not_named, shift, results)

    def _places(self, truth: NDArray[np.int64]) -> NDArray[np.int64]:
        """(N,) classes -> (N, G) places in their heads, NO_LABEL in the others."""
        table = np.full((len(truth), len(self._columns)), NO_LABEL, np.int64)
        for number, columns in enumerate(self._columns):
            for place, column in enumerate(columns):
                table[truth == column, number] = place
        return table

    def _scores(
        self,
        logits: NDArray[np.float32],
        table: NDArray[np.int64],
        heads: Sequence[ClassHead],
    ) -> PartScores:
        classes = self._data.classes
        probabilities = table_of_heads(logits, classes, heads)
        return case_scores(label_cases(probabilities, table, classes, heads), heads)

    def _shifted(
        self, learner: Student, truth: NDArray[np.int64]
    ) -> tuple[NDArray[np.float32], dict[str, float]]:
        """See the parent; a class is raised against those of its group."""
        classes, known = self._data.classes, len(self._base.card.classes)
        logits = replayed_logits(learner, self._replay)
        before = replayed_logits(self._base.student, self._replay)
        shift, table = np.zeros(len(classes), np.float32), self._places(truth)
        for number, head in enumerate(self._data.heads):
            rows, columns = table[:, number] != NO_LABEL, self._columns[number]
            old = [column for column in columns if column < known]
            if len(old) < 2 or not rows.any():
                continue
            moved = class_shift(logits[rows][:, columns], before[rows][:, old], table[rows, number])
            shift[head.columns(classes)] = moved
        with torch.no_grad():
            learner.head.bias.add_(torch.from_numpy(shift).to(learner.head.bias))
        told = zip(classes, shift.tolist(), strict=True)
        return logits + shift, {name: round(moved, 4) for name, moved in told if moved}

    def _level_within(
        self,
        place: int,
        logits: NDArray[np.float32],
        table: NDArray[np.int64],
        heads: Sequence[ClassHead],
    ) -> tuple[float, str]:
        """As ``_level_of_new``, among the frames of its group."""
        count = int(self._showing(place).sum())
        held_back = self.held_back.get(place)
        if held_back is None:
            close = f"its {count} frames are too close together to hold some of them back"
            return NEVER, close if count else "no frame of it is learnt from"
        number = next(at for at, columns in enumerate(self._columns) if place in columns)
        head, own_place = heads[number], self._columns[number].index(place)
        rows = table[:, number] != NO_LABEL
        old = head_probabilities(logits[rows], self._data.classes, head)
        own = head_probabilities(
            held_back.logits[held_back.truth == own_place][:, : len(head.classes)],
            head.classes,
            head,
        )
        common = UNSURE_BELOW if head.naming is None else head.naming.level
        level = new_class_level(old, table[rows, number], own, own_place, common)
        hits = int((own.argmax(axis=1) == own_place).sum())
        if level < NEVER:
            return level, ""
        return level, f"of its {len(own)} frames, each held back once, {hits} were recognised"


def _settled(
    head: ClassHead,
    logits: NDArray[np.float32],
    labels: NDArray[np.int64],
    classes: Sequence[str],
) -> ClassHead:
    """``head`` with the temperature and level of the rows that have a label of it.

    As they are where there are none.
    """
    rows = labels != NO_LABEL
    if not rows.any():
        return head
    temperature = fit_temperature(head_logits(logits[rows], classes, head), labels[rows])
    fitted = msgspec.structs.replace(
        head, temperature=temperature, calibration=temperature_note(temperature)
    )
    naming = naming_level(head_probabilities(logits[rows], classes, fitted), labels[rows])
    if head.naming is not None and head.naming.level > naming.level:
        naming = head.naming
    return msgspec.structs.replace(fitted, naming=naming)
