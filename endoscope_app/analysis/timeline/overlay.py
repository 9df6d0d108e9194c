"""What moves over the timeline's finished image: playhead, its flag, and the mark being made."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPalette, QPen

from endoscope_app.analysis.timeline.geometry import Scale
from endoscope_app.analysis.timeline.scene import Canvas

BRACKET = 5.0
"""Length of a bracket's arms in pixels."""
VEIL = 44
"""Opacity of the marked area, of 255."""
Mark = tuple[int | None, int | None]
"""First and last frame, both included; None for an end that is not set yet."""
NO_MARK: Mark = (None, None)


REACH = 44.0
"""Pixels on either side of the playhead over which the strips grow dim."""
_STEPS = 4
DUSK = 84
"""Opacity of what lies over a strip far from the playhead, of 255."""


def paint_dusk(painter: QPainter, strip: QRectF, playhead: float | None, canvas: Canvas) -> None:
    """Dims a strip but for what lies near the playhead: the picture is the brightest of the
    window. None: the playhead is not in this strip.
    """
    # In steps, not as a gradient: a part that is painted again must be the same to the last bit
    veil, width = canvas.shade(0.0), REACH / (2 * _STEPS)
    left, right = strip.left() - REACH, strip.left() - REACH
    if playhead is not None:
        left = right = round(playhead)
    for step in range(_STEPS, 0, -1):
        inner = REACH / 2 + (step - 1) * width
        veil.setAlpha(round(DUSK * step / _STEPS))
        outer = inner + width if step < _STEPS else strip.width() + REACH
        for start, end in ((left - outer, left - inner), (right + inner, right + outer)):
            part = QRectF(start, strip.top(), end - start, strip.height()).intersected(strip)
            painter.fillRect(part, veil)


def paint_playhead(
    painter: QPainter, lines: Sequence[tuple[float, float, float]], canvas: Canvas
) -> None:
    """Vertical lines (x, top, bottom), one device pixel sharp, with a dark rim that separates
    them from any class's colour.
    """
    rim = canvas.shade(0.0)
    rim.setAlpha(170)
    for across, top, bottom in lines:
        left = round(across * canvas.ratio - 0.5) / canvas.ratio
        painter.fillRect(QRectF(left - 1, top, 3, bottom - top), rim)
        painter.fillRect(QRectF(left, top, 1, bottom - top), canvas.shade(1.0))


def paint_flag(painter: QPainter, rect: QRectF, text: str, canvas: Canvas) -> None:
    """The label at the playhead's foot."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(canvas.shade(0.45), 1))
    painter.setBrush(canvas.shade(0.14))
    painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
    painter.setFont(canvas.font)
    painter.setPen(canvas.shade(1.0))
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)
    painter.restore()


def paint_mark(painter: QPainter, mark: Mark, scale: Scale, area: QRectF, canvas: Canvas) -> None:
    """A veil from the first to the last marked frame between brackets; of half a mark only its
    bracket.
    """
    first, last = mark
    left = scale.x(first) if first is not None else None
    right = scale.end(last) if last is not None else None
    line, veil = (
        canvas.palette.color(QPalette.ColorRole.Highlight),
        canvas.palette.color(QPalette.ColorRole.Highlight),
    )
    veil.setAlpha(VEIL)
    painter.save()
    # a bracket on the very edge stays whole, one outside the view is not seen
    painter.setClipRect(area.adjusted(-2, 0, 2, 0))
    if left is not None and right is not None:
        painter.fillRect(QRectF(left, area.top(), max(right - left, 1.0), area.height()), veil)
    # the arms of a short mark must not close to a box
    arm = BRACKET if left is None or right is None else min(BRACKET, max(2.0, (right - left) / 3))
    for across, opens in ((left, True), (right, False)):
        if across is None:
            continue
        inwards = across if opens else across - arm
        painter.fillRect(
            QRectF(across if opens else across - 2, area.top(), 2, area.height()), line
        )
        painter.fillRect(QRectF(inwards, area.top(), arm, 2), line)
        painter.fillRect(QRectF(inwards, area.bottom() - 2, arm, 2), line)
    painter.restore()
