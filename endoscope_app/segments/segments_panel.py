"""Everything there is to decide about the procedure, in one place beside the image."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QToolButton, QVBoxLayout, QWidget

from endoscope_app.base.key_claim import PRESS_KEYS, KeyClaim
from endoscope_app.base.plain_text import plain_label, plain_tip
from endoscope_app.segments import wording
from endoscope_app.segments.filter_chips import FilterChips
from endoscope_app.segments.length_bar import LengthBar
from endoscope_app.segments.quality_line import QualityLine
from endoscope_app.segments.segment_form import SegmentForm
from endoscope_app.segments.segment_list import SegmentList
from endoscope_app.segments.segment_painting import smaller
from endoscope_app.segments.segment_rows import (
    Place,
    SegmentRow,
    alike,
    arranged,
    found_again,
    neighbour,
    next_open,
    tally,
)

LEAST_LIST_HEIGHT = 180
HINT_LINES = 4


class SegmentsPanel(QWidget):
    """Plain values in, wishes out; ``list`` is the list of segments, ``lengths`` what makes one,
    ``form`` what is written beside it, ``quality`` how good the images are.
    """

    finish_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(wording.TITLE)
        self._rows: Sequence[SegmentRow] = ()
        self._title = plain_label(wording.TITLE)
        self._title.setProperty("role", "group")
        self._progress = plain_label(wording.NONE_YET)
        self._progress.setProperty("role", "muted")
        self._withdrawal = plain_label()
        self._withdrawal.setToolTip(plain_tip(wording.WITHDRAWAL_TIP))
        self._withdrawal.setFont(smaller(self._withdrawal.font()))
        self._withdrawal.setWordWrap(True)
        self._withdrawal.hide()
        self._finish = QPushButton(wording.FINISH)
        self._finish.setToolTip(plain_tip(wording.FINISH_TIP))
        KeyClaim(self._finish, PRESS_KEYS)
        self.lengths, self.chips, self.list = LengthBar(), FilterChips(), SegmentList()
        self.form, self.quality = SegmentForm(), QualityLine()
        self._notes = QToolButton()
        self._notes.setText(wording.NOTES)
        self._notes.setCheckable(True)
        self._notes.setAccessibleName(wording.NOTES_NAME)
        self._notes.setToolTip(plain_tip(wording.NOTES_NAME))
        KeyClaim(self._notes, PRESS_KEYS)
        self.form.hide()
        self._notes.toggled.connect(self.form.setVisible)
        self.list.setMinimumHeight(LEAST_LIST_HEIGHT)
        self._hint = plain_label(wording.KEYS_FRAME)
        self._hint.setProperty("role", "muted")
        self._hint.setWordWrap(True)
        self._hint.setFont(smaller(self._hint.font()))
        # Nothing moves when the keyboard comes or goes
        self._hint.setMinimumHeight(HINT_LINES * self._hint.fontMetrics().lineSpacing())
        self._finish.clicked.connect(self.finish_requested)
        self.chips.changed.connect(self._show)
        self.list.focus_changed.connect(self._on_focus)
        self.list.current_changed.connect(self._on_current)
        self._lay_out()

    def set_rows(self, rows: Sequence[SegmentRow], *, finished: bool, coverage: str = "") -> None:
        """All segments; what was current stays so, and where the reader had scrolled to.

        ``coverage``: of how much of the procedure they are, where that is not all of it.
        """
        self._rows = rows
        text = wording.progress(tally(rows), finished=finished)
        self._progress.setText(f"{text} · {coverage}" if coverage else text)
        self.chips.set_counts(Counter(row.group for row in rows))
        self._show()

    def hide_rows(self, why: str) -> None:
        """What the model finds is hidden; ``why``: in a few words."""
        self._rows = ()
        self._progress.setText(why)
        self.chips.set_counts({})
        self._show()

    @property
    def rows(self) -> Sequence[SegmentRow]:
        """All, shown or not."""
        return self._rows

    def count(self) -> int:
        """Segments shown."""
        return sum(isinstance(row, SegmentRow) for row in self.list.rows.rows)

    def mark(self, place: Place) -> None:
        """Make a segment the current one, where it is shown."""
        number = self.list.rows.row_of(place)
        if number >= 0:
            self.list.mark(number)

    def mark_next_open(self) -> SegmentRow | None:
        """The next open one after the current one, or None where all that are shown are decided."""
        current = self.list.currentIndex()
        number = next_open(self.list.rows.rows, current.row() if current.isValid() else -1)
        return self._marked(number)

    def mark_before(self) -> SegmentRow | None:
        """The one above the current one; None at the top."""
        current = self.list.currentIndex()
        return self._marked(
            neighbour(self.list.rows.rows, current.row(), -1) if current.isValid() else None
        )

    def open_alike(self) -> list[SegmentRow]:
        """The open segments shown that are of the current one's class; none where that is
        decided.
        """
        current = self.list.current_row()
        return [] if current is None else alike(self.list.rows.rows, current)

    def write(self) -> bool:
        """The keyboard goes to the notes beside the current segment; False where none is."""
        if self.list.current_row() is None:
            return False
        self._notes.setChecked(True)
        self.form.begin()
        return True

    def set_keys_allowed(self, allowed: Callable[[], bool]) -> None:
        """Asked before a key decides."""
        self.list.keys_allowed = allowed

    def set_withdrawal(self, text: str) -> None:
        """When the caecum was reached and how long the way back took; empty where not known."""
        self._withdrawal.setText(text)
        self._withdrawal.setVisible(bool(text))

    def set_film(self, *, is_film: bool) -> None:
        """Stills have no lengths, and none is left out: each is a segment by itself."""
        self.lengths.setVisible(is_film)
        self.quality.set_film(is_film=is_film)

    def _marked(self, number: int | None) -> SegmentRow | None:
        if number is None:
            return None
        self.list.mark(number)
        return self.list.rows.segment(number)

    def _show(self) -> None:
        """The rows as the chips want them; what was chosen, and where the reader had scrolled to,
        stays.
        """
        current = self.list.current_row()
        chosen = self.list.chosen_rows()
        bar = self.list.verticalScrollBar()
        position = bar.value()
        rows = arranged(self._rows, self.chips.shown)
        self.list.rows.set_rows(rows)
        self.list.choose(
            None if current is None else found_again(current, rows),
            [found_again(row, rows) for row in chosen],
        )
        bar.setValue(position)
        self._on_current()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self._title)
        head.addWidget(self._progress, 1)
        foot = QHBoxLayout()
        foot.addWidget(self._hint, 1)
        foot.addWidget(self._notes)
        foot.addWidget(self._finish)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self._withdrawal)
        column.addWidget(self.lengths)
        column.addWidget(self.quality)
        column.addWidget(self.chips)
        column.addWidget(self.list, 1)
        column.addWidget(self.form)
        column.addLayout(foot)

    def _on_current(self) -> None:
        row = self.list.current_row()
        self.form.show_item(None if row is None else row.item)

    def _on_focus(self, has_it: bool) -> None:
        self._hint.setText(wording.KEYS_SEGMENT if has_it else wording.KEYS_FRAME)
        self._hint.setProperty("role", "group" if has_it else "muted")
        self._hint.style().polish(self._hint)

    def changeEvent(self, event: QEvent) -> None:
        """Another theme draws the rows anew."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.list.viewport().update()
