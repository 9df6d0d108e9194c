"""Where a procedure that is in several files goes on in the next one: a thin line; and what lies in
a file that is away: nothing but its name.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QPainter, QPen

from endoscope_app.analysis.timeline import wording
from endoscope_app.analysis.timeline.geometry import Scale, Strips
from endoscope_app.analysis.timeline.scene import Canvas, Scene
from endoscope_app.media.part import Part

LINE = 1.5
"""Pixels; thinner than the playhead."""
NEAR = 4.0
"""Pixels around the line in which the pointer is on it."""
_NAME_MARGIN = 4.0


def begins(scale: Scale, part: Part) -> float:
    """The pixel where a file begins: in a gap before it, its middle."""
    first = part.first
    return (scale.x(first) + scale.end(first - 1)) / 2 if first else scale.x(first)


def part_under(scene: Scene, scale: Scale, x: float) -> Part | None:
    """The file whose beginning is under x; None where there is no border."""
    files = scene.axis.times.files if scene.axis.times is not None else ()
    borders = [part for part in files[1:] if abs(begins(scale, part) - x) <= NEAR]
    return min(borders, key=lambda part: abs(begins(scale, part) - x), default=None)


def paint_borders(
    painter: QPainter, rows: Strips, scene: Scene, canvas: Canvas, *, overview: bool
) -> None:
    """A line over the strip and its lanes at each file's beginning."""
    times = scene.axis.times
    if times is None or not times.files:
        return
    scale = scene.scale(rows, overview)
    row = rows.overview if overview else rows.strip
    bottom = max(row.bottom(), rows.lanes(overview).ticks.bottom())
    area = QRectF(row.left(), row.top(), row.width(), bottom - row.top())
    painter.save()
    painter.setClipRect(area)
    for place, part in enumerate(times.files):
        if part.is_missing:
            _paint_away(painter, row, scale, part, canvas)
        x = begins(scale, part)
        if place and area.left() <= x <= area.right():
            for width, shade in ((LINE + 2.0, 0.0), (LINE, 0.75)):
                painter.setPen(QPen(canvas.shade(shade), width))
                painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
    painter.restore()


def _paint_away(painter: QPainter, row: QRectF, scale: Scale, part: Part, canvas: Canvas) -> None:
    left = max(scale.x(part.first), row.left())
    right = min(scale.end(part.end - 1), row.right())
    if left >= right:
        return
    area = QRectF(left, row.top(), right - left, row.height())
    painter.fillRect(area, canvas.palette.window().color())
    painter.fillRect(area, QBrush(canvas.shade(0.3), Qt.BrushStyle.BDiagPattern))
    painter.setPen(canvas.shade(0.8))
    text = wording.away(part.path.name)
    if painter.fontMetrics().horizontalAdvance(text) + 2 * _NAME_MARGIN <= area.width():
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, text)
