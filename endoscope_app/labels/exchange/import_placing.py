"""Which frame of the library each label of a file is on, held against the procedure's own frames.

A label without a place is named.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from endoscope_app.labels.exchange import reading_wording
from endoscope_app.labels.exchange.document import (
    NO_INDEX,
    UNNAMED,
    ExchangeDocument,
    ExchangeFrame,
    ExchangeRange,
    Moment,
    Unread,
)
from endoscope_app.labels.library.records import Procedure

PtsOf = Callable[[str, int], int | None]
"""(fingerprint, frame index) to that frame's pts.

None where the procedure's file is not at hand or has no such frame.
"""
SameAs = Callable[[str | None], Hashable]
"""What a class name of the file counts as; None is the name of unusable frames."""


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

    def is_within(self, stretch: tuple[int, int]) -> bool:
        """Whether all its frames are in a stretch of frames, both ends included."""
        return stretch[0] <= self.first[1] and self.last[1] <= stretch[1]


class Placing:
    """``procedures``: by the file's fingerprint or name, the library's procedure; ``group_of``: the
    group of a class name of the file.

    Read ``unread`` and ``notes`` when all was asked.
    """

    def __init__(
        self,
        procedures: Mapping[str, Procedure],
        pts_of: PtsOf | None,
        same_as: SameAs,
        group_of: Callable[[str], str],
    ) -> None:
        self.unknown: Counter[str] = Counter()
        self.unread: list[Unread] = []
        self.beyond = 0
        self._procedures, self._pts_of, self._same_as = procedures, pts_of, same_as
        self._group_of = group_of
        self._tables: dict[str, dict[int, int]] = {}
        self._by_content: set[str] = set()
        self._by_number = 0
        self._by_stamp = 0

    def frames(self, document: ExchangeDocument) -> Iterator[PlacedFrame]:
        """Those with a place, of each frame one of each group; where a file contradicts itself,
        neither label.
        """
        places: dict[tuple[str, int], list[PlacedFrame]] = defaultdict(list)
        for label in document.frames:
            place = self._placed(label.fingerprint, (label.at,), label.where)
            if place is not None:
                fingerprint, ((pts, index),) = place
                places[(fingerprint, pts)].append(PlacedFrame(fingerprint, label, pts, index))
        for counting in self._rivals(places.values()):
            if len({self._same_as(frame.label.class_name) for frame in counting}) > 1:
                where = {frame.label.where or reading_wording.A_LABEL for frame in counting}
                in_order = sorted(where, key=lambda text: (len(text), text))
                self._name(" and ".join(in_order), reading_wording.CONTRADICTED)
            else:
                yield counting[0]

    def _rivals(self, frames: Iterable[list[PlacedFrame]]) -> Iterator[list[PlacedFrame]]:
        """Labels that one frame cannot have together: of one group, or all where it is unusable."""
        for labels in frames:
            counting = self._counting(labels)
            groups: dict[str, list[PlacedFrame]] = defaultdict(list)
            is_unusable = any(frame.label.class_name is None for frame in counting)
            for frame in counting:
                name = frame.label.class_name
                groups["" if is_unusable or name is None else self._group_of(name)].append(frame)
            yield from groups.values()

    def _counting(self, rivals: list[PlacedFrame]) -> list[PlacedFrame]:
        """Of all labels on one frame: a time stamp that fits outranks one that is of no frame."""
        fitting = [frame for frame in rivals if frame.label.at.pts == frame.pts]
        if not fitting:
            return rivals
        counting = list(fitting)
        for frame in rivals:
            if frame in fitting:
                continue
            if frame.label.at.pts is not None:
                self._name(frame.label.where, reading_wording.TAKEN)
            else:
                counting.append(frame)
        return counting

    def ranges(self, document: ExchangeDocument) -> Iterator[PlacedRange]:
        """Those with a place."""
        for label in document.ranges:
            place = self._placed(label.fingerprint, (label.first, label.last), label.where)
            if place is None:
                continue
            fingerprint, (first, last) = place
            if first[1] > last[1]:
                self._name(label.where, reading_wording.BACKWARDS)
            else:
                yield PlacedRange(fingerprint, label, first, last)

    def notes(self) -> list[str]:
        """What was done about stamps and numbers that do not go together, as sentences."""
        notes = []
        if self._by_number:
            notes.append(reading_wording.went_by_number(self._by_number))
        if self._by_stamp:
            notes.append(reading_wording.went_by_stamp(self._by_stamp))
        return notes

    def _placed(
        self, key: str, moments: tuple[Moment, ...], where: str
    ) -> tuple[str, list[tuple[int, int]]] | None:
        procedure = self._procedures.get(key)
        if procedure is None and key == UNNAMED:
            self._name(where, reading_wording.NO_PROCEDURE)
            return None
        if procedure is None:
            self.unknown[key] += 1
            return None
        places = []
        for at in moments:
            place = self._frame(procedure, at)
            if isinstance(place, str):
                self.beyond += place == reading_wording.BEYOND_END
                self._name(where, place)
                return None
            places.append(place)
        return procedure.fingerprint, places

    def _frame(self, procedure: Procedure, at: Moment) -> tuple[int, int] | str:
        """(pts, index) of a frame that is there, or why there is none."""
        table = self._table(procedure)
        if at.pts is not None and at.pts in table:
            index = table[at.pts]
            self._by_stamp += at.frame_index not in (index, NO_INDEX)
            return at.pts, index
        if at.frame_index >= procedure.frame_count:
            return reading_wording.BEYOND_END
        if not table:
            return reading_wording.FILE_NOT_AT_HAND
        if at.pts is not None and procedure.fingerprint in self._by_content:
            # An image of stills is known by what it shows, not by its place in the folder
            return reading_wording.IMAGE_GONE
        pts = None
        if self._pts_of is not None and at.frame_index >= 0:
            pts = self._pts_of(procedure.fingerprint, at.frame_index)
        if pts is None:
            return reading_wording.NO_FRAME
        self._by_number += at.pts is not None
        return pts, at.frame_index

    def _table(self, procedure: Procedure) -> dict[int, int]:
        """pts to index of every frame of the procedure; empty where its file is not at hand."""
        key = procedure.fingerprint
        if key not in self._tables:
            table: dict[int, int] = {}
            if self._pts_of is not None:
                stamps = (self._pts_of(key, index) for index in range(procedure.frame_count))
                table = {pts: index for index, pts in enumerate(stamps) if pts is not None}
            self._tables[key] = table
            # libraries before did not note the kind; only stamps made from content do not rise
            if procedure.stamp_kind == "content" or list(table) != sorted(table):
                self._by_content.add(key)
        return self._tables[key]

    def _name(self, where: str, reason: str) -> None:
        self.unread.append(Unread(where or reading_wording.A_LABEL, reason))
