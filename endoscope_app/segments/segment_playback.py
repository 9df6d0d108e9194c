"""Only what is still to decide: the open segments, with a little before and after each."""

from __future__ import annotations

from PySide6.QtCore import QObject

from endoscope_app.labels.label_desk import LabelDesk
from endoscope_app.segments import wording
from endoscope_app.segments.commands import PLAY_OPEN
from endoscope_app.segments.segment_items import Recording
from endoscope_app.segments.segment_rows import Place, SegmentRow
from endoscope_app.segments.segment_view import SegmentView
from endoscope_app.segments.segments_panel import SegmentsPanel

MARGIN_MS = 1000.0


class SegmentPlayback(QObject):
    """In the order of the list, from the current segment on, each once. A pause ends it; a decision
    goes on to the next at once.
    """

    def __init__(self, desk: LabelDesk, panel: SegmentsPanel, view: SegmentView) -> None:
        super().__init__(desk.window.as_widget())
        self._banner, self._player = desk.window.banner, desk.player
        self._panel, self._view = panel, view
        self._played: set[Place] = set()
        self._running = False
        self._span = (0, 0)  # frames: from, and before which the next segment follows
        self._inside = False  # the reader may go elsewhere meanwhile
        desk.window.action(PLAY_OPEN).triggered.connect(self._on_wanted)
        desk.player.frame_shown.connect(self._on_frame)
        desk.player.playing_changed.connect(self._on_playing)
        desk.player.played_out.connect(self._on_played_out)
        desk.player.opened.connect(self._on_opened)

    def take(self, row: SegmentRow) -> bool:
        """Play this segment next; False while nothing is played."""
        recording = self._view.recording
        if not self._running or recording is None:
            return False
        self._played.add(row.place)
        self._span, self._inside = _with_margins(row, recording), False
        self._player.go_to(self._span[0])
        return True

    def _on_wanted(self) -> None:
        if self._running:
            self._player.pause()
            return
        if self._view.say_why_not():
            return
        row = self._panel.list.current_row()
        if row is None or row.item.kind != "segment" or row.item.state != "open":
            row = self._panel.mark_next_open()
        if row is None:
            self._banner.show_remark(wording.ALL_DECIDED)
            return
        self._panel.list.setFocus()
        self._played.clear()
        self._running = True
        self.take(row)
        if not self._player.playing:
            self._player.toggle_play()

    def _on_frame(self, index: int) -> None:
        if not self._running:
            return
        first, until = self._span
        within = first <= index < until
        # Where frames are dropped the whole span may be: then the first one after it counts
        self._inside = self._inside or index >= first
        if self._inside and not within:
            self._go_on()

    def _on_played_out(self) -> None:
        """The frame after a segment at the end may have been dropped, or come after this."""
        if self._running:
            self._go_on()

    def _go_on(self) -> None:
        row = self._panel.mark_next_open()
        if row is None or row.place in self._played:
            self._player.pause()
            self._banner.show_remark(wording.ALL_PLAYED)
        else:
            self.take(row)

    def _on_playing(self, playing: bool) -> None:
        if not playing:
            self._running = False

    def _on_opened(self) -> None:
        self._running = False


def _with_margins(row: SegmentRow, recording: Recording) -> tuple[int, int]:
    first, last = row.item.first_index, row.item.last_index
    times, end = recording.times, len(recording.times) - 1
    if not recording.stills:
        first = times.index_at(float(times.times_ms[first]) - MARGIN_MS)
        last = times.index_at(float(times.times_ms[last]) + MARGIN_MS)
    # The player stops at the last frame by itself, and the next segment must follow before it
    return first, max(first + 1, min(last, end - 1))
