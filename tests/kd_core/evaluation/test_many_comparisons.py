"""Chances of many comparisons against statsmodels and scipy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kd_core.evaluation.intervals import percentile_interval
from kd_core.evaluation.many_comparisons import chance_of_none, holm


@pytest.mark.parametrize(
    ("chances", "corrected"),
    [
        # statsmodels.stats.multitest.multipletests(chances, method="holm")[1], and R's p.adjust
        ([0.01, 0.04, 0.03, 0.005], [0.03, 0.06, 0.06, 0.02]),
        ([0.5, 0.9], [1.0, 1.0]),
        ([0.02], [0.02]),
        ([0.01, 0.01, 0.01], [0.03, 0.03, 0.03]),
        ([], []),
    ],
)
def test_holm_is_that_of_statsmodels(chances: list[float], corrected: list[float]) -> None:
    assert holm(chances) == pytest.approx(corrected)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_a_corrected_chance_lies_between_the_single_one_and_bonferronis(
    chances: list[float],
) -> None:
    for single, corrected in zip(chances, holm(chances), strict=True):
        assert single <= corrected <= min(1.0, len(chances) * single)


@pytest.mark.parametrize(
    ("beyond", "draws", "groups", "chance"),
    [
        # 2 * scipy.stats.t.cdf(norm.ppf((beyond + 1) / (draws + 1)) / sqrt(g / (g - 1)), g - 1)
        (0, 2000, 40, 0.0023848),
        (20, 2000, 40, 0.0282127),
        (20, 2000, 8, 0.0676980),
        (49, 999, 500, 0.1009698),
    ],
)
def test_the_chance_is_that_of_students_t(
    beyond: int, draws: int, groups: int, chance: float
) -> None:
    drawn = np.concatenate([np.full(beyond, -0.1), np.full(draws - beyond, 0.1)])
    assert chance_of_none(drawn, groups) == pytest.approx(chance, rel=0.01)
    assert chance_of_none(-drawn, groups) == pytest.approx(chance, rel=0.01)


@pytest.mark.parametrize("shift", [0.0, 0.1, 0.18, 0.22, 0.3, 0.5])
def test_the_chance_is_below_5_per_cent_where_the_interval_leaves_0_out(shift: float) -> None:
    drawn = np.random.default_rng(0).normal(shift, 0.1, 4000)
    interval = percentile_interval(shift, drawn, 20)
    assert (chance_of_none(drawn, 20) < 0.05) == (interval.low > 0)


def test_nothing_is_certain_and_no_difference_is_no_evidence() -> None:
    assert 0 < chance_of_none([1.0] * 100, 10) < 0.1
    assert chance_of_none([0.0] * 100, 10) == 1.0
