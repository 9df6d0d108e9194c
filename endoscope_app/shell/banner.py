"""The banner above the image: what is being lost, what stays true, and what has just happened."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, QTimer

from endoscope_app.base.plain_text import breakable, plain_label
from endoscope_app.shell import wording

REMARK_MS = 10_000


class MessageBanner(QObject):
    """Sentences in one ``label``; it is hidden while there is nothing to say."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.label = plain_label()
        self.label.setWordWrap(True)
        self.label.setProperty("role", "banner")
        self.label.setAccessibleName(wording.BANNER_NAME)
        self.label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.label.hide()
        self._urgent: list[str] = []
        self._standing: list[str] = []
        self._passing: list[str] = []
        self._remark, self._remark_end = "", QTimer(self)
        self._remark_end.setSingleShot(True)
        self._remark_end.setInterval(REMARK_MS)
        self._remark_end.timeout.connect(self.withdraw_remark)

    def show_message(self, text: str) -> None:
        """Until the next message; an empty one takes it away."""
        self._passing, self._remark = [text], ""
        self._remark_end.stop()
        self._show()

    def show_remark(self, text: str) -> None:
        """What a key has done or has not.

        It is read at a glance, gone by itself, and wrong once something else is done.
        """
        self.show_message(text)
        self._remark = text
        self._remark_end.start()

    def withdraw_remark(self) -> None:
        """The remark is read, or what it says is past."""
        remark, self._remark = self._remark, ""
        if remark:
            self.withdraw_message(remark)

    def add_message(self, text: str) -> None:
        """After what the banner says already, and gone with it."""
        self._passing.append(text)
        self._show()

    def show_standing_message(self, text: str, *, urgent: bool = False) -> None:
        """What stays true until it is mended (no model, a read-only data folder).

        ``urgent``: before all others and in the colour of danger, because something of the reader's
        is being lost.
        """
        (self._urgent if urgent else self._standing).append(text)
        self._show()

    def withdraw_message(self, text: str) -> None:
        """A message that is true no more, standing or passing; one that is not shown is let be."""
        for shown in (self._passing, self._standing, self._urgent):
            if text in shown:
                shown.remove(text)
        self._show()

    def _show(self) -> None:
        parts = (*self._urgent, *self._standing, *self._passing)
        text = " ".join(part for part in dict.fromkeys(parts) if part)  # nothing is said twice
        role = "alarm" if self._urgent else "banner"
        if self.label.property("role") != role:
            self.label.setProperty("role", role)
            # A style sheet looks at properties once only
            self.label.style().unpolish(self.label)
            self.label.style().polish(self.label)
        self.label.setText(breakable(text))
        self.label.setVisible(bool(text))
