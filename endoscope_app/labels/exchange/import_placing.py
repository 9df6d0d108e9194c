"""Which frame of the library each label of a file is on, held against the recording's own
frames; what has none is named.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass

from endoscope_app.base.wording import counted
from endoscope_app.labels.exchange.document import (
    UNNAMED,
    ExchangeDocument,
    ExchangeFrame,
    ExchangeRange,
    Moment,
    Unread,
)
from endoscope_app.labels.library.records import Procedure

PtsOf = Callable[[str, int], int | None]
"""(fingerprint, frame index) to that frame's pts, or None where the recording is not at hand or
has no such frame.
"""
SameAs = Callable[[str | None], Hashable]
"""What a class name of the file counts as; None is the name of unusable frames."""
BEYOND = "it lies beyond the end of its procedure"
NOT_AT_HAND = (
    "its recording is not at hand to look the frame up: open the recording, and import again"
)
GONE = "no image in the folder is the one that was labelled"
NO_RECORDING = "it does not say which recording it is of: open the recording, and import again"
NO_FRAME = "its time stamp is of no frame"
TAKEN = "its time stamp is of no frame, and the frame of its number has another label in the file"
BACKWARDS = "it ends before it begins"
CONTRADICTED = "they give one frame different classes"


@dataclass(frozen=True, slots=True)
class PlacedFrame:
    """A label on a frame that is there."""

    fingerprint: str
    label: ExchangeFrame
    pts: int
    index: int


@dataclass(frozen=True, slots=True)
class PlacedRange:
    """A range whose two ends are there."""

    fingerprint: str
    label: ExchangeRange
    first: tuple[int, int]
    """(pts, index)"""
    last: tuple[int, int]


class Placing:
    """``films``: by the file's fingerprint or name, the library's procedure.

    Read ``unread`` and ``notes`` when all was asked.
    """

    def __init__(
        self, films: Mapping[str, Procedure], pts_of: PtsOf | None, same_as: SameAs
    ) -> None:
        self.unknown: Counter[str] = Counter()
        self.unread: list[Unread] = []
        self.beyond = 0
        self._films, self._pts_of, self._same_as = films, pts_of, same_as
        self._tables: dict[str, dict[int, int]] = {}
        self._by_content: set[str] = set()
        self._by_number = 0
        self._by_stamp = 0

    def frames(self, document: ExchangeDocument) -> Iterator[PlacedFrame]:
        """Those with a place, each frame once; where a file contradicts itself, neither label."""
        places: dict[tuple[str, int], list[PlacedFrame]] = defaultdict(list)
        for label in document.frames:
            found = self._placed(label.fingerprint, (label.at,), label.where)
            if found is not None:
                fingerprint, ((pts, index),) = found
                places[(fingerprint, pts)].append(PlacedFrame(fingerprint, label, pts, index))
        for all_here in places.values():
            # a time stamp that fits outranks one that is of no frame
            fitting = [one for one in all_here if one.label.at.pts == one.pts]
            same = fitting or all_here
            for one in all_here:
                if fitting and one not in fitting and one.label.at.pts is not None:
                    self._name(one.label.where, TAKEN)
                elif fitting and one not in fitting:
                    same = [*same, one]
            if len({self._same_as(one.label.class_name) for one in same}) > 1:
                where = dict.fromkeys(one.label.where or "a label" for one in same)
                self.unread.append(
                    Unread(
                        " and ".join(sorted(where, key=lambda text: (len(text), text))),
                        CONTRADICTED,
                    )
                )
            else:
                yield same[0]

    def ranges(self, document: ExchangeDocument) -> Iterator[PlacedRange]:
        """Those with a place."""
        for label in document.ranges:
            found = self._placed(label.fingerprint, (label.first, label.last), label.where)
            if found is None:
                continue
            fingerprint, (first, last) = found
            if first[1] > last[1]:
                self._name(label.where, BACKWARDS)
            else:
                yield PlacedRange(fingerprint, label, first, last)

    def notes(self) -> list[str]:
        """What was done about stamps and numbers that do not go together, as sentences."""
        found = []
        if self._by_number:
            found.append(
                f"{counted(self._by_number, 'frame')} went by frame number, as the time stamp in"
                " the file is of no frame."
            )
        if self._by_stamp:
            found.append(
                f"{counted(self._by_stamp, 'frame')} went by time stamp, as the frame number in the"
                " file is of another frame."
            )
        return found

    def _placed(
        self, key: str, moments: tuple[Moment, ...], where: str
    ) -> tuple[str, list[tuple[int, int]]] | None:
        film = self._films.get(key)
        if film is None and key == UNNAMED:
            self._name(where, NO_RECORDING)
            return None
        if film is None:
            self.unknown[key] += 1
            return None
        found = []
        for at in moments:
            place = self._frame(film, at)
            if isinstance(place, str):
                self.beyond += place == BEYOND
                self._name(where, place)
                return None
            found.append(place)
        return film.fingerprint, found

    def _frame(self, film: Procedure, at: Moment) -> tuple[int, int] | str:
        """(pts, index) of a frame that is there, or why there is none."""
        table = self._table(film)
        if at.pts is not None and at.pts in table:
            index = table[at.pts]
            self._by_stamp += at.frame_index not in (index, -1)
            return at.pts, index
        if at.frame_index >= film.frame_count:
            return BEYOND
        if not table:
            return NOT_AT_HAND
        if at.pts is not None and film.fingerprint in self._by_content:
            # An image of stills is known by what it shows, not by its place in the folder
            return GONE
        pts = (
            self._pts_of(film.fingerprint, at.frame_index)
            if self._pts_of is not None and at.frame_index >= 0
            else None
        )
        if pts is None:
            return NO_FRAME
        self._by_number += at.pts is not None
        return pts, at.frame_index

    def _table(self, film: Procedure) -> dict[int, int]:
        """pts to index of every frame of the recording; empty where it is not at hand."""
        if film.fingerprint not in self._tables:
            pts_of = self._pts_of
            stamps = (
                []
                if pts_of is None
                else [pts_of(film.fingerprint, index) for index in range(film.frame_count)]
            )
            found = {pts: index for index, pts in enumerate(stamps) if pts is not None}
            self._tables[film.fingerprint] = found
            # libraries before did not note the kind; only stamps made from content do not rise
            if film.stamp_kind == "content" or list(found) != sorted(found):
                self._by_content.add(film.fingerprint)
        return self._tables[film.fingerprint]

    def _name(self, where: str, reason: str) -> None:
        self.unread.append(Unread(where or "a label", reason))
