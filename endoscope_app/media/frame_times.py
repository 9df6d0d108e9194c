"""When each frame of a procedure is shown and for how long, and where the recorder paused: what
every length of time goes by.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from endoscope_app.media.part import Part, part_at

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
#: Containers round their times to a millisecond; nothing is missed for it.
SLACK_MS = 1.0
#: Times that a reader types are rounded; a frame is not missed for a hundredth of a millisecond.
ROUNDING_MS = 0.01
#: How long a frame lasts where nothing says so: a source of a single frame.
LONE_MS = 40.0


@dataclass(frozen=True)
class FrameTimes:
    """Times of N frames, with G gaps.

    times_ms (N,): when each is shown, from the first one, never falling; gaps (G,): the frames
    after which the recorder paused, as media.gaps finds them, or another file begins of which
    nothing says how long after; durations_ms (N,): how long each is
    shown: until the next, or as long as its neighbour where a gap or the end follows; playing_ms
    (N,): the times with the gaps taken out, and what lies in files that are away; usual_ms: the
    median duration; files: where there are several, in order.
    """

    times_ms: Floats
    gaps: Integers
    durations_ms: Floats
    playing_ms: Floats
    usual_ms: float
    files: tuple[Part, ...] = ()

    @classmethod
    def of(
        cls,
        times_ms: NDArray[np.floating[Any]],
        gaps: Integers,
        files: tuple[Part, ...] = (),
    ) -> FrameTimes:
        """From the times (N,) of all frames and the frames (G,) that a gap follows."""
        times = np.maximum.accumulate(times_ms.astype(np.float64)) if len(times_ms) else np.zeros(0)
        steps = np.diff(times, append=np.nan)
        steps[gaps] = np.nan
        ordinary = steps[np.isfinite(steps)]
        usual = float(np.median(ordinary)) if ordinary.size else LONE_MS
        usual = usual if usual > 0 else LONE_MS
        before = np.roll(steps, 1)  # the first one's neighbour is the last step, which is unknown
        durations = np.where(
            np.isfinite(steps), steps, np.where(np.isfinite(before), before, usual)
        )
        played = durations.copy()
        for file in files:
            if file.is_missing:
                played[file.first : file.end] = 0.0
        playing = np.concatenate(([0.0], np.cumsum(played)[:-1])) if len(times) else times
        return cls(times, np.asarray(gaps, np.int64), durations, playing, usual, files)

    def __len__(self) -> int:
        return len(self.times_ms)

    @property
    def parts(self) -> Integers:
        """(N,) how many gaps lie before each frame."""
        parts = np.zeros(len(self), np.int64)
        parts[self.gaps + 1] = 1
        counted: Integers = np.cumsum(parts)
        return counted

    def index_at(self, time_ms: float) -> int:
        """The frame on screen at that time, or the last one before; 0 before the first."""
        return max(0, int(np.searchsorted(self.times_ms, time_ms + ROUNDING_MS, side="right")) - 1)

    def moved(self, index: int, milliseconds: float) -> int:
        """The frame that is so much playing time away: at least the neighbour, and possibly
        outside 0..N-1.
        """
        there = float(self.playing_ms[index]) + milliseconds + ROUNDING_MS
        place = max(0, int(np.searchsorted(self.playing_ms, there, side="right")) - 1)
        return max(place, index + 1) if milliseconds > 0 else min(place, index - 1)

    def span_ms(self, start: int, stop: int) -> float:
        """How long frames start..stop (stop exclusive) are shown, from the first one's time to
        the last one's end.
        """
        return float(self.times_ms[stop - 1] + self.durations_ms[stop - 1] - self.times_ms[start])

    def pause_ms(self, gap: int) -> float:
        """For how long nothing was recorded after that frame; 0 where that is not known."""
        pause = float(self.times_ms[gap + 1] - self.times_ms[gap] - self.durations_ms[gap])
        return pause if pause > SLACK_MS else 0.0

    def file_begun(self, before: int, now: int) -> Part | None:
        """The file that frame ``now`` is in, where ``before`` is in another one."""
        part = part_at(self.files, now)
        return None if part is None or part.first <= before < part.end else part

    def paused_between(self, before: int, after: int) -> float:
        """ms that the recorder paused on the way from one frame to a later one; 0 without a gap
        in between.
        """
        inside = self.gaps[np.searchsorted(self.gaps, before) : np.searchsorted(self.gaps, after)]
        return float(sum(self.pause_ms(int(gap)) for gap in inside))

    def around(self, reach_ms: float) -> tuple[Integers, Integers]:
        """(N,) each: first and last (exclusive) frame that is at most ``reach_ms`` away from
        each frame without a gap in between.
        """
        low = np.searchsorted(self.times_ms, self.times_ms - reach_ms - SLACK_MS, side="left")
        high = np.searchsorted(self.times_ms, self.times_ms + reach_ms + SLACK_MS, side="right")
        parts = self.parts
        begins = np.concatenate(([0], self.gaps + 1))[parts] if len(self) else low
        ends = np.concatenate((self.gaps + 1, [len(self)]))[parts] if len(self) else high
        return np.maximum(low, begins).astype(np.int64), np.minimum(high, ends).astype(np.int64)
