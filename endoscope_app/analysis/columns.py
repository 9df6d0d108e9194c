"""Which frames a column of pixels shows, where columns may hold many frames or less than one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def column_spans(
    edges: NDArray[np.float64], size: int = 1
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(low, high), n each: column i shows buckets low[i]..high[i] (exclusive) of ``size`` frames,
    never none.

    ``edges`` (n + 1,) are frames, fractions allowed, never falling. A column that is narrower than
    a bucket shows the one under its middle, so that neighbours repeat it; of the last one a part is
    enough to be shown.
    """
    places = np.asarray(edges, np.float64) / size
    left, right = places[:-1], places[1:]
    narrow = right - left < 1 - 1e-9
    low = np.where(narrow, np.floor((left + right) / 2), np.floor(left + 1e-9)).astype(np.int64)
    high = np.where(narrow, low + 1, np.floor(right + 1e-9)).astype(np.int64)
    if not narrow[-1]:
        high[-1] = int(np.ceil(right[-1] - 1e-9))
    return low, np.maximum(high, low + 1)
