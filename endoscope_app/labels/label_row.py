"""One row of the label panel: key, colour chip, name, count.

A button, so that every screen reader knows what it is.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QEnterEvent,
    QFont,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPaintEvent,
)
from PySide6.QtWidgets import QAbstractButton, QApplication, QSizePolicy, QWidget

from endoscope_app.base.key_claim import PRESS_KEYS, KeyClaim
from endoscope_app.base.plain_text import plain_tip
from endoscope_app.labels import wording
from endoscope_app.labels.row_painting import GAP, LEAST_KEY_WIDTH, LEFT, RowPainting

ROW_HEIGHT = 30


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
        return max(LEAST_KEY_WIDTH, QFontMetricsF(self.font()).horizontalAdvance(self._key) + 10)

    def sizeHint(self) -> QSize:
        """One line."""
        return QSize(260, ROW_HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """A class's name may be shortened; the tool tip has it whole."""
        if self._movable:
            return QSize(150, ROW_HEIGHT)
        font = QFont(self.font())
        font.setBold(True)
        width = QFontMetricsF(font).horizontalAdvance(f"{self.text()} 999 · 9,999")
        return QSize(
            math.ceil(2 * LEFT + max(self._key_width, LEAST_KEY_WIDTH) + 2 * GAP + width),
            ROW_HEIGHT,
        )

    def nextCheckState(self) -> None:
        """A press asks; only the owner's answer marks the row."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Background, key cap, chip, name, count."""
        RowPainting(
            self.text(),
            self._key,
            self._colour,
            self._counts,
            movable=self._movable,
            ringed=self._ringed,
            pressed=self.isChecked() or self.isDown() or self._dragging,
            key_width=self._key_width,
        ).paint(self)

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
        description = wording.row_description(
            self._key, self._counts, self.isChecked() or self._ringed
        )
        self.setAccessibleName(self.text())
        self.setAccessibleDescription(description)
        tip = f"{self.text()}: {description}"
        self.setToolTip(plain_tip(f"{tip}. {wording.REORDER_TIP}" if self._movable else tip))
        self.update()
