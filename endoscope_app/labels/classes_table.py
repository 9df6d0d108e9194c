"""The table of the reader's classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QTableWidgetItem, QVBoxLayout, QWidget

from endoscope_app.base.icons import chip
from endoscope_app.base.table_dialog import RIGHT, NamedTable
from endoscope_app.labels import class_wording

HEADINGS = class_wording.CLASSES_HEADINGS
NAME = 0
_NUMBERS = (1, 2, 3)


@dataclass(frozen=True)
class ClassLine:
    """One class as the table shows it; ``merged_into`` is the other class's name, or empty."""

    id: int
    name: str
    colour: QColor
    digit: str
    frames: int
    ranges: int
    retired: bool = False
    merged_into: str = ""
    group: str = ""


class ClassesTable(QWidget):
    """Shows what ``set_lines`` says, also after a name was typed that the library refused."""

    current_changed = Signal()
    renamed = Signal(int, str)  # class id, the name that was typed

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[ClassLine] = []
        self.table = NamedTable(class_wording.CLASSES_TITLE, HEADINGS, name=NAME, numbers=_NUMBERS)
        self.setFocusProxy(self.table)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.table)
        self.table.currentCellChanged.connect(self.current_changed)
        self.table.itemChanged.connect(self._on_item_changed)

    @property
    def row(self) -> int:
        """The current row, -1 for none."""
        return self.table.currentRow()

    @property
    def current(self) -> ClassLine | None:
        """The class of the current row."""
        return self.lines[self.row] if 0 <= self.row < len(self.lines) else None

    def set_lines(self, lines: Sequence[ClassLine]) -> None:
        """All classes in their order; the chosen one stays chosen."""
        chosen = self.current
        self.lines = list(lines)
        self.table.setRowCount(len(self.lines))
        self.show_again()
        if self.lines:
            ids = [line.id for line in self.lines]
            self.choose(chosen.id if chosen is not None and chosen.id in ids else ids[0])

    def show_again(self) -> None:
        """What stands, whatever was typed."""
        with QSignalBlocker(self.table):
            for row, line in enumerate(self.lines):
                self._fill(row, line)

    def choose(self, class_id: int) -> None:
        """Make the row of a class the current one."""
        row = next((row for row, line in enumerate(self.lines) if line.id == class_id), None)
        if row is not None:
            self.table.setCurrentCell(row, NAME)

    def edit_name(self) -> None:
        """Type another name for the current class."""
        item = self.table.item(self.row, NAME)
        if item is not None:
            self.table.setFocus()
            self.table.editItem(item)

    def _fill(self, row: int, line: ClassLine) -> None:
        state = class_wording.class_state(line.merged_into, line.retired)
        numbers = f"{line.frames:,}", f"{line.ranges:,}"
        texts = (line.name, line.digit or "–", *numbers, state, line.group)
        recedes = line.retired or bool(line.merged_into)
        for column, text in enumerate(texts):
            item = QTableWidgetItem(text)
            flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
            if column == NAME and not line.merged_into:
                flags |= Qt.ItemFlag.ItemIsEditable
            item.setFlags(flags)
            if column in _NUMBERS:
                item.setTextAlignment(RIGHT)
            if recedes:
                item.setForeground(self.palette().placeholderText())
            if column == NAME:
                item.setIcon(chip(line.colour))
            spoken = f"{line.name}, {HEADINGS[column]}: {text}"
            item.setData(Qt.ItemDataRole.AccessibleTextRole, spoken)
            self.table.setItem(row, column, item)

    def _on_item_changed(self, item: QTableWidgetItem) -> None:
        line = self.lines[item.row()]
        if item.column() == NAME and item.text() != line.name:
            self.renamed.emit(line.id, item.text())
