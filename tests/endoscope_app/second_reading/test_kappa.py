"""Cohen's kappa against a textbook, against scikit-learn, and its interval against runs."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from endoscope_app.second_reading.kappa import (
    FEWEST_RUNS,
    Runs,
    joined,
    kappas,
    measured,
    of_one_class,
)

#: Fleiss, Levin and Paik, Statistical Methods for Rates and Proportions, 3rd ed., table 18.1: two
#: raters of 100 subjects as psychotic, neurotic or organic.
DIAGNOSES = np.array([[75, 1, 4], [5, 4, 1], [0, 0, 10]])


def runs_of(first: list[int], second: list[int], frames: list[int]) -> Runs:
    return Runs(*(np.array(each, np.int64) for each in (first, second, frames, [0] * len(first))))


def test_the_textbook_s_figures() -> None:
    assert round(float(kappas(DIAGNOSES[None])), 2) == 0.68
    one_by_one = [round(float(kappas(of_one_class(DIAGNOSES[None], code))), 2) for code in range(3)]
    assert one_by_one == [0.69, 0.50, 0.77]


def test_the_same_as_scikit_learn_over_all_classes_and_for_each() -> None:
    draw = np.random.default_rng(7)
    for classes in (2, 3, 6):
        first = draw.integers(0, classes, 300)
        second = np.where(draw.random(300) < 0.6, first, draw.integers(0, classes, 300))
        runs = Runs(first, second, np.ones(300, np.int64), np.zeros(300, np.int64))
        overall, of_classes = measured(runs, classes)
        assert overall.value == pytest.approx(cohen_kappa_score(first, second), abs=1e-12)
        for code, kappa in enumerate(of_classes):
            expected = cohen_kappa_score(first == code, second == code)
            assert kappa.value == pytest.approx(expected, abs=1e-12)


def test_where_all_frames_have_one_class_kappa_is_not_defined() -> None:
    overall, _ = measured(runs_of([0] * 12, [0] * 12, [5] * 12), 2)
    assert (overall.value, overall.low) == (None, None)


def test_an_interval_is_as_wide_as_runs_are_few_however_many_frames_they_have() -> None:
    first, second = [0, 1] * 10, [0, 1] * 7 + [1, 0] * 3
    short, long = runs_of(first, second, [1] * 20), runs_of(first, second, [500] * 20)
    by_frames = runs_of(
        [code for code in first for _ in range(500)],
        [code for code in second for _ in range(500)],
        [1] * 10_000,
    )
    widths = []
    for runs in (short, long, by_frames):
        kappa, _ = measured(runs, 2)
        assert kappa.value == pytest.approx(0.4)
        assert kappa.low is not None
        assert kappa.high is not None
        assert kappa.low < 0.4 < kappa.high
        widths.append(kappa.high - kappa.low)
    assert widths[0] == pytest.approx(widths[1])
    assert widths[2] < widths[0] / 10, "frames drawn one by one would promise far too much"


def test_too_few_runs_have_no_interval() -> None:
    few = runs_of([0, 1, 0], [0, 1, 1], [50, 50, 50])
    enough = joined([few] * FEWEST_RUNS)
    assert measured(few, 2)[0].low is None
    assert measured(enough, 2)[0].low is not None
    assert len(joined([])) == 0


def test_chance_is_counted_within_each_group() -> None:
    of_first = runs_of([0, 1, 0, 1], [0, 1, 1, 0], [40, 40, 10, 10])  # kappa 0.6
    of_second = runs_of([2, 3, 2, 3], [2, 3, 3, 2], [25, 25, 25, 25])  # kappa 0
    other = Runs(of_second.first, of_second.second, of_second.frames, of_second.group + 1)
    overall, of_classes = measured(joined([of_first, other]), 4)
    assert overall.value == pytest.approx(0.3), "two kappas of as many frames: their mean"
    assert [kappa.value for kappa in of_classes] == pytest.approx([0.6, 0.6, 0.0, 0.0])
