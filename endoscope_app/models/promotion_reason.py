"""Why a model that lost sensitivity is used all the same: the question and the answer."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from endoscope_app.base.plain_text import plain_label
from endoscope_app.models import wording

LONGEST = 1000


class PromotionReason(QWidget):
    """Hidden while nothing is lost."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._asks = False
        self._question, self._reason = plain_label(parent=self), QLineEdit(self)
        self._question.setWordWrap(True)
        self._reason.setAccessibleName(wording.REASON_NAME)
        self._reason.setPlaceholderText(wording.REASON)
        self._reason.setMaxLength(LONGEST)
        self._reason.textChanged.connect(self.changed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._question)
        column.addWidget(self._reason)
        self.ask_for(())

    def ask_for(self, lost: Sequence[str]) -> None:
        """The names of the classes that lost too much; none for no question."""
        self._asks = bool(lost)
        self._question.setText(wording.ask_reason(lost))
        self.setVisible(self._asks)

    def forget(self) -> None:
        """A reason is given for one model."""
        with QSignalBlocker(self._reason):
            self._reason.clear()

    def set_locked(self, is_locked: bool) -> None:
        """Take no answer while no model can be chosen."""
        self._reason.setEnabled(not is_locked)

    @property
    def text(self) -> str:
        """What was typed."""
        return self._reason.text().strip()

    @property
    def lacks(self) -> str:
        """What the answer lacks; empty for nothing."""
        return wording.REASON_MISSING if self._asks and not self.text else ""
