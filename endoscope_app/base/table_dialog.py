"""What dialogs around a table have in common: the table, buttons beside it, a foot with Close."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTableWidget,
    QVBoxLayout,
    QWidget,
)

from endoscope_app.base import wording
from endoscope_app.base.plain_text import plain_label, plain_tip

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


def beside(table: QWidget, buttons: Iterable[QPushButton]) -> QHBoxLayout:
    """The table with its buttons in a column to the right."""
    side = QVBoxLayout()
    side.setSpacing(6)
    for button in buttons:
        side.addWidget(button)
    side.addStretch(1)
    row = QHBoxLayout()
    row.setSpacing(12)
    row.addWidget(table, 1)
    row.addLayout(side)
    return row


def foot(dialog: QDialog, text: str) -> QHBoxLayout:
    """What holds for the whole dialog, and the button that closes it."""
    sentence = plain_label(text)
    sentence.setProperty("role", "muted")
    sentence.setWordWrap(True)
    close = QPushButton(wording.CLOSE)
    close.clicked.connect(dialog.reject)
    row = QHBoxLayout()
    row.addWidget(sentence, 1)
    row.addWidget(close)
    return row


def allow(button: QPushButton, reason_against: str, what: str) -> None:
    """Enable a button and say ``what`` it does, or say why it cannot act now."""
    button.setEnabled(not reason_against)
    button.setToolTip(plain_tip(reason_against or what))
