"""Groups of a data set and its near-copies as one grouping, so that no split parts either."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
import numpy as np

from kd_core.data.near_duplicates import THRESHOLD, UnionFind, fingerprints, near_pairs
from kd_core.schema.manifest import Sample


def joined_groups(
    samples: Sequence[Sample],
    threshold: float = THRESHOLD,
    on_progress: Callable[[int, int], None] | None = None,
) -> tuple[list[Sample], dict[str, str]]:
    """``samples`` with groups joined that hold near-copies of one another, and what was joined.

    The second maps a group to the one whose name the joined groups have: the first by name. Images
    that cannot be read keep their group. Raises DataError where too many cannot be read.
    """
    names = sorted({sample.group for sample in samples})
    places = {name: place for place, name in enumerate(names)}
    joined = UnionFind(len(names))
    prints, kept, _ = fingerprints(samples, on_progress)
    groups = np.array([places[sample.group] for sample in kept], np.int64)
    for pairs in near_pairs(prints, threshold):
        joined.join(groups[pairs.first], groups[pairs.second])
    # A group's root is its smallest index: the first name.
    roots = {name: names[root] for name, root in zip(names, joined.groups().tolist(), strict=True)}
    moved = [msgspec.structs.replace(sample, group=roots[sample.group]) for sample in samples]
    return moved, {name: root for name, root in roots.items() if name != root}
