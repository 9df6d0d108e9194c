"""Smoothing over time: a view of the raw probabilities, never stored."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def smooth(probabilities: NDArray[np.floating[Any]], window_frames: int, known: NDArray[np.bool_] | None = None) -> NDArray[np.float32]:
    """Centred moving average of (N, C) over window_frames frames, (N, C) float32.

    Unknown frames (known False; without known, rows that are all zero or not finite) neither count in a neighbour's average nor
    get one: their rows come back as zeros. At the ends the window is cut, not padded. An even window reaches one further ahead.
    """
    if window_frames < 1:
        raise ValueError(f"a window has at least one frame, not {window_frames}")
    # float64, because differences of a long float32 running sum would lose the small probabilities
    values = probabilities.astype(np.float64)
    if known is None:
        finite = np.isfinite(values).all(axis=1)
        known = finite & (values != 0).any(axis=1)
    values[~known] = 0
    frames = len(values)
    sums = np.zeros((frames + 1, values.shape[1]))
    np.cumsum(values, axis=0, out=sums[1:])
    counts = np.concatenate(([0], np.cumsum(known)))
    centre = np.arange(frames)
    low = np.maximum(centre - (window_frames - 1) // 2, 0)
    high = np.minimum(centre + window_frames // 2 + 1, frames)
    share = known / np.maximum(counts[high] - counts[low], 1)
    mean = (sums[high] - sums[low]) * share[:, None]
    # a difference of running sums can come out as -1e-17
    smoothed: NDArray[np.float32] = np.maximum(mean, 0).astype(np.float32)
    return smoothed
