"""The queues hold against plain loops, and cover what they promise to cover."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from endoscope_app.labels.frame_states import disagreements
from endoscope_app.labels.review.review_queues import (
    margins,
    next_in,
    rare_class_first,
    spread,
)

_CODES = st.lists(st.integers(-1, 4), max_size=40)
_VALUES = st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.75, 1.0, math.nan])


@settings(max_examples=150, deadline=None)
@given(
    st.integers(1, 4).flatmap(
        lambda c: st.lists(st.lists(_VALUES, min_size=c, max_size=c), min_size=1, max_size=25)
    )
)
def test_the_margin_orders_as_a_plain_loop_does(rows: list[list[float]]) -> None:
    def margin(row: list[float]) -> float:
        if any(math.isnan(value) for value in row):
            return math.inf
        first, second, *_ = sorted([*row, 0.0] if len(row) == 1 else row, reverse=True)
        return first - second

    expected = sorted(range(len(rows)), key=lambda frame: (margin(rows[frame]), frame))
    assert np.argsort(margins(np.array(rows)), kind="stable").tolist() == expected


def test_margin_of_known_rows() -> None:
    assert margins(np.array([[0.6, 0.3, 0.1], [0.2, 0.5, 0.3], [0.4, 0.4, 0.2]])) == pytest.approx(
        [0.3, 0.2, 0.0]
    )


def test_float32_probabilities_are_taken_as_they_come_from_the_store() -> None:
    assert margins(np.array([[0.9, 0.1], [0.5, 0.5]], dtype=np.float32)) == pytest.approx(
        [0.8, 0.0]
    )
    assert margins(np.empty((0, 3), dtype=np.float32)).tolist() == []


@pytest.mark.parametrize("shape", [(3,), (3, 0), (2, 3, 4)])
def test_probabilities_of_another_shape_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="frames, classes"):
        margins(np.zeros(shape))


@given(st.lists(st.tuples(st.integers(-2, 3), st.integers(-2, 3)), max_size=40))
def test_a_disagreement_needs_two_classes_that_differ(pairs: list[tuple[int, int]]) -> None:
    label = np.array([a for a, _ in pairs], dtype=np.int32)
    model = np.array([b for _, b in pairs], dtype=np.int32)
    assert disagreements(label, model).tolist() == [a >= 0 and b >= 0 and a != b for a, b in pairs]


def test_disagreements_refuse_arrays_of_different_lengths() -> None:
    with pytest.raises(ValueError, match="labels"):
        disagreements(np.array([1, 2]), np.array([1]))


@given(_CODES)
def test_rare_classes_come_first_and_frames_without_a_class_last(codes: list[int]) -> None:
    def turn(frame: int) -> tuple[bool, int, int, int]:
        return codes[frame] < 0, codes.count(codes[frame]), codes[frame], frame

    assert rare_class_first(np.array(codes, dtype=np.int32)).tolist() == sorted(
        range(len(codes)), key=turn
    )


def test_counts_from_the_whole_procedure_decide_where_given() -> None:
    codes = np.array([0, 0, 1, 0, -1])
    assert rare_class_first(codes).tolist() == [2, 0, 1, 3, 4]
    assert rare_class_first(codes, np.array([3, 900])).tolist() == [0, 1, 3, 2, 4]
    with pytest.raises(ValueError, match="class 1"):
        rare_class_first(codes, np.array([3]))


@settings(deadline=None)
@given(st.integers(0, 700))
def test_spread_holds_every_frame_once_and_follows_the_radical_inverse(n: int) -> None:
    expected: list[int] = []
    counter = 0
    while len(expected) < n:
        numerator, denominator, rest = 0, 1, counter
        while rest:
            numerator, denominator, rest = 2 * numerator + rest % 2, 2 * denominator, rest // 2
        frame = numerator * n // denominator
        if frame not in expected:
            expected.append(frame)
        counter += 1
    assert spread(n).tolist() == expected
    assert sorted(expected) == list(range(n))


def test_the_first_frames_of_a_spread_cover_the_whole_procedure() -> None:
    order = spread(45_000)
    assert order[:4].tolist() == [0, 22_500, 11_250, 33_750]
    for taken in (8, 64, 512):
        ends = np.sort(np.append(order[:taken], 45_000))
        assert np.diff(ends).max() <= math.ceil(45_000 / taken)


@given(st.lists(st.booleans(), max_size=30), st.integers(-3, 33), st.sampled_from([1, -1]))
def test_next_in_a_mask_is_the_nearest_true_frame(
    flags: list[bool], index: int, direction: int
) -> None:
    after = [frame for frame, flag in enumerate(flags) if flag and (frame - index) * direction > 0]
    expected = None if not after else min(after) if direction == 1 else max(after)
    assert next_in(np.array(flags, dtype=np.bool_), index, direction) == expected


@given(
    st.lists(st.integers(0, 20), unique=True, max_size=15),
    st.integers(-1, 21),
    st.sampled_from([1, -1]),
)
def test_next_in_an_order_is_its_neighbour(order: list[int], index: int, direction: int) -> None:
    if not order:
        expected = None
    elif index not in order:
        expected = order[0] if direction == 1 else order[-1]
    else:
        place = order.index(index) + direction
        expected = order[place] if 0 <= place < len(order) else None
    assert next_in(np.array(order, dtype=np.int64), index, direction) == expected


def test_only_one_step_forward_or_back_is_a_direction() -> None:
    with pytest.raises(ValueError, match="direction"):
        next_in(np.array([1, 2]), 1, 0)
