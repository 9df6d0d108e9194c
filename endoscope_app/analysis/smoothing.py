"""Smoothing over time: a view of the raw probabilities, never stored."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from endoscope_app.media.frame_times import FrameTimes


def smooth(
    probabilities: NDArray[np.floating[Any]],
    times: FrameTimes,
    window_ms: float,
    known: NDArray[np.bool_],
) -> NDArray[np.float32]:
    """Centred moving average of (N, C) over ``window_ms``, (N, C) float32.

    It goes by the frames' own times and reaches over no gap. Unknown frames (``known`` (N,) False)
    neither count in a neighbour's average nor get one: their rows come back as zeros. At the ends
    and at a gap the window is cut, not padded.
    """
    # float64, because differences of a long float32 running sum would lose the small probabilities
    values = probabilities.astype(np.float64)
    values[~known] = 0
    frames = len(values)
    sums = np.zeros((frames + 1, values.shape[1]))
    np.cumsum(values, axis=0, out=sums[1:])
    counts = np.concatenate(([0], np.cumsum(known)))
    if window_ms > 0:
        low, high = times.around(window_ms / 2)
    else:
        low = np.arange(frames)
        high = low + 1
    share = known / np.maximum(counts[high] - counts[low], 1)
    mean = (sums[high] - sums[low]) * share[:, None]
    # a difference of running sums can come out as -1e-17
    smoothed: NDArray[np.float32] = np.maximum(mean, 0).astype(np.float32)
    return smoothed
