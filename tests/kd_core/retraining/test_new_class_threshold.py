"""From which probability on a class that few frames show is named, by hand."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from kd_core.evaluation.abstention import LOWEST, NEVER, new_class_threshold


def of_new(*shares: float) -> NDArray[np.float64]:
    """Rows of an old class and the new one, which has these probabilities."""
    return np.array([[1 - share, share] for share in shares]).reshape(-1, 2)


def test_four_of_four_are_enough_and_three_are_not() -> None:
    old = of_new(*[0.1] * 40)
    truth = np.zeros(40, np.int64)
    assert new_class_threshold(old, truth, of_new(0.9, 0.8, 0.7, 0.6), 1) == pytest.approx(0.6)
    assert new_class_threshold(old, truth, of_new(0.9, 0.8, 0.7), 1) == NEVER
    assert new_class_threshold(old, truth, of_new(), 1) == NEVER


def test_an_old_frame_that_is_called_new_lifts_the_threshold_above_it() -> None:
    """Ten frames count as twenty, as many as the old class has: at .8 16 of 17 are right, at
    .75 16 of 18, at .6 20 of 23.
    """
    old = of_new(*[0.1] * 17, 0.8, 0.75, 0.72)
    own = of_new(*[0.95] * 8, 0.7, 0.6)
    assert new_class_threshold(old, np.zeros(20, np.int64), own, 1) == pytest.approx(0.8)


def test_a_rarely_labelled_class_is_judged_as_if_it_came_as_often_as_the_others() -> None:
    """One wrong of 100 old frames beside eight right ones: 8 of 9 are too few, 96 of 97 are
    enough.
    """
    old = of_new(*[0.1] * 99, 0.6)
    assert new_class_threshold(
        old, np.zeros(100, np.int64), of_new(*[0.55] * 8), 1
    ) == pytest.approx(0.55)


def test_no_frame_is_named_below_the_more_probable_half() -> None:
    three = np.array([[0.3, 0.3, 0.4]] * 6)
    old = np.array([[0.8, 0.1, 0.1]] * 20)
    assert new_class_threshold(old, np.zeros(20, np.int64), three, 2) in (LOWEST, NEVER)
