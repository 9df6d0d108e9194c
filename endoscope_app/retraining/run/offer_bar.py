"""A run that was interrupted, offered above everything else: resume it, or discard it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from endoscope_app.base.plain_text import plain_label


class OfferBar(QFrame):
    """Hidden until there is something to offer."""

    go_on_requested = Signal()
    discard_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("verdict")  # the style sheet's raised frame
        self._sentence = plain_label(parent=self)
        self._sentence.setWordWrap(True)
        self._sentence.setAccessibleName("Interrupted retraining")
        self._go_on = QPushButton("Resume", self)
        self._go_on.setToolTip("With the same labels and settings, from its last epoch")
        self._discard = QPushButton("Discard", self)
        self._discard.setToolTip("Delete what it trained and the frames that were exported for it")
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 12, 8)
        row.setSpacing(10)
        row.addWidget(self._sentence, 1)
        for button in (self._go_on, self._discard):
            button.setAutoDefault(False)
            row.addWidget(button)
        self._go_on.clicked.connect(self.go_on_requested)
        self._discard.clicked.connect(self.discard_requested)
        self.hide()

    @property
    def has_offer(self) -> bool:
        """Whether there is something to offer."""
        return bool(self._sentence.text())

    def offer(self, sentence: str, can_go_on: bool) -> None:
        """'' takes the offer back."""
        self._sentence.setText(sentence)
        self._go_on.setVisible(can_go_on)

    def words(self) -> str:
        """What is offered, for tests."""
        return "" if self.isHidden() else self._sentence.text()
