"""How much is labelled, how often reader and model agree, and how long it took, class by class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from endoscope_app.base.icons import chip
from endoscope_app.base.plain_text import plain_label
from endoscope_app.labels import statistics_wording

_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class ClassFigures(NamedTuple):
    """One row.

    Labelled frames of the open procedure (``here``) and of the whole library (``labelled``), own
    labels and ranges together. Of the library's, ``compared`` were labelled while the model's class
    was recorded, and in ``agreed`` of those it is the same one.
    """

    name: str
    colour: QColor | None
    here: int
    labelled: int
    compared: int
    agreed: int
    seconds: float


class ProcedureFigures(NamedTuple):
    """One procedure: labelled frames, how many of them by ranges alone, and how many as none of
    these.
    """

    name: str
    labelled: int
    from_ranges: int
    none_of_these: int


class StatisticsPanel(QWidget):
    """Plain figures in; adds them up in a last row.

    Below, the same library procedure by procedure.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(statistics_wording.STATISTICS_TITLE)
        self._table = _table(statistics_wording.BY_CLASS, statistics_wording.STATISTICS_HEADINGS)
        self._procedures = _table(
            statistics_wording.BY_PROCEDURE, statistics_wording.PROCEDURE_HEADINGS
        )
        self._note = plain_label(statistics_wording.AGREEMENT_NOTE)
        self._note.setProperty("role", "muted")
        self._note.setWordWrap(True)
        column_layout = QVBoxLayout(self)
        column_layout.setContentsMargins(6, 6, 6, 6)
        column_layout.setSpacing(6)
        column_layout.addWidget(self._table, 3)
        column_layout.addWidget(self._note)
        column_layout.addWidget(self._procedures, 2)
        self.set_values([])

    def set_values(
        self, figures: Sequence[ClassFigures], procedures: Sequence[ProcedureFigures] = ()
    ) -> None:
        """A row for each class, and their sum; and one for each procedure.

        Raises ValueError where more frames agree than were compared, or more were than are
        labelled.
        """
        for row in figures:
            if not 0 <= row.agreed <= row.compared <= row.labelled:
                raise ValueError(
                    f"{row.name}: {row.agreed} agreed of {row.compared} compared of {row.labelled}"
                    " labelled"
                )
        whole = ClassFigures(
            statistics_wording.ALL,
            None,
            sum(row.here for row in figures),
            sum(row.labelled for row in figures),
            sum(row.compared for row in figures),
            sum(row.agreed for row in figures),
            sum(row.seconds for row in figures),
        )
        self._table.setRowCount(len(figures) + 1)
        for place, row in enumerate((*figures, whole)):
            self._set_row(place, row, bold=row is whole)
        self._procedures.setRowCount(len(procedures))
        for place, procedure in enumerate(procedures):
            texts = (
                procedure.name,
                f"{procedure.labelled:,}",
                f"{procedure.from_ranges:,}",
                f"{procedure.none_of_these:,}",
            )
            for column, text in enumerate(texts):
                heading = statistics_wording.PROCEDURE_HEADINGS[column]
                item = _item(text, column, f"{procedure.name}, {heading}: {text}")
                self._procedures.setItem(place, column, item)

    def text(self, row: int, column: int) -> str:
        """What a cell says, for tests."""
        item = self._table.item(row, column)
        return "" if item is None else item.text()

    def row_count(self) -> int:
        """Classes and the sum."""
        return self._table.rowCount()

    def _set_row(self, place: int, row: ClassFigures, bold: bool) -> None:
        agreement = statistics_wording.agreement(row.agreed, row.compared)
        texts = (
            row.name,
            f"{row.here:,}",
            f"{row.labelled:,}",
            agreement,
            statistics_wording.duration(row.seconds),
        )
        for column, text in enumerate(texts):
            item = _item(
                text,
                column,
                f"{row.name}, {statistics_wording.STATISTICS_HEADINGS[column]}: {text}",
            )
            font = item.font()
            font.setBold(bold)
            item.setFont(font)
            if column == 0:
                item.setIcon(chip(row.colour))
            self._table.setItem(place, column, item)


def _table(name: str, headings: Sequence[str]) -> QTableWidget:
    table = QTableWidget(0, len(headings))
    table.setAccessibleName(name)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
    table.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    table.setTabKeyNavigation(False)
    table.setShowGrid(False)
    table.setWordWrap(False)
    table.setStyleSheet(
        "QTableView::item { padding: 0px 8px; } QHeaderView::section { padding: 4px 8px; }"
    )
    table.verticalHeader().hide()
    header = table.horizontalHeader()
    header.setHighlightSections(False)
    header.setSectionsClickable(False)
    header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
    for column, heading in enumerate(headings):
        item = QTableWidgetItem(heading)
        table.setHorizontalHeaderItem(column, item)
        item.setTextAlignment(_alignment(column))
    return table


def _item(text: str, column: int, spoken: str) -> QTableWidgetItem:
    item = QTableWidgetItem(text)
    item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
    item.setTextAlignment(_alignment(column))
    item.setData(Qt.ItemDataRole.AccessibleTextRole, spoken)
    return item


def _alignment(column: int) -> Qt.AlignmentFlag:
    return _RIGHT if column else Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
