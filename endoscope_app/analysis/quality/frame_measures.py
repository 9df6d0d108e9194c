"""What was measured of a procedure's frames so far, whichever model classifies them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from endoscope_app.analysis.quality.measures import COUNT, Rows


@dataclass(frozen=True, eq=False)
class FrameMeasures:
    """rows (N, COUNT): zero where ``known`` (N,) is False. One thread only."""

    rows: Rows
    known: NDArray[np.bool_]

    @classmethod
    def none(cls, frame_count: int) -> FrameMeasures:
        """Nothing is measured yet."""
        return cls(np.zeros((frame_count, COUNT), np.uint8), np.zeros(frame_count, np.bool_))

    def write(self, start: int, rows: Rows) -> None:
        """Frames start..start+n are measured; rows (n, COUNT)."""
        self.rows[start : start + len(rows)] = rows
        self.known[start : start + len(rows)] = True

    def copy(self) -> FrameMeasures:
        """To hand to another thread."""
        return FrameMeasures(self.rows.copy(), self.known.copy())
