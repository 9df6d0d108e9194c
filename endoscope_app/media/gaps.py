"""Gaps in the clock of a procedure: moments where the recorder paused, or a part of the
file is lost.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

GAP_MS = 1000.0
# A time lapse of one frame per two seconds has no gaps: what counts is far longer than the usual
# step.
TIMES_THE_USUAL_STEP = 3.0


def gaps(times_ms: NDArray[np.float64]) -> NDArray[np.int64]:
    """Indices of the frames after which more than ``GAP_MS`` pass although frames are otherwise
    closer together.

    ``times_ms`` (N,) are the presentation times of all frames in ms, rising.
    """
    steps = np.diff(np.asarray(times_ms, dtype=np.float64))
    if not len(steps):
        return np.zeros(0, dtype=np.int64)
    usual = float(np.median(steps))
    return np.flatnonzero(steps > max(GAP_MS, TIMES_THE_USUAL_STEP * usual)).astype(np.int64)
