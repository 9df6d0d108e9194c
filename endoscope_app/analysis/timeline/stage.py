"""Where a scene lies in a widget: which frame is under a point, and where the playhead stands."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF

from endoscope_app.analysis.timeline.breaks import gap_rects
from endoscope_app.analysis.timeline.geometry import Scale, Strips, strips
from endoscope_app.analysis.timeline.part_borders import part_under
from endoscope_app.analysis.timeline.range_painting import Part as RangePart
from endoscope_app.analysis.timeline.range_painting import RangeBar, touched
from endoscope_app.analysis.timeline.scene import Scene
from endoscope_app.media.part import Part


@dataclass(frozen=True)
class Stage:
    """``width`` and ``height`` in widget pixels; ``overview`` chooses the strip of the whole
    procedure, else the zoomed one.
    """

    scene: Scene
    width: int
    height: int

    @property
    def rows(self) -> Strips:
        """Where the strips and lanes lie."""
        return strips(self.width, self.height, self.scene.lanes)

    def scale(self, overview: bool) -> Scale:
        """Between frames and pixels."""
        return self.scene.scale(self.rows, overview)

    def is_overview(self, position: QPointF) -> bool:
        """Whether the strip of the whole procedure lies there."""
        return position.y() < self.rows.border

    def frame_at(self, position: QPointF) -> int:
        """The frame under a point: of the whole procedure in the overview, of the view
        elsewhere.
        """
        return self.frame_under(position.x(), self.is_overview(position))

    def frame_under(self, x: float, overview: bool) -> int:
        """The frame of that strip under x; its ends reach beyond the strip."""
        first, last = self._span(overview)
        axis = self.scene.axis
        position = max(self.scale(overview).place(x), first)
        return max(0, min(int(axis.frame(position)), math.ceil(axis.frame(last)) - 1))

    def seen(self, overview: bool) -> tuple[int, int]:
        """First and last (exclusive) frame of which the strip shows anything."""
        first, last = self._span(overview)
        axis = self.scene.axis
        return int(axis.frame(first)), math.ceil(axis.frame(last))

    def range_at(self, position: QPointF) -> tuple[RangeBar, RangePart] | None:
        """The range under a point and the part of it that a press would take hold of."""
        overview = self.is_overview(position)
        lane, scale = self.rows.lanes(overview).ranges, self.scale(overview)
        bars = self.scene.ranges
        return touched(bars, position.x(), position.y(), scale, lane, thin=overview)

    def gap_under(self, x: float, overview: bool) -> int | None:
        """The frame before the gap under x; None where there is no gap."""
        for gap, left, right in gap_rects(self.scale(overview)):
            if left <= x < right:
                return gap
        return None

    def part_under(self, x: float, overview: bool) -> Part | None:
        """The file whose beginning is under x, of a procedure in several; None elsewhere."""
        return part_under(self.scene, self.scale(overview), x)

    def playhead_lines(self, frame: int) -> list[tuple[float, float, float]]:
        """Its vertical lines: x, top, bottom."""
        rows, middle = self.rows, self.scene.middle(frame)
        over = self.scale(True).across(middle)
        lines = [(over, rows.overview.top() - 3, rows.thin.bottom + 3)]
        if self.scene.shows(frame):
            across = self.scale(False).across(middle)
            lines.append((across, rows.lane.top() - 1, rows.axis.top() + 3))
        return lines

    def flag_rect(self, frame: int, text_width: float) -> QRectF:
        """Where the flag at the playhead's foot lies; ``text_width``: of what it says."""
        row, wide = self.rows.axis, text_width + 14.0
        left = self.scale(False).across(self.scene.middle(frame)) - wide / 2
        left = min(max(left, row.left()), max(row.left(), row.right() - wide))
        return QRectF(left, row.top() + 2, wide, row.height() - 2)

    def _span(self, overview: bool) -> tuple[float, float]:
        """What a strip shows of the axis."""
        return (0.0, self.scene.axis.length) if overview else self.scene.view
