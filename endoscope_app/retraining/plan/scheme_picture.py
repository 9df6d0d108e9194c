"""A small picture of what the student takes from its teachers: their answers, what one of them
sees, or what they see together.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QWidget

from endoscope_app.base.theme import class_colours

SIZE = QSize(190, 74)
_BARS = (0.9, 0.35, 0.15)
_SEEN = ((0.2, 0.5, 0.2), (0.5, 1.0, 0.6), (0.15, 0.55, 0.25))
_SEEN_TOO = ((0.1, 0.2, 0.5), (0.2, 0.6, 1.0), (0.1, 0.3, 0.6))


class SchemePicture(QWidget):
    """``scheme`` is "response", "feature" or "relation".

    Teachers in one colour on the left, the student in another on the right.
    """

    def __init__(self, scheme: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scheme = scheme
        self._teacher, self._student = class_colours(2)[1], class_colours(2)[0]
        self.setFixedSize(SIZE)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Boxes, what is in them, and the arrow of what is handed on."""
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if self._scheme == "response":
                self._bars(painter, QRectF(12, 14, 46, 46), self._teacher)
                self._arrow(painter, QPointF(66, 37), QPointF(124, 37))
                self._bars(painter, QRectF(132, 14, 46, 46), self._student)
            elif self._scheme == "feature":
                self._grid(painter, QRectF(12, 14, 46, 46), self._teacher, _SEEN)
                self._arrow(painter, QPointF(66, 37), QPointF(124, 37))
                self._grid(painter, QRectF(132, 14, 46, 46), self._student, _SEEN)
            else:
                self._relation(painter)

    def _relation(self, painter: QPainter) -> None:
        upper, lower, fused = QRectF(4, 3, 31, 31), QRectF(4, 40, 31, 31), QRectF(72, 17, 40, 40)
        self._grid(painter, upper, self._teacher, _SEEN)
        self._grid(painter, lower, self._teacher, _SEEN_TOO)
        painter.setPen(QPen(self.palette().color(QPalette.ColorRole.PlaceholderText), 1))
        for box in (upper, lower):
            for step in (0.2, 0.5, 0.8):
                target = QPointF(fused.left(), fused.top() + step * fused.height())
                painter.drawLine(QPointF(box.right() + 2, box.top() + step * box.height()), target)
        together = tuple(
            tuple(max(pair) for pair in zip(*rows, strict=True))
            for rows in zip(_SEEN, _SEEN_TOO, strict=True)
        )
        self._grid(painter, fused, self._teacher, together)
        self._arrow(painter, QPointF(117, 37), QPointF(138, 37))
        self._grid(painter, QRectF(144, 14, 42, 46), self._student, together)

    def _box(self, painter: QPainter, box: QRectF) -> None:
        painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Mid), 1))
        painter.setBrush(self.palette().color(QPalette.ColorRole.Base))
        painter.drawRoundedRect(box, 3, 3)

    def _bars(self, painter: QPainter, box: QRectF, colour: QColor) -> None:
        self._box(painter, box)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        for number, long in enumerate(_BARS):
            painter.drawRect(
                QRectF(box.left() + 5, box.top() + 7 + 12 * number, long * (box.width() - 10), 8)
            )

    def _grid(
        self, painter: QPainter, box: QRectF, colour: QColor, seen: tuple[tuple[float, ...], ...]
    ) -> None:
        self._box(painter, box)
        painter.setPen(Qt.PenStyle.NoPen)
        wide, high = (box.width() - 4) / 3, (box.height() - 4) / 3
        for line, row in enumerate(seen):
            for place, strong in enumerate(row):
                shade = QColor(colour)
                shade.setAlphaF(strong)
                painter.setBrush(shade)
                painter.drawRect(
                    QRectF(
                        box.left() + 2 + place * wide,
                        box.top() + 2 + line * high,
                        wide - 1,
                        high - 1,
                    )
                )

    def _arrow(self, painter: QPainter, begin: QPointF, end: QPointF) -> None:
        painter.setPen(QPen(self.palette().color(QPalette.ColorRole.PlaceholderText), 1.5))
        painter.drawLine(begin, end)
        for side in (-4, 4):
            painter.drawLine(end, end + QPointF(-5, side))
