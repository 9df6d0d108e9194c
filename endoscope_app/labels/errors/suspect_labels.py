"""Labels that every model contradicts, as the review list shows them. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from endoscope_app.base.wording import percent
from endoscope_app.labels.errors.label_doubts import find_label_errors
from endoscope_app.labels.errors.student_doubts import SURE, Doubt
from endoscope_app.labels.review.frame_states import (
    NONE,
    STATE_AGREED,
    STATE_DIFFERS,
    STATE_UNUSABLE,
    UNUSABLE,
    FrameStates,
)


@dataclass(frozen=True)
class SuspectLabels:
    """Of one procedure, most confident contradiction first: frames (M,) int64; the label's class
    and the student's class by name, and the student's probability, when they were looked at;
    ``said``: what each model says, in words.
    """

    frames: NDArray[np.int64]
    labels: tuple[str, ...]
    models: tuple[str, ...]
    probability: NDArray[np.float32]
    said: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.frames)

    def words(self, frame: int) -> str:
        """What the models say of a frame; empty for one that is not suspect."""
        at = np.flatnonzero(self.frames == frame)
        return self.said[int(at[0])] if len(at) else ""


def suspects_of(
    doubts: Sequence[Doubt], classes: Sequence[str], models: Sequence[str]
) -> dict[str, SuspectLabels]:
    """By fingerprint. ``classes``: the reader's names of the model's classes, in its order.

    ``models`` names who was asked, the student first; every doubt holds an answer of each.
    """
    if not doubts:
        return {}
    labels = np.array([doubt.label for doubt in doubts], np.int64)
    tables = [np.stack([doubt.said[place] for doubt in doubts]) for place in range(len(models))]
    found = find_label_errors(labels, tables, SURE)
    made: dict[str, list[Doubt]] = {}
    for place in found.frames.tolist():
        made.setdefault(doubts[place].sample.fingerprint, []).append(doubts[place])
    return {fingerprint: _as_labels(those, classes, models) for fingerprint, those in made.items()}


@dataclass(frozen=True)
class SuspectColumns:
    """For the review list, each (M,): frames int64, label and model places in the states' names or
    NONE, probability, state codes, and whether a range gave the label.
    """

    frames: NDArray[np.int64]
    label: NDArray[np.int64]
    model: NDArray[np.int64]
    probability: NDArray[np.float32]
    state: NDArray[np.int8]
    from_range: NDArray[np.bool_]


def suspect_columns(found: SuspectLabels, states: FrameStates) -> SuspectColumns:
    """As the labels stand now. A frame whose label is gone is shown with the one that it had."""
    here = found.frames < len(states.label)
    frames = found.frames[here]
    places = {name.casefold(): place for place, name in enumerate(states.names)}
    given, model = (
        np.array(
            [
                places.get(name.casefold(), NONE)
                for name, is_here in zip(names, here, strict=True)
                if is_here
            ],
            np.int64,
        )
        for names in (found.labels, found.models)
    )
    kind = states.kind[frames]
    label = np.where(kind == NONE, given, states.label[frames]).astype(np.int64)
    state = np.where(label == model, STATE_AGREED, STATE_DIFFERS)
    state = np.where(kind == UNUSABLE, STATE_UNUSABLE, state).astype(np.int8)
    return SuspectColumns(
        frames, label, model, found.probability[here], state, states.from_range[frames]
    )


def _as_labels(
    doubts: Sequence[Doubt], classes: Sequence[str], models: Sequence[str]
) -> SuspectLabels:
    return SuspectLabels(
        np.array([doubt.sample.frame_index for doubt in doubts], np.int64),
        tuple(classes[doubt.label] for doubt in doubts),
        tuple(classes[int(doubt.said[0].argmax())] for doubt in doubts),
        np.array([doubt.said[0].max() for doubt in doubts], np.float32),
        tuple(_in_words(doubt, classes, models) for doubt in doubts),
    )


def _in_words(doubt: Doubt, classes: Sequence[str], models: Sequence[str]) -> str:
    said = (
        f"{name}: {classes[int(one.argmax())]} {percent(float(one.max()))}"
        for name, one in zip(models, doubt.said, strict=True)
    )
    return (
        f"Frame {doubt.sample.frame_index:,} was labelled {classes[doubt.label]}."
        f" {'; '.join(said)}."
    )
