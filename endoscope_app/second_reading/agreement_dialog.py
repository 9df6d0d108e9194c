"""How well two readers agree, on the screen."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QHBoxLayout,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from endoscope_app.base.dialog_fitting import open_at
from endoscope_app.base.key_claim import CHOICE_KEYS, KeyClaim
from endoscope_app.base.plain_text import plain_label
from endoscope_app.base.table_dialog import LEFT, RIGHT, NamedTable, foot
from endoscope_app.second_reading import wording
from endoscope_app.second_reading.agreement import Agreement, class_rows

ROW_HEIGHT = 22


class AgreementDialog(QDialog):
    """Shows what it is given; ``scope_chosen``: all procedures read twice, or only this one."""

    scope_chosen = Signal(bool)
    copy_requested = Signal()
    save_requested = Signal()
    adjudicate_requested = Signal()

    def __init__(self, read_twice: int, parent: QWidget | None = None) -> None:
        """``read_twice``: how many procedures can be compared together."""
        super().__init__(parent)
        self.setWindowTitle(wording.AGREEMENT_TITLE)
        self.scope = QComboBox(self)
        self.scope.setAccessibleName(wording.OF_WHICH_NAME)
        self.scope.addItem(wording.THIS_PROCEDURE, False)
        if read_twice > 1:
            self.scope.addItem(wording.all_procedures(read_twice), True)
        self.scope.currentIndexChanged.connect(
            lambda: self.scope_chosen.emit(self.scope.currentData())
        )
        KeyClaim(self.scope, CHOICE_KEYS)
        self.sentence = plain_label(wording.COUNTING, self)
        self.sentence.setWordWrap(True)
        self.classes = NamedTable(
            wording.CLASSES_NAME, wording.CLASS_HEADINGS, name=0, numbers=range(1, 6)
        )
        self.classes.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.confusion = QTableWidget(0, 0, self)
        self.confusion.setAccessibleName(wording.CONFUSION_NAME)
        self.confusion.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.confusion.setTabKeyNavigation(False)
        for table in (self.classes, self.confusion):
            table.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        self.copy = QPushButton(wording.COPY, self)
        self.copy.clicked.connect(self.copy_requested)
        self.save = QPushButton(wording.SAVE_CSV, self)
        self.save.clicked.connect(self.save_requested)
        self.adjudicate = QPushButton(wording.ADJUDICATE, self)
        self.adjudicate.clicked.connect(self.adjudicate_requested)
        self._lay_out()
        self._enable(False)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self.sentence, 1)
        head.addWidget(plain_label(wording.OF_WHICH, self))
        head.addWidget(self.scope)
        buttons = QHBoxLayout()
        for button in (self.copy, self.save, self.adjudicate):
            button.setAutoDefault(False)
            buttons.addWidget(button)
        buttons.addStretch(1)
        heading = plain_label(wording.CONFUSION_NAME, self)
        heading.setProperty("role", "muted")
        column = QVBoxLayout(self)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self.classes, 3)
        column.addWidget(heading)
        column.addWidget(self.confusion, 2)
        column.addLayout(buttons)
        column.addLayout(foot(self, wording.INTERVAL_NOTE))
        open_at(self, 720, 480)

    def show_agreement(self, agreement: Agreement, shown: Mapping[str, str]) -> None:
        """``shown``: what the keys of classes are called."""
        nothing = not agreement.both
        self.sentence.setText(
            wording.NOTHING_IN_COMMON
            if nothing
            else wording.summary(
                agreement.names, agreement.both, agreement.same, agreement.runs, agreement.of_one
            )
            + (f" {wording.IN_EACH_GROUP}" if agreement.several else "")
        )
        rows = [] if nothing else class_rows(agreement, shown)
        self.classes.setRowCount(len(rows))
        for line, row in enumerate(rows):
            for column, text in enumerate(row):
                self.classes.setItem(line, column, _cell(text, number=column > 0))
        names = [shown[key] for key in agreement.keys]
        self.confusion.setRowCount(len(names))
        self.confusion.setColumnCount(len(names))
        self.confusion.setVerticalHeaderLabels(names)
        self.confusion.setHorizontalHeaderLabels(names)
        for line, counts in enumerate(agreement.table.tolist()):
            for column, count in enumerate(counts):
                self.confusion.setItem(
                    line, column, _cell(f"{count:,}" if count else "", number=True)
                )
        self.confusion.resizeColumnsToContents()
        self._enable(not nothing)

    def say(self, sentence: str) -> None:
        """In place of the summary."""
        self.sentence.setText(sentence)

    def show_counting(self) -> None:
        """Another comparison is under way."""
        self.say(wording.COUNTING)
        self._enable(False)

    def _enable(self, enabled: bool) -> None:
        for button in (self.copy, self.save):
            button.setEnabled(enabled)


def _cell(text: str, *, number: bool) -> QTableWidgetItem:
    item = QTableWidgetItem(text)
    item.setTextAlignment(RIGHT if number else LEFT)
    item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
    return item
