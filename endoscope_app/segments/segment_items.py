"""What there is to decide: what the model in use finds, and what was decided before, whichever
model it was about. No Qt.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from endoscope_app.analysis.findings import Finding
from endoscope_app.media.frame_times import FrameTimes
from endoscope_app.segments.decided import DecidedSegment, SegmentFields

#: A finding of which so much lies within decided segments of its class is one of them.
COVERED_FROM = 0.5
_STILL_S = 1.0


@dataclass(frozen=True)
class Recording:
    """The procedure that is open: ``times`` of its frames; ``stills``: they have none of their own
    and are numbered instead.
    """

    times: FrameTimes
    stills: bool

    def seconds(self, index: int) -> float:
        """When a frame is shown; of a still its number."""
        return float(index) if self.stills else float(self.times.times_ms[index]) / 1000

    def index(self, seconds: float) -> int:
        """The frame that ``seconds`` gave."""
        last = len(self.times) - 1
        return min(last, round(seconds) if self.stills else self.times.index_at(1000 * seconds))

    def length_s(self, item: DecidedSegment) -> float:
        """How long it is shown, to the end of its last frame; of stills how many they are."""
        if self.stills:
            return _STILL_S * (item.last_index - item.first_index + 1)
        return self.times.span_ms(item.first_index, item.last_index + 1) / 1000

    @property
    def minutes(self) -> float:
        """Recorded, without the recorder's pauses."""
        return float(self.times.durations_ms.sum()) / 60_000


def found_item(finding: Finding, key: str, version: str, recording: Recording) -> DecidedSegment:
    """A finding of the model ``version`` as a segment that nobody has decided yet (id 0)."""
    first, last = finding.start, finding.stop - 1
    return DecidedSegment(
        0,
        "segment",
        key,
        "open",
        first,
        last,
        recording.seconds(first),
        recording.seconds(last),
        finding.peak_index,
        SegmentFields(),
        key,
        version,
        finding.mean_probability,
    )


def bookmark_item(index: int, recording: Recording) -> DecidedSegment:
    """A frame that the reader wants to find again (id 0)."""
    at = recording.seconds(index)
    return DecidedSegment(
        0, "bookmark", "", "open", index, index, at, at, index, SegmentFields(), "", "", 0.0
    )


def segment_items(
    findings: Sequence[Finding],
    keys: Sequence[str],
    version: str,
    decided: Sequence[DecidedSegment],
    recording: Recording,
) -> list[DecidedSegment]:
    """All segments by time: those in the library, each at the frames of its times, and the
    findings that none of them covers.

    ``keys``: of the model's classes, as findings number them. What was decided stays in the list
    whatever the model in use finds.
    """
    kept = [_placed(item, recording) for item in decided]
    spans = {key: _spans(kept, key) for key in set(keys)}
    new = [
        found_item(item, keys[item.label], version, recording)
        for item in findings
        if not _is_covered(item, spans[keys[item.label]])
    ]
    return sorted([*kept, *new], key=lambda item: (item.first_index, item.last_index, item.id))


def _placed(item: DecidedSegment, recording: Recording) -> DecidedSegment:
    first, last = recording.index(item.first_s), recording.index(item.last_s)
    return replace(item, first_index=first, last_index=max(first, last))


def _spans(decided: Sequence[DecidedSegment], key: str) -> NDArray[np.int64]:
    """(M, 2) first frame and the one after the last of what was decided about a class."""
    found = [
        (item.first_index, item.last_index + 1)
        for item in decided
        if item.kind == "segment" and key in (item.model_class, item.class_key)
    ]
    return np.array(found, np.int64).reshape(-1, 2)


def _is_covered(finding: Finding, spans: NDArray[np.int64]) -> bool:
    inside = np.minimum(spans[:, 1], finding.stop) - np.maximum(spans[:, 0], finding.start)
    covered = int(np.maximum(inside, 0).sum())
    return covered >= COVERED_FROM * (finding.stop - finding.start)
