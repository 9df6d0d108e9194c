"""Labels that every model contradicts, as the review list shows them. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from endoscope_app.labels.frame_states import NONE, UNUSABLE, FrameStates, State


@dataclass(frozen=True)
class SuspectLabels:
    """Of one procedure, most confident contradiction first.

    ``frames`` (M,) int64; the label's class and the model's class by name, and the model's
    ``probability`` (M,), when they were looked at; ``sentences``: what each model says.
    """

    frames: NDArray[np.int64]
    labels: tuple[str, ...]
    models: tuple[str, ...]
    probability: NDArray[np.float32]
    sentences: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.frames)

    def sentence(self, frame: int) -> str:
        """What the models say of a frame; empty for one that is not suspect."""
        at = np.flatnonzero(self.frames == frame)
        return self.sentences[int(at[0])] if len(at) else ""


@dataclass(frozen=True)
class SuspectColumns:
    """For the review list, each (M,), but ``label`` (G, M): one for each group.

    ``frames`` int64; ``label`` and ``model`` int64, places in the states' names or NONE;
    ``probability`` float32; ``state`` int8, codes of State; ``from_range``: a range gave the label.
    """

    frames: NDArray[np.int64]
    label: NDArray[np.int64]
    model: NDArray[np.int64]
    probability: NDArray[np.float32]
    state: NDArray[np.int8]
    from_range: NDArray[np.bool_]


def suspect_columns(suspects: SuspectLabels, states: FrameStates) -> SuspectColumns:
    """As the labels stand now. A frame whose label is gone is shown with the one that it had."""
    here = suspects.frames < len(states.label)
    frames = suspects.frames[here]
    places = {name.casefold(): place for place, name in enumerate(states.names)}
    given, model = (
        np.array([places.get(name.casefold(), NONE) for name in names], np.int64)[here]
        for names in (suspects.labels, suspects.models)
    )
    kind = states.kind[frames]
    label = states.labels[:, frames].astype(np.int64)
    label[0] = np.where(kind == NONE, given, label[0])
    agreed = ((label == model) & (model != NONE)).any(axis=0)
    state = np.where(agreed, State.AGREED, State.DISAGREEMENT)
    state = np.where(kind == UNUSABLE, State.UNUSABLE, state).astype(np.int8)
    return SuspectColumns(
        frames, label, model, suspects.probability[here], state, states.from_range[frames]
    )
