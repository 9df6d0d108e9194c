"""How much is labelled, how often reader and model agree, and how long it took, class by class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QLabel, QTableWidget, QTableWidgetItem, QVBoxLayout, QWidget

from endoscope_app.widgets.icons import chip
from endoscope_app.wording import NO_BREAK

_HEADINGS = ("Class", "Labelled", "Agreement", "Time spent")
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class ClassFigures(NamedTuple):
    """One row. Of ``labelled`` frames, ``compared`` have a class of the model too, and in ``agreed`` of those it is the same one."""

    name: str
    colour: QColor | None
    labelled: int
    compared: int
    agreed: int
    seconds: float


class StatisticsPanel(QWidget):
    """Plain figures in; adds them up in a last row."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Statistics of the labels")
        self._table = QTableWidget(0, len(_HEADINGS))
        self._table.setAccessibleName("Labels by class")
        self._table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self._table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self._table.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._table.setTabKeyNavigation(False)
        self._table.setShowGrid(False)
        self._table.setWordWrap(False)
        self._table.setStyleSheet("QTableView::item { padding: 0px 8px; } QHeaderView::section { padding: 4px 8px; }")
        self._table.verticalHeader().hide()
        header = self._table.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column, heading in enumerate(_HEADINGS):
            item = QTableWidgetItem(heading)
            self._table.setHorizontalHeaderItem(column, item)
            item.setTextAlignment(_RIGHT if column else Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self._note = QLabel("Agreement with the model counts labelled frames that it has classified. It does not say who is right.")
        self._note.setProperty("role", "muted")
        self._note.setWordWrap(True)
        column_layout = QVBoxLayout(self)
        column_layout.setContentsMargins(6, 6, 6, 6)
        column_layout.setSpacing(6)
        column_layout.addWidget(self._table, 1)
        column_layout.addWidget(self._note)
        self.set_values([])

    def set_values(self, figures: Sequence[ClassFigures]) -> None:
        """One row a class, and their sum. Raises ValueError where more frames agree than were compared, or more were than are labelled."""
        for row in figures:
            if not 0 <= row.agreed <= row.compared <= row.labelled:
                raise ValueError(f"{row.name}: {row.agreed} agreed of {row.compared} compared of {row.labelled} labelled")
        whole = ClassFigures(
            "All",
            None,
            sum(row.labelled for row in figures),
            sum(row.compared for row in figures),
            sum(row.agreed for row in figures),
            sum(row.seconds for row in figures),
        )
        self._table.setRowCount(len(figures) + 1)
        for place, row in enumerate((*figures, whole)):
            self._set_row(place, row, bold=row is whole)

    def text(self, row: int, column: int) -> str:
        """What a cell says, for tests."""
        item = self._table.item(row, column)
        return "" if item is None else item.text()

    def row_count(self) -> int:
        """Classes and the sum."""
        return self._table.rowCount()

    def _set_row(self, place: int, row: ClassFigures, bold: bool) -> None:
        texts = (row.name, f"{row.labelled:,}", agreement_text(row.agreed, row.compared), duration_text(row.seconds))
        for column, text in enumerate(texts):
            item = QTableWidgetItem(text)
            item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
            item.setTextAlignment(_RIGHT if column else Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{row.name}, {_HEADINGS[column]}: {text}")
            font = item.font()
            font.setBold(bold)
            item.setFont(font)
            if column == 0:
                item.setIcon(chip(row.colour))
            self._table.setItem(place, column, item)


def agreement_text(agreed: int, compared: int) -> str:
    """Per cent with the counts behind it, because 100 % of two frames says little; cut so that only all of them are 100 %."""
    if compared == 0:
        return "–"
    return f"{agreed * 100 // compared}{NO_BREAK}%  ({agreed:,} of {compared:,})"


def duration_text(seconds: float) -> str:
    """ "42 s", "3 min 05 s" or "1 h 07 min"; cut, not rounded."""
    whole = max(0, int(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes} min {rest:02d} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"

