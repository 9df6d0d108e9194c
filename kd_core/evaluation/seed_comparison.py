"""Whether one way of training is better than another, over groups and over seeds.

A run is one draw of what a way of training gives: its weights, order and views are drawn from its
seed. An interval over groups alone is of these very runs, not of the way they were trained.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kd_core.evaluation.intervals import Interval, drawn_groups, percentile_interval
from kd_core.evaluation.many_comparisons import chance_of_none
from kd_core.evaluation.table_scores import (
    Labels,
    draw_counts,
    group_tables,
    summed,
    table_scores,
)

RESAMPLES = 5000
#: Seeds are drawn by another generator than groups.
_SEEDS = 1


class SeedComparison(NamedTuple):
    """``difference`` of B minus A with its 95 % interval; ``chance``: two-sided, of none.

    ``seeds``: how many were drawn from; of one there is no spread, and the interval is of groups
    alone. ``groups``: how many there are.
    """

    difference: Interval
    chance: float
    seeds: int
    groups: int


def compare_over_seeds(
    truth: Labels,
    predicted_a: Sequence[Labels],
    predicted_b: Sequence[Labels],
    groups: NDArray[Any],
    class_count: int,
    seed: int,
    resamples: int = RESAMPLES,
) -> SeedComparison:
    """B minus A of the mean macro-F1 over runs: a paired bootstrap of groups and of seeds.

    (N,) truth and groups, and both models' predictions (N,) of each run, in the same order of
    seeds. Each draw takes groups with replacement, the same for both and for all runs, and then
    seeds with replacement, the same for both (Davison and Hinkley 1997, 3.8). Draws of S seeds
    scatter too little by the root of (S - 1) / S: their way from the mean of all is lengthened by
    that. Raises ValueError where A and B have not as many runs, or none.
    """
    if not predicted_a or len(predicted_a) != len(predicted_b):
        raise ValueError(f"{len(predicted_a)} runs cannot be paired with {len(predicted_b)}")
    runs = len(predicted_a)
    tables = [
        (group_tables(truth, a, groups, class_count), group_tables(truth, b, groups, class_count))
        for a, b in zip(predicted_a, predicted_b, strict=True)
    ]
    group_count = len(tables[0][0])
    # The first row draws every group once: all samples as they are.
    counts = np.concatenate(
        [np.ones((1, group_count), np.int64), draw_counts(group_count, seed, resamples)]
    )
    of_runs = np.stack(
        [
            table_scores(summed(counts, b)).macro_f1 - table_scores(summed(counts, a)).macro_f1
            for a, b in tables
        ],
        axis=1,
    )  # (1 + R, S)
    means = of_runs.mean(axis=1)
    drawn = means[1:]
    if runs > 1:
        chosen = drawn_groups(runs, seed + _SEEDS, resamples)
        way = np.take_along_axis(of_runs[1:], chosen, axis=1).mean(axis=1) - drawn
        drawn = drawn + math.sqrt(runs / (runs - 1)) * way
    return SeedComparison(
        percentile_interval(float(means[0]), drawn, group_count),
        chance_of_none(drawn, group_count),
        runs,
        group_count,
    )
