"""What of a library's procedure is a finding: segments that the reader took or corrected, labelled
ranges that no segment has, bookmarks with a word, and single labelled frames where they are asked
for. No Qt.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from endoscope_app.labels.frame_places import FramePlaces
from endoscope_app.labels.library.label_reader import LabelReader
from endoscope_app.labels.library.records import LabelClass, RangeLabel
from endoscope_app.media.frame_times import FrameTimes
from endoscope_app.report import wording
from endoscope_app.report.report_values import GROUPS, Finding, FindingState, Group
from endoscope_app.segments import class_groups
from endoscope_app.segments.decided import DecidedSegment, SegmentFields, read_segments

Span = tuple[int, int]
#: The frame of a span that shows its class best, by the class's key.
BestFrame = Callable[[int, int, str], int]
NO_FIELDS = SegmentFields()
_GROUPS: Mapping[class_groups.Group, Group] = MappingProxyType(
    dict(zip(class_groups.Group, GROUPS, strict=True))
)


@dataclass(frozen=True)
class FindingRows:
    """Findings of one procedure in its library; ``best_frame`` chooses what stands for a range."""

    library: LabelReader
    fingerprint: str
    times: FrameTimes
    places: FramePlaces
    best_frame: BestFrame

    def all(self, *, single_frames: bool) -> tuple[Finding, ...]:
        """By group, then by first frame. What lies beyond the recording's frames is left out."""
        ranges = {span.id: span for span in self.library.ranges(self.fingerprint)}
        range_of = {item.id: item.range_id for item in self.library.segments(self.fingerprint)}
        found: list[Finding] = []
        for item in read_segments(self.library, self.fingerprint):
            found += self._segment(item, ranges.get(range_of.get(item.id) or 0))
        taken = {range_of[item.id] for item in read_segments(self.library, self.fingerprint)}
        for span in ranges.values():
            if span.id not in taken:
                found += self._range(span)
        if single_frames:
            found += self._frames(tuple(found))
        return tuple(sorted(found, key=_place))

    def _segment(self, item: DecidedSegment, span: RangeLabel | None) -> list[Finding]:
        """Where its range was trimmed by the reader, it is as long as that."""
        if item.kind == "bookmark":
            if not item.fields:
                return []
            at = (item.first_index, item.last_index)
            return self._finding("", at, "noted", item.first_index, item.fields)
        if item.state not in ("accepted", "corrected"):
            return []
        at = (
            (item.first_index, item.last_index)
            if span is None
            else (span.first_index, span.last_index)
        )
        shown = item.thumbnail_index
        if not at[0] <= shown <= at[1]:
            shown = self.best_frame(*at, item.class_key)
        state: FindingState = "accepted" if item.state == "accepted" else "corrected"
        return self._finding(item.class_key, at, state, shown, item.fields)

    def _range(self, span: RangeLabel) -> list[Finding]:
        key = self.library.resolved_class(span.class_id).key
        at = (span.first_index, span.last_index)
        if at[1] >= len(self.times):
            return []
        return self._finding(key, at, "labelled", self.best_frame(*at, key))

    def _frames(self, others: Sequence[Finding]) -> list[Finding]:
        """Those that no other finding of their group covers."""
        found: list[Finding] = []
        for label in self.library.frame_labels(self.fingerprint):
            index = label.frame_index
            if label.class_id is None:
                continue
            key = self.library.resolved_class(label.class_id).key
            for item in self._finding(key, (index, index), "labelled", index):
                if not any(
                    other.group == item.group and other.first <= index <= other.last
                    for other in others
                ):
                    found.append(item)
        return found

    def _finding(
        self,
        key: str,
        at: Span,
        state: FindingState,
        shown: int,
        fields: SegmentFields = NO_FIELDS,
    ) -> list[Finding]:
        first, last = at
        if last >= len(self.times):
            return []
        times = self.times
        known: LabelClass | None = self.library.class_of_key(key) if key else None
        chosen = {} if known is None else {key.casefold(): known.class_group}
        name = key if known is None else known.name
        return [
            Finding(
                class_key=key,
                class_name=name if key else wording.BOOKMARK,
                group=_GROUPS[class_groups.group_of(key, chosen)],
                state=state,
                first=first,
                last=last,
                start_ms=float(times.times_ms[first]),
                end_ms=float(times.times_ms[last] + times.durations_ms[last]),
                place=self.places.span(first, last),
                shown_frame=shown,
                text=fields.text,
                fields=_named(fields),
            )
        ]


def _place(finding: Finding) -> tuple[int, int, int, str]:
    return GROUPS.index(finding.group), finding.first, finding.last, finding.class_name


def _named(fields: SegmentFields) -> tuple[tuple[str, str], ...]:
    """Those that were filled in, by their names."""
    named = (
        (wording.SIZE, wording.millimetres(fields.size_mm) if fields.size_mm else ""),
        (wording.PARIS, fields.paris),
        (wording.SITE, fields.site),
        (wording.CERTAINTY, fields.certainty),
        (wording.CONFERENCE, wording.YES if fields.conference else ""),
    )
    return tuple((name, value) for name, value in named if value)
