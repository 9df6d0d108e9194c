"""What the last key did, over the image for two seconds, and a line that stays while frames are
marked.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from endoscope_app.viewing import wording

SHOWN_MS = 2000
_MARGIN, _GAP, _PAD, _CHIP = 10, 6, 12, 10
_PLATE, _TEXT = QColor(10, 12, 14, 215), QColor("#f2f4f6")


class ActEcho(QWidget):
    """Lies over the lower edge of its parent and takes no mouse.

    ``timer`` runs while an act is shown.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(wording.ECHO_NAME)
        self._act, self._colour, self._mark = "", QColor(), ""
        self.timer = QTimer(self)
        self.timer.setSingleShot(True)
        self.timer.setInterval(SHOWN_MS)
        self.timer.timeout.connect(self.clear_act)
        self.hide()

    def show_act(self, text: str, colour: QColor | None = None) -> None:
        """Say what was done, with the class's colour where there is one; in place of what was
        said before.
        """
        self._act, self._colour = text, QColor() if colour is None else QColor(colour)
        self.timer.start()
        self._refresh()

    def clear_act(self) -> None:
        """What was said is over, or no longer true."""
        self.timer.stop()
        self._act = ""
        self._refresh()

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
        chip = _CHIP + 8 if colour.isValid() else 0
        metrics = painter.fontMetrics()
        room = max(0, self.width() - 2 * (_MARGIN + _PAD) - chip)
        cut = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
        wide = metrics.horizontalAdvance(cut) + 2 * _PAD + chip
        plate = QRectF((self.width() - wide) / 2, top, wide, self._height())
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

    def _height(self) -> int:
        return self.fontMetrics().height() + 10

    def _refresh(self) -> None:
        text = " ".join(part for part in (self._act, self._mark) if part)
        self.setAccessibleDescription(text)
        self.fit()
        self.setVisible(bool(text))
        self.update()
