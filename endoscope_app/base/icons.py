"""Icons whose colours mean something: a selected row must not tint them."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap


def untinted(picture: QPixmap) -> QIcon:
    """An icon that a selected row does not tint: its colours mean something."""
    icon = QIcon(picture)
    icon.addPixmap(picture, QIcon.Mode.Selected)
    return icon


def chip(colour: QColor | None) -> QIcon:
    """A class's colour as a dot; None keeps the place of one, so that names begin at one line."""
    picture = QPixmap(10, 10)
    picture.fill(Qt.GlobalColor.transparent)
    if colour is not None:
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawEllipse(0, 0, 10, 10)
        painter.end()
    return untinted(picture)
