"""What the last key did, over the image for four seconds with a way to take it back, and a line
that stays while frames are marked.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QToolButton, QWidget

from endoscope_app.base.plain_text import plain_tip
from endoscope_app.viewing import wording

SHOWN_MS = 4000
_MARGIN, _GAP, _PAD, _CHIP = 10, 6, 12, 10
_PLATE, _TEXT = QColor(10, 12, 14, 215), QColor("#f2f4f6")


class ActEcho(QWidget):
    """Lies over the lower edge of its parent and takes no mouse, but for the button of an act that
    can be undone.

    ``timer`` runs while an act is shown.
    """

    undo_requested = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(wording.ECHO_NAME)
        self._act, self._colour, self._mark = "", QColor(), ""
        # Beside this widget, not in it: whatever lies in it takes no mouse either
        self._undo, self._undoable = QToolButton(parent), False
        self._undo.setText(wording.UNDO)
        self._undo.setToolTip(plain_tip(wording.UNDO_TIP))
        self._undo.setObjectName("undo")
        self._undo.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._undo.clicked.connect(self._on_undo)
        self._undo.hide()
        self.timer = QTimer(self)
        self.timer.setSingleShot(True)
        self.timer.setInterval(SHOWN_MS)
        self.timer.timeout.connect(self.clear_act)
        self.hide()

    def show_act(self, text: str, colour: QColor | None = None, *, undoable: bool = False) -> None:
        """Say what was done, with the class's colour where there is one; in place of what was
        said before. ``undoable``: with a button that asks to take it back.
        """
        self._undoable = undoable
        self._act, self._colour = text, QColor() if colour is None else QColor(colour)
        self.timer.start()
        self._refresh()

    def clear_act(self) -> None:
        """What was said is over, or no longer true."""
        self.timer.stop()
        self._act, self._undoable = "", False
        self._refresh()

    def come_forward(self) -> None:
        """Above what else lies over the parent, with its button."""
        self.raise_()
        self._undo.raise_()

    def show_mark(self, text: str) -> None:
        """Say what is marked until told otherwise; empty for nothing."""
        if text != self._mark:
            self._mark = text
            self._refresh()

    def act(self) -> str:
        """What is said of the last act; empty when its time is over."""
        return self._act

    def mark(self) -> str:
        """What is said to be marked."""
        return self._mark

    def fit(self) -> None:
        """The parent has another size."""
        parent = self.parentWidget()
        if parent is not None:
            height = sum(self._height() + _GAP for text in (self._act, self._mark) if text)
            self.setGeometry(0, parent.height() - height - _MARGIN, parent.width(), height)
            self._place_undo()

    def paintEvent(self, event: QPaintEvent) -> None:
        """A plate for each line, in the middle, the mark below."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        top = 0
        for text, colour in ((self._act, self._colour), (self._mark, QColor())):
            if text:
                self._paint_plate(painter, top, text, colour)
                top += self._height() + _GAP

    def _paint_plate(self, painter: QPainter, top: int, text: str, colour: QColor) -> None:
        chip = self._chip(colour)
        cut, plate = self._plate(text, colour, top)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_PLATE)
        painter.drawRoundedRect(plate, 5, 5)
        if chip:
            painter.setBrush(colour)
            painter.drawEllipse(
                QPointF(plate.left() + _PAD + _CHIP / 2, plate.center().y()), _CHIP / 2, _CHIP / 2
            )
        painter.setPen(_TEXT)
        area = plate.adjusted(_PAD + chip, 0, -_PAD, 0)
        painter.drawText(area, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), cut)

    def _plate(self, text: str, colour: QColor, top: float) -> tuple[str, QRectF]:
        """What of ``text`` has room, and where its plate lies; the act's has its button in it."""
        button = self._undo.sizeHint().width() + _GAP if self._undoable and text == self._act else 0
        other = 2 * _PAD + self._chip(colour) + button
        room = max(0, self.width() - 2 * _MARGIN - other)
        cut = self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, room)
        wide = self.fontMetrics().horizontalAdvance(cut) + other
        return cut, QRectF((self.width() - wide) / 2, top, wide, self._height())

    @staticmethod
    def _chip(colour: QColor) -> int:
        return _CHIP + 8 if colour.isValid() else 0

    def _place_undo(self) -> None:
        shown = self._undoable and bool(self._act)
        if shown:
            plate = self._plate(self._act, self._colour, 0)[1].toRect()
            size = self._undo.sizeHint()
            self._undo.setGeometry(
                plate.right() - size.width() - _PAD // 2,
                self.y() + plate.center().y() - size.height() // 2,
                size.width(),
                size.height(),
            )
            self._undo.raise_()
        self._undo.setVisible(shown)

    def _on_undo(self) -> None:
        self.clear_act()
        self.undo_requested.emit()

    def _height(self) -> int:
        return self.fontMetrics().height() + 10

    def _refresh(self) -> None:
        text = " ".join(part for part in (self._act, self._mark) if part)
        self.setAccessibleDescription(text)
        self.fit()
        self.setVisible(bool(text))
        self.update()
