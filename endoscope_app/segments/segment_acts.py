"""A decision about a segment as one act: what is kept of it and the labelled range it makes stand
or fall together, with one undo. No Qt.

Building writes nothing; LabelStore.apply does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from endoscope_app.labels.library import edits
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.labels.library.records import Act, FrameMoment, LabelClass, RowChange
from endoscope_app.labels.library.segment_records import (
    ReviewRecord,
    SegmentRecord,
    SegmentState,
)
from endoscope_app.segments.decided import DecidedSegment, SegmentFields, fields_of

Ends = tuple[FrameMoment, FrameMoment]


def decide(
    store: LabelStore,
    procedure: str,
    item: DecidedSegment,
    ends: Ends,
    chosen: LabelClass | None,
    *,
    corrected: bool = False,
) -> Act:
    """Give the segment this class, as a labelled range from the first to the last of ``ends``;
    ``corrected``: it is another than the model's.

    ``chosen`` None: the model is wrong here, and no range stays that said so before. The act has no
    title of its own.
    """
    if chosen is None:
        return _with_range(store, procedure, item, ends, "rejected", None)
    state: SegmentState = "corrected" if corrected else "accepted"
    return _with_range(store, procedure, item, ends, state, chosen)


def reopen(store: LabelStore, procedure: str, item: DecidedSegment, ends: Ends) -> Act:
    """Take the decision and its range back; what was written beside the segment stays."""
    return _with_range(store, procedure, item, ends, "open", None)


def describe(
    store: LabelStore, procedure: str, item: DecidedSegment, ends: Ends, fields: SegmentFields
) -> Act:
    """Write beside the segment; a decision about it stays as it is."""
    before = _kept(store, procedure, item)
    state, range_id = ("open", None) if before is None else (before.state, before.range_id)
    after = _record(store, item, ends, state, item.class_key, range_id, fields)
    return Act("", (RowChange("segments", procedure, before, _if_said(after)),))


def remove(store: LabelStore, procedure: str, item: DecidedSegment) -> Act:
    """A bookmark is gone, with what was written beside it."""
    return Act("", (RowChange("segments", procedure, _kept(store, procedure, item), None),))


def finish(store: LabelStore, procedure: str, version: str, segments: int, left_open: int) -> Act:
    """The review is finished, with so many segments of model ``version`` left open."""
    before = store.read.review(procedure)
    after = ReviewRecord(procedure, version, segments, left_open)
    return Act("", (RowChange("reviews", procedure, before, after),))


def together(title: str, acts: Sequence[Act]) -> Act:
    """Several decisions as one act of this title."""
    return edits.compound(title, acts)


def _with_range(
    store: LabelStore,
    procedure: str,
    item: DecidedSegment,
    ends: Ends,
    state: SegmentState,
    chosen: LabelClass | None,
) -> Act:
    before = _kept(store, procedure, item)
    ranges = {span.id for span in store.read.ranges(procedure)}
    held = None if before is None or before.range_id not in ranges else before.range_id
    rows: tuple[RowChange, ...] = ()
    number = None
    if chosen is not None and held is not None:
        # Trimmed by its reader meanwhile, it stays as long as it is
        rows, number = edits.change_range(store.read, held, class_id=chosen.id).rows, held
    elif chosen is not None:
        number = store.new_id("range_labels")
        rows = edits.add_range(store.read, procedure, *ends, chosen.id, number).rows
    elif held is not None:
        rows = edits.delete_range(store.read, held).rows
    said = item.model_class or item.class_key
    key = said if chosen is None else chosen.key
    fields = SegmentFields() if before is None else fields_of(before)
    after = _record(store, item, ends, state, key, number, fields)
    return Act("", (*rows, RowChange("segments", procedure, before, _if_said(after))))


def _kept(store: LabelStore, procedure: str, item: DecidedSegment) -> SegmentRecord | None:
    kept = store.read.segments(procedure)
    return next((record for record in kept if record.id == item.id), None)


def _record(
    store: LabelStore,
    item: DecidedSegment,
    ends: Ends,
    state: SegmentState,
    class_key: str,
    range_id: int | None,
    fields: SegmentFields,
) -> SegmentRecord:
    first, last = ends
    return SegmentRecord(
        item.id or store.new_id("segments"),
        first.pts,
        last.pts,
        first.frame_index,
        last.frame_index,
        item.first_s,
        item.last_s,
        item.thumbnail_index,
        class_key,
        item.model_class,
        item.model_version,
        item.probability,
        state,
        range_id,
        item.kind,
        **asdict(fields),
    )


def _if_said(record: SegmentRecord) -> SegmentRecord | None:
    """An open segment without a word is the model's alone, and is not kept."""
    said = record.state != "open" or bool(fields_of(record)) or record.kind == "bookmark"
    return record if said else None
