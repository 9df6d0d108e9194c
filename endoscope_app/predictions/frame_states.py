"""What reader and model say of every frame of one procedure, side by side as arrays: for lanes, jumps and the review list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from endoscope_app.predictions.queues import disagreements

NONE: Final = -1
#: Kinds of a frame's label; NONE where it has none of its own.
CLASS, AGREED, UNUSABLE = 0, 1, 2
#: States of a frame in the review list, in the order of its codes.
STATE_AGREED, STATE_DIFFERS, STATE_UNSURE, STATE_UNLABELLED, STATE_UNUSABLE = range(5)


class FrameStates:
    """N frames. ``label`` (N,) int16: place in ``names`` of the reader's class or NONE; ``kind`` (N,) int8; ``model`` (N,) int16: place in
    ``names`` of the model's class or NONE; ``unsure`` (N,) bool: the model names nothing there."""

    def __init__(self, frame_count: int, names: Sequence[str] = ()) -> None:
        self.names = list(names)
        self.label = np.full(frame_count, NONE, np.int16)
        self.kind = np.full(frame_count, NONE, np.int8)
        self.model = np.full(frame_count, NONE, np.int16)
        self.unsure = np.zeros(frame_count, np.bool_)

    def set_labels(self, frames: NDArray[np.integer[Any]], kinds: NDArray[np.integer[Any]], codes: NDArray[np.integer[Any]]) -> None:
        """All labels anew: frames (n,), kinds (n,) and codes (n,) into ``names`` or NONE. Frames beyond the procedure are passed over."""
        self.label[:], self.kind[:] = NONE, NONE
        here = (frames >= 0) & (frames < len(self.label))
        self.label[frames[here]], self.kind[frames[here]] = codes[here], kinds[here]

    def set_label(self, frame: int, kind: int, code: int) -> None:
        """One label; NONE, NONE takes it away."""
        if 0 <= frame < len(self.label):
            self.label[frame], self.kind[frame] = code, kind

    def set_model(self, codes: NDArray[np.integer[Any]], places: Mapping[int, int], unsure: NDArray[np.bool_]) -> None:
        """codes (N,): the model's class index or negative; places: that index -> place in ``names``; unsure (N,)."""
        table = np.full(max(places, default=-1) + 2, NONE, np.int16)  # the last one answers for -1
        for code, place in places.items():
            table[code] = place
        self.model[:] = table[np.where((codes >= 0) & (codes < len(table) - 1), codes, -1)]
        self.unsure[:] = unsure & (self.model != NONE)

    def has_answer(self, frame: int) -> bool:
        """Whether the frame has a label of its own."""
        return 0 <= frame < len(self.kind) and int(self.kind[frame]) != NONE

    def labelled(self) -> NDArray[np.intp]:
        """Frames with a label of their own, in order."""
        return np.flatnonzero(self.kind != NONE)

    def differing(self) -> NDArray[np.bool_]:
        """(N,): reader and model both name a class, and not the same one."""
        return disagreements(self.label, self.model)

    def worth_a_look(self) -> NDArray[np.bool_]:
        """(N,): reader and model differ, or the model is unsure of a frame that has no label yet."""
        found: NDArray[np.bool_] = self.differing() | (self.unsure & (self.kind == NONE))
        return found

    def states(self) -> NDArray[np.int8]:
        """(N,) codes for the review list."""
        made = np.full(len(self.label), STATE_UNLABELLED, np.int8)
        made[self.unsure & (self.kind == NONE)] = STATE_UNSURE
        answered = self.kind != NONE
        made[answered] = STATE_AGREED
        made[self.differing()] = STATE_DIFFERS
        made[self.kind == UNUSABLE] = STATE_UNUSABLE
        return made
