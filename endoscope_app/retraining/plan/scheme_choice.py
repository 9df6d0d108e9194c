"""The choice of a scheme: a card each, with a small drawing of what is taken from the teachers.

Their predictions, what one of them sees, or what they see together.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from endoscope_app.base.plain_text import plain_label, plain_tip
from endoscope_app.base.theme import class_colours
from endoscope_app.retraining.plan import wording
from kd_core.schema.retraining_defaults import DEFAULT_SCHEME

SIZE = QSize(190, 74)
_BARS = (0.9, 0.35, 0.15)
_SEEN = ((0.2, 0.5, 0.2), (0.5, 1.0, 0.6), (0.15, 0.55, 0.25))
_SEEN_TOO = ((0.1, 0.2, 0.5), (0.2, 0.6, 1.0), (0.1, 0.3, 0.6))


class SchemeChoice(QWidget):
    """One card per scheme, side by side; the default is chosen at first."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cards = {name: _SchemeCard(name, self) for name in wording.SCHEMES}
        self._group = QButtonGroup(self)
        row = self._row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        for card in self._cards.values():
            self._group.addButton(card.button)
            row.addWidget(card, 1)
        self._cards[DEFAULT_SCHEME].button.setChecked(True)
        self._group.buttonToggled.connect(self._on_toggled)

    @property
    def scheme(self) -> str:
        """The chosen one."""
        return next(name for name, card in self._cards.items() if card.button.isChecked())

    def set_brief(self, is_brief: bool) -> None:
        """Only names, to make room."""
        for card in self._cards.values():
            card.set_brief(is_brief)
        self._row.activate()

    def _on_toggled(self) -> None:
        # a group has no button checked for a moment while one takes over from the other
        if self._group.checkedButton() is not None:
            self.changed.emit()


class _SchemeCard(QFrame):
    """A scheme's name, drawing and line; a click anywhere chooses it."""

    def __init__(self, scheme: str, parent: QWidget) -> None:
        super().__init__(parent)
        title, line = wording.SCHEMES[scheme]
        self.setObjectName("verdict")  # the style sheet's raised frame
        self.button = QRadioButton(title, self)
        self.button.setAccessibleDescription(line)
        self.button.setToolTip(plain_tip(line))
        text = plain_label(line, self)
        text.setWordWrap(True)
        text.setProperty("role", "muted")
        self._more = (_SchemeDrawing(scheme, self), text)
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 10)
        column.setSpacing(6)
        column.addWidget(self.button)
        for widget in self._more:
            column.addWidget(widget)
        column.addStretch(1)

    def set_brief(self, is_brief: bool) -> None:
        """Only the name; of a height that those who lay it out are told at once."""
        for widget in self._more:
            widget.setVisible(not is_brief)
        self._column.activate()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """As if the button had been clicked."""
        self.button.setChecked(True)
        self.button.setFocus()


class _SchemeDrawing(QWidget):
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
