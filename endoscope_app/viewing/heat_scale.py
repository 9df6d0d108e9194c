"""What the colours of the heat map mean: from no evidence to the strongest in this frame."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QLinearGradient, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QSizePolicy, QWidget

from endoscope_app.base.plain_text import plain_tip
from endoscope_app.viewing import wording
from endoscope_app.viewing.heat_colours import colour_table

_BAR, _STOPS = 8, 16


class HeatScale(QWidget):
    """A bar in the map's colours between two words."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self.setAccessibleName(wording.SCALE_NAME)
        self.setToolTip(plain_tip(wording.SCALE_TIP))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_map(self, name: str) -> None:
        """The colours of another map."""
        self._name = name
        self.update()

    def sizeHint(self) -> QSize:
        """One line of words and a bar."""
        return QSize(120, self.fontMetrics().height() + _BAR + 3)

    def minimumSizeHint(self) -> QSize:
        """As above."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The bar, and the words beneath its ends."""
        painter = QPainter(self)
        bar = QRectF(0, 0, self.width(), _BAR)
        colours = QLinearGradient(bar.topLeft(), bar.topRight())
        table = colour_table(self._name, 1.0)
        for stop in range(_STOPS + 1):
            share = stop / _STOPS
            blue, green, red, alpha = (int(value) for value in table[round(255 * share)])
            full = max(1, alpha)
            red, green, blue = (min(255, value * 255 // full) for value in (red, green, blue))
            colours.setColorAt(share, QColor(red, green, blue, alpha))
        painter.fillRect(bar, colours)
        painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
        words = QRectF(0, _BAR + 2, self.width(), self.height() - _BAR - 2)
        low, high = wording.SCALE_ENDS
        painter.drawText(words, int(Qt.AlignmentFlag.AlignLeft), low)
        painter.drawText(words, int(Qt.AlignmentFlag.AlignRight), high)
