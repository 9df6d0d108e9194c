"""How the frames of one procedure are named: by the recording's own time, stills by their number.

No Qt.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from endoscope_app.base.wording import tenths
from endoscope_app.labels import wording
from endoscope_app.labels.library.pair_records import StillPair
from endoscope_app.labels.library.records import FrameLabel, RangeLabel, RowChange
from endoscope_app.labels.library.second_reading_records import Adjudication
from endoscope_app.labels.library.segment_records import SegmentRecord


@dataclass(frozen=True)
class FramePlaces:
    """``times_ms`` (N,) of every frame; ``stills`` have no times and are numbered."""

    times_ms: NDArray[np.float64]
    stills: bool

    def at(self, index: int) -> str:
        """As "0:12.4" or "image 1,204"; a frame beyond the recording by its number."""
        if self.stills or not 0 <= index < len(self.times_ms):
            return wording.frame_number(index, self.stills)
        return tenths(float(self.times_ms[index]))

    def span(self, first: int, last: int) -> str:
        """As "0:10.0–0:14.0" or "images 12–40"; of one frame its place."""
        if first == last:
            return self.at(first)
        if self.stills or not 0 <= first <= last < len(self.times_ms):
            return wording.frame_numbers(first, last, self.stills)
        return f"{self.at(first)}–{self.at(last)}"

    def frames(self, first: int, last: int) -> str:
        """How many: "101 frames", "1 image"."""
        return wording.frame_count(last - first + 1, self.stills)


_PLACED = FrameLabel | RangeLabel | SegmentRecord | StillPair | Adjudication


def changed_place(
    rows: Sequence[RowChange], fingerprint: str, places: FramePlaces
) -> tuple[str, int | None]:
    """Where rows changed in a procedure, by name, and its first frame; "" and None where no
    label of it changed.
    """
    found = [
        _span(label)
        for row in rows
        if row.fingerprint == fingerprint and isinstance(label := row.before or row.after, _PLACED)
    ]
    spans = list(dict.fromkeys(found))  # a segment and its range are one place
    if not spans:
        return "", None
    first = min(begin for begin, _ in spans)
    return (places.span(*spans[0]) if len(spans) == 1 else places.at(first)), first


def _span(
    label: FrameLabel | RangeLabel | SegmentRecord | StillPair | Adjudication,
) -> tuple[int, int]:
    """First and last frame; of a pair its first still, twice."""
    if isinstance(label, FrameLabel):
        return label.frame_index, label.frame_index
    if isinstance(label, StillPair):
        return label.before_index, label.before_index
    return label.first_index, label.last_index
