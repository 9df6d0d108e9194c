"""The window in which disagreements of two readers are settled, one after the other."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from endoscope_app.base.dialog_fitting import open_at
from endoscope_app.base.plain_text import plain_label
from endoscope_app.base.table_dialog import foot
from endoscope_app.second_reading import wording
from endoscope_app.second_reading.differences_table import DifferenceRow, DifferencesTable


class AdjudicationDialog(QDialog):
    """Buttons and keys of the table send the same wishes. ``class_chosen`` carries a class id."""

    class_chosen = Signal(int)
    scope_changed = Signal()

    def __init__(self, names: tuple[str, str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(wording.ADJUDICATION_TITLE)
        self._names = names
        self.table = DifferencesTable(names, self)
        self.sentence = plain_label("", self)
        self.sentence.setWordWrap(True)
        self.of_one = QCheckBox(wording.OF_ONE, self)
        self.of_one.toggled.connect(self.scope_changed)
        self.first, self.second = QPushButton(self), QPushButton(self)
        self.other = QPushButton(wording.OTHER_CLASS, self)
        self.other.setAccessibleName(wording.OTHER_CLASS_NAME)
        self.none = QPushButton(wording.NONE_BUTTON, self)
        self.open_button = QPushButton(wording.OPEN_BUTTON, self)
        self.show_button = QPushButton(wording.SHOW_BUTTON, self)
        self._buttons = (
            (self.first, self.table.first_taken),
            (self.second, self.table.second_taken),
            (self.other, self.table.class_asked),
            (self.none, self.table.none_taken),
            (self.open_button, self.table.left_open),
            (self.show_button, self.table.show_requested),
        )
        for button, wish in self._buttons:
            button.setAutoDefault(False)
            button.clicked.connect(wish)
        self._lay_out()
        self.table.setFocus()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self.sentence, 1)
        head.addWidget(self.of_one)
        row = QHBoxLayout()
        for button, _ in self._buttons:
            row.addWidget(button)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self.table, 1)
        column.addLayout(row)
        column.addLayout(foot(self, wording.KEYS_NOTE))
        open_at(self, 820, 520)

    def set_rows(self, rows: Sequence[DifferenceRow], sentence: str) -> None:
        """The lines, and how far they are settled."""
        self.table.set_rows(rows)
        self.sentence.setText(sentence)
        if rows and self.table.currentRow() < 0:
            self.table.choose(0)
        self.show_chosen(rows[self.table.currentRow()] if rows else None)

    def show_chosen(self, row: DifferenceRow | None) -> None:
        """What can be done with the chosen line."""
        for button, _ in self._buttons:
            button.setEnabled(row is not None)
        for number, button in enumerate((self.first, self.second), start=1):
            said = "" if row is None else (row.first, row.second)[number - 1]
            button.setText(wording.says(number, self._names[number - 1], said))

    def say(self, sentence: str) -> None:
        """Above the list, until the next decision."""
        self.sentence.setText(sentence)

    def ask_class(self, classes: Sequence[tuple[int, str]]) -> None:
        """Which of these (id, name) it is; Esc for none."""
        menu = QMenu(self)
        for class_id, name in classes:
            menu.addAction(name.replace("&", "&&")).setData(class_id)
        menu.triggered.connect(lambda action: self.class_chosen.emit(action.data()))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.other.mapToGlobal(self.other.rect().topLeft()))
