"""One row of the label panel: key, colour chip, name, count.

A button, so that every screen reader knows what it is.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QEnterEvent,
    QFont,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
)
from PySide6.QtWidgets import QAbstractButton, QApplication, QSizePolicy, QWidget

from endoscope_app.base.key_claim import PRESS_KEYS, KeyClaim
from endoscope_app.base.name_painting import draw_name
from endoscope_app.base.plain_text import plain_tip

ROW_HEIGHT = 30
_LEFT = 10
_CHIP = 10
_GAP = 8


class LabelRow(QAbstractButton):
    """A press says "this one"; a class row can also be dragged, or moved with Ctrl+Up and
    Ctrl+Down.
    """

    stepped = Signal(int)  # -1 or 1: the keyboard goes to the row above or below
    moved = Signal(int)  # -1 or 1: the row itself shall go up or down
    dragged = Signal(float)  # y in the parent while the row is dragged
    dropped = Signal(float)
    let_go = Signal()  # a drag was given up

    def __init__(
        self,
        name: str,
        colour: QColor | None,
        key: str,
        movable: bool,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._colour = colour
        self._key = key
        self._counts: tuple[int, int] | None = None
        self._movable = movable
        self._ringed = False
        self._press: QPointF | None = None
        self._dragging = False
        self._key_width = 0.0
        self.keys_allowed: Callable[[], bool] = lambda: True
        self.setText(name)
        self.setCheckable(False)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        KeyClaim(self, (*PRESS_KEYS, Qt.Key.Key_Up, Qt.Key.Key_Down))
        self._describe()

    def set_counts(self, here: int, library: int) -> None:
        """How many frames have this label, in the open procedure and in the whole library."""
        self._counts = here, library
        self._describe()

    def set_marked(self, filled: bool, ringed: bool = False) -> None:
        """``filled``: this is what the reader said.

        ``ringed``: this class was meant, said through another row.
        """
        self.setCheckable(True)
        self.setChecked(filled)
        self._ringed = ringed
        self._describe()

    def set_key_width(self, width: float) -> None:
        """Room for the widest key cap of the panel, so that all names begin at one line."""
        self._key_width = width
        self.updateGeometry()
        self.update()

    def key_width(self) -> float:
        """What this row's own key cap needs."""
        return max(20.0, QFontMetricsF(self.font()).horizontalAdvance(self._key) + 10)

    def sizeHint(self) -> QSize:
        """One line."""
        return QSize(260, ROW_HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """A class's name may be shortened; the tool tip has it whole."""
        if self._movable:
            return QSize(150, ROW_HEIGHT)
        font = QFont(self.font())
        font.setBold(True)
        words = QFontMetricsF(font).horizontalAdvance(f"{self.text()} 999 · 9,999")
        return QSize(
            math.ceil(2 * _LEFT + max(self._key_width, 20.0) + 2 * _GAP + words), ROW_HEIGHT
        )

    def nextCheckState(self) -> None:
        """A press asks; only the owner's answer marks the row."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Background, key cap, chip, name, count."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_back(painter)
        cap = QRectF(_LEFT, (self.height() - 20) / 2, max(self._key_width, 20.0), 20)
        self._paint_cap(painter, cap)
        left = cap.right() + _GAP
        if self._colour is not None:
            self._paint_chip(painter, QPointF(left + _CHIP / 2, self.height() / 2), self._colour)
            left += _CHIP + _GAP
        font = self.font()
        font.setBold(self.isChecked())
        painter.setFont(font)
        count = "" if self._counts is None else f"{self._counts[0]:,} · {self._counts[1]:,}"
        count_width = QFontMetricsF(font).horizontalAdvance(count) + (_GAP if count else 0)
        room = QRectF(left, 0, max(10.0, self.width() - left - count_width - _LEFT), self.height())
        painter.setPen(self._text_colour(QPalette.ColorRole.WindowText))
        draw_name(painter, room, self.text())
        any_here = self._counts is not None and self._counts[0] > 0
        painter.setPen(
            self._text_colour(
                QPalette.ColorRole.WindowText if any_here else QPalette.ColorRole.PlaceholderText
            )
        )
        count_room = QRectF(room.right(), 0, self.width() - room.right() - _LEFT, self.height())
        painter.drawText(
            count_room, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight), count
        )

    def _text_colour(self, role: QPalette.ColorRole) -> QColor:
        if self.isEnabled():
            return self.palette().color(role)
        if self._movable:
            # What is labelled so far is worth reading also where nothing can be labelled.
            return self.palette().color(QPalette.ColorRole.PlaceholderText)
        return self.palette().color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.WindowText)

    def _paint_back(self, painter: QPainter) -> None:
        back = QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5)
        hovered = self.underMouse() and self.isEnabled()
        painter.setPen(Qt.PenStyle.NoPen)
        if self.isChecked() or self.isDown() or self._dragging:
            painter.setBrush(self.palette().color(QPalette.ColorRole.Midlight))
            painter.drawRoundedRect(back, 4, 4)
        elif hovered:
            painter.setBrush(self.palette().color(QPalette.ColorRole.AlternateBase))
            painter.drawRoundedRect(back, 4, 4)
        if hovered and self._movable:
            painter.setBrush(self.palette().color(QPalette.ColorRole.PlaceholderText))
            for step in (-5, 0, 5):
                painter.drawEllipse(QPointF(5.0, self.height() / 2 + step), 1.2, 1.2)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Highlight), 1))
            painter.drawRoundedRect(back, 4, 4)

    def _paint_cap(self, painter: QPainter, cap: QRectF) -> None:
        if not self._key:
            return
        palette, filled = self.palette(), self.isChecked()
        accent = palette.color(QPalette.ColorRole.Highlight)
        painter.setPen(QPen(accent if filled else palette.color(QPalette.ColorRole.Mid), 1))
        painter.setBrush(accent if filled else palette.color(QPalette.ColorRole.Button))
        painter.drawRoundedRect(cap.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        painter.setPen(
            palette.color(QPalette.ColorRole.HighlightedText)
            if filled
            else self._text_colour(QPalette.ColorRole.PlaceholderText)
        )
        font = self.font()
        font.setBold(filled)
        painter.setFont(font)
        painter.drawText(cap, int(Qt.AlignmentFlag.AlignCenter), self._key)

    def _paint_chip(self, painter: QPainter, centre: QPointF, colour: QColor) -> None:
        shown = QColor(colour)
        if not self.isEnabled():
            shown.setAlphaF(0.5)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(shown)
        painter.drawEllipse(centre, _CHIP / 2 - 0.5, _CHIP / 2 - 0.5)
        if self._ringed or self.isChecked():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(self.palette().color(QPalette.ColorRole.WindowText), 1.4))
            painter.drawEllipse(centre, _CHIP / 2 + 2.0, _CHIP / 2 + 2.0)

    def _let_go(self) -> None:
        """Give up a drag: the row stays where it was."""
        dragging, self._dragging, self._press = self._dragging, False, None
        if dragging:
            self.let_go.emit()
            self.update()

    def event(self, event: QEvent) -> bool:
        """Keeps Ctrl+Up and Ctrl+Down, which the window would take for ten frames, where they
        move the row.
        """
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and self._moves(event)
        ):
            event.accept()
            return True
        if event.type() in (QEvent.Type.WindowDeactivate, QEvent.Type.Hide):
            self._let_go()
        return super().event(event)

    def _moves(self, event: QKeyEvent) -> bool:
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        return self._movable and control and event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and Down go from row to row, Enter or Space presses this one."""
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()), 0)
        if (self._moves(event) or event.key() in PRESS_KEYS) and not self.keys_allowed():
            return
        if step and self._moves(event):
            self.moved.emit(step)
        elif step:
            self.stepped.emit(step)
        elif event.key() in PRESS_KEYS:
            if not event.isAutoRepeat():
                self.click()
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Pressing has acted already: a button's own answer to the release of Space would act
        twice.
        """
        event.ignore()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """May become a click or a drag."""
        self._press = (
            event.position()
            if event.button() == Qt.MouseButton.LeftButton and self._movable
            else None
        )
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Far enough up or down it is a drag, and no longer a press."""
        if not event.buttons() & Qt.MouseButton.LeftButton:
            self._let_go()  # the release went to somebody else
        if (
            self._press is not None
            and abs(event.position().y() - self._press.y()) >= QApplication.startDragDistance()
        ):
            self._dragging = True
            self.setDown(False)
        if self._dragging:
            self.dragged.emit(self.mapToParent(event.position()).y())
        else:
            super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Drop or click."""
        dragging, self._dragging, self._press = self._dragging, False, None
        if dragging:
            self.update()
            self.dropped.emit(self.mapToParent(event.position()).y())
        else:
            super().mouseReleaseEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Show that the row can be pressed."""
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Hide it again."""
        super().leaveEvent(event)
        self.update()

    def _describe(self) -> None:
        self.setAccessibleName(self.text())
        parts = [f"key {self._key}" if self._key else "no key"]
        if self._counts is not None:
            parts.append("{:,} here, {:,} in the library".format(*self._counts))
        if self.isChecked() or self._ringed:
            parts.append("this frame's label")
        self.setAccessibleDescription(", ".join(parts))
        tip = f"{self.text()}: {', '.join(parts)}"
        self.setToolTip(
            plain_tip(
                f"{tip}. Drag to reorder, or Ctrl+Up and Ctrl+Down." if self._movable else tip
            )
        )
        self.update()
