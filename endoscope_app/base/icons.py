"""Icons whose colours mean something: a selected row must not tint them."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap


def untinted(pixmap: QPixmap) -> QIcon:
    """An icon that a selected row does not tint: its colours mean something."""
    icon = QIcon(pixmap)
    icon.addPixmap(pixmap, QIcon.Mode.Selected)
    return icon


def chip(colour: QColor | None) -> QIcon:
    """A class's colour as a dot; None keeps the place of one, so that names begin at one line."""
    pixmap = QPixmap(10, 10)
    pixmap.fill(Qt.GlobalColor.transparent)
    if colour is not None:
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawEllipse(0, 0, 10, 10)
        painter.end()
    return untinted(pixmap)
