"""The result in tables: what decides above, and more figures behind a fold.

On procedures that neither model has learnt from, and on what was known before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QEvent, QItemSelectionModel, QSize, Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from endoscope_app.base.plain_text import plain_label, plain_tip
from endoscope_app.retraining.comparison import wording
from endoscope_app.retraining.comparison.compared_models import Comparison
from endoscope_app.retraining.comparison.score_rows import Cells, ScoreRow, main_rows, more_rows
from endoscope_app.retraining.fold import Fold

DIFFERENCE, VERDICT = 2, 3
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_ROW, _HEAD_ROWS, _GAP = 26, 2, 36


class ScoresView(QWidget):
    """Plain values in, nothing out."""

    def __init__(self, comparison: Comparison, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        evidence = comparison.evidence
        groups = {
            title: part
            for title, part in (
                (wording.CHECKED, evidence.held_out),
                (wording.KNOWN_BEFORE, evidence.known_before),
            )
            if part is not None
        }
        extents = {
            title: wording.extent(title, part.frames, part.corrected, part.broken)
            for title, part in groups.items()
        }
        titles = {title: title for title in groups}
        self.table = ScoreTable(main_rows(comparison), extents, wording.RESULT_NAME)
        self.more = ScoreTable(more_rows(comparison), titles, wording.MORE_NAME)
        self.more.show_all_rows()
        inside = QWidget(self)
        below = QVBoxLayout(inside)
        below.setContentsMargins(0, 0, 0, 0)
        below.addWidget(self.more)
        below.addWidget(_muted(wording.METHOD))
        self.fold = Fold(wording.MORE_FIGURES, inside, self)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 10)
        column.setSpacing(10)
        column.addWidget(self.table, 1)
        if evidence.held_out is None:
            column.addWidget(_muted(wording.NO_CHECKING))
        column.addWidget(_muted(wording.EXPLAINED))
        column.addWidget(self.fold)


class ScoreTable(QTableWidget):
    """Two groups of columns below a row that says what they are of.

    The verdict is a word, a sign and a colour.
    """

    def __init__(self, rows: Sequence[ScoreRow], groups: Mapping[str, str], name: str) -> None:
        """``groups``: which frames, as rows know them, to the heading of their columns."""
        self._groups, self._rows = groups, list(rows)
        columns = 1 + len(wording.HEADINGS) * len(groups)
        super().__init__(len(self._rows) + _HEAD_ROWS, columns)
        self.setAccessibleName(name)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setStyleSheet("QTableView::item { padding: 0px 6px; }")
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW)
        # Its words are the second row: one header cannot say both what and on which frames
        self.horizontalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.horizontalHeader().setStretchLastSection(True)
        for group in range(len(groups)):
            self.setSpan(0, 1 + group * len(wording.HEADINGS), 1, len(wording.HEADINGS))
        self._fill()
        # where the arrow keys begin; not selected, which would cover the verdict's colour
        self.selectionModel().setCurrentIndex(
            self.model().index(_HEAD_ROWS, 0), QItemSelectionModel.SelectionFlag.NoUpdate
        )

    def show_all_rows(self) -> None:
        """Be as high as the rows, with room for a scroll bar below them."""
        self.setFixedHeight(_ROW * (self.rowCount() + 1))

    def text(self, row: int, column: int) -> str:
        """What a cell says."""
        item = self.item(row, column)
        return "" if item is None else item.text()

    def changeEvent(self, event: QEvent) -> None:
        """Another theme, other colours."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self._fill()

    def _fill(self) -> None:
        for line in range(_HEAD_ROWS):
            self._put(line, 0, "", QPalette.ColorRole.Text)
        for group, heading in enumerate(self._groups.values()):
            self._put_heading(1 + group * len(wording.HEADINGS), heading)
            if group + 1 < len(self._groups):
                self._widen_verdict(1 + group * len(wording.HEADINGS))
        for line, row in enumerate(self._rows, _HEAD_ROWS):
            self._put(
                line, 0, row.name, QPalette.ColorRole.Text, is_bold=row.is_main, alignment=_LEFT
            )
            for group, title in enumerate(self._groups):
                cells = (row.new if title == wording.CHECKED else row.old) or Cells()
                first = 1 + group * len(wording.HEADINGS)
                self._put_cells(line, first, cells, row, title)

    def _put_heading(self, first: int, title: str) -> None:
        self._put(0, first, title, QPalette.ColorRole.Link, is_bold=True, alignment=_LEFT)
        for place, heading in enumerate(wording.HEADINGS):
            role = QPalette.ColorRole.PlaceholderText
            self._put(1, first + place, heading, role, alignment=_alignment(place))

    def _widen_verdict(self, first: int) -> None:
        """Room between the groups, so that a verdict is not read with the number after it."""
        item = self.item(1, first + VERDICT)
        if item is not None:
            widest = self.fontMetrics().horizontalAdvance(wording.VERDICTS["undecided"])
            item.setSizeHint(QSize(widest + _GAP, _ROW))

    def _put_cells(self, line: int, first: int, cells: Cells, row: ScoreRow, title: str) -> None:
        colours = {"better": QPalette.ColorRole.Link, "worse": QPalette.ColorRole.BrightText}
        colour = colours.get(cells.verdict, QPalette.ColorRole.PlaceholderText)
        for place, text in enumerate(cells.texts):
            role = colour if place >= DIFFERENCE else QPalette.ColorRole.Text
            self._put(line, first + place, text, role, alignment=_alignment(place))
            item = self.item(line, first + place)
            if item is not None:
                item.setToolTip(plain_tip(cells.meaning or row.meaning))
                spoken = (
                    f"{row.name}, {title.lower()}, {wording.HEADINGS[place].lower()}:"
                    f" {text or wording.NOT_MEASURED}"
                )
                item.setData(Qt.ItemDataRole.AccessibleTextRole, spoken)

    def _put(
        self,
        line: int,
        column: int,
        text: str,
        role: QPalette.ColorRole,
        *,
        is_bold: bool = False,
        alignment: Qt.AlignmentFlag = _RIGHT,
    ) -> None:
        item = QTableWidgetItem(text)
        item.setTextAlignment(alignment)
        item.setForeground(QColor(self.palette().color(role)))
        font = self.font()
        font.setBold(is_bold)
        item.setFont(font)
        if line < _HEAD_ROWS:
            item.setFlags(Qt.ItemFlag.NoItemFlags)
        self.setItem(line, column, item)


def _alignment(place: int) -> Qt.AlignmentFlag:
    return _LEFT if place == VERDICT else _RIGHT


def _muted(text: str) -> QWidget:
    label = plain_label(text)
    label.setProperty("role", "muted")
    label.setWordWrap(True)
    return label
