"""A name in little room: whole on one line, else whole on two smaller ones; shortened only where
even that is too little.

"Poor preparation (BBPS 0-1)" without its end is another class, so a name is never cut while there
is a second line.
"""

from __future__ import annotations

import math

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QLabel, QWidget

_LEAST_SCALE = 0.7
_STEP = 0.05
_ALIGNMENT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft


def draw_name(painter: QPainter, room: QRectF, name: str) -> None:
    """Draw ``name`` at the left of ``room`` with the painter's pen and font; the painter keeps
    both.
    """
    font = painter.font()
    lines, fitted = fit_name(name, font, room.width(), room.height())
    painter.setFont(fitted)
    height = QFontMetricsF(fitted).height() if len(lines) > 1 else room.height()
    top = room.center().y() - height * len(lines) / 2
    for line in lines:
        painter.drawText(
            QRectF(room.left(), top, room.width(), height),
            int(_ALIGNMENT | Qt.TextFlag.TextDontClip),
            line,
        )
        top += height
    painter.setFont(font)


def fit_name(name: str, font: QFont, width: float, height: float) -> tuple[list[str], QFont]:
    """The lines (one or two) and the font that show ``name`` in ``width`` x ``height`` pixels;
    the last line may be shortened.
    """
    metrics = QFontMetricsF(font)
    if metrics.horizontalAdvance(name) <= width:
        return [name], font
    scale, smaller = 1.0, QFont(font)
    lines = _halves(name, metrics)
    while scale > _LEAST_SCALE:
        metrics = QFontMetricsF(smaller)
        lines = _halves(name, metrics)
        if 2 * metrics.height() <= height and max(map(metrics.horizontalAdvance, lines)) <= width:
            return lines, smaller
        scale -= _STEP
        smaller = _scaled(font, scale)
    return [metrics.elidedText(line, Qt.TextElideMode.ElideRight, width) for line in lines], smaller


def _halves(name: str, metrics: QFontMetricsF) -> list[str]:
    """Broken where the longer line is shortest; a name without a gap stays on one line."""
    words = name.split()
    breaks = [(" ".join(words[:place]), " ".join(words[place:])) for place in range(1, len(words))]
    if not breaks:
        return [name]
    return list(min(breaks, key=lambda pair: max(map(metrics.horizontalAdvance, pair))))


def _scaled(font: QFont, scale: float) -> QFont:
    """A style sheet may have given points or pixels."""
    smaller = QFont(font)
    if font.pixelSize() > 0:
        smaller.setPixelSize(max(1, math.floor(font.pixelSize() * scale)))
    else:
        smaller.setPointSizeF(font.pointSizeF() * scale)
    return smaller


class NameLabel(QLabel):
    """A label for a name that takes the room it is given instead of asking for more."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)

    def minimumSizeHint(self) -> QSize:
        """One line high, and no wider than a few letters."""
        return QSize(40, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """The name, fitted."""
        painter = QPainter(self)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        draw_name(painter, QRectF(self.contentsRect()), self.text())
