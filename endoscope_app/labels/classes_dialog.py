"""The reader's classes in a table: add, rename, merge, recolour, group, retire, and put in another
order.

Labels keep their history.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QColor, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QColorDialog,
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QPushButton,
    QTableWidget,
    QVBoxLayout,
    QWidget,
)

from endoscope_app.base.dialog_fitting import open_at
from endoscope_app.base.icons import chip
from endoscope_app.base.plain_text import plain_label, plain_tip
from endoscope_app.base.table_dialog import beside, foot
from endoscope_app.labels import class_wording, wording
from endoscope_app.labels.classes_table import ClassesTable, ClassLine
from kd_core.schema.class_groups import ClassGroup


class ClassesDialog(QDialog):
    """Every act is a signal; the table shows it when ``set_classes`` does.

    Class ids in the signals.
    """

    added = Signal(str)
    renamed = Signal(int, str)
    merged = Signal(int, int)  # the class, and the one that it goes into
    recoloured = Signal(int, QColor)
    regrouped = Signal(int, object)  # ClassGroup
    retired = Signal(int)
    brought_back = Signal(int)
    order_changed = Signal(list)
    undo_requested = Signal()
    redo_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(class_wording.CLASSES_TITLE)
        self._table = ClassesTable()
        self._name = QLineEdit(self)
        self._name.setPlaceholderText(class_wording.NEW_CLASS)
        self._name.setAccessibleName(class_wording.NEW_CLASS_NAME)
        self._name.setMaxLength(120)
        self._add = QPushButton(class_wording.ADD)
        self._rename = QPushButton(class_wording.RENAME)
        self._merge = QPushButton(class_wording.MERGE_INTO)
        self._merge_menu = QMenu(self)
        self._merge.setMenu(self._merge_menu)
        self._colour = QPushButton(class_wording.COLOUR)
        self._group = QPushButton(class_wording.GROUP)
        self._group.setToolTip(plain_tip(class_wording.GROUP_TIP))
        self._group_menu = QMenu(self)
        self._group.setMenu(self._group_menu)
        self._retire = QPushButton(class_wording.RETIRE)
        self._up = QPushButton(class_wording.MOVE_UP)
        self._down = QPushButton(class_wording.MOVE_DOWN)
        self._undo = QPushButton(class_wording.UNDO)
        self._redo = QPushButton(class_wording.REDO)
        self._problem = plain_label(parent=self)
        self._problem.setProperty("role", "danger")
        self._problem.setWordWrap(True)
        self._problem.setAccessibleName(wording.PROBLEM)
        self._lay_out()
        self._connect()
        self.set_classes([])

    def set_classes(self, lines: Sequence[ClassLine]) -> None:
        """All classes in their order; the chosen one stays chosen.

        What did not work before is over.
        """
        self._table.set_lines(lines)
        self.show_problem("")
        self._show_state()

    def set_history(self, undo: str, redo: str) -> None:
        """What the last change of the classes was, and the one that was undone last; empty
        where there is none.
        """
        for button, title, verb in ((self._undo, undo, "Undo"), (self._redo, redo, "Redo")):
            button.setEnabled(bool(title))
            button.setToolTip(plain_tip(class_wording.class_history_tip(verb, title)))

    def choose(self, class_id: int) -> None:
        """Make the row of a class the current one."""
        self._table.choose(class_id)

    def show_problem(self, sentence: str) -> None:
        """Why the last act was not done; empty for nothing. The table shows again what stands."""
        self._problem.setText(sentence)
        self._problem.setVisible(bool(sentence))
        if sentence:
            self._table.show_again()

    def problem(self) -> str:
        """What it says."""
        return self._problem.text()

    def text(self, row: int, column: int) -> str:
        """What a cell says, for tests."""
        item = self._table.table.item(row, column)
        return "" if item is None else item.text()

    def table(self) -> QTableWidget:
        """The table, for tests and the focus."""
        return self._table.table

    def ask_colour(self, before: QColor) -> QColor | None:
        """The system's question; None where the reader changed their mind."""
        colour = QColorDialog.getColor(before, self, class_wording.COLOUR_QUESTION)
        return colour if colour.isValid() else None

    def _lay_out(self) -> None:
        buttons = (
            self._rename,
            self._colour,
            self._group,
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
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 12)
        column.setSpacing(10)
        column.addLayout(beside(self._table, buttons), 1)
        column.addLayout(lower)
        column.addWidget(self._problem)
        column.addLayout(foot(self, class_wording.CLASSES_NOTE))
        for button in self.findChildren(QPushButton):
            button.setAutoDefault(False)
        open_at(self, 720, 460)
        self._table.setFocus()

    def _connect(self) -> None:
        self._table.current_changed.connect(self._show_state)
        self._table.renamed.connect(self.renamed)
        self._name.textChanged.connect(self._show_state)
        self._name.returnPressed.connect(self._on_add)
        self._add.clicked.connect(self._on_add)
        self._rename.clicked.connect(self._table.edit_name)
        self._colour.clicked.connect(self._on_colour)
        self._retire.clicked.connect(self._on_retire)
        self._merge_menu.aboutToShow.connect(self._fill_merge_menu)
        self._group_menu.aboutToShow.connect(self._fill_group_menu)
        for button, keys, step in ((self._up, "Alt+Up", -1), (self._down, "Alt+Down", 1)):
            button.clicked.connect(partial(self._move, step))
            button.setToolTip(plain_tip(keys))
            QShortcut(QKeySequence(keys), self, partial(self._move, step))
        self._rename.setToolTip("F2")
        self._undo.clicked.connect(self.undo_requested)
        self._redo.clicked.connect(self.redo_requested)
        for keys, requested in (
            ("Ctrl+Z", self.undo_requested),
            ("Ctrl+Shift+Z", self.redo_requested),
            ("Ctrl+Y", self.redo_requested),
        ):
            QShortcut(QKeySequence(keys), self, requested.emit)

    def _show_state(self) -> None:
        line = self._table.current
        stands = line is not None and not line.merged_into
        for button in (self._rename, self._colour, self._group, self._retire):
            button.setEnabled(stands)
        self._merge.setEnabled(stands and len(self._targets()) > 0)
        self._retire.setText(
            class_wording.BRING_BACK if line is not None and line.retired else class_wording.RETIRE
        )
        row = self._table.row
        self._up.setEnabled(row > 0)
        self._down.setEnabled(0 <= row < len(self._table.lines) - 1)
        self._add.setEnabled(bool(self._name.text().strip()))

    def _targets(self) -> list[ClassLine]:
        current = self._table.current
        return [
            line
            for line in self._table.lines
            if current is not None and line.id != current.id and not line.merged_into
        ]

    def _fill_merge_menu(self) -> None:
        self._merge_menu.clear()
        current = self._table.current
        if current is None:
            return
        for target in self._targets():
            action = self._merge_menu.addAction(chip(target.colour), target.name.replace("&", "&&"))
            action.triggered.connect(partial(self.merged.emit, current.id, target.id))

    def _fill_group_menu(self) -> None:
        self._group_menu.clear()
        current = self._table.current
        if current is None:
            return
        for group in ClassGroup:
            action = self._group_menu.addAction(group.value)
            action.setCheckable(True)
            action.setChecked(group.value == current.group)
            action.triggered.connect(partial(self.regrouped.emit, current.id, group))

    def _on_add(self) -> None:
        name = self._name.text().strip()
        if name:
            self._name.clear()
            self.added.emit(name)

    def _on_colour(self) -> None:
        line = self._table.current
        chosen = None if line is None else self.ask_colour(line.colour)
        if line is not None and chosen is not None:
            self.recoloured.emit(line.id, chosen)

    def _on_retire(self) -> None:
        line = self._table.current
        if line is not None:
            (self.brought_back if line.retired else self.retired).emit(line.id)

    def _move(self, step: int) -> None:
        row, ids = self._table.row, [line.id for line in self._table.lines]
        if row >= 0 and 0 <= row + step < len(ids):
            ids.insert(row + step, ids.pop(row))
            self.order_changed.emit(ids)
