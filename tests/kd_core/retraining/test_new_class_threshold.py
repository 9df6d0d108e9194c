"""Whether a class that few frames show is named from the common level on, by hand."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from kd_core.evaluation.abstention import new_class_is_vouched_for
from kd_core.schema.naming_level import NEVER


def of_new(*shares: float) -> NDArray[np.float64]:
    """Rows of an old class and the new one, which has these probabilities."""
    return np.array([[1 - share, share] for share in shares]).reshape(-1, 2)


@pytest.mark.parametrize(
    ("own", "enough"),
    [
        ((0.9, 0.8, 0.7, 0.6), True),
        ((0.9, 0.8, 0.7), False),
        ((0.9, 0.8, 0.7, 0.59), False),
        ((), False),
    ],
)
def test_four_of_four_at_the_level_are_enough_and_three_are_not(
    own: tuple[float, ...], enough: bool
) -> None:
    """Wilson's lower bound of 4 of 4 is .51, of 3 of 3 .44."""
    old = of_new(*[0.1] * 40)
    assert new_class_is_vouched_for(old, np.zeros(40, np.int64), of_new(*own), 1, 0.6) == enough


def test_old_frames_that_are_called_new_count_against_it() -> None:
    """Ten frames count as twenty, as many as the old class has: at .8 16 of 17 are right, at
    .75 16 of 18.
    """
    old = of_new(*[0.1] * 17, 0.8, 0.75, 0.72)
    own = of_new(*[0.95] * 8, 0.7, 0.6)
    truth = np.zeros(20, np.int64)
    assert new_class_is_vouched_for(old, truth, own, 1, 0.8)
    assert not new_class_is_vouched_for(old, truth, own, 1, 0.75)


def test_a_rarely_labelled_class_is_judged_as_if_it_came_as_often_as_the_others() -> None:
    """One wrong of 100 old frames beside eight right ones: 8 of 9 are too few, 96 of 97 are
    enough.
    """
    old = of_new(*[0.1] * 99, 0.6)
    truth = np.zeros(100, np.int64)
    assert new_class_is_vouched_for(old, truth, of_new(*[0.65] * 8), 1, 0.55)
    often = of_new(*[0.65] * 8, *[0.1] * 92)  # as often as the others, and mostly missed
    assert not new_class_is_vouched_for(old, truth, often, 1, 0.55)


def test_nothing_is_vouched_for_where_no_class_is_named() -> None:
    old = of_new(*[0.1] * 40)
    own = of_new(*[1.0] * 20)
    assert not new_class_is_vouched_for(old, np.zeros(40, np.int64), own, 1, NEVER)
