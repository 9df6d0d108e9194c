"""How often a comparison says "better" where there is nothing to find, held by simulation, and
that it finds what is there.
"""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from kd_core.evaluation.group_scores import compare_scores, swap_test
from kd_core.evaluation.intervals import student_quantile

Labels = NDArray[np.int64]
SIMULATED = 400


def simulated(
    random: np.random.Generator, patients: int, gain: float
) -> tuple[Labels, Labels, Labels, Labels]:
    """Truth, what both models call, and patients.

    Each model is as good on a patient as its own luck there has it: frames resemble each other,
    from nearly all right to nearly all wrong. ``gain`` is what B has over A in log odds.
    """
    parts = []
    for patient in range(patients):
        count = 1 + int(random.poisson(20))
        truth = random.integers(0, 2, count)
        odds = np.array([1.0, 1.0 + gain]) + random.normal(0, 1.2, 2)
        right = random.random((2, count)) < 1 / (1 + np.exp(-odds[:, None]))
        parts.append(np.stack([truth, *np.where(right, truth, 1 - truth), np.full(count, patient)]))
    truth, active, candidate, groups = np.concatenate(parts, axis=1)
    return truth, active, candidate, groups


def verdicts(patients: int, gain: float, seed: int) -> list[str]:
    random = np.random.default_rng(seed)
    made: list[str] = []
    for _ in range(SIMULATED):
        truth, active, candidate, groups = simulated(random, patients, gain)
        found = compare_scores(truth, active, candidate, groups, ("a", "b"), seed=0, resamples=500)
        made.append(found.accuracy.comparison.verdict)
    return made


@pytest.mark.parametrize("patients", [6, 8, 15])
def test_without_a_difference_better_is_said_in_no_more_than_one_of_twenty_cases(
    patients: int,
) -> None:
    """Promised are 2.5 %; of 400 cases 5 % are 20, which 2.5 % reach once in 300 times."""
    said = verdicts(patients, 0.0, seed=patients)
    assert said.count("better") <= 0.05 * SIMULATED
    assert said.count("worse") <= 0.05 * SIMULATED


def test_a_large_difference_is_found() -> None:
    said = verdicts(15, 2.5, seed=1)
    assert said.count("better") >= 0.8 * SIMULATED
    assert said.count("worse") == 0


def test_the_test_by_swaps_by_hand() -> None:
    """Six patients of one frame each, all right now and wrong before: of 64 ways to exchange one
    gives as much, 1 / 64. With five for B and one for A a difference of 4 or more has 1 + 6 of 64.
    """
    wrong, right = np.array([[0, 1], [0, 0]]), np.array([[1, 0], [0, 0]])
    made = swap_test(np.stack([wrong] * 6), np.stack([right] * 6), seed=0)
    assert made[0] == pytest.approx(1 / 64)
    assert np.isnan(made[3])
    mixed = swap_test(np.stack([wrong] * 5 + [right]), np.stack([right] * 5 + [wrong]), seed=0)
    assert mixed[0] == pytest.approx(7 / 64)


@pytest.mark.parametrize(
    ("freedom", "wanted"), [(4, 2.7764), (5, 2.5706), (10, 2.2281), (30, 2.0423), (400, 1.9659)]
)
def test_quantiles_of_student_are_those_of_printed_tables(freedom: int, wanted: float) -> None:
    assert student_quantile(0.975, freedom) == pytest.approx(wanted, rel=0.01)
