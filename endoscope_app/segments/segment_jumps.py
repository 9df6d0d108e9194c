"""From segment to segment, by key from everywhere in the window."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from endoscope_app.analysis.commands import NEXT_FINDING, PREVIOUS_FINDING
from endoscope_app.analysis.wording import no_finding_further
from endoscope_app.base.wording import NO_PROCEDURE_OPEN
from endoscope_app.labels.label_desk import LabelDesk
from endoscope_app.segments import wording
from endoscope_app.segments.commands import NEXT_OPEN, PREVIOUS_SEGMENT
from endoscope_app.segments.segment_playback import SegmentPlayback
from endoscope_app.segments.segment_rows import SegmentRow, tally
from endoscope_app.segments.segment_view import SegmentView
from endoscope_app.segments.segments_panel import SegmentsPanel


class SegmentJumps(QObject):
    """The four commands, and clicks in the list. N and P give the list the keyboard, Esc takes it
    back to ``image``.
    """

    def __init__(
        self,
        desk: LabelDesk,
        panel: SegmentsPanel,
        view: SegmentView,
        playback: SegmentPlayback,
        image: QWidget,
    ) -> None:
        super().__init__(desk.window.as_widget())
        self._banner, self._player = desk.window.banner, desk.player
        self._panel, self._view, self._playback, self._image = panel, view, playback, image
        desk.window.action(NEXT_OPEN).triggered.connect(self.go_to_next_open)
        desk.window.action(PREVIOUS_SEGMENT).triggered.connect(self._go_back)
        desk.window.action(NEXT_FINDING).triggered.connect(partial(self._go_in_time, 1))
        desk.window.action(PREVIOUS_FINDING).triggered.connect(partial(self._go_in_time, -1))
        panel.list.row_clicked.connect(self._show)
        panel.list.left.connect(self._on_left)

    def go_to_next_open(self) -> None:
        """Show the next open segment where the model is surest, or say that there is none."""
        if self._view.say_why_not():
            return
        row = self._panel.mark_next_open()
        if row is not None:
            self._panel.list.setFocus()
            self._show(row)
            return
        count = tally(self._panel.rows)
        self._banner.show_remark(wording.none_open(count.total - count.decided))

    def _go_back(self) -> None:
        if self._view.say_why_not():
            return
        row = self._panel.mark_before()
        if row is None:
            self._banner.show_remark(wording.FIRST_OF_LIST)
            return
        self._panel.list.setFocus()
        self._show(row)

    def _go_in_time(self, direction: int) -> None:
        """To the first frame of the next (1) or previous (-1) segment, whatever became of it; the
        keyboard stays where it is.
        """
        if self._player.info is None:
            self._banner.show_remark(NO_PROCEDURE_OPEN)
            return
        if not self._view.visible:
            self._banner.show_remark(f"{wording.HIDDEN}.")
            return
        rows = sorted(self._panel.rows, key=lambda row: row.item.first_index)
        starts = [row.item.first_index for row in rows]
        here = self._player.index
        at = bisect_right(starts, here) if direction > 0 else bisect_left(starts, here) - 1
        if 0 <= at < len(starts):
            self._panel.mark(rows[at].place)
            self._player.go_to(starts[at])
        else:
            self._banner.show_remark(no_finding_further(direction > 0))

    def _show(self, row: SegmentRow) -> None:
        if not self._playback.take(row):
            self._player.pause()
            self._player.go_to(row.item.thumbnail_index)

    def _on_left(self) -> None:
        self._image.setFocus()
