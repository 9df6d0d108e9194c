"""When a model says "unsure": thresholds by hand, ties, classes that never reach the precision,
and what the thresholds then do.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from kd_core.evaluation.abstention import (
    LOWEST,
    NEVER,
    UNSURE,
    abstention_scores,
    class_thresholds,
    named,
)
from kd_core.schema.model_scores import NamedFrames


def of_two(levels: list[float]) -> NDArray[np.float64]:
    """Probabilities of class 0; class 1 has the rest."""
    first = np.array(levels)
    return np.stack([first, 1 - first], axis=1)


def test_the_threshold_is_the_lowest_that_keeps_the_precision() -> None:
    # Called 0, from sure to less sure: right, right, right, wrong, right. Precision after each: 1,
    # 1, 1, 3/4, 4/5.
    probabilities = of_two([0.99, 0.95, 0.9, 0.8, 0.7])
    truth = np.array([0, 0, 0, 1, 0])
    assert class_thresholds(probabilities, truth, 0.95)[0] == pytest.approx(0.9)
    assert class_thresholds(probabilities, truth, 0.8)[0] == pytest.approx(0.7)


def test_a_cut_never_runs_between_equal_probabilities() -> None:
    probabilities = of_two([0.9, 0.8, 0.8])
    assert class_thresholds(probabilities, np.array([0, 0, 1]), 0.95)[0] == pytest.approx(0.9)


def test_a_class_that_is_never_right_enough_or_never_called_is_never_named() -> None:
    probabilities = of_two([0.9, 0.8])
    made = class_thresholds(probabilities, np.array([1, 1]))
    assert made.tolist() == [NEVER, NEVER]
    assert (named(np.eye(2), made) == UNSURE).all()


def test_no_class_is_named_below_one_half() -> None:
    probabilities = np.array([[0.4, 0.3, 0.3], [0.45, 0.3, 0.25]])
    made = class_thresholds(probabilities, np.array([0, 0]))
    assert made[0] == LOWEST
    assert named(probabilities, made).tolist() == [UNSURE, UNSURE]


def test_what_the_thresholds_do_by_hand() -> None:
    probabilities = of_two([0.9, 0.9, 0.6, 0.2])  # named 0, 0, nothing, 1
    made = abstention_scores(
        probabilities, np.array([0, 1, 0, 1]), np.array([0.7, 0.7]), ("a", "b")
    )
    assert made.coverage == pytest.approx(3 / 4)
    assert made.precision == pytest.approx(2 / 3)
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


@given(st.lists(st.tuples(st.integers(0, 100), st.integers(0, 1)), min_size=1, max_size=40))
def test_on_the_frames_it_was_chosen_on_every_named_class_has_the_precision(
    rows: list[tuple[int, int]],
) -> None:
    probabilities, truth = (
        of_two([level / 100 for level, _ in rows]),
        np.array([label for _, label in rows]),
    )
    output = named(probabilities, class_thresholds(probabilities, truth, 0.9))
    for index in (0, 1):
        called = output == index
        assert not called.any() or (truth[called] == index).mean() >= 0.9
