"""What two readers say of every frame of one procedure, side by side, group by group. No Qt."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from endoscope_app.labels.library.effective_labels import GROUPS
from endoscope_app.labels.library.second_reading_records import OPEN, Adjudication
from endoscope_app.second_reading.kappa import Runs, joined
from kd_core.schema.class_groups import ClassGroup
from kd_core.schema.reader_labels import NONE_OF_THESE

NOTHING = -1
_LEFT_OPEN = -2
_NOT_DECIDED = -3


@dataclass(frozen=True, slots=True)
class Said:
    """Of frames ``first_index`` to ``last_index``, both included, that they are of this class."""

    first_index: int
    last_index: int
    class_key: str


@dataclass(frozen=True, slots=True)
class Difference:
    """Frames ``first_index`` to ``last_index``, both included, on which two readers differ in one
    group.

    What each says and what was adjudicated are keys of ``TwoReadings.keys``, empty for nothing;
    ``outcome`` None: nobody has adjudicated yet. ``beside``: there are labels of other groups;
    ``also``: those of the second reader, where the first one says none of these.
    """

    first_index: int
    last_index: int
    first_said: str
    second_said: str
    outcome: str | None = None
    group: ClassGroup = GROUPS[0]
    beside: bool = False
    also: tuple[Said, ...] = ()

    @property
    def frames(self) -> int:
        """How many there are."""
        return self.last_index - self.first_index + 1

    @property
    def whole(self) -> bool:
        """One of the two says none of these: it is about the frames as a whole."""
        return NONE_OF_THESE in (self.first_said, self.second_said)


@dataclass(frozen=True)
class Reading:
    """Of N frames: ``codes`` (G, N) int64, in the order of GROUPS, places in ``TwoReadings.keys``
    or NOTHING; ``unusable`` (N,) bool, of which all codes are NOTHING.
    """

    codes: NDArray[np.int64]
    unusable: NDArray[np.bool_]

    def copy(self) -> Reading:
        """One that can be changed."""
        return Reading(self.codes.copy(), self.unusable.copy())


@dataclass(frozen=True)
class TwoReadings:
    """Of N frames; ``keys``: class keys, the last being NONE_OF_THESE; ``lanes``: by class key the
    place of its group in GROUPS.

    ``first``: as the first reader left them, ``second``: as the second one did, ``now``: as they
    count now, adjudicated ones included.

    Groups are compared one by one. Where a reader says none of these, the frame is compared as a
    whole: in the first group in which the other one says something.
    """

    keys: tuple[str, ...]
    lanes: Mapping[str, int]
    first: Reading
    second: Reading
    now: Reading
    adjudications: tuple[Adjudication, ...]

    def compared(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """What the two say, (G, N) each."""
        whole = self.first.unusable | self.second.unusable
        codes = self.first.codes.copy(), self.second.codes.copy()
        says = (codes[0] != NOTHING) | (codes[1] != NOTHING)
        lane = np.where(says.any(axis=0), says.argmax(axis=0), 0)
        elsewhere = whole & (np.arange(len(GROUPS))[:, None] != lane)
        for said, reading in zip(codes, (self.first, self.second), strict=True):
            said[elsewhere] = NOTHING
            said[lane[reading.unusable], np.flatnonzero(reading.unusable)] = len(self.keys) - 1
        return codes

    @property
    def of_one(self) -> int:
        """Labels that only one of them gave in their group."""
        first, second = self.compared()
        return int(((first != NOTHING) ^ (second != NOTHING)).sum())

    @property
    def groups(self) -> int:
        """In how many groups anybody says something."""
        first, second = self.compared()
        return int(((first != NOTHING) | (second != NOTHING)).any(axis=1).sum())

    @property
    def several(self) -> bool:
        """Whether frames are labelled by both in more than one group."""
        first, second = self.compared()
        return bool((((first != NOTHING) & (second != NOTHING)).sum(axis=0) > 1).any())

    @property
    def agreed(self) -> NDArray[np.bool_]:
        """(N,) frames whose label can be learnt from, which is that of the first group that has
        one: both say so, or it was adjudicated so. Not where the second reader says something in a
        group before it, or none of these, and nobody has adjudicated.
        """
        settled = np.full_like(self.now.codes, _NOT_DECIDED)
        none = np.zeros(len(self.now.unusable), np.bool_)
        for item in self.adjudications:
            span = slice(item.first_index, item.last_index + 1)
            none[span] |= item.outcome == NONE_OF_THESE
            lane = self.lanes.get(item.outcome, self.lane_of(item.first_said, item.second_said))
            settled[lane, span] = self._settled(item.outcome)
        now, second = self.now, self.second
        same = (now.codes == second.codes) & ~second.unusable
        said = (now.codes != NOTHING) & (same | (now.codes == settled))
        disputed = (now.codes == NOTHING) & (second.codes != NOTHING) & (settled != NOTHING)
        matters = (now.codes != NOTHING) | disputed
        first = matters.argmax(axis=0)
        agreed: NDArray[np.bool_] = said[first, np.arange(len(first))]
        return np.where(now.unusable, second.unusable | none, agreed)

    def runs(self) -> Runs:
        """Those of the labels of which both gave one of the group."""
        both = zip(*self.compared(), strict=True)
        return joined([self._runs(lane, *said) for lane, said in enumerate(both)])

    def _runs(self, lane: int, first: NDArray[np.int64], second: NDArray[np.int64]) -> Runs:
        spans = list(_spans(first, second, (first != NOTHING) & (second != NOTHING)))
        starts = np.array([start for start, _ in spans], np.int64)
        frames = np.array([end - start for start, end in spans], np.int64)
        return Runs(first[starts], second[starts], frames, np.full(len(spans), lane, np.int64))

    def differences(self, *, of_one: bool) -> list[Difference]:
        """In their order; ``of_one``: also where only one of the two says something."""
        outcomes = {
            (
                item.first_index,
                item.last_index,
                self.lane_of(item.first_said, item.second_said),
            ): item.outcome
            for item in self.adjudications
        }
        found = []
        for lane, (first, second) in enumerate(zip(*self.compared(), strict=True)):
            differ = first != second
            if not of_one:
                differ &= (first != NOTHING) & (second != NOTHING)
            for start, end in _spans(first, second, differ):
                said = self._key(first[start]), self._key(second[start])
                found.append(
                    Difference(
                        start,
                        end - 1,
                        *said,
                        outcomes.get((start, end - 1, lane)),
                        GROUPS[lane],
                        self._is_beside(lane, slice(start, end)),
                        tuple(self._also(lane, start, end)) if said[0] == NONE_OF_THESE else (),
                    )
                )
        return sorted(found, key=lambda item: (item.first_index, GROUPS.index(item.group)))

    def lane_of(self, first_said: str, second_said: str) -> int:
        """The place of the group of what two readers say, one of which may be no class."""
        return next((self.lanes[key] for key in (first_said, second_said) if key in self.lanes), 0)

    def _is_beside(self, lane: int, span: slice) -> bool:
        return any(
            bool((np.delete(reading.codes[:, span], lane, axis=0) != NOTHING).any())
            for reading in (self.first, self.second, self.now)
        )

    def _also(self, lane: int, start: int, end: int) -> Iterator[Said]:
        for other, codes in enumerate(self.second.codes[:, start:end]):
            if other != lane:
                for begin, stop in _spans(codes, codes, codes != NOTHING):
                    yield Said(start + begin, start + stop - 1, self._key(codes[begin]))

    def _key(self, code: np.int64) -> str:
        return "" if code == NOTHING else self.keys[int(code)]

    def _settled(self, key: str) -> int:
        if key == OPEN:
            return _LEFT_OPEN
        return self.keys.index(key) if key in self.keys else NOTHING


def as_first_read(
    now: Reading, adjudications: Iterable[Adjudication], both: TwoReadings
) -> Reading:
    """``now`` with what the first reader had said where it was adjudicated."""
    first = now.copy()
    for item in adjudications:
        span = slice(item.first_index, item.last_index + 1)
        said = item.first_said, item.second_said
        if NONE_OF_THESE in said:
            first.codes[:, span] = NOTHING
        first.unusable[span] = item.first_said == NONE_OF_THESE
        if item.first_said != NONE_OF_THESE:
            known = item.first_said in both.keys
            code = both.keys.index(item.first_said) if known else NOTHING
            first.codes[both.lane_of(*said), span] = code
    return first


def _spans(
    first: NDArray[np.int64], second: NDArray[np.int64], wanted: NDArray[np.bool_]
) -> Iterator[tuple[int, int]]:
    """Stretches (start, end) of ``wanted`` frames within which neither array changes."""
    if not len(wanted):
        return
    changes = (
        (np.diff(first) != 0) | (np.diff(second) != 0) | (np.diff(wanted.astype(np.int8)) != 0)
    )
    edges = np.concatenate([[0], np.flatnonzero(changes) + 1, [len(wanted)]]).tolist()
    for start, end in pairwise(edges):
        if wanted[start]:
            yield start, end
