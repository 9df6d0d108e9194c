"""Which bookmarked frames are to be saved as pictures, and how far that is."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from endoscope_app.base.running_dialog import RunningDialog, muted
from endoscope_app.report import wording


class BookmarkDialog(RunningDialog):
    """``save_requested`` carries the rows that are ticked; all of them to begin with."""

    save_requested = Signal(list)

    def __init__(self, rows: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(wording.THE_PICTURES, wording.SAVE_BOOKMARKED_BUTTON, parent)
        self.setWindowTitle(wording.BOOKMARKED_TITLE)
        self._list = QListWidget(self)
        self._list.setAccessibleName(wording.BOOKMARKED_FRAMES)
        for text in rows:
            item = QListWidgetItem(text, self._list)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked)
        self._list.setCurrentRow(0)
        self._list.itemChanged.connect(lambda _item: self._set_running(False))
        self._go.clicked.connect(lambda: self.save_requested.emit(self.ticked()))
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 12)
        column.setSpacing(10)
        column.addWidget(self._list, 1)
        column.addWidget(muted(wording.BOOKMARKED_NOTE, wording.BOOKMARKED_NOTE_NAME, self))
        column.addWidget(self._progress)
        column.addWidget(self._state)
        column.addLayout(self._buttons())
        self.setFixedWidth(520)
        self._set_running(False)
        self._list.setFocus()

    def ticked(self) -> list[int]:
        """The rows that are to be saved."""
        rows = range(self._list.count())
        return [row for row in rows if self._list.item(row).checkState() == Qt.CheckState.Checked]

    def show_progress(self, done: int, total: int) -> None:
        """Pictures that are saved."""
        self._show_step(done, total, wording.picture_step(done, total))

    def show_end(self, sentence: str, problem: bool = False) -> None:
        """It has ended, in words."""
        self._set_running(False)
        self._say(sentence, problem=problem)

    def _enable(self, possible: bool) -> None:
        self._list.setEnabled(possible)
        self._go.setEnabled(possible and bool(self.ticked()))
