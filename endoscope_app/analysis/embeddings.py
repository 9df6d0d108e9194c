"""What a model sees in every frame of a procedure, as one vector a frame: near ones look alike.

No Qt.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Embeddings:
    """Of N frames, each array by frame: ``vectors`` (N, K) float16, ``known`` (N,) which of them
    are there; ``times_ms`` (N,) and ``stamps`` (N,), so that a frame can be named and labelled
    while its procedure is closed. Workers write to different frames at once.
    """

    vectors: NDArray[np.float16] = field(repr=False)
    known: NDArray[np.bool_] = field(repr=False)
    times_ms: NDArray[np.float64] = field(repr=False)
    stamps: NDArray[np.int64] = field(repr=False)

    @classmethod
    def none_yet(
        cls, size: int, times_ms: NDArray[np.float64], stamps: NDArray[np.int64]
    ) -> Embeddings:
        """Of a procedure that was not looked at; ``size``: K."""
        count = len(times_ms)
        return cls(np.zeros((count, size), np.float16), np.zeros(count, np.bool_), times_ms, stamps)

    def put(self, start: int, vectors: NDArray[np.floating[Any]]) -> None:
        """Those of frames start.. (n, K)."""
        stop = start + len(vectors)
        self.vectors[start:stop] = vectors
        self.known[start:stop] = True

    def copy(self) -> Embeddings:
        """As they are now."""
        return Embeddings(self.vectors.copy(), self.known.copy(), self.times_ms, self.stamps)


def of_these_frames(
    kept: Embeddings | None,
    size: int,
    times_ms: NDArray[np.float64],
    stamps: NDArray[np.int64],
) -> Embeddings:
    """Those that are ``kept``, where they are of frames with these ``stamps`` (N,) and of ``size``
    K; else none of any frame yet.
    """
    if (
        kept is not None
        and kept.vectors.shape == (len(stamps), size)
        and np.array_equal(kept.stamps, stamps)
    ):
        return kept
    return Embeddings.none_yet(size, times_ms, stamps)
