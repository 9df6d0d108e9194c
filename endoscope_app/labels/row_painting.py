"""How a row of the label panel is drawn: background, key cap, colour chip, name and counts."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPalette, QPen
from PySide6.QtWidgets import QAbstractButton

from endoscope_app.base.name_painting import draw_name

LEFT = 10
GAP = 8
LEAST_KEY_WIDTH = 20.0
_CHIP = 10


@dataclass(frozen=True)
class RowPainting:
    """``counts``: here and in the library, or None; ``movable``: a class, which can be dragged;
    ``ringed``: this class was meant, said through another row; ``key_width``: of the widest key
    cap of the panel.
    """

    name: str
    key: str
    colour: QColor | None
    counts: tuple[int, int] | None
    movable: bool
    ringed: bool
    pressed: bool
    key_width: float

    def paint(self, row: QAbstractButton) -> None:
        """Onto the row as it is now: enabled, checked, under the mouse, focused."""
        painter = QPainter(row)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_back(painter, row)
        height = row.height()
        cap = QRectF(LEFT, (height - 20) / 2, max(self.key_width, LEAST_KEY_WIDTH), 20)
        if self.key:
            self._paint_cap(painter, row, cap)
        left = cap.right() + GAP
        if self.colour is not None:
            self._paint_chip(painter, row, QPointF(left + _CHIP / 2, height / 2), self.colour)
            left += _CHIP + GAP
        font = row.font()
        font.setBold(row.isChecked())
        painter.setFont(font)
        count = "" if self.counts is None else f"{self.counts[0]:,} · {self.counts[1]:,}"
        count_width = QFontMetricsF(font).horizontalAdvance(count) + (GAP if count else 0)
        room = QRectF(left, 0, max(10.0, row.width() - left - count_width - LEFT), height)
        painter.setPen(self._text_colour(row, QPalette.ColorRole.WindowText))
        draw_name(painter, room, self.name)
        any_here = self.counts is not None and self.counts[0] > 0
        painter.setPen(
            self._text_colour(
                row,
                QPalette.ColorRole.WindowText if any_here else QPalette.ColorRole.PlaceholderText,
            )
        )
        count_room = QRectF(room.right(), 0, row.width() - room.right() - LEFT, height)
        painter.drawText(
            count_room, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight), count
        )

    def _text_colour(self, row: QAbstractButton, role: QPalette.ColorRole) -> QColor:
        if row.isEnabled():
            return row.palette().color(role)
        if self.movable:
            # What is labelled so far is worth reading also where nothing can be labelled.
            return row.palette().color(QPalette.ColorRole.PlaceholderText)
        return row.palette().color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.WindowText)

    def _paint_back(self, painter: QPainter, row: QAbstractButton) -> None:
        back = QRectF(row.rect()).adjusted(1.5, 1.5, -1.5, -1.5)
        hovered = row.underMouse() and row.isEnabled()
        painter.setPen(Qt.PenStyle.NoPen)
        if self.pressed or hovered:
            role = QPalette.ColorRole.Midlight if self.pressed else QPalette.ColorRole.AlternateBase
            painter.setBrush(row.palette().color(role))
            painter.drawRoundedRect(back, 4, 4)
        if hovered and self.movable:
            painter.setBrush(row.palette().color(QPalette.ColorRole.PlaceholderText))
            for step in (-5, 0, 5):
                painter.drawEllipse(QPointF(5.0, row.height() / 2 + step), 1.2, 1.2)
        if row.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(row.palette().color(QPalette.ColorRole.Highlight), 1))
            painter.drawRoundedRect(back, 4, 4)

    def _paint_cap(self, painter: QPainter, row: QAbstractButton, cap: QRectF) -> None:
        palette, filled = row.palette(), row.isChecked()
        accent = palette.color(QPalette.ColorRole.Highlight)
        painter.setPen(QPen(accent if filled else palette.color(QPalette.ColorRole.Mid), 1))
        painter.setBrush(accent if filled else palette.color(QPalette.ColorRole.Button))
        painter.drawRoundedRect(cap.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        painter.setPen(
            palette.color(QPalette.ColorRole.HighlightedText)
            if filled
            else self._text_colour(row, QPalette.ColorRole.PlaceholderText)
        )
        font = row.font()
        font.setBold(filled)
        painter.setFont(font)
        painter.drawText(cap, int(Qt.AlignmentFlag.AlignCenter), self.key)

    def _paint_chip(
        self, painter: QPainter, row: QAbstractButton, centre: QPointF, colour: QColor
    ) -> None:
        shown = QColor(colour)
        if not row.isEnabled():
            shown.setAlphaF(0.5)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(shown)
        painter.drawEllipse(centre, _CHIP / 2 - 0.5, _CHIP / 2 - 0.5)
        if self.ringed or row.isChecked():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(row.palette().color(QPalette.ColorRole.WindowText), 1.4))
            painter.drawEllipse(centre, _CHIP / 2 + 2.0, _CHIP / 2 + 2.0)
