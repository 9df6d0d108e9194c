"""What the reader decided about a procedure, segment by segment, as everyone who shows or hands it
on reads it. No Qt.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from endoscope_app.labels.library.label_reader import LabelReader
from endoscope_app.labels.library.records import RangeLabel
from endoscope_app.labels.library.segment_records import SegmentKind, SegmentRecord, SegmentState


@dataclass(frozen=True, slots=True)
class SegmentFields:
    """What the reader wrote beside a segment: ``size_mm`` 0 and texts empty where nothing was
    entered; ``paris`` as "0-IIa"; ``conference``: to be shown at the conference.
    """

    text: str = ""
    size_mm: float = 0.0
    paris: str = ""
    site: str = ""
    certainty: str = ""
    conference: bool = False

    def __bool__(self) -> bool:
        return self != SegmentFields()


@dataclass(frozen=True, slots=True)
class DecidedSegment:
    """A segment as its reader left it.

    ``class_key``: the class as models call it, after a merge the one that it went into (empty for a
    bookmark); ``state`` open: only described, or its labelled range was removed since. Frames
    ``first_index`` to ``last_index``, both included, are shown from ``first_s`` and ``last_s`` on,
    in seconds (of stills: the numbers of the images; of an end that was trimmed since, by the
    distance from the one that was kept). ``thumbnail_index``: the frame that stands for it.
    ``model_class`` as ``model_version`` said, with this mean ``probability`` (0..1); empty
    where the reader found it alone.
    """

    id: int
    kind: SegmentKind
    class_key: str
    state: SegmentState
    first_index: int
    last_index: int
    first_s: float
    last_s: float
    thumbnail_index: int
    fields: SegmentFields
    model_class: str
    model_version: str
    probability: float


def read_segments(library: LabelReader, procedure: str) -> list[DecidedSegment]:
    """Everything that was decided or written about the procedure of this fingerprint, bookmarks
    too, by first frame.

    AppError where the library is closed.
    """
    standing = {span.id: span for span in library.ranges(procedure)}
    return [_decided(library, item, standing) for item in library.segments(procedure)]


def _decided(
    library: LabelReader, item: SegmentRecord, standing: Mapping[int, RangeLabel]
) -> DecidedSegment:
    label_class = library.class_of_key(item.class_key) if item.class_key else None
    span = None if item.range_id is None else standing.get(item.range_id)
    # A decision that labelled a range stands as long as its range does, and where it does
    gone = item.range_id is not None and span is None
    ends = item if span is None else span
    first, last = ends.first_index, ends.last_index
    return DecidedSegment(
        item.id,
        item.kind,
        item.class_key if label_class is None else label_class.key,
        "open" if gone else item.state,
        first,
        last,
        _seconds(item, ends.first_pts, first),
        _seconds(item, ends.last_pts, last),
        min(max(item.peak_index, first), last),
        fields_of(item),
        item.model_class,
        item.model_version,
        item.probability,
    )


def _seconds(item: SegmentRecord, pts: int, index: int) -> float:
    """When a frame is shown: of the ends as it was kept, elsewhere by their distance."""
    if pts == item.first_pts:
        return item.first_s
    if pts == item.last_pts or item.first_index == item.last_index:
        return item.last_s
    per_frame = (item.last_s - item.first_s) / (item.last_index - item.first_index)
    return item.first_s + per_frame * (index - item.first_index)


def fields_of(item: SegmentRecord) -> SegmentFields:
    """What was written beside it."""
    return SegmentFields(
        item.text, item.size_mm, item.paris, item.site, item.certainty, item.conference
    )
