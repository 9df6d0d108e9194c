"""Ranges of frames as bars: which row each bar lies in, and what a pointer on them touches.

Plain numbers, logical pixels.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from itertools import groupby

from PySide6.QtCore import QRectF

from endoscope_app.analysis.timeline.geometry import LANE_GAP, MOST_ROWS, Scale

NONE = -1
"""The id of no range."""
LEAST_BAR = 2.0
"""Pixels; a short range in a long procedure must stay visible."""
GRIP = 7.0
"""Pixels at an end that take hold of the end and not of the whole bar."""
REACH = 4.0
"""Pixels by which the handles of the selected bar stand out on either side, so that the
shortest range can be trimmed.
"""


class Part(Enum):
    """What of a bar is held."""

    START = "start"
    MIDDLE = "middle"
    END = "end"


@dataclass(frozen=True, slots=True)
class RangeBar:
    """One class from the first to the last frame, both included.

    ``colour`` is a code into the label colours; ``group`` the number of its group.
    """

    id: int
    first: int
    last: int
    colour: int
    name: str
    group: int = 0

    def __post_init__(self) -> None:
        if self.first > self.last:
            raise ValueError(f"the range {self.id} ends before it begins")

    @property
    def frames(self) -> int:
        return self.last - self.first + 1

    def moved(self, by: int, frame_count: int) -> RangeBar:
        """As long as before, as far along as the procedure allows."""
        by = min(max(by, -self.first), frame_count - 1 - self.last)
        return replace(self, first=self.first + by, last=self.last + by)

    def spanned(self, edge: int, other: int) -> RangeBar:
        """Between two frames in either order."""
        return replace(self, first=min(edge, other), last=max(edge, other))


def stacked(bars: Iterable[RangeBar]) -> dict[int, int]:
    """Id -> row, those of each group below those of the one before.

    Each bar takes the first row that is free where it begins; when none of the rows is, the one
    that frees soonest.
    """
    rows: dict[int, int] = {}
    above = 0
    in_turn = sorted(bars, key=lambda bar: (bar.group, bar.first, -bar.last, bar.id))
    for _, members in groupby(in_turn, key=lambda bar: bar.group):
        ends = [-1] * MOST_ROWS
        for bar in members:
            free = (row for row, end in enumerate(ends) if end < bar.first)
            row = next(free, ends.index(min(ends)))
            ends[row] = max(ends[row], bar.last)
            rows[bar.id] = above + row
        above = max(rows.values()) + 1
    return rows


@dataclass(frozen=True)
class Ranges:
    """All bars of a procedure, their rows, and the selected one."""

    bars: tuple[RangeBar, ...] = ()
    rows: Mapping[int, int] = field(default_factory=dict)
    selected: int = NONE

    @classmethod
    def of(cls, bars: Iterable[RangeBar], selected: int = NONE) -> Ranges:
        """ValueError when two have the same id.

        A selected range that is no longer there is unselected.
        """
        kept = tuple(bars)
        rows = stacked(kept)
        if len(rows) != len(kept):
            raise ValueError("two ranges with one id")
        return cls(kept, rows, selected if selected in rows else NONE)

    @property
    def row_count(self) -> int:
        return max(self.rows.values(), default=-1) + 1

    def bar(self, wanted: int) -> RangeBar | None:
        return next((bar for bar in self.bars if bar.id == wanted), None)

    @property
    def chosen(self) -> RangeBar | None:
        return self.bar(self.selected)

    def with_bar(self, changed: RangeBar) -> Ranges:
        """One bar moved, in the row it had: while it is dragged nothing may jump."""
        return replace(
            self, bars=tuple(changed if bar.id == changed.id else bar for bar in self.bars)
        )

    def in_paint_order(self) -> list[RangeBar]:
        """Long ones first, so that a short one in the same row stays visible; the selected one
        last.
        """
        return sorted(self.bars, key=lambda bar: (bar.id == self.selected, -bar.frames, bar.id))


def bar_rect(ranges: Ranges, bar: RangeBar, scale: Scale, lane: QRectF, *, thin: bool) -> QRectF:
    """Where a bar is drawn; thin: one row for all."""
    left, right = scale.x(bar.first), scale.end(bar.last)
    wide = max(right - left, LEAST_BAR)
    if thin:
        return QRectF(left, lane.top(), wide, lane.height())
    row = lane.height() / max(1, ranges.row_count)
    return QRectF(left, lane.top() + row * ranges.rows[bar.id], wide, row - 1)


def touched(
    ranges: Ranges, x: float, y: float, scale: Scale, lane: QRectF, *, thin: bool
) -> tuple[RangeBar, Part] | None:
    """The bar under a point and which part of it, the topmost first.

    Only the selected bar can be held beyond its ends.
    """
    slack = LANE_GAP if thin else 0
    if lane.height() == 0 or not lane.top() - slack <= y < lane.bottom() + slack:
        return None
    for bar in reversed(ranges.in_paint_order()):
        rect = bar_rect(ranges, bar, scale, lane, thin=thin)
        if not thin and not rect.top() <= y <= rect.bottom():
            continue
        beyond = REACH if bar.id == ranges.selected else 0.0
        if rect.left() - beyond <= x < rect.right() + beyond:
            return bar, _part(x, rect, beyond)
    return None


def _part(x: float, rect: QRectF, beyond: float) -> Part:
    # a bar too short for two ends and a middle is moved as a whole, unless its handles stand out
    inside = min(GRIP, rect.width() / 3) if rect.width() >= 2 * GRIP or beyond else 0.0
    if x < rect.left() + inside:
        return Part.START
    return Part.END if x >= rect.right() - inside else Part.MIDDLE
