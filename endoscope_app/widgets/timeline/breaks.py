"""What interrupts a recording: the recorder's pauses as gaps with their length, damaged frames as crosses."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPolygonF

from endoscope_app.widgets.time_text import lasting
from endoscope_app.widgets.timeline.geometry import Scale, Strips
from endoscope_app.widgets.timeline.labels import shares
from endoscope_app.widgets.timeline.scene import Canvas, Scene

LEAST_GAP = 3.0
"""Pixels; a short pause in a long recording must stay visible."""
TOOTH = 4.0
"""Pixels of the torn edges of a gap."""
CROSS = 3.0
"""Half a damage mark's width in pixels."""


def gap_rects(scale: Scale) -> Iterator[tuple[int, float, float]]:
    """(frame before it, left, right) of each gap in view, in pixels; of several that would cover one another only the first."""
    gaps, begins, ends = scale.axis.gap_spans(scale.first, scale.last)
    covered = -np.inf
    for gap, begin, end in zip(gaps.tolist(), begins.tolist(), ends.tolist(), strict=True):
        left, right = scale.across(begin), scale.across(end)
        spare = max(LEAST_GAP - (right - left), 0.0) / 2
        if left - spare >= covered:
            covered = right + spare
            yield gap, left - spare, right + spare


def paint_gaps(painter: QPainter, rows: Strips, scene: Scene, canvas: Canvas, *, overview: bool) -> None:
    """A strip torn apart: nothing between two ragged edges, with the length of the pause where it fits."""
    scale, times = scene.scale(rows, overview), scene.axis.times
    if times is None or not len(times.gaps):
        return
    lanes, row = rows.lanes(overview), rows.overview if overview else rows.strip
    top, bottom = row.top(), max(row.bottom(), lanes.ticks.bottom())
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setClipRect(QRectF(row.left() - 1, top, row.width() + 2, bottom - top))
    for gap, left, right in gap_rects(scale):
        _paint_tear(painter, QRectF(left, top, right - left, bottom - top), canvas)
        if not overview:
            _paint_length(painter, QRectF(left, row.top(), right - left, row.height()), lasting(times.pause_ms(gap)), canvas)
    painter.restore()


def _paint_tear(painter: QPainter, area: QRectF, canvas: Canvas) -> None:
    tooth = min(TOOTH, area.width() / 3)
    heights = np.append(np.arange(area.top(), area.bottom(), TOOTH), area.bottom())
    swing = np.where(np.arange(len(heights)) % 2, tooth, 0.0)
    left = [QPointF(area.left() + by, y) for by, y in zip(swing.tolist(), heights.tolist(), strict=True)]
    right = [QPointF(area.right() - tooth + by, y) for by, y in zip(swing.tolist(), heights.tolist(), strict=True)]
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_window(canvas))
    painter.drawPolygon(QPolygonF([*left, *reversed(right)]))
    painter.setPen(QPen(canvas.shade(0.55), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolyline(QPolygonF(left))
    painter.drawPolyline(QPolygonF(right))


def _window(canvas: Canvas) -> QColor:
    return canvas.palette.window().color()


def _paint_length(painter: QPainter, area: QRectF, words: str, canvas: Canvas) -> None:
    """Across the gap, or along it where it is narrow."""
    font = QFont(canvas.font)
    if font.pointSizeF() > 0:
        font.setPointSizeF(max(6.0, font.pointSizeF() * 0.82))
    metrics = QFontMetricsF(font)
    long, tall = metrics.horizontalAdvance(words) + 6, metrics.height()
    painter.setFont(font)
    painter.setPen(canvas.shade(0.8))
    if area.width() >= long + 2 * TOOTH:
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, words)
    elif area.width() >= tall + TOOTH and area.height() >= long:
        painter.save()
        painter.translate(area.center())
        painter.rotate(-90)
        painter.drawText(QRectF(-long / 2, -tall / 2, long, tall), Qt.AlignmentFlag.AlignCenter, words)
        painter.restore()


def paint_damage(painter: QPainter, rows: Strips, scene: Scene, canvas: Canvas, *, overview: bool) -> None:
    """A cross at the strip's foot for each damaged frame, a barred line where they lie close: a shape, not a colour alone."""
    if not len(scene.damaged):
        return
    row, scale = rows.overview if overview else rows.strip, scene.scale(rows, overview)
    columns = max(1, round(row.width()))
    hit = np.concatenate(([False], shares(scene.damaged, scale.edges(columns), 1) > 0, [False]))
    turns = np.flatnonzero(hit[1:] != hit[:-1])
    y = row.bottom() - CROSS - 2
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setClipRect(row)
    for begin, end in zip(turns[::2].tolist(), turns[1::2].tolist(), strict=True):
        left, right = row.left() + begin, row.left() + end
        first, last = np.searchsorted(scene.damaged, (scale.position(left), math.ceil(scale.position(right))))
        frames = scene.damaged[first:last] if last - first <= (right - left) / (2 * CROSS) else scene.damaged[:0]
        middles = [(scale.x(frame) + scale.end(frame)) / 2 for frame in frames.tolist()]
        for colour, width in ((canvas.shade(0.0), 4.0), (canvas.shade(1.0), 1.6)):
            painter.setPen(QPen(colour, width))
            if not middles and right - left > 2 * CROSS:
                painter.drawLine(QPointF(left, y), QPointF(right, y))
            for x in middles or {(left + right) / 2}:
                painter.drawLine(QPointF(x - CROSS, y - CROSS), QPointF(x + CROSS, y + CROSS))
                painter.drawLine(QPointF(x - CROSS, y + CROSS), QPointF(x + CROSS, y - CROSS))
    painter.restore()
