"""Times of frames for tests: steady, or given, and columns of equal width over them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from endoscope_app.analysis.timeline_data import Timeline
from endoscope_app.media.frame_times import FrameTimes
from endoscope_app.media.gaps import gaps


def times_of(milliseconds: Sequence[float] | NDArray[np.float64]) -> FrameTimes:
    times = np.asarray(milliseconds, np.float64)
    return FrameTimes.of(times, gaps(times))


def steady(frames: int, interval_ms: float = 40.0) -> FrameTimes:
    return times_of(np.arange(frames, dtype=np.float64) * interval_ms)


def steady_of(timeline: Timeline | None) -> FrameTimes | None:
    return steady(timeline.frame_count) if timeline is not None else None


def even(first: float, last: float, columns: int) -> NDArray[np.float64]:
    """(columns + 1,) edges of columns of equal width."""
    return first + np.arange(columns + 1, dtype=np.float64) * ((last - first) / columns)
