"""The frames of a procedure as a list to review: sorted, filtered and with small images.

All that is done at once for 45,000 rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QImage, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from endoscope_app.base.plain_text import plain_label, plain_tip
from endoscope_app.labels.frame_states import NONE
from endoscope_app.labels.review import wording
from endoscope_app.labels.review.review_filters import ReviewFilters
from endoscope_app.labels.review.review_model import ReviewModel
from endoscope_app.labels.review.review_rows import Column, Queue, ReviewRows
from endoscope_app.labels.review.review_table import ReviewTable

THUMBNAIL_DELAY_MS = 80


class ReviewList(QWidget):
    """Plain arrays in, signals out.

    A label given while the list is open changes its row in place: nothing moves under the reader's
    eye.
    """

    frame_chosen = Signal(int)  # frame index
    # Frame indices now seen without an image; replaces the list before
    thumbnails_wanted = Signal(list)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(wording.TITLE)
        self._model = ReviewModel(self)
        self._filters = ReviewFilters()
        self._table = ReviewTable(self._model)
        self._count = plain_label()
        self._count.setProperty("role", "muted")
        self._again = QPushButton(wording.FILTER_AGAIN)
        self._again.setToolTip(plain_tip(wording.FILTER_AGAIN_TIP))
        self._again.setAccessibleName(wording.FILTER_AGAIN_NAME)
        self._again.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._asked: list[int] = []
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(THUMBNAIL_DELAY_MS)
        self._timer.timeout.connect(self._on_timeout)
        self._lay_out()
        self._connect()
        self.apply_again()

    def set_rows(self, rows: ReviewRows, colours: Sequence[QColor]) -> None:
        """Replace all rows; ``colours``: one a name of theirs.

        The frame that was chosen stays chosen if it is here.

        Raises ValueError for another number of colours.
        """
        if len(colours) != len(rows.names):
            raise ValueError(f"{len(rows.names)} classes, but {len(colours)} colours")
        self._filters.set_classes(rows.names, colours)
        chosen = self.chosen_frame()
        self._model.set_rows(
            rows,
            colours,
            rows.arrange(self._filters.wanted(), self._filters.queue(), *self._sorting()),
        )
        self._mark(chosen, scroll=False)
        self._tell()

    def update_rows(
        self,
        frame_indices: NDArray[np.integer[Any]],
        label_code: NDArray[np.integer[Any]],
        state_code: NDArray[np.integer[Any]],
        model_code: NDArray[np.integer[Any]] | None = None,
        probability: NDArray[np.floating[Any]] | None = None,
        from_range: NDArray[np.bool_] | None = None,
    ) -> None:
        """New labels and states of some frames, in place.

        With what may be seen of the model where that changes with them. Selection, scroll position
        and order stay until the reader filters again.
        """
        frames, labels, states = (
            np.asarray(frame_indices),
            np.asarray(label_code),
            np.asarray(state_code),
        )
        changed = self._model.rows.update(
            frames, labels, states, model_code, probability, from_range
        )
        self._model.tell_changed(changed)
        if len(changed):
            self._again.setEnabled(True)

    def set_thumbnail(self, index: int, image: QImage) -> None:
        """The image of a frame, of any size; only the last used images are kept."""
        self._model.set_thumbnail(index, image, self.devicePixelRatioF())

    def forget_thumbnails(self) -> None:
        """They are made anew: of another procedure, or blanked, or not."""
        self._model.thumbnails.clear()
        self._asked = []
        self._table.viewport().update()
        self._want_thumbnails()

    def show_frame(self, index: int) -> None:
        """Mark a frame's row and bring it into view, without telling.

        Nothing happens where the filter hides it.
        """
        self._mark(index, scroll=True)

    def shown_frames(self) -> NDArray[np.int64]:
        """Frame indices in the order of the rows, for going to the next one from elsewhere."""
        return self._model.shown_frames()

    def chosen_frame(self) -> int | None:
        """The frame whose row is marked."""
        current = self._table.currentIndex()
        return self._model.frame_at(current.row()) if current.isValid() else None

    def set_queue(self, queue: Queue) -> None:
        """Choose an order, as the reader does."""
        self._filters.set_queue(queue)

    def apply_again(self) -> None:
        """Filter and sort anew after labels have changed, or another order was chosen."""
        chosen = self.chosen_frame()
        self._model.set_shown(
            self._model.rows.arrange(
                self._filters.wanted(), self._filters.queue(), *self._sorting()
            )
        )
        if chosen is None or self._model.row_of(chosen) == NONE:
            self._table.scrollToTop()
        self._mark(chosen, scroll=True)
        self._tell()

    def table(self) -> ReviewTable:
        """The table, for tests and for the focus."""
        return self._table

    def filters(self) -> ReviewFilters:
        """The filters, for tests and for the focus."""
        return self._filters

    def _lay_out(self) -> None:
        foot = QHBoxLayout()
        foot.addWidget(self._count, 1)
        foot.addWidget(self._again)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 6, 6, 6)
        column.setSpacing(6)
        column.addWidget(self._filters)
        column.addWidget(self._table, 1)
        column.addLayout(foot)

    def _connect(self) -> None:
        self._filters.queue_chosen.connect(self._on_queue_chosen)
        self._filters.changed.connect(self.apply_again)
        self._again.clicked.connect(self._on_again)
        self._table.horizontalHeader().sortIndicatorChanged.connect(self.apply_again)
        self._table.row_chosen.connect(self._on_row_chosen)
        self._table.verticalScrollBar().valueChanged.connect(self._want_thumbnails)

    def _sorting(self) -> tuple[Column | None, bool]:
        header = self._table.horizontalHeader()
        section = header.sortIndicatorSection()
        shown = header.isSortIndicatorShown() and 0 <= section < len(Column)
        return (
            Column(section) if shown else None
        ), header.sortIndicatorOrder() == Qt.SortOrder.DescendingOrder

    def _mark(self, frame: int | None, scroll: bool) -> None:
        """Mark a frame's row again, without telling: who filters has not asked to go elsewhere."""
        row = NONE if frame is None else self._model.row_of(frame)
        if row != NONE:
            self._table.mark(row, scroll)

    def _tell(self) -> None:
        shown, every = self._model.rowCount(), len(self._model.rows)
        self._count.setText(wording.shown_of(shown, every))
        self._again.setEnabled(False)
        self._asked = []
        self._want_thumbnails()

    def _on_again(self) -> None:
        if self._again.hasFocus():
            # The button has done its work and goes grey: the keyboard goes where its work is seen.
            self._table.setFocus(Qt.FocusReason.OtherFocusReason)
        self.apply_again()

    def _on_queue_chosen(self) -> None:
        header = self._table.horizontalHeader()
        # The column's order would hide the queue's. The filter row tells of the change right after.
        header.blockSignals(True)
        header.setSortIndicator(NONE, Qt.SortOrder.AscendingOrder)
        header.blockSignals(False)
        header.viewport().update()

    def _on_row_chosen(self, row: int) -> None:
        self.frame_chosen.emit(self._model.frame_at(row))

    def _want_thumbnails(self) -> None:
        self._timer.start()

    def _on_timeout(self) -> None:
        if not self._table.isVisible():
            return
        first, last = self._table.seen_rows()
        missing = self._model.missing_thumbnails(first, last)
        if missing and missing != self._asked:
            self._asked = missing
            self.thumbnails_wanted.emit(missing)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A higher list shows more images."""
        super().resizeEvent(event)
        self._want_thumbnails()

    def showEvent(self, event: QShowEvent) -> None:
        """Nothing is loaded for a list that is not seen."""
        super().showEvent(event)
        self._want_thumbnails()

    def changeEvent(self, event: QEvent) -> None:
        """Another theme paints other blanks."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._model.forget_palette()
