"""What a retraining would learn: labels by class and by procedure, and what it lacks.

And the buttons that lead out of a plan that cannot begin.
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

from endoscope_app.base.plain_text import plain_label, plain_tip
from endoscope_app.retraining.plan import wording
from endoscope_app.retraining.plan.learning_plan import LearningPlan

_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
ROWS_SHOWN = 6


class PlanView(QWidget):
    """Plain values in; out comes only the wish to say which procedures are of one patient."""

    patients_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sentence = plain_label(parent=self)
        self._sentence.setWordWrap(True)
        self._sentence.setAccessibleName(wording.PLAN_NAME)
        self._classes = _table(wording.CLASSES_NAME, wording.CLASS_HEADINGS, self)
        self._procedures = _table(wording.PROCEDURES_NAME, wording.PROCEDURE_HEADINGS, self)
        self._why = plain_label(wording.WHY_CHECKING, self)
        self._why.setWordWrap(True)
        self._why.setProperty("role", "muted")
        self._warnings = plain_label(parent=self)
        self._warnings.setWordWrap(True)
        self._warnings.setProperty("role", "danger")
        self._warnings.setAccessibleName(wording.WARNINGS_NAME)
        self._notes = plain_label(parent=self)
        self._notes.setWordWrap(True)
        self._notes.setProperty("role", "muted")
        self._notes.setAccessibleName(wording.NOTES_NAME)
        self._patients = QPushButton(wording.PATIENTS, self)
        self._patients.setAutoDefault(False)
        self._patients.setToolTip(plain_tip(wording.PATIENTS_TIP))
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
                (row.name, f"{row.learnt:,}", f"{row.fresh:,}", f"{row.held_out:,}")
                for row in plan.classes
            ],
        )
        _fill(
            self._procedures,
            [
                (row.title, f"{row.labels:,}", wording.USED_FOR[row.held_out])
                for row in plan.procedures
            ],
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

    def shown_text(self) -> str:
        """Sentence, notes and warnings."""
        return "\n".join(label.text() for label in (self._sentence, self._notes, self._warnings))


class WayOut(QWidget):
    """Choose what is kept for checking, or release what no kept model depends on.

    Hidden where the plan needs neither.
    """

    choice_requested = Signal()
    release_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._choose = QPushButton(wording.CHOOSE_CHECKING, self)
        self._release = QPushButton(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        for button in (self._choose, self._release):
            button.setAutoDefault(False)
            row.addWidget(button)
        row.addStretch(1)
        self._choose.clicked.connect(self.choice_requested)
        self._release.clicked.connect(self.release_requested)
        self._has_any = False

    @property
    def has_any(self) -> bool:
        """Whether one of them is offered."""
        return self._has_any

    def set_plan(self, plan: LearningPlan) -> None:
        """Offer what helps this plan."""
        can_choose = bool(plan.refusals) and not all(row.fixed for row in plan.procedures)
        self._choose.setVisible(can_choose)
        self._release.setVisible(bool(plan.releasable))
        self._release.setText(wording.release(len(plan.releasable)))
        self._release.setToolTip(plain_tip(wording.release_tip(plan.releasable)))
        self._has_any = can_choose or bool(plan.releasable)


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
