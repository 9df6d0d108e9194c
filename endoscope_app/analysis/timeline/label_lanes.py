"""Human labels of frames, and the frames where reader and model differ, as columns of pixels;
the cost follows the width.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from endoscope_app.analysis.columns import column_spans
from endoscope_app.analysis.timeline import wording
from kd_core.schema.class_groups import ClassGroup

Integers = NDArray[np.integer]
CLASS, AGREED, UNUSABLE = 0, 1, 2
"""The kinds, by their codes."""
EMPTY = -1
BLOCK = 32
"""Labels that are counted one by one at most; whole blocks of them are counted beforehand."""


@dataclass(frozen=True)
class LabelColumns:
    """What to draw in each of n columns, (n,) int16 each: keys of HumanLabels, EMPTY where there is
    nothing.

    most: the key of most labels in the column, the lower of two as frequent ones; other: the next
        one in the same column.
    """

    most: NDArray[np.int16]
    other: NDArray[np.int16]


class HumanLabels:
    """Labels by frame, sorted.

    A key joins kind and class: the code itself, code + C for agreed, 2 C for unusable.
    """

    def __init__(
        self,
        frames: Integers,
        codes: Integers,
        kinds: Integers,
        colours: Sequence[QColor],
        names: Sequence[str],
        groups: Sequence[str] = (),
    ) -> None:
        """frames (N,) ascending, codes (N,) into colours (not read for unusable), kinds (N,);
        ``groups``: of each class, by name.

        ValueError where they do not fit.
        """
        if not frames.ndim == codes.ndim == kinds.ndim == 1 or not len(frames) == len(codes) == len(
            kinds
        ):
            raise ValueError("labels need as many frames, codes and kinds")
        if names and len(names) < len(colours):
            raise ValueError(f"{len(colours)} label classes need as many names")
        if len(frames) and (frames[0] < 0 or (np.diff(frames) < 0).any()):
            raise ValueError("labels must be sorted by frame")
        if len(kinds) and (kinds.min() < CLASS or kinds.max() > UNUSABLE):
            raise ValueError("a label's kind is 0, 1 or 2")
        if (((codes < 0) | (codes >= len(colours))) & (kinds != UNUSABLE)).any():
            raise ValueError("a label's class has no colour")
        self.colours = list(colours)
        self.names = list(names)
        self.groups = list(groups)
        self._codes, self._kinds = codes, kinds
        self.class_count = len(self.colours)
        self.frames = frames.astype(np.int64)
        self.keys = np.where(
            kinds == UNUSABLE, 2 * self.class_count, codes + self.class_count * (kinds == AGREED)
        ).astype(np.int16)
        self._key_count = 2 * self.class_count + 1
        blocks = len(self.keys) // BLOCK
        at = np.arange(blocks * BLOCK) // BLOCK * self._key_count + self.keys[: blocks * BLOCK]
        each = np.bincount(at, minlength=blocks * self._key_count).reshape(blocks, self._key_count)
        self._before = np.concatenate(
            [np.zeros((1, self._key_count), np.int64), each.cumsum(axis=0)]
        )
        """(blocks + 1, keys) how many labels of each key lie before each block."""

    def __len__(self) -> int:
        return len(self.frames)

    @cached_property
    def tracks(self) -> list[tuple[str, HumanLabels]]:
        """A track for each group that has labels, by its name; a frame that is unusable is so in
        all of them. One without a name where no groups are known.
        """
        if not self.groups:
            return [("", self)]
        named = self._kinds != UNUSABLE
        group_of = np.array([*self.groups, ""])[np.where(named, self._codes, -1)]
        found = [group.value for group in ClassGroup if (group_of[named] == group.value).any()]
        if not found:
            return [("", self)]
        parts = []
        for group in found:
            mine = (group_of == group) | ~named
            columns = self.frames[mine], self._codes[mine], self._kinds[mine]
            parts.append((group, HumanLabels(*columns, self.colours, self.names)))
        return parts

    def text_of(self, frame: int) -> str:
        """All labels of a frame; empty where it has none."""
        first, end = np.searchsorted(self.frames, (frame, frame + 1))
        return " + ".join(self.text(at) for at in range(int(first), int(end)))

    def text(self, at: int) -> str:
        """The label of that place in the arrays."""
        kind, code = divmod(int(self.keys[at]), max(1, self.class_count))
        if kind == UNUSABLE or self.class_count == 0:
            return wording.UNUSABLE
        name = self.names[code] if self.names else wording.unnamed_class(code + 1)
        return wording.class_name(name, reviewed=kind == AGREED)

    def near(self, frame: float, reach: float) -> int | None:
        """The place of the label whose frame's middle is nearest to the position, at most
        ``reach`` frames outside that frame.
        """
        at = int(np.searchsorted(self.frames, frame - 0.5))
        around = [place for place in (at - 1, at) if 0 <= place < len(self.frames)]
        best = min(
            around, key=lambda place: abs(float(self.frames[place]) + 0.5 - frame), default=None
        )
        if best is None or abs(float(self.frames[best]) + 0.5 - frame) > 0.5 + reach:
            return None
        return best

    def columns(self, edges: NDArray[np.float64], least: int) -> LabelColumns:
        """Column i shows the frames edges[i]..edges[i + 1]; a lone label is at least ``least``
        columns wide.

        Costs O(columns (log N + BLOCK + keys)), however many labels there are.
        """
        low, high = column_spans(edges)
        counts = self._counts_before(np.searchsorted(self.frames, high)) - self._counts_before(
            np.searchsorted(self.frames, low)
        )
        rows = np.arange(len(counts))
        winner = counts.argmax(axis=1)
        most = np.where(counts[rows, winner] > 0, winner, EMPTY).astype(np.int16)
        counts[rows, winner] = 0
        second = counts.argmax(axis=1)
        other = np.where(counts[rows, second] > 0, second, EMPTY).astype(np.int16)
        source = spread(most != EMPTY, least)
        shown = source >= 0
        return LabelColumns(
            np.where(shown, most[source], EMPTY), np.where(shown, other[source], EMPTY)
        )

    def _counts_before(self, places: NDArray[np.int64]) -> NDArray[np.int64]:
        """(n, keys) how many labels of each key lie before each place in the arrays."""
        block = places // BLOCK
        rest = places - block * BLOCK
        starts = np.cumsum(rest) - rest
        single = np.arange(int(rest.sum())) - np.repeat(starts - block * BLOCK, rest)
        at = np.repeat(np.arange(len(places)), rest) * self._key_count + self.keys[single]
        counts: NDArray[np.int64] = np.bincount(
            at, minlength=len(places) * self._key_count
        ).reshape(-1, self._key_count)
        counts += self._before[block]
        return counts


def spread(shown: NDArray[np.bool_], least: int) -> NDArray[np.int64]:
    """(n,) which column each column repeats: itself, a shown one less than ``least`` to its
    left, or -1 for neither.
    """
    across = np.arange(len(shown))
    nearest = np.maximum.accumulate(np.where(shown, across, -least))
    result: NDArray[np.int64] = np.where(across - nearest < least, nearest, -1)
    return result


def frame_starts(edges: NDArray[np.float64]) -> NDArray[np.bool_]:
    """(n,) the columns in which another frame begins than the column before shows."""
    low, _high = column_spans(edges)
    return np.diff(low, prepend=low[0]) > 0


def shares(
    frames: NDArray[np.int64], edges: NDArray[np.float64], least: int
) -> NDArray[np.float32]:
    """(n,) 0..1: share of each column's frames that are among the sorted, distinct ones; a lone
    one at least ``least`` columns wide.
    """
    low, high = column_spans(edges)
    share = ((np.searchsorted(frames, high) - np.searchsorted(frames, low)) / (high - low)).astype(
        np.float32
    )
    source = spread(share > 0, least)
    result: NDArray[np.float32] = np.where(source >= 0, share[source], np.float32(0))
    return result
