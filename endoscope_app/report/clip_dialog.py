"""Which finding is to be saved as a clip, and how far that is."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QListWidget, QVBoxLayout, QWidget

from endoscope_app.base.running_dialog import RunningDialog, muted
from endoscope_app.report import wording


class ClipDialog(RunningDialog):
    """``save_requested`` carries the row of the finding."""

    save_requested = Signal(int)

    def __init__(self, rows: Sequence[str], current: int, parent: QWidget | None = None) -> None:
        super().__init__(wording.THE_CLIP, wording.SAVE_CLIP_BUTTON, parent)
        self.setWindowTitle(wording.CLIP_TITLE)
        self._list = QListWidget(self)
        self._list.setAccessibleName(wording.CLIP_FINDINGS)
        self._list.addItems(list(rows))
        self._list.setCurrentRow(current)
        self._go.clicked.connect(lambda: self.save_requested.emit(self._list.currentRow()))
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 12)
        column.setSpacing(10)
        column.addWidget(self._list, 1)
        column.addWidget(muted(wording.CLIP_NOTE, wording.CLIP_NOTE_NAME, self))
        column.addWidget(self._progress)
        column.addWidget(self._state)
        column.addLayout(self._buttons())
        self.setFixedWidth(520)
        self._set_running(False)
        self._list.setFocus()

    def show_progress(self, done: int, total: int) -> None:
        """Frames that are in the clip."""
        self._show_step(done, total, wording.clip_step(done, total))

    def show_end(self, sentence: str, problem: bool = False) -> None:
        """It has ended, in words."""
        self._set_running(False)
        self._say(sentence, problem=problem)

    def _enable(self, possible: bool) -> None:
        self._list.setEnabled(possible)
