"""What a retraining would learn: labels by class and by procedure, what is held out, and what
makes the result less sure.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from endoscope_app.base.plain_text import plain_label
from endoscope_app.retraining.plan.learning_plan import LearningPlan

_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
CLASS_HEADINGS = ("Class", "To learn", "New", "Held out")
PROCEDURE_HEADINGS = ("Procedure", "Frames", "Used for")
WHY_HELD_OUT = (
    "Held-out procedures are never learnt from, by this model or a later one: on them a new model"
    " is compared with the one in use. All procedures of a patient are on one side."
)
USED = ("learning", "evidence (held out)")
ROWS_SHOWN = 6


class PlanView(QWidget):
    """Plain values in; out comes only the wish to say which procedures are of one patient."""

    patients_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sentence = plain_label(parent=self)
        self._sentence.setWordWrap(True)
        self._sentence.setAccessibleName("What would be learnt")
        self._classes = _table("Labels by class", CLASS_HEADINGS, self)
        self._procedures = _table("Labels by procedure", PROCEDURE_HEADINGS, self)
        self._why = plain_label(WHY_HELD_OUT, self)
        self._why.setWordWrap(True)
        self._why.setProperty("role", "muted")
        self._warnings = plain_label(parent=self)
        self._warnings.setWordWrap(True)
        self._warnings.setProperty("role", "danger")
        self._warnings.setAccessibleName("Warnings")
        self._notes = plain_label(parent=self)
        self._notes.setWordWrap(True)
        self._notes.setProperty("role", "muted")
        self._notes.setAccessibleName("Notes on the plan")
        self._patients = QPushButton("Patients…", self)
        self._patients.setAutoDefault(False)
        self._patients.setToolTip("Say which procedures are of one patient")
        self._patients.clicked.connect(self.patients_requested)
        below = QHBoxLayout()
        below.addWidget(self._notes, 1)
        below.addWidget(self._patients)
        tables = QHBoxLayout()
        tables.setSpacing(14)
        tables.addWidget(self._classes, 1)
        tables.addWidget(self._procedures, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._sentence)
        column.addLayout(tables)
        column.addWidget(self._why)
        column.addLayout(below)
        column.addWidget(self._warnings)

    def set_plan(self, plan: LearningPlan) -> None:
        """Show another plan."""
        self._sentence.setText(plan.sentence())
        _fill(
            self._classes,
            [
                (one.name, f"{one.learnt:,}", f"{one.fresh:,}", f"{one.held_out:,}")
                for one in plan.classes
            ],
        )
        rows_of = [
            (f"{one.patient}: {one.name}" if one.patient else one.name, one)
            for one in plan.procedures
        ]
        _fill(
            self._procedures,
            [(name, f"{one.labels:,}", USED[one.held_out]) for name, one in rows_of],
        )
        rows = min(ROWS_SHOWN, max(len(plan.classes), len(plan.procedures), 2))
        for table in (self._classes, self._procedures):
            table.setFixedHeight(
                table.horizontalHeader().sizeHint().height()
                + rows * table.verticalHeader().defaultSectionSize()
                + 4
            )
        self._notes.setText(" ".join(plan.notes))
        self._patients.setVisible(bool(plan.procedures))
        self._warnings.setText("\n".join(plan.warnings))
        self._warnings.setVisible(bool(plan.warnings))

    def set_brief(self, is_brief: bool) -> None:
        """Only the sentence and the warnings, to make room."""
        for widget in (self._classes, self._procedures, self._why):
            widget.setVisible(not is_brief)

    def words(self) -> str:
        """Sentence, notes and warnings, for tests."""
        return "\n".join(label.text() for label in (self._sentence, self._notes, self._warnings))


def _table(name: str, headings: Sequence[str], parent: QWidget) -> QTableWidget:
    table = QTableWidget(0, len(headings), parent)
    table.setAccessibleName(name)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
    table.setTabKeyNavigation(False)
    table.setShowGrid(False)
    table.setWordWrap(False)
    table.setStyleSheet(
        "QTableView::item { padding: 0px 8px; } QHeaderView::section { padding: 4px 8px; }"
    )
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(22)
    header = table.horizontalHeader()
    header.setHighlightSections(False)
    header.setSectionsClickable(False)
    header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
    for column, heading in enumerate(headings):
        item = QTableWidgetItem(heading)
        item.setTextAlignment(_RIGHT if column else _LEFT)
        table.setHorizontalHeaderItem(column, item)
    return table


def _fill(table: QTableWidget, rows: Sequence[Sequence[str]]) -> None:
    table.setRowCount(len(rows))
    for line, row in enumerate(rows):
        for column, text in enumerate(row):
            item = QTableWidgetItem(text)
            item.setTextAlignment(_RIGHT if column else _LEFT)
            table.setItem(line, column, item)
