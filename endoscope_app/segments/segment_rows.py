"""Which segments the list shows, in which order, and which is the next to decide. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from endoscope_app.segments.class_groups import Group
from endoscope_app.segments.decided import DecidedSegment

Order = Literal["time", "class", "certainty"]
Place = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class SegmentRow:
    """A segment in words: ``name`` of what it is, ``said`` of what the model said where that is
    another; ``colour`` as #rrggbb; ``where`` as "0:12.4–0:15.0"; ``long`` as "2.6 s"; ``detail``:
    what the reader wrote beside it, on one line.
    """

    item: DecidedSegment
    group: Group
    name: str
    said: str
    colour: str
    where: str
    long: str
    detail: str = ""

    @property
    def place(self) -> Place:
        """What stays when it is decided, or undone."""
        return self.item.kind, self.item.first_index, self.item.last_index


@dataclass(frozen=True, slots=True)
class Heading:
    """Above the rows of a group."""

    group: Group
    count: int


@dataclass(frozen=True, slots=True)
class Shown:
    """``groups``: those alone, or all where it is empty; ``open_only``: without what is decided."""

    groups: frozenset[Group] = frozenset()
    open_only: bool = False
    order: Order = "time"


@dataclass(frozen=True, slots=True)
class Tally:
    """How far the review is; bookmarks are not decided."""

    decided: int
    total: int
    open_pathology: int
    pathology: int


def arranged(rows: Sequence[SegmentRow], shown: Shown) -> list[SegmentRow | Heading]:
    """The rows below the headings of their groups, pathology first."""
    result: list[SegmentRow | Heading] = []
    for group in Group:
        if shown.groups and group not in shown.groups:
            continue
        members = [row for row in rows if row.group is group and _passes(row, shown)]
        if members:
            result.append(Heading(group, len(members)))
            result += _sorted(members, shown.order)
    return result


def tally(rows: Sequence[SegmentRow]) -> Tally:
    """Of all segments, shown or not."""
    segments = [row for row in rows if row.group is not Group.BOOKMARKS]
    pathology = [row for row in segments if row.group is Group.PATHOLOGY]
    return Tally(
        sum(row.item.state != "open" for row in segments),
        len(segments),
        sum(row.item.state == "open" for row in pathology),
        len(pathology),
    )


def next_open(rows: Sequence[SegmentRow | Heading], after: int) -> int | None:
    """The next place of an open segment after ``after`` (-1: from the first), from the top again
    where there is none below; None where all are decided.
    """
    count = len(rows)
    for step in range(1, count + 1):
        place = (after + step) % count
        row = rows[place]
        if isinstance(row, SegmentRow) and row.item.state == "open" and row.item.kind == "segment":
            return place
    return None


def alike(rows: Sequence[SegmentRow | Heading], current: SegmentRow) -> list[SegmentRow]:
    """The open segments of the class that ``current``, an open one too, has."""
    return [
        row
        for row in rows
        if isinstance(row, SegmentRow)
        and row.item.kind == current.item.kind == "segment"
        and row.item.state == current.item.state == "open"
        and row.item.class_key == current.item.class_key
    ]


def found_again(before: SegmentRow, rows: Sequence[SegmentRow | Heading]) -> Place:
    """Where a segment stands among ``rows``: an analysis that goes on makes it longer, or joins it
    with the next one. Its own place where there is none of its class that it overlaps.
    """
    item, best = before.item, (0, before.place)
    for row in rows:
        if not isinstance(row, SegmentRow):
            continue
        if row.place == before.place:
            return row.place
        now = row.item
        if (now.kind, now.class_key, now.state) == (item.kind, item.class_key, item.state):
            first, last = (
                max(now.first_index, item.first_index),
                min(now.last_index, item.last_index),
            )
            best = max(best, (last - first + 1, row.place), key=lambda found: found[0])
    return best[1]


def neighbour(rows: Sequence[SegmentRow | Heading], place: int, step: int) -> int | None:
    """The nearest segment above (-1) or below (1), whatever became of it."""
    place += step
    while 0 <= place < len(rows):
        if isinstance(rows[place], SegmentRow):
            return place
        place += step
    return None


def _passes(row: SegmentRow, shown: Shown) -> bool:
    return not shown.open_only or row.item.state == "open"


def _sorted(rows: list[SegmentRow], order: Order) -> list[SegmentRow]:
    if order == "class":
        return sorted(
            rows, key=lambda row: ((row.said or row.name).casefold(), row.item.first_index)
        )
    if order == "certainty":
        return sorted(rows, key=lambda row: (-row.item.probability, row.item.first_index))
    return rows
