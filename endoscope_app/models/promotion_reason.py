"""Why a model that lost recall is promoted all the same: the question, and the field for the
answer.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from endoscope_app.base.plain_text import plain_label

LONGEST = 1000
MISSING = "Type a reason first."


class PromotionReason(QWidget):
    """Hidden while nothing is lost."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._asks = False
        self._question, self._reason = plain_label(parent=self), QLineEdit(self)
        self._question.setWordWrap(True)
        self._reason.setAccessibleName("Reason for the promotion")
        self._reason.setPlaceholderText("Reason")
        self._reason.setMaxLength(LONGEST)
        self._reason.textChanged.connect(self.changed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._question)
        column.addWidget(self._reason)
        self.ask_for(())

    def ask_for(self, lost: Sequence[str]) -> None:
        """The classes that lost too much; none for no question."""
        self._asks = bool(lost)
        names = " and ".join((", ".join(lost[:-1]), lost[-1])) if len(lost) > 1 else "".join(lost)
        self._question.setText(
            f"More than 2 points of recall of {names} are lost. Why promote it all the same? Your"
            " reason is kept."
        )
        self.setVisible(self._asks)

    def forget(self) -> None:
        """A reason is given for one model."""
        with QSignalBlocker(self._reason):
            self._reason.clear()

    def set_locked(self, is_locked: bool) -> None:
        """Take no answer while nothing can be promoted."""
        self._reason.setEnabled(not is_locked)

    @property
    def text(self) -> str:
        """What was typed."""
        return self._reason.text().strip()

    @property
    def lacks(self) -> str:
        """Why the promotion must wait, empty where it need not."""
        return MISSING if self._asks and not self.text else ""
