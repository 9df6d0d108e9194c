"""A table whose rows are chosen whole and renamed in place: classes, models."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHeaderView, QTableWidget

LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class NamedTable(QTableWidget):
    """F2 or a double click edits the column ``name``, which takes the room that the others
    leave.
    """

    def __init__(
        self, title: str, headings: Sequence[str], *, name: int, numbers: Collection[int]
    ) -> None:
        """``title``: what a screen reader calls it; ``numbers``: columns that are aligned to
        the right.
        """
        super().__init__(0, len(headings))
        self.setAccessibleName(title)
        self.setHorizontalHeaderLabels(list(headings))
        self.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        self.setSelectionMode(QTableWidget.SelectionMode.SingleSelection)
        self.setEditTriggers(
            QTableWidget.EditTrigger.DoubleClicked | QTableWidget.EditTrigger.EditKeyPressed
        )
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.setStyleSheet(
            "QTableView::item { padding: 0px 8px; } QHeaderView::section { padding: 4px 8px; }"
        )
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(name, QHeaderView.ResizeMode.Stretch)
        for column in range(len(headings)):
            item = self.horizontalHeaderItem(column)
            if item is not None:
                item.setTextAlignment(RIGHT if column in numbers else LEFT)
