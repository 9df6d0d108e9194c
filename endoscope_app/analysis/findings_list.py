"""The findings of the procedure as a list: class, when, how long; choosing one goes there."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPixmap
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from endoscope_app.analysis import wording
from endoscope_app.base.plain_text import plain_label

#: A longer list helps nobody and costs the UI thread; the timeline shows all of them.
MOST_ROWS = 500


class _Rows(QListWidget):
    """Not searched by letters: they are the window's keys."""

    def keyboardSearch(self, search: str) -> None:
        """Nothing."""


class FindingsList(QWidget):
    """Rows are (text, colour, frame index to go to)."""

    chosen = Signal(int)  # frame index

    def __init__(self) -> None:
        super().__init__()
        self._title = plain_label()
        self._title.setProperty("role", "muted")
        self._list = _Rows()
        self._list.setAccessibleName(wording.FINDINGS)
        # A name and its figures are never cut: what is too long continues in a second line
        self._list.setWordWrap(True)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setResizeMode(QListWidget.ResizeMode.Adjust)
        self._list.itemActivated.connect(self._on_item_chosen)
        self._list.itemClicked.connect(self._on_item_chosen)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._title)
        column.addWidget(self._list, 1)
        self.set_rows([], wording.FINDINGS)

    def set_rows(self, rows: Sequence[tuple[str, QColor, int]], title: str) -> None:
        """Replace the list, keeping the scroll position."""
        position = self._list.verticalScrollBar().value()
        self._list.clear()
        for text, colour, index in rows[:MOST_ROWS]:
            chip = QPixmap(10, 10)
            chip.fill(colour)
            item = QListWidgetItem(QIcon(chip), text, self._list)
            item.setData(Qt.ItemDataRole.UserRole, index)
        self._title.setText(title)
        self._list.verticalScrollBar().setValue(position)

    def count(self) -> int:
        """Rows shown."""
        return self._list.count()

    def _on_item_chosen(self, item: QListWidgetItem) -> None:
        self.chosen.emit(int(item.data(Qt.ItemDataRole.UserRole)))
