"""What the reader decided and wrote about stretches of a procedure, as plain frozen records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

SegmentState = Literal["open", "accepted", "corrected", "rejected"]
SegmentKind = Literal["segment", "bookmark"]
STATES: tuple[SegmentState, ...] = ("open", "accepted", "corrected", "rejected")


@dataclass(frozen=True, slots=True)
class SegmentRecord:
    """A stretch of a procedure, both ends included, by its own times: another model finds it again
    by them.

    ``first_s``, ``last_s``: when its first and last frame are shown, in seconds; of stills the
    numbers of the images. ``class_key``: what it is, as decided, or as the model says while it is
    open (empty for a bookmark); ``model_class``, ``model_version``: what the model said and which
    one, empty where the reader found it alone. ``range_id``: the labelled range that accepting or
    correcting made. ``peak_index``: the frame that stands for it. ``size_mm`` 0 and texts empty
    where nothing was entered; ``conference``: to be shown at the conference.
    """

    id: int
    first_pts: int
    last_pts: int
    first_index: int
    last_index: int
    first_s: float
    last_s: float
    peak_index: int
    class_key: str
    model_class: str = ""
    model_version: str = ""
    probability: float = 0.0
    state: SegmentState = "open"
    range_id: int | None = None
    kind: SegmentKind = "segment"
    text: str = ""
    size_mm: float = 0.0
    paris: str = ""
    site: str = ""
    certainty: str = ""
    conference: bool = False

    def __post_init__(self) -> None:
        if self.first_index > self.last_index:
            raise ValueError("a segment ends before it begins")
        if self.state not in STATES:
            raise ValueError(f"a segment cannot be {self.state!r}")


@dataclass(frozen=True, slots=True)
class ReviewRecord:
    """The reader has finished a procedure: with which model's segments, how many there were, and
    how many of them were left open.
    """

    fingerprint: str
    model_version: str
    segments: int
    left_open: int
