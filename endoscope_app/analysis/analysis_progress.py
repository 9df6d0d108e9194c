"""How far the analysis is, in the status bar, with the button that cancels it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QWidget

from endoscope_app.analysis import wording
from endoscope_app.base.plain_text import plain_label


class AnalysisProgress(QWidget):
    """A bar while it runs, and a sentence always."""

    cancel_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bar, self._text = QProgressBar(self), plain_label(parent=self)
        self._cancel = QPushButton(wording.CANCEL, self)
        self._bar.setFixedWidth(160)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(wording.PROGRESS_NAME)
        self._text.setContentsMargins(8, 0, 8, 0)
        self._cancel.setAccessibleName(wording.CANCEL_NAME)
        self._cancel.clicked.connect(self.cancel_requested)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        for widget in (self._bar, self._text, self._cancel):
            row.addWidget(widget)
        row.addStretch(1)  # the status bar gives more width than the text and the button need
        self.show_state("")

    def show_state(self, text: str) -> None:
        """Nothing runs."""
        self._text.setText(text)
        self._bar.hide()
        self._cancel.hide()

    def show_running(self, share: float, text: str) -> None:
        """``share`` 0..1 of the frames is known."""
        self._bar.setValue(round(100 * share))
        self._text.setText(text)
        self._bar.show()
        self._cancel.show()

    def text(self) -> str:
        """What it says now."""
        return self._text.text()
