"""What a retraining would learn: labels by class and by procedure, what is held out, and what makes the result less sure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QHBoxLayout, QHeaderView, QLabel, QTableWidget, QTableWidgetItem, QVBoxLayout, QWidget

from endoscope_app.engine.training_cost import Cost

_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
CLASS_HEADINGS = ("Class", "To learn", "New", "Held out")
PROCEDURE_HEADINGS = ("Procedure", "Labels", "Used for")
WHY_HELD_OUT = (
    "Held-out procedures are never learnt from, by this model or a later one: on them it is proved whether a new model is better."
)
ROWS_SHOWN = 6


@dataclass(frozen=True)
class ClassPlan:
    """``learnt`` and ``held_out`` are labelled frames; ``fresh`` of both were labelled since the active model was made."""

    name: str
    learnt: int
    fresh: int
    held_out: int


@dataclass(frozen=True)
class ProcedurePlan:
    """One procedure, as the reader calls it. ``fixed``: its side was chosen by an earlier run, for ever."""

    name: str
    labels: int
    held_out: bool
    fingerprint: str = ""
    fixed: bool = False


@dataclass(frozen=True)
class LearningPlan:
    """``parent`` is the active model's version; ``warnings`` are sentences; ``teachers`` are (folder, name);
    ``quick`` and ``thorough`` are what they cost on this machine, None until that is measured; ``refusals`` say why it cannot begin
    with these procedures held out."""

    parent: str
    classes: tuple[ClassPlan, ...]
    procedures: tuple[ProcedurePlan, ...]
    warnings: tuple[str, ...] = ()
    teachers: tuple[tuple[str, str], ...] = ()
    quick: Cost | None = None
    thorough: Cost | None = None
    refusals: tuple[str, ...] = ()

    @property
    def learnt(self) -> int:
        """Frames to learn from."""
        return sum(one.learnt for one in self.classes)

    def sentence(self) -> str:
        """The plan in two lines."""
        fresh, held_out = sum(one.fresh for one in self.classes), sum(one.held_out for one in self.classes)
        aside = sum(one.held_out for one in self.procedures)
        first = f"{_count(self.learnt, 'labelled frame')} of {_count(len(self.procedures) - aside, 'procedure')} to learn from."
        second = f"{fresh:,} of all labels are new since the active model {self.parent}."
        third = f"{_count(held_out, 'frame')} of {_count(aside, 'procedure')} held out." if aside else "No procedure is held out."
        return f"{first} {third} {second}"


class PlanView(QWidget):
    """Plain values in, nothing out."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sentence = QLabel(self)
        self._sentence.setWordWrap(True)
        self._sentence.setAccessibleName("What would be learnt")
        self._classes = _table("Labels by class", CLASS_HEADINGS, self)
        self._procedures = _table("Labels by procedure", PROCEDURE_HEADINGS, self)
        self._why = QLabel(WHY_HELD_OUT, self)
        self._why.setWordWrap(True)
        self._why.setProperty("role", "muted")
        self._warnings = QLabel(self)
        self._warnings.setWordWrap(True)
        self._warnings.setProperty("role", "danger")
        self._warnings.setAccessibleName("Warnings")
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
        column.addWidget(self._warnings)

    def set_plan(self, plan: LearningPlan) -> None:
        """Show another plan."""
        self._sentence.setText(plan.sentence())
        _fill(self._classes, [(one.name, f"{one.learnt:,}", f"{one.fresh:,}", f"{one.held_out:,}") for one in plan.classes])
        used = ("learning", "proof (held out)")
        _fill(self._procedures, [(one.name, f"{one.labels:,}", used[one.held_out]) for one in plan.procedures])
        rows = min(ROWS_SHOWN, max(len(plan.classes), len(plan.procedures), 2))
        for table in (self._classes, self._procedures):
            table.setFixedHeight(table.horizontalHeader().sizeHint().height() + rows * table.verticalHeader().defaultSectionSize() + 4)
        self._warnings.setText("\n".join(plan.warnings))
        self._warnings.setVisible(bool(plan.warnings))

    def set_brief(self, is_brief: bool) -> None:
        """Only the sentence and the warnings, to make room."""
        for widget in (self._classes, self._procedures, self._why):
            widget.setVisible(not is_brief)

    def words(self) -> str:
        """Sentence and warnings, for tests."""
        return f"{self._sentence.text()}\n{self._warnings.text()}"


def _table(name: str, headings: Sequence[str], parent: QWidget) -> QTableWidget:
    table = QTableWidget(0, len(headings), parent)
    table.setAccessibleName(name)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
    table.setTabKeyNavigation(False)
    table.setShowGrid(False)
    table.setWordWrap(False)
    table.setStyleSheet("QTableView::item { padding: 0px 8px; } QHeaderView::section { padding: 4px 8px; }")
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


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
