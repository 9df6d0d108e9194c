"""What dialogs that start long work have in common: a bar, a sentence, and a button that closes
or cancels.
"""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget

from endoscope_app.base import wording
from endoscope_app.base.dialog_fitting import fit_height
from endoscope_app.base.plain_text import plain_label


class RunningDialog(QDialog):
    """Lay out ``_progress``, ``_state`` and ``_buttons()``, and say in ``_enable`` what may be
    chosen while nothing runs.
    """

    cancelled = Signal()  # while it runs

    def __init__(self, work: str, go: str, parent: QWidget | None = None) -> None:
        """``work`` names it for screen readers ("the export"), ``go`` is the button that starts
        it.
        """
        super().__init__(parent)
        self._running = False
        self._progress = QProgressBar(self)
        self._progress.setAccessibleName(wording.progress_name(work))
        self._progress.setTextVisible(False)
        self._state = plain_label(parent=self)
        self._state.setWordWrap(True)
        self._state.setAccessibleName(wording.state_name(work))
        self._go = QPushButton(go, self)
        self._go.setDefault(True)
        self._close = QPushButton(wording.CLOSE, self)
        self._close.setAutoDefault(False)
        self._close.clicked.connect(self.reject)

    @property
    def running(self) -> bool:
        """Whether the work is under way."""
        return self._running

    def reject(self) -> None:
        """Esc stops what runs before it closes."""
        if self._running:
            self.cancelled.emit()
        else:
            super().reject()

    def done(self, result: int) -> None:
        """However it is closed, nobody waits for it any more."""
        if self._running:
            self.cancelled.emit()
        super().done(result)

    def showEvent(self, event: QShowEvent) -> None:
        """As high as its sentences need."""
        super().showEvent(event)
        fit_height(self)

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self._close)
        row.addWidget(self._go)
        return row

    def _show_step(self, done: int, total: int, sentence: str) -> None:
        self._set_running(True)
        self._progress.setRange(0, total)
        self._progress.setValue(done)
        self._say(sentence)

    def _enable(self, possible: bool) -> None:
        """What may be chosen; not possible while the work runs."""

    def _set_running(self, running: bool) -> None:
        self._running = running
        self._progress.setVisible(running)
        self._go.setEnabled(not running)
        self._close.setText(wording.CANCEL if running else wording.CLOSE)
        self._enable(not running)
        fit_height(self)

    def _say(self, text: str, *, problem: bool = False) -> None:
        self._state.setText(text)
        self._state.setProperty("role", "danger" if problem else "")
        self._state.style().polish(self._state)
        fit_height(self)


def muted(text: str, name: str, parent: QWidget) -> QLabel:
    """A wrapped sentence that stands back."""
    label = plain_label(text, parent)
    label.setWordWrap(True)
    label.setProperty("role", "muted")
    label.setAccessibleName(name)
    return label
