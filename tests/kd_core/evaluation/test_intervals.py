"""Intervals and comparisons against numbers worked out by hand or by plain loops."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from kd_core.evaluation.intervals import bootstrap, compare, wilson


def test_wilson_by_hand() -> None:
    """8 of 10 at z = 2: middle (.8 + .2) / 1.4, half 2 / 1.4 * sqrt(.016 + .01)."""
    made = wilson(8, 10, z=2.0)
    assert made.value == 0.8
    assert made.low == pytest.approx(1.0 / 1.4 - 2 / 1.4 * math.sqrt(0.026))
    assert made.high == pytest.approx(1.0 / 1.4 + 2 / 1.4 * math.sqrt(0.026))


def test_wilson_at_the_ends() -> None:
    assert wilson(0, 0) == (0.0, 0.0, 1.0)
    assert wilson(0, 20).low == 0.0
    assert wilson(20, 20).high == pytest.approx(1.0)
    with pytest.raises(ValueError, match="21 of 20"):
        wilson(21, 20)


@given(st.integers(1, 500), st.data())
def test_wilson_holds_its_share_inside_0_and_1(total: int, data: st.DataObject) -> None:
    hits = data.draw(st.integers(0, total))
    made = wilson(hits, total)
    assert -1e-12 <= made.low <= made.value + 1e-12
    assert made.value - 1e-12 <= made.high <= 1 + 1e-12


def test_bootstrap_draws_whole_groups() -> None:
    """Every draw holds each group's members equally often: 3 of group a come or none of them."""
    groups = np.array(["a", "a", "a", "b", "c"])
    seen: list[int] = []

    def score(rows: NDArray[np.int64]) -> float:
        counts = np.bincount(rows, minlength=5)
        assert counts[0] == counts[1] == counts[2]
        assert counts[0] + counts[3] + counts[4] == 3
        seen.append(int(counts[0]))
        return float(len(rows))

    bootstrap(score, groups, seed=0, resamples=200)
    assert set(seen) == {0, 1, 2, 3}


def test_bootstrap_of_a_mean_is_as_wide_as_theory_says() -> None:
    """The mean of n independent values has a standard error of s / sqrt(n); 1.96 of it to
    either side.
    """
    values = np.random.default_rng(3).normal(size=400)
    made = bootstrap(
        lambda rows: float(values[rows].mean()), np.arange(400), seed=1, resamples=1000
    )
    expected = 2 * 1.96 * values.std() / math.sqrt(400)
    assert made.high - made.low == pytest.approx(expected, rel=0.1)
    assert made.value == values.mean()


def test_groups_that_resemble_each_other_widen_the_interval() -> None:
    values = np.repeat(np.random.default_rng(3).normal(size=40), 10)
    alone = bootstrap(
        lambda rows: float(values[rows].mean()), np.arange(400), seed=1, resamples=500
    )
    grouped = bootstrap(
        lambda rows: float(values[rows].mean()), np.repeat(np.arange(40), 10), seed=1, resamples=500
    )
    assert grouped.high - grouped.low > 2 * (alone.high - alone.low)


def test_the_same_seed_gives_the_same_interval() -> None:
    values = np.arange(30.0)
    made = [
        bootstrap(
            lambda rows: float(values[rows].mean()), np.arange(30) // 3, seed=5, resamples=100
        )
        for _ in range(2)
    ]
    assert made[0] == made[1]


@pytest.mark.parametrize(
    ("shift", "verdict"), [(0.3, "better"), (-0.3, "worse"), (0.0, "undecided")]
)
def test_a_comparison_says_no_more_than_the_data(shift: float, verdict: str) -> None:
    generator = np.random.default_rng(0)
    a = generator.normal(size=300)
    b = a + shift + generator.normal(size=300) * 0.5
    made = compare(
        lambda rows: float(a[rows].mean()),
        lambda rows: float(b[rows].mean()),
        np.arange(300),
        seed=2,
        resamples=500,
    )
    assert made.verdict == verdict


def mean_of(values: NDArray[Any], rows: NDArray[np.intp]) -> float:
    return float(values[rows].mean())


def test_pairing_sees_what_separate_intervals_would_not() -> None:
    """Two models that fail on the same hard images: apart their intervals overlap, paired the
    small gain is plain.
    """
    hard = np.random.default_rng(0).normal(size=200)
    a, b = hard, hard + 0.05
    groups = np.arange(200)
    apart = [
        bootstrap(partial(mean_of, values), groups, seed=1, resamples=300) for values in (a, b)
    ]
    assert apart[0].high > apart[1].low
    paired = compare(
        lambda rows: float(a[rows].mean()),
        lambda rows: float(b[rows].mean()),
        groups,
        seed=1,
        resamples=300,
    )
    assert paired.verdict == "better"
