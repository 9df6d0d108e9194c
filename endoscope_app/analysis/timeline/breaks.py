"""What interrupts a procedure: the recorder's pauses as gaps with their length, damaged frames
as crosses.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPixmap, QPolygonF

from endoscope_app.analysis.timeline.geometry import Scale, Strips
from endoscope_app.analysis.timeline.label_lanes import shares
from endoscope_app.analysis.timeline.scene import Canvas, Scene
from endoscope_app.base.wording import lasting

LEAST_GAP = 3.0
"""Pixels; a short pause in a long procedure must stay visible."""
TOOTH = 4.0
"""Pixels of the torn edges of a gap."""
RAGGED_FROM = 8.0
"""Pixels; the edges of a narrower gap are straight: there may be hundreds of them."""
CROSS = 3.0
"""Half a damage mark's width in pixels."""


def gap_rects(scale: Scale) -> Iterator[tuple[int, float, float]]:
    """(frame before it, left, right) of each gap in view, in pixels; of several that would
    cover one another only the first.
    """
    gaps, begins, ends = scale.axis.gap_spans(scale.first, scale.last)
    covered = -np.inf
    for gap, begin, end in zip(gaps.tolist(), begins.tolist(), ends.tolist(), strict=True):
        left, right = scale.across(begin), scale.across(end)
        spare = max(LEAST_GAP - (right - left), 0.0) / 2
        if left - spare >= covered:
            covered = right + spare
            yield gap, left - spare, right + spare


def paint_gaps(
    painter: QPainter, rows: Strips, scene: Scene, canvas: Canvas, *, overview: bool
) -> None:
    """A strip torn apart: nothing between two ragged edges, with the length of the pause where
    it fits.
    """
    scale, times = scene.scale(rows, overview), scene.axis.times
    if times is None or not len(times.gaps):
        return
    lanes, row = rows.lanes(overview), rows.overview if overview else rows.strip
    top, bottom = row.top(), max(row.bottom(), lanes.ticks.bottom())
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setClipRect(QRectF(row.left() - 1, top, row.width() + 2, bottom - top))
    font = _small(canvas.font)
    metrics = QFontMetricsF(font)
    painter.setFont(font)
    for gap, left, right in gap_rects(scale):
        _paint_tear(painter, QRectF(left, top, right - left, bottom - top), canvas)
        if not overview and right - left >= metrics.height() + TOOTH:
            area = QRectF(left, row.top(), right - left, row.height())
            _paint_length(painter, area, lasting(times.pause_ms(gap)), metrics, canvas)
    painter.restore()


def _small(font: QFont) -> QFont:
    small = QFont(font)
    if small.pointSizeF() > 0:
        small.setPointSizeF(max(6.0, small.pointSizeF() * 0.82))
    return small


