"""What the reader decides about segments, by key in the list: written with its range at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject, Signal

from endoscope_app.analysis.procedure_analysis import ProcedureAnalysis
from endoscope_app.base.plain_text import ask
from endoscope_app.labels import act_wording
from endoscope_app.labels.label_desk import LabelDesk
from endoscope_app.labels.label_writer import Echo, LabelWriter
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.labels.library.records import Act, Changes, LabelClass, ModelOpinion
from endoscope_app.labels.library.segment_records import SegmentRecord, SegmentState
from endoscope_app.segments import segment_acts, wording
from endoscope_app.segments.commands import ACCEPT_CLASS, FINISH_REVIEW
from endoscope_app.segments.decided import DecidedSegment
from endoscope_app.segments.segment_acts import Ends
from endoscope_app.segments.segment_jumps import SegmentJumps
from endoscope_app.segments.segment_rows import SegmentRow, tally
from endoscope_app.segments.segment_view import SegmentView
from endoscope_app.segments.segments_panel import SegmentsPanel

Build = Callable[[LabelStore, DecidedSegment, Ends], Act]


class SegmentDecisions(QObject):
    """After a decision the list goes on to the next open segment; after an undo it shows the one
    that changed. ``review_finished`` carries the procedure's fingerprint.
    """

    review_finished = Signal(str)

    def __init__(
        self,
        desk: LabelDesk,
        panel: SegmentsPanel,
        writer: LabelWriter,
        analysis: ProcedureAnalysis,
        view: SegmentView,
        jumps: SegmentJumps,
    ) -> None:
        super().__init__(desk.window.as_widget())
        self._window, self._panel, self._writer = desk.window, panel, writer
        self._session, self._procedure = desk.session, desk.procedure
        self._analysis, self._view, self._jumps = analysis, view, jumps
        #: Called before a review is finished
        self.keep_reading_time: Callable[[], None] = lambda: None
        panel.list.accepted.connect(self._accept)
        panel.list.corrected.connect(self._correct)
        panel.list.rejected.connect(self._reject)
        panel.list.reopened.connect(self._reopen)
        panel.finish_requested.connect(self.finish)
        desk.window.action(ACCEPT_CLASS).triggered.connect(self.accept_class)
        desk.window.action(FINISH_REVIEW).triggered.connect(self.finish)
        desk.session.changed.connect(self._on_changed)

    def finish(self) -> None:
        """Close the review; where segments are open the reader is asked first."""
        if self._view.say_why_not():
            return
        count = tally(self._panel.rows)
        if count.decided < count.total and not ask(
            self._window.as_widget(), wording.FINISH_TITLE, wording.ask_finish(count)
        ):
            self._jumps.go_to_next_open()
            return
        classifier = self._analysis.classifier
        if classifier is None or not self._writer.note_procedure():
            return
        where, version = self._procedure.fingerprint, classifier.version
        left = count.total - count.decided
        self.keep_reading_time()
        read_s = self._session.library.reading_times(where).get(self._session.reader_name(), 0.0)
        written = self._writer.write(
            lambda store: segment_acts.together(
                wording.FINISHED_TITLE,
                [segment_acts.finish(store, where, version, count.total, left)],
            ),
            echo=Echo(wording.finished(count, read_s), stays=True),
        )
        if written:
            self.review_finished.emit(where)

    def accept_class(self) -> None:
        """Accept what is open and shown of the current segment's class; as most of it was not
        looked at, the reader is asked first.
        """
        if self._view.say_why_not():
            return
        rows = self._panel.open_alike()
        if not rows:
            self._window.banner.show_remark(wording.NOTHING_ALIKE)
            return
        question = wording.ask_accept_class(len(rows), rows[0].name)
        if len(rows) == 1 or ask(self._window.as_widget(), wording.ACCEPT_CLASS_TITLE, question):
            self._accept_rows(rows, "Shift+Enter")

    def _accept(self, key: str) -> None:
        self._accept_rows(self._chosen(), key)

    def _accept_rows(self, rows: Sequence[SegmentRow], key: str) -> None:
        classes = [
            self._session.class_of_key(row.item.model_class or row.item.class_key) for row in rows
        ]
        self._write("accepted", key, rows, [partial(self._decide, chosen) for chosen in classes])

    def _correct(self, place: int, key: str) -> None:
        classes = self._session.panel_classes()
        if place >= len(classes):
            self._window.banner.show_remark(act_wording.no_class_on_key(key))
            return
        chosen, rows = classes[place], self._chosen()
        is_right = all(self._model_said(row.item) == chosen for row in rows)
        self._write(
            "accepted" if is_right else "corrected",
            key,
            rows,
            [partial(self._decide, chosen)] * len(rows),
            chosen,
        )

    def _reject(self, key: str) -> None:
        rows = self._chosen()
        self._write("rejected", key, rows, [partial(self._decide, None)] * len(rows))

    def _reopen(self, key: str) -> None:
        rows = [row for row in self._chosen() if row.item.state != "open"]
        where = self._procedure.fingerprint

        def build(store: LabelStore, item: DecidedSegment, ends: Ends) -> Act:
            return segment_acts.reopen(store, where, item, ends)

        self._write("open", key, rows, [build] * len(rows))

    def _chosen(self) -> list[SegmentRow]:
        return [row for row in self._panel.list.chosen_rows() if row.item.kind == "segment"]

    def _model_said(self, item: DecidedSegment) -> LabelClass | None:
        return self._session.class_of_key(item.model_class) if item.model_class else None

    def _decide(
        self, chosen: LabelClass | None, store: LabelStore, item: DecidedSegment, ends: Ends
    ) -> Act:
        said = self._model_said(item)
        corrected = chosen is not None and said is not None and chosen.id != said.id
        where = self._procedure.fingerprint
        return segment_acts.decide(store, where, item, ends, chosen, corrected=corrected)

    def _write(
        self,
        state: SegmentState,
        key: str,
        rows: Sequence[SegmentRow],
        builds: Sequence[Build],
        chosen: LabelClass | None = None,
    ) -> None:
        """All of ``rows`` in one act with one undo, and on to the next open one."""
        if not rows or not self._writer.note_procedure():
            return
        moment, places = self._procedure.moment, self._procedure.places
        # Captured now: an act that waits for a name must not end in another procedure
        items = [row.item for row in rows]
        ends = [(moment(item.first_index), moment(item.last_index)) for item in items]
        first, last = items[0].first_index, max(item.last_index for item in items)
        name = rows[0].name if chosen is None else chosen.name
        if len(rows) > 1:
            name = wording.several(len(rows))
        place = places.span(first, last)
        title = wording.title(state, name, place)
        colour = rows[0].colour if chosen is None else chosen.colour
        written = self._writer.write(
            lambda store: segment_acts.together(
                title,
                [
                    build(store, item, both)
                    for build, item, both in zip(builds, items, ends, strict=True)
                ],
            ),
            self._opinion(items[0]) if len(items) == 1 else None,
            echo=Echo(wording.echo(state, name, place, key), colour),
        )
        if written and state != "open":
            self._jumps.go_to_next_open()

    def _opinion(self, item: DecidedSegment) -> ModelOpinion | None:
        if not item.model_class:
            return None
        return ModelOpinion(item.model_version, item.model_class, item.probability)

    def _on_changed(self, changes: Changes) -> None:
        """Also after an undo: the segment that changed is the current one."""
        for row in changes.rows:
            record = row.after or row.before
            if isinstance(record, SegmentRecord) and row.fingerprint == self._procedure.fingerprint:
                self._panel.mark((record.kind, record.first_index, record.last_index))
                return
