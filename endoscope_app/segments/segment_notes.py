"""What is written beside segments, and bookmarks: in the library as soon as it was entered."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QObject

from endoscope_app.base.wording import NO_PROCEDURE_OPEN
from endoscope_app.labels.label_desk import LabelDesk
from endoscope_app.labels.label_writer import Echo, LabelWriter
from endoscope_app.segments import segment_acts, wording
from endoscope_app.segments.commands import BOOKMARK, WRITE
from endoscope_app.segments.decided import DecidedSegment, SegmentFields, read_segments
from endoscope_app.segments.segment_acts import Ends
from endoscope_app.segments.segment_items import bookmark_item
from endoscope_app.segments.segment_view import SegmentView
from endoscope_app.segments.segments_panel import SegmentsPanel


@dataclass(frozen=True)
class _Place:
    """Of a segment: its procedure, its ends, and what they are called."""

    procedure: str
    ends: Ends
    span: str
    name: str


class SegmentNotes(QObject):
    """The form below the list is of the segment that is current in it."""

    def __init__(
        self, desk: LabelDesk, panel: SegmentsPanel, view: SegmentView, writer: LabelWriter
    ) -> None:
        super().__init__(desk.window.as_widget())
        self._banner, self._player = desk.window.banner, desk.player
        self._session, self._procedure = desk.session, desk.procedure
        self._panel, self._view, self._writer = panel, view, writer
        panel.form.capture = self._capture
        panel.form.entered.connect(self._on_entered)
        panel.form.left.connect(panel.list.setFocus)
        panel.list.bookmarks_dropped.connect(self.drop_bookmarks)
        desk.window.action(BOOKMARK).triggered.connect(self._on_bookmark)
        desk.window.action(WRITE).triggered.connect(self._on_write)

    def close(self) -> None:
        """What is still being typed is kept."""
        self._panel.form.keep()

    def _capture(self, item: DecidedSegment) -> _Place:
        """Where a note beside it belongs, whatever is open when it is kept."""
        moment, first, last = self._procedure.moment, item.first_index, item.last_index
        name = wording.BOOKMARK
        if item.kind == "segment":
            name = self._session.names.shown(item.class_key)
        ends = moment(first), moment(last)
        where, span = self._procedure.fingerprint, self._procedure.places.span(first, last)
        return _Place(where, ends, span, name)

    def _on_entered(self, item: DecidedSegment, fields: SegmentFields, at: _Place) -> None:
        if at.procedure == self._procedure.fingerprint and not self._writer.note_procedure():
            return
        if self._session.library.procedure(at.procedure) is None:
            self._banner.show_remark(wording.note_lost(at.name, at.span))
            return
        self._writer.write(
            lambda store: replace(
                segment_acts.describe(store, at.procedure, item, at.ends, fields),
                title=wording.note_title(at.name, at.span),
            ),
            echo=Echo(wording.noted(at.name, at.span)),
        )

    def _on_write(self) -> None:
        if self._view.recording is None:
            self._banner.show_remark(NO_PROCEDURE_OPEN)
        elif not self._panel.write():
            self._banner.show_remark(wording.NOTHING_CHOSEN)

    def _on_bookmark(self) -> None:
        """On the frame on screen; where it has one, that is taken away."""
        recording = self._view.recording
        if recording is None:
            self._banner.show_remark(NO_PROCEDURE_OPEN)
            return
        if not self._writer.note_procedure():
            return
        index, where = self._player.index, self._procedure.fingerprint
        for item in read_segments(self._session.library, where):
            if item.kind == "bookmark" and recording.index(item.first_s) == index:
                self.drop_bookmarks([item])
                return
        moment, place = self._procedure.moment(index), self._procedure.places.at(index)
        item = bookmark_item(index, recording)
        self._writer.write(
            lambda store: replace(
                segment_acts.describe(store, where, item, (moment, moment), item.fields),
                title=wording.bookmark_title(place),
            ),
            echo=Echo(wording.bookmarked(place)),
        )

    def drop_bookmarks(self, items: list[DecidedSegment]) -> None:
        """They are gone, with what was written beside them, as one act."""
        where, place = self._procedure.fingerprint, self._procedure.places.at(items[0].first_index)
        self._writer.write(
            lambda store: segment_acts.together(
                wording.bookmark_removed_title(place),
                [segment_acts.remove(store, where, item) for item in items],
            ),
            echo=Echo(wording.bookmark_removed(place)),
        )
