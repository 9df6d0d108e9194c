"""A procedure looked at in a few of its frames: what its timeline shows until every frame is
analysed. No Qt.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from endoscope_app.analysis.timeline_data import Timeline
from endoscope_app.media.frame_times import FrameTimes

Integers = NDArray[np.int64]

#: Of fewer frames the complete analysis is there nearly as soon.
FEWEST_FRAMES = 1_500
#: No more frames than a timeline is wide, and none nearer to the one before than this.
MOST_LOOKS, LEAST_STEP_MS = 1_000, 1_000.0
#: First every fourth, which fills the timeline; then what lies between.
COARSE = 4
#: Where key frames lie further apart on average, a timeline of them would tell nothing.
MOST_STEP_MS = 30_000.0


@dataclass(frozen=True)
class QuickLook:
    """K key frames of N: ``frames`` (K,), ascending; ``starts``, ``stops`` (K,): the frames that
    each stands for; ``parts`` (K,): how many pauses lie before it; ``rows`` (K, C): its
    probabilities, where ``known`` (K,).
    """

    count: int
    frames: Integers
    starts: Integers
    stops: Integers
    parts: Integers
    rows: NDArray[np.float16] = field(repr=False)
    known: NDArray[np.bool_] = field(repr=False)

    @classmethod
    def planned(cls, keys: Integers | None, times: FrameTimes, classes: int) -> QuickLook | None:
        """Nothing looked at yet; None where a quick look is not worth it.

        ``keys``: the key frames of the procedure; ``classes``: C.
        """
        count = len(times)
        if keys is None or count < FEWEST_FRAMES:
            return None
        played_ms = float(times.playing_ms[-1])
        frames = _spaced(keys, times, max(LEAST_STEP_MS, played_ms / MOST_LOOKS))
        if len(frames) * MOST_STEP_MS < played_ms:
            return None
        starts, stops, parts = _spans(frames, times)
        looks = len(frames)
        rows, known = np.zeros((looks, classes), np.float16), np.zeros(looks, np.bool_)
        return cls(count, frames, starts, stops, parts, rows, known)

    @property
    def one_in(self) -> int:
        """Of so many frames one is looked at."""
        return max(1, round(self.count / len(self.frames)))

    def missing(self, analysed: NDArray[np.bool_]) -> list[Integers]:
        """Frames still to look at, from coarse to fine: some that they stand for are not
        ``analysed`` (N,).
        """
        before = np.concatenate(([0], np.cumsum(~analysed)))
        wanted = ~self.known & (before[self.stops] > before[self.starts])
        places = np.arange(len(self.frames))
        coarseness = np.array([_reach(place) for place in range(COARSE)])[places % COARSE]
        return [
            self.frames[wanted & (coarseness == reach)] for reach in np.unique(coarseness)[::-1]
        ]

    def put(self, frame: int, probabilities: NDArray[np.float32]) -> tuple[int, int] | None:
        """What was seen in a frame (C,); which frames it stands for, None where it is none of
        these. A coarse one stands for those after it too that were not looked at yet.
        """
        place = int(np.searchsorted(self.frames, frame))
        if place == len(self.frames) or self.frames[place] != frame:
            return None
        self.rows[place], self.known[place] = probabilities, True
        return self._span(place)

    def _span(self, place: int) -> tuple[int, int]:
        last = place
        for after in range(
            place + 1, min(place + _reach(place % COARSE), len(self.frames) - 1) + 1
        ):
            if self.known[after] or self.parts[after] != self.parts[place]:
                break
            last = after
        return int(self.starts[place]), int(self.stops[last])

    def show_on(self, timeline: Timeline) -> None:
        """All that was seen so far."""
        for place in np.flatnonzero(self.known).tolist():
            timeline.write_quick(*self._span(place), self.rows[place])

    def as_stored(self) -> tuple[NDArray[np.float16], NDArray[np.bool_]]:
        """raw (N, C) and known (N,) as PredictionStore keeps them."""
        raw = np.zeros((self.count, self.rows.shape[1]), np.float16)
        known = np.zeros(self.count, np.bool_)
        raw[self.frames], known[self.frames] = self.rows, self.known
        return raw, known

    def restore(self, raw: NDArray[np.float16], known: NDArray[np.bool_]) -> None:
        """From what was kept of frames that are looked at now."""
        self.known[:] = known[self.frames]
        self.rows[:] = raw[self.frames]


def _reach(place: int) -> int:
    """How many looks after it one stands for, by its place among COARSE of them."""
    reach = COARSE
    while place % reach:
        reach //= 2
    return reach - 1


def _spaced(keys: Integers, times: FrameTimes, step_ms: float) -> Integers:
    """Key frames that lie at least so far apart; none of a file that is away."""
    chosen: list[int] = []
    next_ms = 0.0
    missing = [part for part in times.files if part.is_missing]
    for key in keys.tolist():
        if times.playing_ms[key] < next_ms or any(part.first <= key < part.end for part in missing):
            continue
        chosen.append(key)
        next_ms = float(times.playing_ms[key]) + step_ms
    return np.array(chosen, np.int64)


def _spans(frames: Integers, times: FrameTimes) -> tuple[Integers, Integers, Integers]:
    """Each stands for what is nearer to it than to another one, but for nothing beyond a pause of
    the recorder or the end of a file.
    """
    ends = [end for part in times.files for end in (part.first, part.end)]
    breaks = np.unique(np.array([0, len(times), *(times.gaps + 1).tolist(), *ends], np.int64))
    after = np.searchsorted(breaks, frames, side="right")
    begins, ends_at = breaks[after - 1], breaks[after]
    middles = (frames[:-1] + frames[1:] + 1) // 2
    is_parted = begins[1:] > frames[:-1]
    starts = np.concatenate((begins[:1], np.where(is_parted, begins[1:], middles)))
    stops = np.concatenate((np.where(is_parted, ends_at[:-1], middles), ends_at[-1:]))
    return starts.astype(np.int64), stops.astype(np.int64), after.astype(np.int64)
