"""What reader and model say of every frame of one procedure, side by side as arrays.

They are for lanes, jumps and the review list. No Qt.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import IntEnum
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

NONE: Final = -1
#: Kinds of a frame's label; NONE where it has none, of its own or from a range.
CLASS, AGREED, UNUSABLE = 0, 1, 2


class State(IntEnum):
    """How a frame stands in the review list."""

    AGREED = 0
    DISAGREEMENT = 1
    UNSURE = 2
    UNLABELLED = 3
    UNUSABLE = 4
    LABELLED = 5  # and the model has not said anything of it


class Span(NamedTuple):
    """A labelled range: its id, first and last frame, and its place in ``names``.

    Both frames are included, and a later range has a larger id.
    """

    id: int
    first: int
    last: int
    code: int


class FrameStates:
    """N frames, each array (N,).

    A frame's own label wins over ranges, and of overlapping ranges the one that was made later.

    ``label`` int16: place in ``names`` of the reader's class or NONE; ``kind`` int8; ``from_range``
    bool: a range says so, and no label of the frame's own; ``model`` int16: place in ``names`` of
    the model's class or NONE; ``unsure`` bool: the model names nothing there.
    """

    def __init__(self, frame_count: int, names: Sequence[str] = ()) -> None:
        self.names = list(names)
        self.label = np.full(frame_count, NONE, np.int16)
        self.kind = np.full(frame_count, NONE, np.int8)
        self.from_range = np.zeros(frame_count, np.bool_)
        self.model = np.full(frame_count, NONE, np.int16)
        self.unsure = np.zeros(frame_count, np.bool_)
        self._own_label, self._own_kind = self.label.copy(), self.kind.copy()
        self._spans: list[Span] = []

    def set_labels(
        self,
        frames: NDArray[np.integer[Any]],
        kinds: NDArray[np.integer[Any]],
        codes: NDArray[np.integer[Any]],
    ) -> None:
        """All labels of frames anew: frames (n,), kinds (n,) and codes (n,) into ``names`` or NONE.

        Frames beyond the procedure are passed over.
        """
        self._own_label[:], self._own_kind[:] = NONE, NONE
        here = (frames >= 0) & (frames < len(self.label))
        self._own_label[frames[here]], self._own_kind[frames[here]] = codes[here], kinds[here]
        self._settle(0, len(self.label))

    def set_label(self, frame: int, kind: int, code: int) -> None:
        """One label of a frame's own; NONE, NONE takes it away.

        What a range says of the frame stands again then.
        """
        if 0 <= frame < len(self.label):
            self._own_label[frame], self._own_kind[frame] = code, kind
            self._settle(frame, frame + 1)

    def set_ranges(self, spans: Iterable[Span]) -> NDArray[np.int64]:
        """All ranges anew; returns the frames (M,) whose ranges came, went or changed."""
        before, self._spans = self._spans, sorted(spans)
        changed = np.zeros(len(self.label), np.bool_)
        for span in {*before} ^ {*self._spans}:
            changed[max(0, span.first) : span.last + 1] = True
        frames = np.flatnonzero(changed).astype(np.int64)
        if len(frames):
            self._settle(int(frames[0]), int(frames[-1]) + 1)
        return frames

    def _settle(self, first: int, end: int) -> None:
        """What frames ``first`` to ``end`` (exclusive) count as."""
        part = slice(first, end)
        self.label[part], self.kind[part], self.from_range[part] = NONE, NONE, False
        for span in self._spans:  # the later one last, which is then on top
            covered = slice(max(first, span.first), min(end, span.last + 1))
            if covered.start < covered.stop:
                self.label[covered], self.kind[covered], self.from_range[covered] = (
                    span.code,
                    CLASS,
                    True,
                )
        own = self._own_kind[part] != NONE
        self.label[part] = np.where(own, self._own_label[part], self.label[part])
        self.kind[part] = np.where(own, self._own_kind[part], self.kind[part])
        self.from_range[part] &= ~own

    def set_model(
        self, codes: NDArray[np.integer[Any]], places: Mapping[int, int], unsure: NDArray[np.bool_]
    ) -> None:
        """What the model says of every frame.

        codes (N,): its class index or negative; places: that index -> place in ``names``; unsure
        (N,).
        """
        table = np.full(max(places, default=-1) + 2, NONE, np.int16)  # the last one answers for -1
        for code, place in places.items():
            table[code] = place
        self.model[:] = table[np.where((codes >= 0) & (codes < len(table) - 1), codes, -1)]
        self.unsure[:] = unsure & (self.model != NONE)

    def has_answer(self, frame: int) -> bool:
        """Whether the reader has said what the frame shows, by a label of its own or by a range."""
        return 0 <= frame < len(self.kind) and int(self.kind[frame]) != NONE

    def answered(self) -> NDArray[np.bool_]:
        """(N,): the same of every frame."""
        answered: NDArray[np.bool_] = self.kind != NONE
        return answered

    def own_labels(self) -> tuple[NDArray[np.intp], NDArray[np.int16], NDArray[np.int8]]:
        """Frames (M,) with a label of their own, in order.

        With its place in ``names`` and its kind, each (M,).
        """
        frames = np.flatnonzero(self._own_kind != NONE)
        return frames, self._own_label[frames], self._own_kind[frames]

    def counts(self) -> NDArray[np.int64]:
        """(C,) frames per class, own labels and ranges together."""
        return np.bincount(self.label[self.label != NONE], minlength=len(self.names)).astype(
            np.int64
        )

    def differing(self) -> NDArray[np.bool_]:
        """(N,): reader and model both name a class, and not the same one."""
        return disagreements(self.label, self.model)

    def worth_a_look(self) -> NDArray[np.bool_]:
        """(N,): reader and model differ, or the model is unsure of a frame without a label."""
        worth: NDArray[np.bool_] = self.differing() | (self.unsure & (self.kind == NONE))
        return worth

    def states(self) -> NDArray[np.int8]:
        """(N,) codes for the review list.

        Where the model has said nothing yet, a label agrees with nobody: it is only a label.
        """
        codes = np.full(len(self.label), State.UNLABELLED, np.int8)
        codes[self.unsure & (self.kind == NONE)] = State.UNSURE
        codes[self.kind != NONE] = State.AGREED
        codes[(self.kind == CLASS) & (self.model == NONE)] = State.LABELLED
        codes[self.differing()] = State.DISAGREEMENT
        codes[self.kind == UNUSABLE] = State.UNUSABLE
        return codes


def disagreements(
    label_code: NDArray[np.integer[Any]], model_code: NDArray[np.integer[Any]]
) -> NDArray[np.bool_]:
    """Where reader and model both name a class, and not the same one.

    Codes (N,), negative for none; returns (N,).
    """
    if label_code.shape != model_code.shape:
        raise ValueError(f"{label_code.shape} labels, but {model_code.shape} model classes")
    differ: NDArray[np.bool_] = (label_code >= 0) & (model_code >= 0) & (label_code != model_code)
    return differ
