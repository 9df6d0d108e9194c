"""Which procedures are of one patient, by a pseudonym: typed, or taken from what folders and
file names suggest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QItemSelectionModel, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from endoscope_app.base.dialog_fitting import open_at
from endoscope_app.base.plain_text import plain_label, plain_tip
from endoscope_app.base.table_dialog import RIGHT, NamedTable, beside, foot
from endoscope_app.labels import patient_wording, wording

PATIENT, SUGGESTED = 3, 4
_NUMBERS = (2,)
LONGEST = 80


@dataclass(frozen=True)
class PatientLine:
    """One procedure.

    ``patient``: empty where none was given; ``suggested``: empty where nothing is.
    """

    fingerprint: str
    name: str
    folder: str
    labels: int
    patient: str = ""
    suggested: str = ""


class PatientsDialog(QDialog):
    """Every wish is a signal; the table shows it when ``set_lines`` does."""

    patient_chosen = Signal(tuple, str)  # fingerprints, pseudonym; empty: not known
    groups_accepted = Signal(dict)  # pseudonym -> fingerprints
    undo_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(patient_wording.PATIENTS_TITLE)
        self._lines: list[PatientLine] = []
        self._table = NamedTable(
            patient_wording.PATIENTS_TABLE,
            patient_wording.PATIENTS_HEADINGS,
            name=0,
            numbers=_NUMBERS,
        )
        self._table.setSelectionMode(QTableWidget.SelectionMode.ExtendedSelection)
        self._name = QLineEdit(self)
        self._name.setPlaceholderText(patient_wording.PSEUDONYM)
        self._name.setAccessibleName(patient_wording.PSEUDONYM)
        self._name.setMaxLength(LONGEST)
        self._set = QPushButton(patient_wording.SET)
        self._edit = QPushButton(patient_wording.EDIT)
        self._accept = QPushButton(patient_wording.ACCEPT)
        self._accept_all = QPushButton(patient_wording.ACCEPT_ALL)
        self._clear = QPushButton(patient_wording.CLEAR)
        self._undo = QPushButton(patient_wording.UNDO)
        self._empty = plain_label(patient_wording.NOTHING_YET, parent=self)
        self._problem = plain_label(parent=self)
        self._problem.setProperty("role", "danger")
        self._problem.setWordWrap(True)
        self._problem.setAccessibleName(wording.PROBLEM)
        self._problem.hide()
        self._lay_out()
        self._connect()
        self.set_lines([])

    def set_lines(self, lines: Sequence[PatientLine], can_undo: bool = False) -> None:
        """All procedures; the selected ones stay selected. What did not work before is over."""
        selected = {line.fingerprint for line in self._selected()}
        self._lines = list(lines)
        with QSignalBlocker(self._table):
            self._table.setRowCount(len(self._lines))
            for row, line in enumerate(self._lines):
                self._fill(row, line)
        self._choose(selected)
        self._undo.setEnabled(can_undo)
        self._empty.setVisible(not self._lines)
        self.show_problem("")
        self._tell()

    def show_problem(self, sentence: str) -> None:
        """Why the last change was not made; empty for nothing.

        The table shows again what stands.
        """
        self._problem.setText(sentence)
        self._problem.setVisible(bool(sentence))
        if sentence:
            with QSignalBlocker(self._table):
                for row, line in enumerate(self._lines):
                    self._fill(row, line)

    def text(self, row: int, column: int) -> str:
        """What a cell says, for tests."""
        item = self._table.item(row, column)
        return "" if item is None else item.text()

    def _lay_out(self) -> None:
        lower = QHBoxLayout()
        lower.addWidget(self._name, 1)
        lower.addWidget(self._set)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 12)
        column.setSpacing(10)
        buttons = (self._edit, self._accept, self._accept_all, self._clear, self._undo)
        column.addLayout(beside(self._table, buttons), 1)
        column.addLayout(lower)
        column.addWidget(self._empty)
        column.addWidget(self._problem)
        column.addLayout(foot(self, patient_wording.PATIENTS_NOTE))
        for button in self.findChildren(QPushButton):
            button.setAutoDefault(False)
        for button, tip in (
            (self._edit, "F2"),
            (self._accept, "Return"),
            (self._accept_all, "Ctrl+Return"),
            (self._undo, "Ctrl+Z"),
        ):
            button.setToolTip(plain_tip(tip))
        open_at(self, 860, 460)
        self._table.setFocus()

    def _connect(self) -> None:
        self._table.itemSelectionChanged.connect(self._tell)
        self._table.itemChanged.connect(self._on_item_changed)
        self._name.textChanged.connect(self._tell)
        self._name.returnPressed.connect(self._on_set)
        self._set.clicked.connect(self._on_set)
        self._edit.clicked.connect(self._on_edit)
        self._accept.clicked.connect(self._on_accept)
        self._accept_all.clicked.connect(self._on_accept_all)
        self._clear.clicked.connect(self._on_clear)
        self._undo.clicked.connect(self.undo_requested)
        for keys, act in (
            ("Return", self._on_accept),
            ("Enter", self._on_accept),
            ("F2", self._on_edit),
        ):
            shortcut = QShortcut(QKeySequence(keys), self._table)
            # In the field below, Return means Set
            shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
            shortcut.activated.connect(act)
        QShortcut(QKeySequence("Ctrl+Return"), self, self._on_accept_all)
        QShortcut(QKeySequence.StandardKey.Undo, self, self.undo_requested.emit)

    def _fill(self, row: int, line: PatientLine) -> None:
        texts = (line.name, line.folder, f"{line.labels:,}", line.patient, line.suggested)
        for column, text in enumerate(texts):
            item = QTableWidgetItem(text)
            flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
            item.setFlags(flags | Qt.ItemFlag.ItemIsEditable if column == PATIENT else flags)
            if column in _NUMBERS:
                item.setTextAlignment(RIGHT)
            if column == SUGGESTED:
                item.setForeground(self.palette().placeholderText())
            item.setData(
                Qt.ItemDataRole.AccessibleTextRole,
                patient_wording.spoken_cell(line.name, column, text),
            )
            self._table.setItem(row, column, item)

    def _selected(self) -> list[PatientLine]:
        rows = sorted({index.row() for index in self._table.selectedIndexes()})
        return [self._lines[row] for row in rows if row < len(self._lines)]

    def _choose(self, fingerprints: set[str]) -> None:
        rows = [
            row for row, line in enumerate(self._lines) if line.fingerprint in fingerprints
        ] or ([0] if self._lines else [])
        selection, model = self._table.selectionModel(), self._table.model()
        whole = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
        with QSignalBlocker(self._table):
            self._table.clearSelection()
            for place, row in enumerate(rows):
                if place == 0:
                    selection.setCurrentIndex(
                        model.index(row, PATIENT), QItemSelectionModel.SelectionFlag.NoUpdate
                    )
                selection.select(model.index(row, 0), whole)

    def _tell(self) -> None:
        selected = self._selected()
        self._set.setEnabled(bool(selected) and bool(self._name.text().strip()))
        self._edit.setEnabled(bool(selected))
        self._clear.setEnabled(any(line.patient for line in selected))
        self._accept.setEnabled(any(line.suggested for line in selected))
        self._accept_all.setEnabled(any(line.suggested for line in self._lines))

    def _give(self, lines: Sequence[PatientLine], patient: str) -> None:
        if lines:
            self.patient_chosen.emit(tuple(line.fingerprint for line in lines), patient)

    def _on_set(self) -> None:
        if self._set.isEnabled():
            patient = self._name.text().strip()
            self._name.clear()
            self._give(self._selected(), patient)

    def _on_clear(self) -> None:
        self._give(self._selected(), "")

    def _on_edit(self) -> None:
        item = self._table.item(self._table.currentRow(), PATIENT)
        if item is not None:
            self._table.setFocus()
            self._table.editItem(item)

    def _on_accept(self) -> None:
        """Of every group that a selected procedure is in, the whole group."""
        wanted = {line.suggested for line in self._selected() if line.suggested}
        self._accept_groups([line for line in self._lines if line.suggested in wanted])

    def _on_accept_all(self) -> None:
        self._accept_groups([line for line in self._lines if line.suggested])

    def _accept_groups(self, lines: Sequence[PatientLine]) -> None:
        groups: dict[str, tuple[str, ...]] = {}
        for line in lines:
            groups[line.suggested] = (*groups.get(line.suggested, ()), line.fingerprint)
        if groups:
            self.groups_accepted.emit(groups)

    def _on_item_changed(self, item: QTableWidgetItem) -> None:
        line = self._lines[item.row()]
        if item.column() == PATIENT and item.text().strip() != line.patient:
            self._give([line], item.text().strip()[:LONGEST])
