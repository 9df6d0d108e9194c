"""A narrow upright button at a window's side: it opens and closes the panel beside it."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QSizePolicy, QToolButton

from endoscope_app.base.key_claim import PRESS_KEYS, KeyClaim
from endoscope_app.base.plain_text import plain_tip

WIDTH = 24
_PAD = 14


class RailButton(QToolButton):
    """Its words read upwards; checked while the panel is open."""

    def __init__(self, text: str, tip: str) -> None:
        super().__init__()
        self.setText(text)
        self.setToolTip(plain_tip(tip))
        self.setAccessibleName(text)
        self.setCheckable(True)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        KeyClaim(self, PRESS_KEYS)

    def sizeHint(self) -> QSize:
        """As high as its words are long."""
        return QSize(WIDTH, self.fontMetrics().horizontalAdvance(self.text()) + 2 * _PAD)

    def minimumSizeHint(self) -> QSize:
        """Words are not cut."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """A quiet plate, and the words turned by a quarter."""
        painter, palette = QPainter(self), self.palette()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        plate = QPalette.ColorRole.AlternateBase
        if self.isChecked():
            plate = QPalette.ColorRole.Midlight
        painter.setBrush(palette.color(plate))
        marked = self.hasFocus() or self.underMouse()
        painter.setPen(palette.color(QPalette.ColorRole.Highlight) if marked else Qt.PenStyle.NoPen)
        painter.drawRoundedRect(self.rect().adjusted(1, 1, -2, -2), 4, 4)
        painter.setPen(palette.color(QPalette.ColorRole.WindowText))
        painter.rotate(-90)
        painter.drawText(
            QRect(-self.height(), 0, self.height(), self.width()),
            int(Qt.AlignmentFlag.AlignCenter),
            self.text(),
        )

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses too."""
        if event.key() in PRESS_KEYS and not event.isAutoRepeat():
            self.click()
        else:
            super().keyPressEvent(event)
