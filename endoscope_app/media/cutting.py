"""The frames of a procedure cut into ranges that several readers can work on at once."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray


def at_keys(keys: NDArray[np.int64], end: int, parts: int, start: int) -> list[tuple[int, int]]:
    """At most ``parts`` half-open ranges of about equal length from ``start`` to ``end``, cut at
    ``keys`` (K,), which ascend.
    """
    start = max(start, 0)
    if start >= end:
        return []
    cuts = [start]
    keys = keys[keys > start]
    for part in range(1, max(parts, 1)):
        wanted = start + (end - start) * part / parts
        if len(keys):
            nearest = int(keys[np.argmin(np.abs(keys - wanted))])
            if nearest > cuts[-1]:
                cuts.append(nearest)
    return list(zip(cuts, [*cuts[1:], end], strict=True))


def evenly(end: int, parts: int, start: int) -> list[tuple[int, int]]:
    """The same of images that stand alone, which may be cut anywhere."""
    start = max(start, 0)
    left = end - start
    if left <= 0:
        return []
    parts = min(max(parts, 1), left)
    cuts = [start + left * part // parts for part in range(parts + 1)]
    return list(itertools.pairwise(cuts))
