"""From which probability on a class that few frames show is named, by hand."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from kd_core.evaluation.abstention import LEVELS, new_class_level
from kd_core.schema.naming_level import NEVER

COMMON = 0.9


def of_new(*shares: float) -> NDArray[np.float64]:
    """Rows of an old class and the new one, which has these probabilities."""
    return np.array([[1 - share, share] for share in shares]).reshape(-1, 2)


@pytest.mark.parametrize(
    ("own", "level"),
    [
        ((0.9, 0.8, 0.7, 0.6), 0.5),
        ((0.9, 0.8, 0.7), NEVER),
        ((0.9, 0.8, 0.7, 0.49), NEVER),
        ((), NEVER),
    ],
)
def test_four_of_four_are_enough_and_three_are_not(own: tuple[float, ...], level: float) -> None:
    """Wilson's lower bound of 4 of 4 is .51, of 3 of 3 .44."""
    old = of_new(*[0.1] * 40)
    assert new_class_level(old, np.zeros(40, np.int64), of_new(*own), 1, COMMON) == level


def test_an_old_frame_that_is_called_new_lifts_the_level_above_it() -> None:
    """Ten frames count as twenty, as many as the old class has: from .76 on 16 of 17 are right,
    from .75 on 16 of 18, from .5 on 20 of 23.
    """
    old = of_new(*[0.1] * 17, 0.8, 0.75, 0.72)
    own = of_new(*[0.95] * 8, 0.7, 0.6)
    assert new_class_level(old, np.zeros(20, np.int64), own, 1, COMMON) == 0.76


def test_it_is_never_higher_than_that_of_all_others() -> None:
    """The same frames where all others are named from .75 on: a frame surer than that would be the
    unsure one, so the class is not named yet.
    """
    old = of_new(*[0.1] * 17, 0.8, 0.75, 0.72)
    own = of_new(*[0.95] * 8, 0.7, 0.6)
    assert new_class_level(old, np.zeros(20, np.int64), own, 1, 0.75) == NEVER
    assert new_class_level(old, np.zeros(20, np.int64), own, 1, 0.76) == 0.76
    # where nothing else is named yet there is nothing to be beside
    assert new_class_level(old, np.zeros(20, np.int64), own, 1, NEVER) == 0.76


def test_a_rarely_labelled_class_is_judged_as_if_it_came_as_often_as_the_others() -> None:
    """One wrong of 100 old frames beside eight right ones: 8 of 9 are too few, 96 of 97 are
    enough.
    """
    old = of_new(*[0.1] * 99, 0.6)
    truth = np.zeros(100, np.int64)
    assert new_class_level(old, truth, of_new(*[0.55] * 8), 1, COMMON) == min(LEVELS)
    often = of_new(*[0.55] * 8, *[0.1] * 92)  # as often as the others, and mostly missed
    assert new_class_level(old, truth, often, 1, COMMON) == NEVER


def test_no_frame_is_named_below_the_more_probable_half() -> None:
    three = np.array([[0.3, 0.3, 0.4]] * 6)
    old = np.array([[0.8, 0.1, 0.1]] * 20)
    assert new_class_level(old, np.zeros(20, np.int64), three, 2, COMMON) == NEVER
