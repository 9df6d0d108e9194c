"""The neutral in-between of every format: what labels say, free of the library's own numbers.

A document holds one class for each name: a label of a class that was merged into another is that
other's, as it counts in the library. Where a recording lies on this computer is never in it, and
its name only where the reader asked.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Literal

from endoscope_app.labels.library.label_reader import LabelReader
from endoscope_app.labels.library.records import FRAME_KINDS, FrameKind, LabelClass, Procedure

NameBy = Literal["name", "fingerprint"]
TimeOf = Callable[[str, int], float]
"""(fingerprint, frame index) to seconds from the first frame."""
BY_NAME = "name:"
"""What stands in a fingerprint's place where a file of another program only has the recording's
name.
"""
UNNAMED = BY_NAME
"""What stands there where a file does not say which recording it is about."""
NO_INDEX = -1
_LIMIT = 1 << 63


@dataclass(frozen=True, slots=True)
class ExchangeClass:
    """A class by the name it is shown under; their order is the panel's.

    The colour is #rrggbb, or empty where the format has none. ``key`` is what models call it, empty
    where that is the name.
    """

    name: str
    colour: str = ""
    retired: bool = False
    key: str = ""


@dataclass(frozen=True, slots=True)
class ExchangeProcedure:
    """A recording.

    The fingerprint may be cut to its first digits, or be BY_NAME and a name, or UNNAMED.

    What a format lacks is empty, 0 or None. Width and height are in pixels.
    """

    fingerprint: str
    name: str = ""
    frame_count: int | None = None
    duration_s: float | None = None
    width: int = 0
    height: int = 0


@dataclass(frozen=True, slots=True)
class Unread:
    """Something in a file that is not offered: where it stands ("row 5"), and why not, in words
    without what stands there.
    """

    where: str
    reason: str


@dataclass(frozen=True, slots=True)
class Moment:
    """A frame's place: pts (None where the file only counts frames), index, and seconds from the
    first frame.

    The index is NO_INDEX where the file only gives the pts.
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
            raise ValueError("its frame or time is out of range")


@dataclass(frozen=True, slots=True)
class ExchangeFrame:
    """What was said about one frame; ``picture`` is the content hash of its kept PNG, or empty.

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
            raise ValueError("its kind and its class do not go together")


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
            raise ValueError("it ends before it begins")


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
    """A document in its one order, a label that is said twice once; classes and recordings that
    only labels name are added.
    """
    different = dict.fromkeys(frames)
    in_order = tuple(sorted(different, key=lambda frame: (frame.fingerprint, *_place(frame.at))))
    spans = tuple(
        sorted(
            ranges,
            key=lambda one: (
                one.fingerprint,
                *_place(one.first),
                *_place(one.last),
                one.class_name,
            ),
        )
    )
    known = {one.name: one for one in reversed(list(classes))}
    named = dict(reversed(list(known.items())))
    films = {one.fingerprint: one for one in reversed(list(procedures))}
    labels: Iterable[ExchangeFrame | ExchangeRange] = chain(in_order, spans)
    for label in labels:
        if label.class_name is not None:
            named.setdefault(label.class_name, ExchangeClass(label.class_name))
        films.setdefault(label.fingerprint, ExchangeProcedure(label.fingerprint))
    return ExchangeDocument(
        tuple(named.values()),
        tuple(films[key] for key in sorted(films)),
        in_order,
        spans,
        tuple(unread),
        tuple(notes),
    )


def collect(
    reader: LabelReader,
    fingerprints: Iterable[str] | None = None,
    name_by: NameBy = "fingerprint",
    time_of: TimeOf | None = None,
) -> ExchangeDocument:
    """What the library says about these procedures (all that it knows, for None), with all classes
    that were not merged away.

    File names often carry a patient's name: ``name_by`` 'name' puts them into the document. Without
    ``time_of`` frames count as evenly spaced over the procedure's duration. Fingerprints that the
    library does not know are passed over. Classes are named as the reader sees them.
    """
    wanted = None if fingerprints is None else set(fingerprints)
    films = [one for one in reader.procedures() if wanted is None or one.fingerprint in wanted]
    classes = reader.classes()
    roots = {one.id: reader.resolved_class(one.id) for one in classes}
    names = {number: root.name for number, root in roots.items()}
    frames: list[ExchangeFrame] = []
    ranges: list[ExchangeRange] = []
    for film in films:
        seconds = _evenly(film) if time_of is None else time_of
        key = film.fingerprint
        # labels of no frame stand beyond the last one
        for label in (
            one for one in reader.frame_labels(key) if one.frame_index < film.frame_count
        ):
            at = Moment(label.pts, label.frame_index, seconds(key, label.frame_index))
            name = None if label.class_id is None else names[label.class_id]
            frames.append(ExchangeFrame(key, at, label.kind, name, label.png or ""))
        for found in (one for one in reader.ranges(key) if one.last_index < film.frame_count):
            first = Moment(found.first_pts, found.first_index, seconds(key, found.first_index))
            last = Moment(found.last_pts, found.last_index, seconds(key, found.last_index))
            ranges.append(ExchangeRange(key, first, last, names[found.class_id]))
    procedures = [
        ExchangeProcedure(
            one.fingerprint,
            _name(one, name_by),
            one.frame_count,
            one.duration_s,
            one.width,
            one.height,
        )
        for one in films
    ]
    return assemble(
        (_class(one, names[one.id]) for one in classes if one.merged_into is None),
        procedures,
        frames,
        ranges,
    )


def _class(found: LabelClass, name: str) -> ExchangeClass:
    return ExchangeClass(name, found.colour, found.retired, "" if found.key == name else found.key)


def _name(film: Procedure, name_by: NameBy) -> str:
    """A file name need not be valid Unicode, and every format here is."""
    return film.name.encode("utf-8", "replace").decode() if name_by == "name" else ""


def _evenly(film: Procedure) -> TimeOf:
    step = film.duration_s / film.frame_count if film.frame_count > 0 else 0.0
    return lambda _, index: round(index * step, 3)


def _place(at: Moment) -> tuple[int, bool, int, float]:
    # by the frame's place in the recording: stamps need not rise
    return at.frame_index, at.pts is None, at.pts or 0, at.seconds
