"""A pyramid over frames: every level holds, per bucket of 4 buckets below, what a strip of pixels
needs to be drawn.

Buckets are recomputed from the level below rather than added to, so writing the same frames twice
is harmless.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

FACTOR = 4
UNCERTAIN_MARGIN = 0.15
"""A frame whose best class leads the second by less than this is uncertain."""


@dataclass(frozen=True)
class Cells:
    """Statistics of M buckets of frames.

    total (M, C) float32: probabilities summed over known frames; peak (M, C) float32: each class's
    largest mean over FACTOR neighbouring frames (level 0: its probability), so that a run of a few
    frames survives any zoom and a flicker of one does not; votes (M, C) int32: frames in which the
    class was the best; count and uncertain (M,) int32: known and uncertain frames.
    """

    total: NDArray[np.float32]
    peak: NDArray[np.float32]
    votes: NDArray[np.int32]
    count: NDArray[np.int32]
    uncertain: NDArray[np.int32]

    @classmethod
    def empty(cls, buckets: int, classes: int) -> Cells:
        return cls(
            np.zeros((buckets, classes), np.float32),
            np.zeros((buckets, classes), np.float32),
            np.zeros((buckets, classes), np.int32),
            np.zeros(buckets, np.int32),
            np.zeros(buckets, np.int32),
        )

    def part(self, start: int, stop: int) -> Cells:
        """Views of buckets start..stop."""
        return Cells(
            self.total[start:stop],
            self.peak[start:stop],
            self.votes[start:stop],
            self.count[start:stop],
            self.uncertain[start:stop],
        )

    def take(self, index: NDArray[np.intp]) -> Cells:
        return Cells(
            self.total[index],
            self.peak[index],
            self.votes[index],
            self.count[index],
            self.uncertain[index],
        )

    def put(self, start: int, other: Cells) -> None:
        """Overwrite the buckets from start on."""
        stop = start + len(other.count)
        self.total[start:stop] = other.total
        self.peak[start:stop] = other.peak
        self.votes[start:stop] = other.votes
        self.count[start:stop] = other.count
        self.uncertain[start:stop] = other.uncertain

    def join(self, low: NDArray[np.int64], high: NDArray[np.int64]) -> Cells:
        """Join buckets low[i]..high[i] (at least one, high exclusive) for each i; groups may
        repeat buckets.
        """
        # an empty bucket at the end, so that the last group's end is a place, too
        padded = Cells.empty(len(self.count) + 1, self.total.shape[1])
        padded.put(0, self)
        places = np.stack((low, high), axis=1).ravel()
        return Cells(
            np.add.reduceat(padded.total, places, axis=0)[::2],
            np.maximum.reduceat(padded.peak, places, axis=0)[::2],
            np.add.reduceat(padded.votes, places, axis=0)[::2],
            np.add.reduceat(padded.count, places)[::2],
            np.add.reduceat(padded.uncertain, places)[::2],
        )

    def reduce(self, starts: NDArray[np.intp]) -> Cells:
        """Join buckets: group g is starts[g]..starts[g+1], the last one runs to the end; starts
        strictly increasing.
        """
        return Cells(
            np.add.reduceat(self.total, starts, axis=0),
            np.maximum.reduceat(self.peak, starts, axis=0),
            np.add.reduceat(self.votes, starts, axis=0),
            np.add.reduceat(self.count, starts),
            np.add.reduceat(self.uncertain, starts),
        )


def cells_of_frames(
    probabilities: NDArray[np.float16], known: NDArray[np.bool_], thresholds: NDArray[np.float32]
) -> Cells:
    """One cell a frame from (n, C) probabilities and (n,) known; thresholds (C,) as in
    ``uncertain_frames``.
    """
    values = probabilities.astype(np.float32) * known[:, None]
    frames, classes = values.shape
    best = values.argmax(axis=1)
    votes = np.zeros((frames, classes), np.int32)
    votes[np.arange(frames), best] = known
    uncertain = (uncertain_frames(values, thresholds) & known).astype(np.int32)
    return Cells(values, values, votes, known.astype(np.int32), uncertain)


def uncertain_frames(
    values: NDArray[np.float32], thresholds: NDArray[np.float32]
) -> NDArray[np.bool_]:
    """(n, C) probabilities to (n,): the best class stays below its threshold (C,), or is hardly
    ahead of the second.
    """
    top = values.max(axis=1)
    weak: NDArray[np.bool_] = top < thresholds[values.argmax(axis=1)]
    if values.shape[1] < 2:
        return weak
    second = np.partition(values, -2, axis=1)[:, -2]
    close: NDArray[np.bool_] = (top - second) < UNCERTAIN_MARGIN
    return weak | close


class Pyramid:
    """Levels 1, 2, ... over frames kept by the caller; a bucket of level k covers FACTOR**k
    frames.
    """

    def __init__(self, frame_count: int, thresholds: NDArray[np.float32]) -> None:
        """thresholds (C,) as in ``uncertain_frames``."""
        self._thresholds = thresholds
        self._levels: list[Cells] = []
        buckets = frame_count
        while buckets > FACTOR:
            buckets = -(-buckets // FACTOR)
            self._levels.append(Cells.empty(buckets, len(thresholds)))

    @property
    def depth(self) -> int:
        return len(self._levels)

    def level(self, number: int) -> Cells:
        """Level 1 is the finest one kept here."""
        return self._levels[number - 1]

    def update(
        self, start: int, raw: NDArray[np.float16], known: NDArray[np.bool_], stop: int
    ) -> None:
        """Recompute every bucket that holds one of the frames start..stop; raw (N, C) and known
        (N,) are the whole procedure's.
        """
        below: Cells | None = None
        for level in self._levels:
            start, stop = start // FACTOR, -(-stop // FACTOR)
            low, high = start * FACTOR, stop * FACTOR
            fine = (
                cells_of_frames(raw[low:high], known[low:high], self._thresholds)
                if below is None
                else below.part(low, high)
            )
            joined = fine.reduce(np.arange(0, len(fine.count), FACTOR, dtype=np.intp))
            level.put(start, joined if below is not None else _with_mean_as_peak(joined))
            below = level


def _with_mean_as_peak(cells: Cells) -> Cells:
    return replace(cells, peak=cells.total / np.maximum(cells.count, 1).astype(np.float32)[:, None])