def _paint_tear(painter: QPainter, area: QRectF, canvas: Canvas) -> None:
    if area.width() < RAGGED_FROM:
        painter.fillRect(area, _window(canvas))
        for x in (area.left(), area.right() - 1):
            painter.fillRect(QRectF(x, area.top(), 1, area.height()), canvas.shade(0.55))
        return
    tooth = min(TOOTH, area.width() / 3)
    heights = np.append(np.arange(area.top(), area.bottom(), TOOTH), area.bottom())
    swing = np.where(np.arange(len(heights)) % 2, tooth, 0.0)
    left = [
        QPointF(area.left() + by, y) for by, y in zip(swing.tolist(), heights.tolist(), strict=True)
    ]
    right = [
        QPointF(area.right() - tooth + by, y)
        for by, y in zip(swing.tolist(), heights.tolist(), strict=True)
    ]
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_window(canvas))
    painter.drawPolygon(QPolygonF([*left, *reversed(right)]))
    painter.setPen(QPen(canvas.shade(0.55), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolyline(QPolygonF(left))
    painter.drawPolyline(QPolygonF(right))


def _window(canvas: Canvas) -> QColor:
    return canvas.palette.window().color()


def _paint_length(
    painter: QPainter, area: QRectF, text: str, metrics: QFontMetricsF, canvas: Canvas
) -> None:
    """Across the gap, or along it where it is narrow."""
    long, tall = metrics.horizontalAdvance(text) + 6, metrics.height()
    painter.setPen(canvas.shade(0.8))
    if area.width() >= long + 2 * TOOTH:
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, text)
    elif area.height() >= long:
        painter.save()
        painter.translate(area.center())
        painter.rotate(-90)
        painter.drawText(
            QRectF(-long / 2, -tall / 2, long, tall), Qt.AlignmentFlag.AlignCenter, text
        )
        painter.restore()


def paint_damage(
    painter: QPainter, rows: Strips, scene: Scene, canvas: Canvas, *, overview: bool
) -> None:
    """A cross at the strip's foot for each damaged frame, a barred line where they lie close: a
    shape, not a colour alone.
    """
    if not len(scene.damaged):
        return
    row, scale = rows.overview if overview else rows.strip, scene.scale(rows, overview)
    columns = max(1, round(row.width()))
    hit = np.concatenate(([False], shares(scene.damaged, scale.edges(columns), 1) > 0, [False]))
    turns = np.flatnonzero(hit[1:] != hit[:-1])
    begins, ends = turns[::2], turns[1::2]
    places = scale.first + np.stack((begins, ends)) / scale.pixels_a_unit
    first = np.searchsorted(scene.damaged, scale.axis.frames(places[0]))
    last = np.searchsorted(scene.damaged, np.ceil(scale.axis.frames(places[1])))
    apart = last - first <= (ends - begins) / (3 * CROSS)
    middles = (row.left() + (begins + ends)[~apart] / 2).tolist()
    for low, high in zip(first[apart].tolist(), last[apart].tolist(), strict=True):
        middles += [
            (scale.x(frame) + scale.end(frame)) / 2 for frame in scene.damaged[low:high].tolist()
        ]
    long = ~apart & (ends - begins > 2 * CROSS)
    bars = list(
        zip((row.left() + begins[long]).tolist(), (row.left() + ends[long]).tolist(), strict=True)
    )
    _paint_crosses(painter, row, bars, sorted(middles), canvas)


def _paint_crosses(
    painter: QPainter,
    row: QRectF,
    bars: Sequence[tuple[float, float]],
    middles: Sequence[float],
    canvas: Canvas,
) -> None:
    """Bright on a dark rim, so that they are seen on any class's colour."""
    y, half = row.bottom() - CROSS - 2, CROSS + 2
    stamp = _cross(canvas)
    covered = -np.inf
    painter.save()
    painter.setClipRect(row)
    for left, right in bars:
        painter.fillRect(QRectF(left, y - 2, right - left, 4), canvas.shade(0.0))
        painter.fillRect(QRectF(left, y - 1, right - left, 2), canvas.shade(1.0))
    for x in middles:
        if x - covered >= 2 * CROSS:
            covered = x
            painter.drawPixmap(QPointF(x - half, y - half), stamp)
    painter.restore()


def _cross(canvas: Canvas) -> QPixmap:
    """Drawn once: hundreds of smooth lines would take longer than the whole strip."""
    side = 2 * (CROSS + 2)
    stamp = QPixmap(QSizeF(side, side).toSize() * canvas.ratio)
    stamp.setDevicePixelRatio(canvas.ratio)
    stamp.fill(Qt.GlobalColor.transparent)
    painter = QPainter(stamp)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for colour, width in ((canvas.shade(0.0), 4.0), (canvas.shade(1.0), 1.6)):
        painter.setPen(QPen(colour, width))
        painter.drawLine(QPointF(2, 2), QPointF(side - 2, side - 2))
        painter.drawLine(QPointF(2, side - 2), QPointF(side - 2, 2))
    painter.end()
    return stamp
