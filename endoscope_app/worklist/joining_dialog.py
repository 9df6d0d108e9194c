"""Several videos: one procedure in this order, or separate ones."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from endoscope_app.base.plain_text import plain_label, plain_tip
from endoscope_app.worklist import joining_wording as wording

_PATH = Qt.ItemDataRole.UserRole
_MOST_ROWS = 9


class JoiningDialog(QDialog):
    """Alt and the arrows move a video, Space takes its tick, Esc leaves everything as it is.

    ``joined`` and ``separated`` carry the videos with a tick, in their order.
    """

    joined = Signal(list)  # of Path
    separated = Signal(list)

    def __init__(
        self, videos: Sequence[Path], *, are_likely_one: bool, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(wording.title(len(videos)))
        self._list = QListWidget(self)
        self._list.setAccessibleName(wording.LIST_NAME)
        self._list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        for video in videos:
            item = QListWidgetItem(video.name, self._list)
            item.setToolTip(plain_tip(str(video)))
            item.setData(_PATH, video)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked)
        self._list.setCurrentRow(0)
        self._up = self._mover(wording.UP, wording.UP_TIP, "Alt+Up", -1)
        self._down = self._mover(wording.DOWN, wording.DOWN_TIP, "Alt+Down", 1)
        self._one = QPushButton(wording.ONE, self)
        self._separate = QPushButton(wording.SEPARATE, self)
        self._one.clicked.connect(lambda: self._answer(self.joined))
        self._separate.clicked.connect(lambda: self._answer(self.separated))
        (self._one if are_likely_one else self._separate).setDefault(True)
        self._list.itemChanged.connect(lambda _item: self._show_state())
        self._list.currentRowChanged.connect(lambda _row: self._show_state())
        self._lay_out(len(videos))
        self._show_state()
        self._list.setFocus()

    def videos(self) -> list[Path]:
        """Those with a tick, in their order."""
        items = (self._list.item(row) for row in range(self._list.count()))
        return [item.data(_PATH) for item in items if item.checkState() is Qt.CheckState.Checked]

    def _mover(self, text: str, tip: str, keys: str, by: int) -> QPushButton:
        button = QPushButton(text, self)
        button.setToolTip(plain_tip(tip))
        button.setAutoDefault(False)
        button.clicked.connect(lambda: self._move(by))
        QShortcut(QKeySequence(keys), self).activated.connect(lambda: self._move(by))
        return button

    def _lay_out(self, count: int) -> None:
        question = plain_label(wording.QUESTION, self)
        question.setWordWrap(True)
        row_height = self._list.sizeHintForRow(0)
        self._list.setMinimumHeight(row_height * min(count + 1, _MOST_ROWS))
        movers = QVBoxLayout()
        movers.addWidget(self._up)
        movers.addWidget(self._down)
        movers.addStretch(1)
        middle = QHBoxLayout()
        middle.addWidget(self._list, 1)
        middle.addLayout(movers)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        buttons.addButton(self._one, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.addButton(self._separate, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setSpacing(10)
        column.addWidget(question)
        column.addLayout(middle, 1)
        column.addWidget(buttons)
        self.setMinimumWidth(520)

    def _move(self, by: int) -> None:
        row = self._list.currentRow()
        if not 0 <= row + by < self._list.count():
            return
        item = self._list.takeItem(row)
        self._list.insertItem(row + by, item)
        self._list.setCurrentRow(row + by)

    def _show_state(self) -> None:
        row, chosen = self._list.currentRow(), len(self.videos())
        self._up.setEnabled(row > 0)
        self._down.setEnabled(row < self._list.count() - 1)
        self._one.setEnabled(chosen > 1)
        self._separate.setEnabled(chosen > 0)

    def _answer(self, answer: SignalInstance) -> None:
        chosen = self.videos()
        self.accept()
        answer.emit(chosen)
