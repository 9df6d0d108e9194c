"""The reader's classes in a table: add, rename, merge, recolour, retire, and put in another order.

Labels keep their history.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QColor, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QColorDialog,
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from endoscope_app.base.icons import chip
from endoscope_app.base.plain_text import plain_label, plain_tip
from endoscope_app.base.table_dialog import RIGHT, NamedTable, beside, foot

HEADINGS = ("Class", "Key", "Frames", "Ranges", "State")
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

    @property
    def state(self) -> str:
        """In words."""
        return (
            f"merged into {self.merged_into}"
            if self.merged_into
            else "retired"
            if self.retired
            else "in use"
        )


class ClassesDialog(QDialog):
    """Every act is a signal; the table shows it when ``set_classes`` does.

    Class ids in the signals.
    """

    added = Signal(str)
    renamed = Signal(int, str)
    merged = Signal(int, int)  # the class, and the one that it goes into
    recoloured = Signal(int, QColor)
    retired = Signal(int)
    brought_back = Signal(int)
    order_changed = Signal(list)
    undo_requested = Signal()
    redo_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Classes")
        self._lines: list[ClassLine] = []
        self._table = NamedTable("Classes", HEADINGS, name=0, numbers=_NUMBERS)
        self._name = QLineEdit(self)
        self._name.setPlaceholderText("New class")
        self._name.setAccessibleName("Name of a new class")
        self._name.setMaxLength(120)
        self._add = QPushButton("&Add")
        self._rename = QPushButton("&Rename")
        self._merge = QPushButton("&Merge into")
        self._merge_menu = QMenu(self)
        self._merge.setMenu(self._merge_menu)
        self._colour = QPushButton("&Colour…")
        self._retire = QPushButton("Re&tire")
        self._up = QPushButton("Move &up")
        self._down = QPushButton("Move &down")
        self._undo = QPushButton("&Undo")
        self._redo = QPushButton("Red&o")
        self._problem = plain_label(parent=self)
        self._problem.setProperty("role", "danger")
        self._problem.setWordWrap(True)
        self._problem.setAccessibleName("What did not work")
        self._lay_out()
        self._connect()
        self.set_classes([])

    def set_classes(self, lines: Sequence[ClassLine]) -> None:
        """All classes in their order; the chosen one stays chosen.

        What did not work before is over.
        """
        chosen = self._current()
        self._lines = list(lines)
        with QSignalBlocker(self._table):
            self._table.setRowCount(len(self._lines))
            for row, line in enumerate(self._lines):
                self._fill(row, line)
        if self._lines:
            ids = [line.id for line in self._lines]
            self.choose(chosen.id if chosen is not None and chosen.id in ids else ids[0])
        self.show_problem("")
        self._tell()

    def set_history(self, undo: str, redo: str) -> None:
        """What the last change of the classes was, and the one that was undone last; empty
        where there is none.
        """
        for button, title, word in ((self._undo, undo, "Undo"), (self._redo, redo, "Redo")):
            button.setEnabled(bool(title))
            button.setToolTip(
                plain_tip(
                    f"{word} class change: {title}"
                    if title
                    else f"No class change to {word.lower()}"
                )
            )

    def choose(self, class_id: int) -> None:
        """Make the row of a class the current one."""
        row = next((row for row, line in enumerate(self._lines) if line.id == class_id), None)
        if row is not None:
            self._table.setCurrentCell(row, 0)

    def show_problem(self, sentence: str) -> None:
        """Why the last act was not done; empty for nothing. The table shows again what stands."""
        self._problem.setText(sentence)
        self._problem.setVisible(bool(sentence))
        if sentence:
            with QSignalBlocker(self._table):
                for row, line in enumerate(self._lines):
                    self._fill(row, line)

    def problem(self) -> str:
        """What it says."""
        return self._problem.text()

    def text(self, row: int, column: int) -> str:
        """What a cell says, for tests."""
        item = self._table.item(row, column)
        return "" if item is None else item.text()

    def table(self) -> QTableWidget:
        """The table, for tests and the focus."""
        return self._table

    def ask_colour(self, before: QColor) -> QColor | None:
        """The system's question; None where the reader changed their mind."""
        found = QColorDialog.getColor(before, self, "Colour of the class")
        return found if found.isValid() else None

    def _lay_out(self) -> None:
        buttons = (
            self._rename,
            self._colour,
            self._merge,
            self._retire,
            self._up,
            self._down,
            self._undo,
            self._redo,
        )
        lower = QHBoxLayout()
        lower.addWidget(self._name, 1)
        lower.addWidget(self._add)
        words = (
            "Every change can be undone here. Labels stay what they were when their class is"
            " renamed, merged or retired."
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 12)
        column.setSpacing(10)
        column.addLayout(beside(self._table, buttons), 1)
        column.addLayout(lower)
        column.addWidget(self._problem)
        column.addLayout(foot(self, words))
        for button in self.findChildren(QPushButton):
            button.setAutoDefault(False)
        self.resize(720, 460)
        self._table.setFocus()

    def _connect(self) -> None:
        self._table.currentCellChanged.connect(self._tell)
        self._table.itemChanged.connect(self._on_item_changed)
        self._name.textChanged.connect(self._tell)
        self._name.returnPressed.connect(self._on_add)
        self._add.clicked.connect(self._on_add)
        self._rename.clicked.connect(self._on_rename)
        self._colour.clicked.connect(self._on_colour)
        self._retire.clicked.connect(self._on_retire)
        self._merge_menu.aboutToShow.connect(self._fill_merge_menu)
        for button, keys, step in ((self._up, "Alt+Up", -1), (self._down, "Alt+Down", 1)):
            button.clicked.connect(lambda _=False, step=step: self._move(step))
            button.setToolTip(plain_tip(keys))
            QShortcut(QKeySequence(keys), self, lambda step=step: self._move(step))
        self._rename.setToolTip("F2")
        self._undo.clicked.connect(self.undo_requested)
        self._redo.clicked.connect(self.redo_requested)
        for keys, asked in (
            ("Ctrl+Z", self.undo_requested),
            ("Ctrl+Shift+Z", self.redo_requested),
            ("Ctrl+Y", self.redo_requested),
        ):
            QShortcut(QKeySequence(keys), self, asked.emit)

    def _fill(self, row: int, line: ClassLine) -> None:
        texts = (line.name, line.digit or "–", f"{line.frames:,}", f"{line.ranges:,}", line.state)
        recedes = line.retired or bool(line.merged_into)
        for column, text in enumerate(texts):
            item = QTableWidgetItem(text)
            flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
            item.setFlags(
                flags | Qt.ItemFlag.ItemIsEditable
                if column == 0 and not line.merged_into
                else flags
            )
            if column in _NUMBERS:
                item.setTextAlignment(RIGHT)
            if recedes:
                item.setForeground(self.palette().placeholderText())
            if column == 0:
                item.setIcon(chip(line.colour))
            item.setData(
                Qt.ItemDataRole.AccessibleTextRole, f"{line.name}, {HEADINGS[column]}: {text}"
            )
            self._table.setItem(row, column, item)

    def _current(self) -> ClassLine | None:
        row = self._table.currentRow()
        return self._lines[row] if 0 <= row < len(self._lines) else None

    def _tell(self) -> None:
        line = self._current()
        stands = line is not None and not line.merged_into
        for button in (self._rename, self._colour, self._retire):
            button.setEnabled(stands)
        self._merge.setEnabled(stands and len(self._targets()) > 0)
        self._retire.setText("Bring &back" if line is not None and line.retired else "Re&tire")
        row = self._table.currentRow()
        self._up.setEnabled(row > 0)
        self._down.setEnabled(0 <= row < len(self._lines) - 1)
        self._add.setEnabled(bool(self._name.text().strip()))

    def _targets(self) -> list[ClassLine]:
        current = self._current()
        return [
            line
            for line in self._lines
            if current is not None and line.id != current.id and not line.merged_into
        ]

    def _fill_merge_menu(self) -> None:
        self._merge_menu.clear()
        current = self._current()
        for target in self._targets():
            action = self._merge_menu.addAction(chip(target.colour), target.name.replace("&", "&&"))
            action.triggered.connect(
                lambda _=False, one=current, other=target: self.merged.emit(one.id, other.id)
            )

    def _on_add(self) -> None:
        name = self._name.text().strip()
        if name:
            self._name.clear()
            self.added.emit(name)

    def _on_rename(self) -> None:
        item = self._table.item(self._table.currentRow(), 0)
        if item is not None:
            self._table.setFocus()
            self._table.editItem(item)

    def _on_item_changed(self, item: QTableWidgetItem) -> None:
        line = self._lines[item.row()]
        if item.column() == 0 and item.text() != line.name:
            self.renamed.emit(line.id, item.text())

    def _on_colour(self) -> None:
        line = self._current()
        chosen = None if line is None else self.ask_colour(line.colour)
        if line is not None and chosen is not None:
            self.recoloured.emit(line.id, chosen)

    def _on_retire(self) -> None:
        line = self._current()
        if line is not None:
            (self.brought_back if line.retired else self.retired).emit(line.id)

    def _move(self, step: int) -> None:
        row, ids = self._table.currentRow(), [line.id for line in self._lines]
        if row >= 0 and 0 <= row + step < len(ids):
            ids.insert(row + step, ids.pop(row))
            self.order_changed.emit(ids)
