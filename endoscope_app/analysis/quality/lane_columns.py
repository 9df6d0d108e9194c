"""Image quality and mean colour as columns of a strip; the cost follows the width, however many
frames there are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from endoscope_app.analysis.columns import column_spans
from endoscope_app.analysis.quality.kinds import FAULTS, Kind, Kinds


@dataclass(frozen=True, eq=False)
class FaultColumns:
    """kind (n,) int8: the most frequent fault of each column, USABLE where there is none,
    NOT_MEASURED where nothing is known; share (n,) float32 0..1: of its measured frames that have
    any fault.
    """

    kind: NDArray[np.int8]
    share: NDArray[np.float32]


class LaneColumns:
    """Sums over the frames before each frame, made once."""

    def __init__(self, kinds: Kinds, colours: NDArray[np.uint8]) -> None:
        """kinds (N,), colours (N, 3)."""
        measured = kinds != Kind.NOT_MEASURED
        self._frames = len(kinds)
        self._measured = _before(measured)
        self._faults = np.stack([_before(kinds == kind) for kind in FAULTS], axis=1)
        """(N + 1, faults)."""
        shown = np.where(measured[:, None], colours, 0).astype(np.int64)
        self._colours = np.concatenate((np.zeros((1, 3), np.int64), shown.cumsum(axis=0)))

    def faults(self, edges: NDArray[np.float64]) -> FaultColumns:
        """Column i shows the frames edges[i]..edges[i + 1]."""
        low, high = self._spans(edges)
        counts = self._faults[high] - self._faults[low]
        measured = self._measured[high] - self._measured[low]
        faulty = counts.sum(axis=1)
        worst = np.array(FAULTS, np.int8)[counts.argmax(axis=1)]
        kind = np.where(
            measured == 0, Kind.NOT_MEASURED, np.where(faulty > 0, worst, Kind.USABLE)
        ).astype(np.int8)
        return FaultColumns(kind, (faulty / np.maximum(measured, 1)).astype(np.float32))

    def colours(self, edges: NDArray[np.float64]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Mean RGB (n, 3) of each column, and where (n,) any is known."""
        low, high = self._spans(edges)
        measured = self._measured[high] - self._measured[low]
        mean = (self._colours[high] - self._colours[low]) / np.maximum(measured, 1)[:, None]
        return mean.astype(np.float32), measured > 0

    def _spans(self, edges: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        low, high = column_spans(edges)
        return np.clip(low, 0, self._frames), np.clip(high, 0, self._frames)


def _before(flags: NDArray[np.bool_]) -> NDArray[np.int32]:
    """(N,) -> (N + 1,) how many hold before each."""
    return np.concatenate(([0], flags.cumsum())).astype(np.int32)
