"""When a model says "unsure": one level for all classes by Wilson's bound, by hand, and what it
then does.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from kd_core.evaluation.abstention import (
    LEVELS,
    UNSURE,
    abstention_scores,
    named,
    naming_level,
)
from kd_core.evaluation.intervals import wilson
from kd_core.schema.model_scores import Bounds, NamedFrames
from kd_core.schema.naming_level import NEVER
from tests.present import present


def of_two(levels: list[float]) -> NDArray[np.float64]:
    """Probabilities of class 0; class 1 has the rest."""
    first = np.array(levels)
    return np.stack([first, 1 - first], axis=1)


def test_the_level_is_the_lowest_whose_lower_bound_reaches_the_precision() -> None:
    """With z = 1.96 Wilson's lower bound of n of n is n / (n + z^2): 73 of 73 give .9500, 72 of 72
    .9494. Here 60 + 20 + 20 right ones at .9, .8 and .7 and, at .6, ten of which five are wrong.
    """
    probabilities = of_two([0.9] * 60 + [0.8] * 20 + [0.7] * 20 + [0.6] * 10)
    truth = np.array([0] * 100 + [0, 1] * 5)
    made = naming_level(probabilities, truth)
    assert (made.level, made.named, made.reason) == (0.61, 100, "")
    assert present(made.precision).low == pytest.approx(100 / (100 + 1.959964**2), abs=1e-6)
    fewer = naming_level(
        np.delete(probabilities, slice(80, 100), 0), np.delete(truth, slice(80, 100))
    )
    assert (fewer.level, fewer.named, fewer.reason) == (0.61, 80, "")


def test_one_level_serves_all_classes_so_that_a_surer_frame_is_never_the_unsure_one() -> None:
    """Class 1 is wrong at .75 and class 0 right: a level of its own would be lower for class 0."""
    probabilities = of_two([0.9] * 80 + [0.75] * 40 + [0.25] * 40 + [0.1] * 80)
    truth = np.array([0] * 80 + [0] * 40 + [0] * 40 + [1] * 80)
    level = naming_level(probabilities, truth).level
    assert level == 0.76
    assert named(probabilities, np.full(2, level)).tolist() == ([0] * 80 + [UNSURE] * 80 + [1] * 80)


def test_where_too_few_images_allow_the_bound_the_count_decides_and_the_reason_says_so() -> None:
    """Twenty of twenty vouch for 20 / (20 + z^2) = 83.9 %."""
    made = naming_level(of_two([0.9] * 20 + [0.7] * 5), np.array([0] * 20 + [1] * 5))
    assert (made.level, made.named) == (0.71, 20)
    assert present(made.precision).low == pytest.approx(0.839, abs=1e-3)
    assert made.reason == (
        "95 % by the lower bound cannot be reached with 25 images, so it is the lowest from which"
        " on 95 % were right as counted"
    )


def test_the_bound_is_not_paid_for_by_leaving_most_images_unsure() -> None:
    """80 of 300 are sure and right; of the next 120 five are wrong: 97.5 % of 200, whose lower end
    is 94.3 %; the rest is a toss.
    """
    probabilities = of_two([0.95] * 80 + [0.8] * 120 + [0.6] * 100)
    truth = np.array([0] * 80 + [0] * 115 + [1] * 5 + [0, 1] * 50)
    made = naming_level(probabilities, truth)
    assert (made.level, made.named) == (0.61, 200)
    assert wilson(195, 200).low < 0.95 < wilson(80, 80).low
    assert made.reason.startswith(
        "95 % by the lower bound would leave 73 % of the 300 images unsure"
    )


def test_a_level_that_is_right_enough_by_luck_alone_is_not_taken() -> None:
    """From .5 on 105 of 110 are right, 95.5 %, from .71 on 65 of 70, 92.9 %: that the stricter is
    the worse one is luck. No level that names half is taken, but the surest: 40 of 40, lower end
    91.2 %.
    """
    probabilities = of_two([0.95] * 40 + [0.9] * 30 + [0.7] * 40)
    truth = np.array([0] * 40 + [0] * 25 + [1] * 5 + [0] * 40)
    made = naming_level(probabilities, truth)
    assert (made.level, made.named) == (0.91, 40)
    assert made.reason == (
        "at no level that names half of the 110 images are 95 % of those right as at every stricter"
        " one, so it is the one that most vouches for: 91.2 %"
    )


@pytest.mark.parametrize("count", [0, 3])
def test_where_nothing_shows_that_most_is_right_nothing_is_named(count: int) -> None:
    """Three of three vouch for 43.9 %."""
    made = naming_level(of_two([0.9] * count), np.zeros(count, np.int64))
    assert (made.level, made.named, made.precision) == (NEVER, 0, None)
    assert "nothing is named" in made.reason
    assert (named(np.eye(2), np.full(2, made.level)) == UNSURE).all()


def test_no_class_is_named_below_one_half() -> None:
    probabilities = np.array([[0.4, 0.3, 0.3], [0.45, 0.3, 0.25]] * 100)
    assert naming_level(probabilities, np.zeros(200, np.int64)).level == NEVER
    assert min(LEVELS) == 0.5


def test_what_the_thresholds_do_by_hand() -> None:
    probabilities = of_two([0.9, 0.9, 0.6, 0.2])  # named 0, 0, nothing, 1
    made = abstention_scores(
        probabilities, np.array([0, 1, 0, 1]), np.array([0.7, 0.7]), ("a", "b")
    )
    assert made.coverage == pytest.approx(3 / 4)
    assert made.precision == pytest.approx(2 / 3)
    assert present(made.precision_bounds) == Bounds(*wilson(2, 3))
    assert made.per_class["a"].named == 2
    precision = made.per_class["a"].precision
    assert precision is not None
    assert precision.value == pytest.approx(1 / 2)
    assert made.per_class["a"].coverage == pytest.approx(1 / 2)
    assert made.per_class["b"].coverage == pytest.approx(1.0)


def test_nothing_named_has_no_precision() -> None:
    made = abstention_scores(of_two([0.9]), np.array([0]), np.array([NEVER, NEVER]), ("a", "b"))
    assert made.coverage == 0
    assert made.precision is None
    assert made.per_class["b"] == NamedFrames()


@given(st.lists(st.tuples(st.integers(0, 100), st.integers(0, 1)), min_size=1, max_size=200))
def test_the_level_is_the_one_that_the_rule_gives_when_it_is_written_out(
    rows: list[tuple[int, int]],
) -> None:
    probabilities, truth = (
        of_two([level / 100 for level, _ in rows]),
        np.array([label for _, label in rows]),
    )
    made = naming_level(probabilities, truth, 0.9)
    lows, seen, useful = {}, {}, []
    for level in LEVELS:
        sure = named(probabilities, np.full(2, level)) != UNSURE
        right = (probabilities.argmax(axis=1) == truth)[sure]
        lows[level] = wilson(int(right.sum()), len(right)).low
        seen[level] = right.mean() if len(right) else 0.0
        useful += [level] if sure.mean() >= 0.5 else []
    bound = [level for level in useful if lows[level] >= 0.9]
    steady = [
        level for level in useful if all(seen[other] >= 0.9 for other in useful if other >= level)
    ]
    wanted = min(bound or steady or [max(LEVELS, key=lambda one: lows[one])])
    assert made.level == (wanted if lows[wanted] >= 0.5 else NEVER)
    assert (made.reason == "") == (bool(bound) and made.level != NEVER)
