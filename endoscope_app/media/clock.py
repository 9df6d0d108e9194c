"""Presentation times out of a container's stamps, as far as they can be believed, and the
stamps that labels are kept under.
"""

from __future__ import annotations

from bisect import bisect_right

import numpy as np
from numpy.typing import NDArray

from endoscope_app.media.gaps import gaps
from endoscope_app.media.packet_table import NO_TIMESTAMP, FloatArray, IntArray, PacketTable

# A few frames whose stamps disagree with all others are wrong; more in a row are a recorder that
# set its clock back.
MAX_OUTLIERS = 8
# No recorder pauses for half a day within a file: FFmpeg takes a clock that restarts for one that
# has wrapped around.
LONGEST_PAUSE_MS = 12 * 3600 * 1000.0
MPEG_CLOCK_MS = (1 << 33) / 90.0
LONGEST_PAUSE_AT_WRAP_MS = 3600 * 1000.0


def presentation_times(
    pts: IntArray, dts: IntArray, ms_per_tick: float, step_ms: float
) -> FloatArray:
    """Strictly rising times (N,) in ms from the first frame, from the presentation stamps (N,) of
    frames in display order and their decode stamps (N,) in file order.

    As much of the container's clock is kept as is consistent: where it goes back, time continues
    from there; a missing, repeated or contradicting stamp gets its time from its neighbours.
    Without usable stamps frames are ``step_ms`` apart.
    """
    if _rises(dts) and not _rises(pts):
        # AVI has no true presentation stamps: frames are shown at the rate at which they are
        # decoded
        pts = dts
    known = pts != NO_TIMESTAMP
    if known.sum() * 2 > len(pts) and (len(pts) == 1 or pts[known].min() < pts[known].max()):
        times = np.where(known, pts, 0).astype(np.float64) * ms_per_tick
        times[~known] = np.nan
        times[_outliers(times)] = np.nan
        times = _interpolated(_without_restarts(times, step_ms), step_ms)
        if bool((np.diff(times) > 0).all()):
            times -= times[0]
            return times
    counted: FloatArray = np.arange(len(pts), dtype=np.float64) * step_ms
    return counted


def _rises(ticks: IntArray) -> bool:
    return not bool((ticks == NO_TIMESTAMP).any()) and bool((np.diff(ticks) > 0).all())


def stamps_of(table: PacketTable, order: IntArray) -> tuple[IntArray, str]:
    """What labels of the frames are kept under, and its kind: see FrameSource.stamp."""
    pts, dts = table.pts[order], table.dts[np.sort(order)]
    if _rises(pts):
        return pts, "pts"
    if _rises(dts):
        return dts, "pts"
    if not bool((pts == NO_TIMESTAMP).any()) and len(np.unique(pts)) == len(pts):
        return pts, "pts"
    position = table.position[order]
    if bool((position >= 0).all()) and len(np.unique(position)) == len(position):
        return position, "position"
    return np.arange(len(order), dtype=np.int64), "count"


def steps_without_gaps(times_ms: FloatArray) -> FloatArray:
    """Times between neighbouring frames (ms), pauses of the recorder left out."""
    steps: FloatArray = np.delete(np.diff(times_ms), gaps(times_ms))
    return steps


def _outliers(times: FloatArray) -> NDArray[np.bool_]:
    """Frames in short runs that keep the others from rising."""
    marked = np.zeros(len(times), dtype=np.bool_)
    known = np.flatnonzero(~np.isnan(times))
    if not bool((np.diff(times[known]) < 0).any()):
        return marked
    rising = set(_longest_rising(times[known].tolist()))
    left_out = np.array([place not in rising for place in range(len(known))])
    edges = np.flatnonzero(np.diff(np.concatenate([[0], left_out.astype(np.int8), [0]])))
    for begin, end in edges.reshape(-1, 2):
        if end - begin <= MAX_OUTLIERS:
            marked[known[begin:end]] = True
    return marked


def _longest_rising(values: list[float]) -> list[int]:
    """Places of a longest non-falling subsequence."""
    tails: list[float] = []
    tail_places: list[int] = []
    before = [-1] * len(values)
    for place, value in enumerate(values):
        length = bisect_right(tails, value)
        before[place] = tail_places[length - 1] if length else -1
        tails[length : length + 1] = [value]
        tail_places[length : length + 1] = [place]
    chain = []
    place = tail_places[-1] if tail_places else -1
    while place >= 0:
        chain.append(place)
        place = before[place]
    return chain[::-1]


def _without_restarts(times: FloatArray, step_ms: float) -> FloatArray:
    """Where the clock goes back, or seems to leap by its whole range, the next frame follows
    after a usual step.
    """
    known = np.flatnonzero(~np.isnan(times))
    values = times[known]
    steps = np.diff(values)
    wrapped = np.floor(values[1:] / MPEG_CLOCK_MS) > np.floor(values[:-1] / MPEG_CLOCK_MS)
    is_restart = (
        (steps < 0) | (steps > LONGEST_PAUSE_MS) | (wrapped & (steps > LONGEST_PAUSE_AT_WRAP_MS))
    )
    if not bool(is_restart.any()):
        return times
    usual = steps[(steps > 0) & ~is_restart]
    steps[is_restart] = float(np.median(usual)) if len(usual) else step_ms
    joined = np.full(len(times), np.nan)
    joined[known] = values[0] + np.concatenate([[0.0], np.cumsum(steps)])
    return joined


def _interpolated(times: FloatArray, step_ms: float) -> FloatArray:
    """Missing and repeated times from their neighbours; at either end by the usual step."""
    known = np.flatnonzero(~np.isnan(times))
    known = known[np.concatenate([[True], np.diff(times[known]) > 0])]
    if len(known) == len(times):
        return times
    places = np.arange(len(times))
    filled: FloatArray = np.interp(places, known, times[known])
    inner = np.diff(filled[known[0] : known[-1] + 1])
    step = float(np.median(inner)) if len(inner) else step_ms
    filled[: known[0]] = times[known[0]] - step * (known[0] - places[: known[0]])
    filled[known[-1] + 1 :] = times[known[-1]] + step * (places[known[-1] + 1 :] - known[-1])
    return filled
