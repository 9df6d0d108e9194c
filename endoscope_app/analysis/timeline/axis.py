"""Where frames lie along the timeline: by their own times, with the recorder's pauses drawn as
narrow gaps. Plain numbers.

A position is a time in usual frames: a video at one rate has frame f at f..f+1, a frame that is
shown ten times as long is ten times as wide. Stills have no time, and lie at f..f+1.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from endoscope_app.media.frame_times import FrameTimes

GAP_SHARE, ALL_GAPS_SHARE = 0.02, 0.25
"""Of the recorded time: how wide a gap is drawn at most, and all of them together."""
LEAST_WIDTH = 0.05
"""Usual frames; one that is shown for no time must still be found."""
STEADY_WITHIN = 0.5
"""Usual frames; times that stray less from one rate are of one rate, rounded by the container."""

MOST_PARTS = 500
"""Between gaps; of more of them in view only so many have ticks."""


class Axis:
    """Positions of N frames. ``times`` None: stills, numbers instead of times."""

    def __init__(self, frame_count: int, times: FrameTimes | None = None) -> None:
        if times is not None and len(times) != frame_count:
            raise ValueError(f"{len(times)} times for {frame_count} frames")
        self.times = times
        self.frame_count = frame_count
        self.unit_ms = _unit(times) if times is not None else 0.0
        widths: NDArray[np.float64] = np.ones(frame_count)
        if times is not None and frame_count and not _is_steady(times, self.unit_ms):
            widths = np.maximum(times.durations_ms / self.unit_ms, LEAST_WIDTH)
        steps = widths.copy()
        self.gaps = times.gaps if times is not None else np.zeros(0, np.int64)
        """(G,) the frames that a gap follows."""
        if times is not None and len(self.gaps):
            widest = widths.sum() * min(GAP_SHARE, ALL_GAPS_SHARE / len(self.gaps))
            pauses = np.array([times.pause_ms(int(gap)) for gap in self.gaps]) / self.unit_ms
            steps[self.gaps] += np.minimum(pauses, widest)
        self._starts = np.concatenate(([0.0], np.cumsum(steps)))
        self._widths = widths
        self._ends = self._starts[:-1] + widths

    @property
    def length(self) -> float:
        """Where the last frame ends."""
        return float(self._starts[-1])

    def at(self, frame: float) -> float:
        """The position of a fractional frame: of f, where it begins."""
        whole = min(max(int(frame), 0), self.frame_count)
        if whole == self.frame_count:
            return self.length
        return float(self._starts[whole] + (frame - whole) * self._widths[whole])

    def end(self, frame: int) -> float:
        """Where a frame ends, which before a gap is not where the next one begins."""
        return (
            float(self._ends[min(max(frame, 0), self.frame_count - 1)]) if self.frame_count else 0.0
        )

    def frame(self, position: float) -> float:
        """The fractional frame at a position; in a gap the nearer of its two sides."""
        return float(self.frames(np.array([position]))[0])

    def frames(self, positions: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n,) positions to fractional frames, 0..frame_count; costs O(n log N)."""
        if not self.frame_count:
            return np.zeros(len(positions))
        whole = np.clip(
            np.searchsorted(self._starts, positions, side="right") - 1, 0, self.frame_count - 1
        )
        along = (positions - self._starts[whole]) / self._widths[whole]
        beyond = positions - self._ends[whole]
        nearer_next = beyond > self._starts[whole + 1] - positions
        # the last moment of a frame, not the first of the next: a gap belongs to neither
        inside = np.minimum(
            along, np.where(self._starts[whole + 1] > self._ends[whole], 1 - 1e-9, np.inf)
        )
        frames: NDArray[np.float64] = whole.astype(np.float64) + np.where(
            (beyond >= 0) & nearer_next, 1.0, inside
        )
        return np.clip(frames, 0.0, float(self.frame_count))

    def gap_spans(
        self, first: float, last: float
    ) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
        """The gaps of which anything lies between two positions: (frame before it, where it
        begins, where it ends), (n,) each.
        """
        begins, ends = self._ends[self.gaps], self._starts[self.gaps + 1]
        seen = (ends > first) & (begins < last)
        return self.gaps[seen], begins[seen], ends[seen]

    def moments(self, small_ms: float, first: float, last: float) -> Iterator[tuple[float, int]]:
        """(position, n) of each multiple n of ``small_ms`` between two positions; none of those
        that lie in a gap.
        """
        if self.times is None or not self.frame_count:
            return
        begins = np.concatenate(([0], self.gaps + 1))
        lasts = np.concatenate((self.gaps, [self.frame_count - 1]))
        seen = np.flatnonzero((self._ends[lasts] >= first) & (self._starts[begins] <= last))
        seen = seen[:: max(1, len(seen) // MOST_PARTS)]
        for begin, end in zip(begins[seen].tolist(), lasts[seen].tolist(), strict=True):
            since = self._time(max(first, float(self._starts[begin])), begin, end)
            until = self._time(min(last, float(self._ends[end])), begin, end)
            for number in range(
                int(np.ceil(since / small_ms - 1e-6)), int(np.floor(until / small_ms + 1e-6)) + 1
            ):
                yield self._position(number * small_ms, begin, end), number

    def _time(self, position: float, begin: int, end: int) -> float:
        """ms at a position within one part, frames begin..end."""
        assert self.times is not None
        whole = int(np.clip(np.searchsorted(self._starts, position, side="right") - 1, begin, end))
        share = min(max((position - self._starts[whole]) / self._widths[whole], 0.0), 1.0)
        return float(self.times.times_ms[whole] + share * self.times.durations_ms[whole])

    def _position(self, time_ms: float, begin: int, end: int) -> float:
        """Where a time within one part lies."""
        assert self.times is not None
        whole = int(
            np.clip(np.searchsorted(self.times.times_ms, time_ms, side="right") - 1, begin, end)
        )
        share = min(
            max(
                (time_ms - self.times.times_ms[whole]) / max(self.times.durations_ms[whole], 1e-9),
                0.0,
            ),
            1.0,
        )
        return float(self._starts[whole] + share * self._widths[whole])


def _unit(times: FrameTimes) -> float:
    """ms of a usual frame: the mean where there is one rate (30000/1001 is rounded in many
    containers), else the median.
    """
    if len(times) < 2:
        return times.usual_ms
    mean = float(times.playing_ms[-1]) / (len(times) - 1)
    return mean if mean > 0 and _is_steady(times, mean) else times.usual_ms


def _is_steady(times: FrameTimes, unit_ms: float) -> bool:
    return bool((np.abs(times.playing_ms / unit_ms - np.arange(len(times))) < STEADY_WITHIN).all())
