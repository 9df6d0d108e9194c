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


class Given(NamedTuple):
    """A label of one frame: its place in ``names``, its kind, and whether a range says it."""

    code: int
    kind: int
    from_range: bool


class FrameStates:
    """N frames with a label of each of G groups at most.

    A frame's own label wins over ranges of its group, and of overlapping ranges of one group the
    one that was made later; of an unusable frame no range says anything.

    ``labels`` int16 (G, N): place in ``names`` of the reader's class or NONE. Every other array is
    (N,). ``label`` int16: that of the first group which has one; ``kind`` int8: NONE without a
    label, AGREED where one of them is; ``from_range`` bool: ranges alone say it, and no label of
    the frame's own; ``model`` int16: place in ``names`` of the model's class or NONE; ``unsure``
    bool: the model names nothing there.
    """

    def __init__(
        self, frame_count: int, names: Sequence[str] = (), groups: Sequence[int] = ()
    ) -> None:
        """``groups``: the number of each name's group, all of one where none is given."""
        self.names = list(names)
        self._groups = list(groups) or [0] * len(self.names)
        several = (max(self._groups, default=0) + 1, frame_count)
        self.labels = np.full(several, NONE, np.int16)
        self.label = np.full(frame_count, NONE, np.int16)
        self.kind = np.full(frame_count, NONE, np.int8)
        self.from_range = np.zeros(frame_count, np.bool_)
        self.model = np.full(frame_count, NONE, np.int16)
        self._by_group: NDArray[np.int16] | None = None
        self.unsure = np.zeros(frame_count, np.bool_)
        self._kinds = np.full(several, NONE, np.int8)
        self._ranged = np.zeros(several, np.bool_)
        self._own_label, self._own_kind = self.labels.copy(), self._kinds.copy()
        self._unusable = np.zeros(frame_count, np.bool_)
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
        self._own_label[:], self._own_kind[:], self._unusable[:] = NONE, NONE, False
        here = (frames >= 0) & (frames < len(self.label))
        unusable = here & (kinds == UNUSABLE)
        self._unusable[frames[unusable]] = True
        named = here & (codes != NONE)
        lanes = np.array(self._groups, np.int64)[codes[named]]
        self._own_label[lanes, frames[named]] = codes[named]
        self._own_kind[lanes, frames[named]] = kinds[named]
        self._settle(0, len(self.label))

    def set_label(self, frame: int, kind: int, code: int) -> None:
        """One label of a frame's own, in the place of that of its group, or of all where it is
        unusable; NONE, NONE takes all away.

        What a range says of the frame stands again then.
        """
        if not 0 <= frame < len(self.label):
            return
        if code == NONE:
            self._own_label[:, frame], self._own_kind[:, frame] = NONE, NONE
        else:
            lane = self._groups[code]
            self._own_label[lane, frame], self._own_kind[lane, frame] = code, kind
        self._unusable[frame] = kind == UNUSABLE
        self._settle(frame, frame + 1)

    def take_label(self, frame: int, code: int) -> None:
        """Take one label of a frame's own away; ``code`` NONE: that it is unusable."""
        if not 0 <= frame < len(self.label):
            return
        if code == NONE:
            self._unusable[frame] = False
        else:
            lane = self._groups[code]
            self._own_label[lane, frame], self._own_kind[lane, frame] = NONE, NONE
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
        labels, kinds, ranged = (
            self.labels[:, part],
            self._kinds[:, part],
            self._ranged[:, part],
        )
        labels[:], kinds[:], ranged[:] = NONE, NONE, False
        for span in self._spans:  # the later one last, which is then on top
            covered = slice(max(first, span.first), min(end, span.last + 1))
            if covered.start < covered.stop:
                lane = self._groups[span.code]
                self.labels[lane, covered], self._kinds[lane, covered] = span.code, CLASS
                self._ranged[lane, covered] = True
        own = self._own_kind[:, part] != NONE
        np.copyto(labels, self._own_label[:, part], where=own)
        np.copyto(kinds, self._own_kind[:, part], where=own)
        ranged &= ~own
        unusable = self._unusable[part]
        labels[:, unusable], kinds[:, unusable], ranged[:, unusable] = NONE, NONE, False
        label = np.full(labels.shape[1], NONE, np.int16)
        for lane in labels[::-1]:  # the first group last, which then counts
            np.copyto(label, lane, where=lane != NONE)
        kind = np.where((kinds == AGREED).any(axis=0), AGREED, kinds.max(axis=0))
        self.label[part], self.kind[part] = label, np.where(unusable, UNUSABLE, kind)
        self.from_range[part] = ranged.any(axis=0) & ~own.any(axis=0)

    def given(self, frame: int) -> list[Given]:
        """The labels of one frame in the order of the groups; none where it is unusable."""
        lanes = np.flatnonzero(self.labels[:, frame] != NONE) if self.has_answer(frame) else ()
        return [
            Given(
                int(self.labels[lane, frame]),
                int(self._kinds[lane, frame]),
                bool(self._ranged[lane, frame]),
            )
            for lane in lanes
        ]

    def set_model(
        self,
        codes: NDArray[np.integer[Any]],
        places: Mapping[int, int],
        unsure: NDArray[np.bool_],
        by_group: Sequence[NDArray[np.integer[Any]]] = (),
    ) -> None:
        """What the model says of every frame.

        codes (N,): its class index or negative; places: that index -> place in ``names``; unsure
        (N,). ``by_group``: codes (N,) of each class group that the model tells apart.
        """
        table = np.full(max(places, default=-1) + 2, NONE, np.int16)  # the last one answers for -1
        for code, place in places.items():
            table[code] = place

        def placed(codes: NDArray[np.integer[Any]]) -> NDArray[np.int16]:
            return table[np.where((codes >= 0) & (codes < len(table) - 1), codes, -1)]

        self.model[:] = placed(codes)
        self.unsure[:] = unsure & (self.model != NONE)
        self._by_group = None
        if by_group:
            lanes = np.array([*self._groups, -1])  # the last for NONE
            self._by_group = np.full_like(self.labels, NONE)
            for row in map(placed, by_group):
                named = np.flatnonzero(row != NONE)
                self._by_group[lanes[row[named]], named] = row[named]

    def has_answer(self, frame: int) -> bool:
        """Whether the reader has said what the frame shows, by a label of its own or by a range."""
        return 0 <= frame < len(self.kind) and int(self.kind[frame]) != NONE

    def answered(self) -> NDArray[np.bool_]:
        """(N,): the same of every frame."""
        answered: NDArray[np.bool_] = self.kind != NONE
        return answered

    def own_labels(self) -> tuple[NDArray[np.intp], NDArray[np.int16], NDArray[np.int8]]:
        """Frames (M,) in order, each once for each label of its own.

        With its place in ``names`` and its kind, each (M,).
        """
        lanes, frames = np.nonzero(self._own_kind != NONE)
        unusable = np.flatnonzero(self._unusable)
        codes = np.append(self._own_label[lanes, frames], np.full(len(unusable), NONE, np.int16))
        kinds = np.append(self._own_kind[lanes, frames], np.full(len(unusable), UNUSABLE, np.int8))
        frames = np.append(frames, unusable)
        order = np.argsort(frames, kind="stable")
        return frames[order], codes[order], kinds[order]

    def counts(self) -> NDArray[np.int64]:
        """(C,) frames per class, own labels and ranges together."""
        return np.bincount(self.labels[self.labels != NONE], minlength=len(self.names)).astype(
            np.int64
        )

    def beside(self) -> int:
        """Labels that are not the only one of their frame, without the first of each frame."""
        several = np.count_nonzero(self.labels != NONE, axis=0) - 1
        return int(several.clip(min=0).sum())

    def differing(self) -> NDArray[np.bool_]:
        """(N,): reader and model both name a class, and the model none of the reader's.

        Where a range alone says something, and only of groups after that of the model's class, they
        do not differ: good preparation of a whole procedure denies no polyp in it. Of a model
        that tells class groups apart: in one of them both name a class, and not the same.
        """
        if self._by_group is not None:
            both = (self.labels != NONE) & (self._by_group != NONE)
            differ: NDArray[np.bool_] = (both & (self.labels != self._by_group)).any(axis=0)
            return differ
        return disagreements(self.labels, self.model) & ~self._is_open()

    def _is_open(self) -> NDArray[np.bool_]:
        """(N,): only ranges say anything, and nothing of the group of the model's class or of one
        before it.
        """
        lanes = np.array([*self._groups, len(self.labels)], np.int64)  # the last for NONE
        first = np.where(self.labels != NONE, np.arange(len(self.labels))[:, None], len(lanes))
        says = self.from_range & (self.model != NONE)
        if self._by_group is not None:
            shared = ((self.labels != NONE) & (self._by_group != NONE)).any(axis=0)
            apart: NDArray[np.bool_] = says & ~shared
            return apart
        is_open: NDArray[np.bool_] = says & (lanes[self.model] < first.min(axis=0))
        return is_open

    def worth_a_look(self) -> NDArray[np.bool_]:
        """(N,): reader and model differ, or the model is unsure of a frame without a label."""
        worth: NDArray[np.bool_] = self.differing() | (self.unsure & (self.kind == NONE))
        return worth

    def states(self) -> NDArray[np.int8]:
        """(N,) codes for the review list.

        Where the model has said nothing yet, or ranges nothing of what it says, a label agrees with
        nobody: it is only a label.
        """
        codes = np.full(len(self.label), State.UNLABELLED, np.int8)
        codes[self.unsure & (self.kind == NONE)] = State.UNSURE
        codes[self.kind != NONE] = State.AGREED
        codes[(self.kind == CLASS) & ((self.model == NONE) | self._is_open())] = State.LABELLED
        codes[self.differing()] = State.DISAGREEMENT
        codes[self.kind == UNUSABLE] = State.UNUSABLE
        return codes


def disagreements(
    label_code: NDArray[np.integer[Any]], model_code: NDArray[np.integer[Any]]
) -> NDArray[np.bool_]:
    """Where reader and model both name a class, and the model none of the reader's: of a polyp in a
    clean bowel it can say but one.

    Codes (N,), of the reader's labels (G, N) too, negative for none; returns (N,).
    """
    if label_code.shape[-1:] != model_code.shape:
        raise ValueError(f"{label_code.shape} labels, but {model_code.shape} model classes")
    labels = np.atleast_2d(label_code)
    differ: NDArray[np.bool_] = (
        (labels >= 0).any(axis=0) & (model_code >= 0) & ~(labels == model_code).any(axis=0)
    )
    return differ
