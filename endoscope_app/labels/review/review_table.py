"""The table of the review list: rows of one height, of which one is chosen, and its keys."""

from __future__ import annotations

from PySide6.QtCore import QItemSelectionModel, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from endoscope_app.base.key_claim import KeyClaim
from endoscope_app.labels.frame_states import NONE
from endoscope_app.labels.review import wording
from endoscope_app.labels.review.review_model import THUMBNAIL, Index, ReviewModel
from endoscope_app.labels.review.review_rows import Column

_KEYS = (
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_PageUp,
    Qt.Key.Key_PageDown,
    Qt.Key.Key_Home,
    Qt.Key.Key_End,
    Qt.Key.Key_Return,
    Qt.Key.Key_Enter,
)
_CLASS_COLUMNS = (Column.YOU, Column.MODEL)
_LEAST_CLASS_WIDTH = 90
_ROW_HEIGHT = THUMBNAIL.height() + 6


class ReviewTable(QTableView):
    """Tells where the reader goes by mouse or keys.

    And only then: Qt moves the current row by itself too.
    """

    row_chosen = Signal(int)  # also for a press on the row that is current already

    def __init__(self, model: ReviewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(wording.FRAMES)
        self._quiet = False
        self.setModel(model)
        KeyClaim(self, _KEYS)
        # Unlike other controls it keeps the arrows after a click: whoever clicks a row continues
        # from that row.
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setIconSize(THUMBNAIL)
        self.setShowGrid(False)
        self.setAlternatingRowColors(True)
        self.setStyleSheet(
            "QTableView::item { padding: 0px 12px 0px 8px; }"
            "QHeaderView::section { padding: 4px 14px 4px 8px; }"
        )
        self.setWordWrap(True)  # a name without its end is another class
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self._set_up_headers()

    def seen_rows(self) -> tuple[int, int]:
        """First and last row in view; (0, -1) where there is none."""
        rows = self.model().rowCount()
        if rows == 0:
            return 0, -1
        first, last = self.rowAt(0), self.rowAt(self.viewport().height() - 1)
        return max(0, first), rows - 1 if last == NONE else last

    def mark(self, row: int, scroll: bool) -> None:
        """Make a row current without telling; ``scroll`` brings it into view."""
        cell = self.model().index(row, Column.FRAME)
        self._quiet = True
        self.setAutoScroll(scroll)
        self.selectionModel().setCurrentIndex(
            cell,
            QItemSelectionModel.SelectionFlag.ClearAndSelect
            | QItemSelectionModel.SelectionFlag.Rows,
        )
        self.setAutoScroll(True)
        self._quiet = False
        if scroll:
            self.scrollTo(cell, QAbstractItemView.ScrollHint.EnsureVisible)

    def currentChanged(self, current: Index, previous: Index) -> None:
        """A key or a press has gone to another row."""
        super().currentChanged(current, previous)
        if not self._quiet and current.isValid() and current.row() != previous.row():
            self.row_chosen.emit(current.row())

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Qt makes the first row current where none is; the player must not jump for that."""
        self._quiet = True
        super().focusInEvent(event)
        self._quiet = False

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The two class columns share what the others leave.

        Below their least width the table scrolls sideways.
        """
        super().resizeEvent(event)
        others = sum(self.columnWidth(column) for column in Column if column not in _CLASS_COLUMNS)
        for column in _CLASS_COLUMNS:
            self.setColumnWidth(
                column, max(_LEAST_CLASS_WIDTH, (self.viewport().width() - others) // 2)
            )

    def keyboardSearch(self, search: str) -> None:
        """Letters are the window's keys; Qt would read every row for them."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter goes to the current row's frame, Home and End to the first and last row.

        Enter does so also where the player has gone elsewhere since.
        """
        rows, current = self.model().rowCount(), self.currentIndex()
        key, plain = event.key(), not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if plain and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and current.isValid():
            self.row_chosen.emit(current.row())
        elif plain and key in (Qt.Key.Key_Home, Qt.Key.Key_End) and rows:
            self.selectRow(0 if key == Qt.Key.Key_Home else rows - 1)
        elif plain and key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            # Cells are not chosen one by one; where the window has no use for the arrows, nothing
            # happens.
            event.ignore()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A press on another row changes the current row, which tells by itself."""
        before = self.currentIndex().row()
        super().mousePressEvent(event)
        pressed = self.indexAt(event.position().toPoint()).row()
        if event.button() == Qt.MouseButton.LeftButton and pressed != NONE and pressed == before:
            self.row_chosen.emit(pressed)

    def _set_up_headers(self) -> None:
        across, down = self.horizontalHeader(), self.verticalHeader()
        down.hide()
        down.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        down.setMinimumSectionSize(_ROW_HEIGHT)
        down.setDefaultSectionSize(_ROW_HEIGHT)
        across.setSectionsClickable(True)
        across.setHighlightSections(False)
        across.setSortIndicatorShown(True)
        # A third click takes the column's order away, and the queue's is back.
        across.setSortIndicatorClearable(True)
        across.setSortIndicator(NONE, Qt.SortOrder.AscendingOrder)
        across.setAccessibleName(wording.COLUMNS)
        across.setMinimumSectionSize(40)
        metrics = self.fontMetrics()
        self.setColumnWidth(Column.THUMBNAIL, THUMBNAIL.width() + 22)
        for column, sample in wording.SAMPLES.items():
            self.setColumnWidth(column, metrics.horizontalAdvance(sample) + 22)
