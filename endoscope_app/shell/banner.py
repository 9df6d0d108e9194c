"""What the window says: what has just happened over the picture, for a while; what is being lost
and what stays true in one fixed line.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

from endoscope_app.shell.notice_line import NoticeLine
from endoscope_app.shell.toast import SHOWN_MS, Toast

REMARK_MS = SHOWN_MS


class MessageBanner(QObject):
    """``label`` holds all sentences that are true now and is hidden while there are none;
    ``toast`` shows the new ones and goes by itself.
    """

    def __init__(self, window: QWidget, picture: QWidget) -> None:
        """``picture``: what the toast lies over, in ``window``."""
        super().__init__(window)
        self.label = NoticeLine()
        self.toast = Toast(window, picture)
        self._urgent: list[str] = []
        self._standing: list[str] = []
        self._passing: list[str] = []
        self._remark, self._remark_end = "", QTimer(self)
        self._remark_end.setSingleShot(True)
        self._remark_end.setInterval(REMARK_MS)
        self._remark_end.timeout.connect(self.withdraw_remark)
        self.label.asked.connect(self._on_asked)

    def show_message(self, text: str, *, undo: Callable[[], None] | None = None) -> None:
        """Until the next message; an empty one takes it away.

        ``undo``: takes back what the message tells of.
        """
        self._passing, self._remark = [text], ""
        self._remark_end.stop()
        self._show()
        self._tell(text, undo=undo)

    def show_remark(self, text: str, *, undo: Callable[[], None] | None = None) -> None:
        """What a key has done or has not.

        It is read at a glance, gone by itself, and wrong once something else is done.
        """
        self.show_message(text, undo=undo)
        self._remark = text
        self._remark_end.start()

    def withdraw_remark(self) -> None:
        """The remark is read, or what it says is past."""
        remark, self._remark = self._remark, ""
        if remark:
            self.withdraw_message(remark)

    def add_message(self, text: str) -> None:
        """After what is said already, and gone with it."""
        self._passing.append(text)
        self._show()
        self._tell(_joined(self._passing))

    def show_standing_message(self, text: str, *, urgent: bool = False) -> None:
        """What stays true until it is mended (no model, a read-only data folder).

        ``urgent``: before all others and in the colour of danger, because something of the reader's
        is being lost.
        """
        (self._urgent if urgent else self._standing).append(text)
        self._show()
        self._tell(text, urgent=urgent)

    def withdraw_message(self, text: str) -> None:
        """A message that is true no more, standing or passing; one that is not shown is let be."""
        for shown in (self._passing, self._standing, self._urgent):
            if text in shown:
                shown.remove(text)
        if text and text in self.toast.text():
            self.toast.leave()
        self._show()

    def _show(self) -> None:
        text = _joined((*self._urgent, *self._standing, *self._passing))
        self.label.show_text(text, urgent=bool(self._urgent))

    def _tell(
        self, text: str, *, urgent: bool = False, undo: Callable[[], None] | None = None
    ) -> None:
        if text:
            self.toast.say(text, urgent=urgent, undo=undo)
        else:
            self.toast.leave()

    def _on_asked(self) -> None:
        self._tell(self.label.text(), urgent=bool(self._urgent))


def _joined(parts: tuple[str, ...] | list[str]) -> str:
    """Nothing is said twice."""
    return " ".join(part for part in dict.fromkeys(parts) if part)
