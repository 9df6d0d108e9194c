"""A message over the picture: it comes and goes, and nothing moves for it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, QTimer
from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QToolButton, QWidget

from endoscope_app.base.plain_text import breakable, plain_label, plain_tip
from endoscope_app.shell import wording

SHOWN_MS = 10_000
_WIDEST, _MARGIN, _CAPTION = 480, 12, 420
_MOVED = (QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.Show, QEvent.Type.Hide)


class Toast(QFrame):
    """Lies over the picture, or in the window's upper corner where no picture is shown; takes the
    mouse only where it is.

    ``timer`` runs while it is shown and the pointer is elsewhere; then it goes by itself.
    """

    def __init__(self, window: QWidget, picture: QWidget) -> None:
        super().__init__(window)
        self._window, self._picture = window, picture
        self.setObjectName("toast")
        self.setAccessibleName(wording.TOAST_NAME)
        self._undo: Callable[[], None] | None = None
        self._words = plain_label(parent=self)
        self._words.setWordWrap(True)
        self._words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._button = QPushButton(wording.UNDO, self)
        self._button.setToolTip(plain_tip(wording.UNDO_TIP))
        self._close = QToolButton(self)
        self._close.setText("\N{MULTIPLICATION SIGN}")
        self._close.setAccessibleName(wording.CLOSE_TOAST)
        self._close.setToolTip(plain_tip(wording.CLOSE_TOAST))
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 7, 6, 7)
        row.setSpacing(8)
        row.addWidget(self._words, 1)
        for button in (self._button, self._close):
            # A click on a message must not take Space and the arrows from the picture
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        self._button.clicked.connect(self._on_undo)
        self._close.clicked.connect(self.leave)
        self.timer = QTimer(self)
        self.timer.setSingleShot(True)
        self.timer.setInterval(SHOWN_MS)
        self.timer.timeout.connect(self.leave)
        for widget in (window, picture):
            widget.installEventFilter(self)
        self.hide()

    def say(self, text: str, *, urgent: bool, undo: Callable[[], None] | None = None) -> None:
        """In place of what it said before; ``undo``: what its button does; none without it."""
        self._undo = undo
        self.setProperty("role", "alarm" if urgent else "")
        self.style().unpolish(self)
        self.style().polish(self)
        self._words.setText(breakable(text))
        self.setAccessibleDescription(text)
        self._button.setVisible(undo is not None)
        self.show()
        self.raise_()
        self._fit()
        self.timer.start()

    def leave(self) -> None:
        """It is read."""
        self.timer.stop()
        self._undo = None
        self.hide()

    def text(self) -> str:
        """What it says; empty while it is hidden."""
        return "" if self.isHidden() else self.accessibleDescription()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The picture has another size or place."""
        if event.type() in _MOVED and not self.isHidden():
            self._fit()
        return False

    def enterEvent(self, event: QEnterEvent) -> None:
        """It does not go while it is pointed at."""
        self.timer.stop()

    def leaveEvent(self, event: QEvent) -> None:
        """Its time begins again."""
        if not self.isHidden():
            self.timer.start()

    def _on_undo(self) -> None:
        undo = self._undo
        self.leave()
        if undo is not None:
            undo()

    def _fit(self) -> None:
        parent, picture = self._window, self._picture
        area = QRect(0, 2 * self.fontMetrics().height(), parent.width(), parent.height())
        if picture.isVisible():
            area = QRect(picture.mapTo(parent, QPoint(0, 0)), picture.size())
        room = max(80, area.width() - 2 * _MARGIN)
        wide = min(_WIDEST, room, max(self.sizeHint().width(), self._width_of_a_line()))
        # In the corner, where an endoscope shows nothing; below the image's caption and the warning
        # beneath that where they would meet
        beside = area.width() - wide > _CAPTION
        top = _MARGIN if beside else 2 * (self.fontMetrics().height() + 12)
        tall = min(self.heightForWidth(wide), max(20, area.height() - top))
        self.setGeometry(area.right() - wide - _MARGIN, area.top() + top, wide, tall)

    def _width_of_a_line(self) -> int:
        """Of its words on one line, with its buttons."""
        words = self._words.fontMetrics().horizontalAdvance(self._words.text())
        buttons = sum(
            button.sizeHint().width() + 8
            for button in (self._button, self._close)
            if not button.isHidden()
        )
        return words + buttons + 24
