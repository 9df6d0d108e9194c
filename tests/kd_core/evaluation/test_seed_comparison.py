"""Whether one way of training is better, over groups and seeds: cases whose spread is known."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from kd_core.evaluation.group_scores import compare_scores
from kd_core.evaluation.intervals import percentile_interval
from kd_core.evaluation.seed_comparison import compare_over_seeds
from kd_core.evaluation.table_scores import draw_counts, group_tables, summed, table_scores

Labels = NDArray[np.int64]
GROUPS, IN_GROUP = 20, 40
#: Every group shows 20 images of each of two classes.
TRUTH: Labels = np.tile(np.repeat([0, 1], IN_GROUP // 2), GROUPS)
OF = np.repeat(np.arange(GROUPS), IN_GROUP)


def with_wrong(wrong: int) -> Labels:
    """Of every group's images of each class so many called the other: alike in all groups."""
    called = TRUTH.reshape(GROUPS, 2, -1).copy()
    called[:, :, :wrong] = 1 - called[:, :, :wrong]
    return called.reshape(-1)


def random_run(seed: int, share: float) -> Labels:
    """Wrong in this share of images, as chance has it."""
    wrong = np.random.default_rng(seed).random(len(TRUTH)) < share
    return np.where(wrong, 1 - TRUTH, TRUTH)


def test_seeds_that_differ_widen_an_interval_that_groups_alone_leave_a_point() -> None:
    """B is right in 0 and 10 points more of all images than A, by seed; all groups are alike. Draws
    of two seeds give 0, 5, 5 or 10 points, lengthened by the root of 2: -2.07, 5, 5 and 12.07.
    """
    a, b = [with_wrong(4)] * 2, [with_wrong(4), with_wrong(2)]
    made = compare_over_seeds(TRUTH, a, b, OF, 2, seed=3)
    assert made.difference.value == pytest.approx(0.05)
    assert made.difference.low == pytest.approx(0.05 - 0.05 * 2**0.5)
    assert made.difference.high == pytest.approx(0.05 + 0.05 * 2**0.5)
    assert made.chance > 0.4
    assert (made.seeds, made.groups) == (2, GROUPS)
    alone = compare_over_seeds(TRUTH, a[:1], [with_wrong(2)], OF, 2, seed=3)
    assert alone.difference == pytest.approx((0.1, 0.1, 0.1))
    assert alone.seeds == 1
    assert alone.chance < 0.01


def test_of_one_run_it_is_the_bootstrap_by_group() -> None:
    a, b = random_run(0, 0.2), random_run(1, 0.15)
    made = compare_over_seeds(TRUTH, [a], [b], OF, 2, seed=5, resamples=400)
    assert (
        made.difference
        == compare_scores(
            TRUTH, a, b, OF, ("x", "y"), seed=5, resamples=400
        ).macro_f1.comparison.difference
    )


def test_runs_that_are_all_the_same_say_what_one_of_them_says() -> None:
    a, b = random_run(0, 0.2), random_run(1, 0.15)
    one = compare_over_seeds(TRUTH, [a], [b], OF, 2, seed=5, resamples=400)
    three = compare_over_seeds(TRUTH, [a] * 3, [b] * 3, OF, 2, seed=5, resamples=400)
    assert three.difference == pytest.approx(one.difference)
    assert three.chance == pytest.approx(one.chance)


def test_the_spread_is_that_of_groups_and_of_seeds_together() -> None:
    """Variances add: that over groups of the mean of all runs, and that of the mean of S seeds,
    which is the variance of the runs over S.
    """
    a = [random_run(seed, 0.2) for seed in range(4)]
    b = [random_run(10 + seed, 0.05 + 0.05 * seed) for seed in range(4)]
    made = compare_over_seeds(TRUTH, a, b, OF, 2, seed=1, resamples=20000)
    counts = draw_counts(GROUPS, 1, 20000)
    runs = [
        table_scores(summed(counts, group_tables(TRUTH, after, OF, 2))).macro_f1
        - table_scores(summed(counts, group_tables(TRUTH, before, OF, 2))).macro_f1
        for before, after in zip(a, b, strict=True)
    ]
    by_groups = np.var(np.mean(runs, axis=0))
    by_seeds = np.mean(np.var(runs, axis=0, ddof=1)) / 4
    normal = np.random.default_rng(0).normal(
        made.difference.value, np.sqrt(by_groups + by_seeds), 20000
    )
    wanted = percentile_interval(made.difference.value, normal, GROUPS)
    assert made.difference.low == pytest.approx(wanted.low, abs=0.01)
    assert made.difference.high == pytest.approx(wanted.high, abs=0.01)
    # here it is mostly seeds that differ, which an interval over groups does not see
    assert by_seeds > 2 * by_groups


def test_runs_that_cannot_be_paired_are_refused() -> None:
    with pytest.raises(ValueError, match="1 runs cannot be paired with 2"):
        compare_over_seeds(TRUTH, [TRUTH], [TRUTH] * 2, OF, 2, seed=0)
    with pytest.raises(ValueError, match="0 runs"):
        compare_over_seeds(TRUTH, [], [], OF, 2, seed=0)
