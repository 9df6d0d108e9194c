"""All stills of a folder at a glance, in the picture's place: filters and thumbnails."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from endoscope_app.base.plain_text import plain_label
from endoscope_app.labels.frame_states import NONE
from endoscope_app.labels.review.frame_rows import FrameColumns
from endoscope_app.labels.review.review_filters import ReviewFilters
from endoscope_app.labels.review.review_rows import ReviewRows
from endoscope_app.stills import wording
from endoscope_app.stills.overlay import Overlay
from endoscope_app.stills.sheet_list import SheetList
from endoscope_app.viewing.frame_view import FrameView
from kd_core.schema.model_card import RESEARCH_USE


class ContactSheet(Overlay):
    """Plain arrays in, wishes out; ``list`` holds the thumbnails.

    A label changes its cell in place: nothing moves under the reader's eye.
    """

    def __init__(self, picture: FrameView) -> None:
        super().__init__(picture)
        self.setAccessibleName(wording.SHEET_NAME)
        self.filters, self.list = ReviewFilters(), SheetList()
        self._count = plain_label()
        self._count.setAccessibleName(wording.SHEET_NAME)
        self._ask = plain_label()
        self._ask.setProperty("role", "group")
        self._ask.setWordWrap(True)
        self._ask.hide()
        self._note = plain_label()
        self._note.setProperty("role", "muted")
        self._note.setWordWrap(True)
        foot = QHBoxLayout()
        foot.addWidget(self._count)
        foot.addWidget(self._note, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 4, 6, 4)
        column.setSpacing(4)
        column.addWidget(self.filters)
        column.addWidget(self._ask)
        column.addWidget(self.list, 1)
        column.addLayout(foot)
        self.filters.changed.connect(self.arrange)
        self.list.chosen_changed.connect(self._tell)
        self.set_note("")

    def set_rows(self, rows: ReviewRows, colours: Sequence[QColor]) -> None:
        """All stills anew; what is chosen stays so, and where the reader had scrolled to."""
        self.filters.set_classes(rows.names, colours)
        current, chosen = self.list.current(), self.list.chosen()
        bar = self.list.verticalScrollBar()
        position = bar.value()
        self.list.cells.set_rows(rows, colours, self._arranged(rows))
        self.list.choose(current, chosen)
        bar.setValue(position)
        self._tell()

    def update_rows(self, part: FrameColumns) -> None:
        """New labels of some stills, in place."""
        self.list.cells.rows.update(
            part.frames, part.label, part.state, part.model, part.probability, part.from_range
        )
        self.list.paint_again()

    def arrange(self) -> None:
        """Filter and order anew."""
        current, chosen = self.list.current(), self.list.chosen()
        self.list.cells.set_shown(self._arranged(self.list.cells.rows))
        self.list.choose(current, chosen)
        if self.list.current() == NONE and self.list.cells.rowCount():
            self.list.mark(self.list.cells.still_at(0))
        self._tell()

    def ask(self, sentence: str) -> None:
        """What a still is to be chosen for; empty for nothing in particular."""
        self._ask.setText(sentence)
        self._ask.setVisible(bool(sentence))

    def set_note(self, sentence: str) -> None:
        """Why a line is empty; empty for nothing to say."""
        self._note.setText(
            " ".join(part for part in (sentence, wording.KEYS, RESEARCH_USE) if part)
        )

    def count(self) -> str:
        """What is said of how many there are."""
        return self._count.text()

    def _arranged(self, rows: ReviewRows) -> NDArray[np.int64]:
        return rows.arrange(self.filters.wanted(), self.filters.queue(), None, False)

    def _tell(self) -> None:
        cells = self.list.cells
        chosen = self.list.chosen_count()
        self._count.setText(wording.shown_of(cells.rowCount(), len(cells.rows), chosen))
