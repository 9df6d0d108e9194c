"""The neutral in-between of every format: what labels say, without the library's own numbers.

A document holds one class for each name: a label of a class that was merged into another is that
other's, as it counts in the library. Where a procedure lies on this computer is never in it, and
its name only where the reader asked.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Literal

from endoscope_app.labels.exchange import reading_wording
from endoscope_app.labels.library.records import FRAME_KINDS, FrameKind
from kd_core.schema.class_groups import group_named

FormatName = Literal["csv", "json", "class folders", "coco", "cvat", "label studio"]
NameBy = Literal["name", "fingerprint"]
TimeOf = Callable[[str, int], float]
"""(fingerprint, frame index) to seconds from the first frame."""
PartsOf = Callable[[str], "tuple[ExchangePart, ...]"]
"""Fingerprint to the procedure's files; none where there is only one."""
BY_NAME = "name:"
"""Stands in a fingerprint's place where a file of another program only has the procedure's name."""
UNNAMED = BY_NAME
"""Stands there where a file does not say which procedure it is about."""
NO_INDEX = -1
_LIMIT = 1 << 63


@dataclass(frozen=True, slots=True)
class ExchangeClass:
    """A class by the name it is shown under; their order is the panel's.

    The colour is #rrggbb, or empty where the format has none. ``key`` is what models call it, empty
    where that is the name; ``group`` one of ClassGroup, empty where that is the usual one.
    """

    name: str
    colour: str = ""
    retired: bool = False
    key: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class ExchangePart:
    """A file of a procedure in several: its name, and which of the procedure's frames it holds."""

    name: str
    first: int
    frame_count: int


@dataclass(frozen=True, slots=True)
class ExchangeProcedure:
    """A procedure.

    The fingerprint may be cut to its first digits, or be BY_NAME and a name, or UNNAMED. What a
    format lacks is empty, 0 or None. Width and height are in pixels. ``parts``: its
    files, where there are several and they are named; no format gives them back.
    """

    fingerprint: str
    name: str = ""
    frame_count: int | None = None
    duration_s: float | None = None
    width: int = 0
    height: int = 0
    parts: tuple[ExchangePart, ...] = field(default=(), compare=False)

    def part_name(self, index: int) -> str:
        """Of the file that holds this frame; empty where that is the only one, or not named."""
        held = (part for part in self.parts if 0 <= index - part.first < part.frame_count)
        return next((part.name for part in held), "")


@dataclass(frozen=True, slots=True)
class Unread:
    """Something in a file that is not offered: where it stands ("row 5"), and why not.

    Neither quotes what stands there.
    """

    where: str
    reason: str


@dataclass(frozen=True, slots=True)
class Moment:
    """A frame's place: pts in ticks, index, and seconds from the first frame.

    The pts is None where the file only counts frames, the index NO_INDEX where it only gives the
    pts.
    """

    pts: int | None
    frame_index: int
    seconds: float = 0.0

    def __post_init__(self) -> None:
        lowest = 0 if self.pts is None else NO_INDEX
        if (
            not lowest <= self.frame_index < _LIMIT
            or not -_LIMIT <= (self.pts or 0) < _LIMIT
            or not math.isfinite(self.seconds)
        ):
            raise ValueError(reading_wording.OUT_OF_RANGE)


@dataclass(frozen=True, slots=True)
class ExchangeFrame:
    """A label of one frame; ``picture`` is the content hash of its kept PNG, or empty.

    ``from_range``: a range says it, in formats that know frames alone. ``where`` it stands in its
    file is for messages.
    """

    fingerprint: str
    at: Moment
    kind: FrameKind
    class_name: str | None
    picture: str = ""
    from_range: bool = False
    where: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        if self.kind not in FRAME_KINDS or (self.kind == "unusable") != (self.class_name is None):
            raise ValueError(reading_wording.KIND_AND_CLASS)


@dataclass(frozen=True, slots=True)
class ExchangeRange:
    """One class from the first to the last frame, both included.

    Stamps need not rise from one to the other.
    """

    fingerprint: str
    first: Moment
    last: Moment
    class_name: str
    where: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        if self.first.frame_index > self.last.frame_index:
            raise ValueError(reading_wording.BACKWARDS)


@dataclass(frozen=True)
class ExchangeDocument:
    """Always made by ``assemble``, so that two documents that say the same are equal.

    ``unread`` is what a file says that could not be understood; ``notes`` are sentences about what
    this program does not take over. A file may contradict itself: two labels of one frame are both
    here.
    """

    classes: tuple[ExchangeClass, ...]
    procedures: tuple[ExchangeProcedure, ...]
    frames: tuple[ExchangeFrame, ...]
    ranges: tuple[ExchangeRange, ...]
    unread: tuple[Unread, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def unplaced(self) -> int:
        """How much of the file is unread."""
        return len(self.unread)

    def labels(self) -> Iterator[ExchangeFrame | ExchangeRange]:
        """Frames, then ranges."""
        yield from self.frames
        yield from self.ranges

    def label_count(self) -> int:
        """Frames and ranges."""
        return len(self.frames) + len(self.ranges)


def assemble(
    classes: Iterable[ExchangeClass],
    procedures: Iterable[ExchangeProcedure],
    frames: Iterable[ExchangeFrame],
    ranges: Iterable[ExchangeRange],
    unread: Iterable[Unread] = (),
    notes: Iterable[str] = (),
) -> ExchangeDocument:
    """A document in its one order, with a label that is given twice once.

    Classes and procedures that only labels name are added.
    """
    known = {label_class.name: label_class for label_class in reversed(list(classes))}
    named = dict(reversed(list(known.items())))
    by_key = {procedure.fingerprint: procedure for procedure in reversed(list(procedures))}
    different = dict.fromkeys(frames)
    in_order = tuple(sorted(different, key=lambda frame: (frame.fingerprint, *_place(frame.at))))
    spans = tuple(
        sorted(
            ranges,
            key=lambda span: (
                span.fingerprint,
                *_place(span.first),
                *_place(span.last),
                span.class_name,
            ),
        )
    )
    labels: Iterable[ExchangeFrame | ExchangeRange] = chain(in_order, spans)
    for label in labels:
        if label.class_name is not None:
            named.setdefault(label.class_name, ExchangeClass(label.class_name))
        by_key.setdefault(label.fingerprint, ExchangeProcedure(label.fingerprint))
    return ExchangeDocument(
        tuple(named.values()),
        tuple(by_key[key] for key in sorted(by_key)),
        in_order,
        spans,
        tuple(unread),
        tuple(notes),
    )


def named_group(text: object) -> str:
    """A group as a file names it; empty for what is none."""
    group = group_named(text) if isinstance(text, str) else None
    return "" if group is None else group.value


def _place(at: Moment) -> tuple[int, bool, int, float]:
    # by the frame's place in the procedure: stamps need not rise
    return at.frame_index, at.pts is None, at.pts or 0, at.seconds
