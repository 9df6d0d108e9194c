"""Scores against numbers by hand and against loops written from the definitions."""

from __future__ import annotations

import math
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from kd_core.evaluation.calibration import (
    COLDEST,
    HOTTEST,
    calibration_error,
    fit_temperature,
    temperature_note,
)
from kd_core.evaluation.metrics import confusion_matrix, macro_f1, matthews, one_versus_rest, scores
from kd_core.evaluation.table_scores import table_scores
from kd_core.vision.head_probabilities import softmax

Labels = list[tuple[int, int]]
labels = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=60)


def _reference_matthews(pairs: Labels, classes: int) -> float:
    """Gorodkin (2004), eq. 5: correlation of the two one-hot codings, by loops over cases."""

    def covariance(first: int, second: int) -> float:
        total = 0.0
        for c in range(classes):
            mean_a = sum(pair[first] == c for pair in pairs) / len(pairs)
            mean_b = sum(pair[second] == c for pair in pairs) / len(pairs)
            total += sum(
                ((pair[first] == c) - mean_a) * ((pair[second] == c) - mean_b) for pair in pairs
            )
        return total

    below = math.sqrt(max(0.0, covariance(0, 0)) * max(0.0, covariance(1, 1)))
    return covariance(0, 1) / below if below > 1e-9 else 0.0


def _reference_f1(pairs: Labels, name: int) -> float | None:
    hit = sum(t == p == name for t, p in pairs)
    support, called = sum(t == name for t, _ in pairs), sum(p == name for _, p in pairs)
    if not support:
        return None
    return 2 * hit / (support + called)


@given(labels)
def test_matthews_and_confusion_are_those_of_the_definitions(pairs: Labels) -> None:
    truth, predicted = (np.array(column) for column in zip(*pairs, strict=True))
    confusion = confusion_matrix(truth, predicted, 4)
    for t in range(4):
        for p in range(4):
            assert confusion[t, p] == pairs.count((t, p))
    assert matthews(confusion) == pytest.approx(_reference_matthews(pairs, 4), abs=1e-9)


@given(labels, st.integers(0, 99))
def test_scores_are_those_of_plain_loops(pairs: Labels, seed: int) -> None:
    truth = np.array([t for t, _ in pairs])
    probabilities = np.random.default_rng(seed).dirichlet(np.ones(4), len(pairs))
    for row, (_, predicted) in zip(probabilities, pairs, strict=True):
        best = int(row.argmax())
        row[[best, predicted]] = row[[predicted, best]]
    made = scores(probabilities, truth, ("a", "b", "c", "d"))
    present = [f1 for f1 in (_reference_f1(pairs, c) for c in range(4)) if f1 is not None]
    assert made.n == len(pairs)
    assert made.accuracy == pytest.approx(sum(t == p for t, p in pairs) / len(pairs))
    assert made.macro_f1 == pytest.approx(sum(present) / len(present))
    assert made.macro_f1_over_all == pytest.approx(sum(present) / 4)
    assert made.ece == pytest.approx(_reference_ece(probabilities, truth, 15))


def _reference_ece(probabilities: NDArray[Any], truth: NDArray[Any], bins: int) -> float:
    total = 0.0
    for b in range(bins):
        members = [
            i for i, row in enumerate(probabilities) if b / bins < row.max() <= (b + 1) / bins
        ]
        if members:
            right = sum(probabilities[i].argmax() == truth[i] for i in members) / len(members)
            confidence = sum(probabilities[i].max() for i in members) / len(members)
            total += len(members) / len(truth) * abs(right - confidence)
    return total


def test_two_classes_by_hand() -> None:
    # 6 true positives, 2 missed, 1 false alarm, 11 true negatives.
    assert matthews(np.array([[11, 1], [2, 6]])) == pytest.approx(
        (6 * 11 - 1 * 2) / math.sqrt(7 * 8 * 12 * 13)
    )
    truth, predicted = np.array([0, 0, 0, 1]), np.array([0, 0, 1, 1])
    made = scores(np.eye(3)[predicted], truth, ("a", "b", "c"))
    assert made.accuracy == 0.75
    assert msgspec.structs.asdict(made.per_class["a"]) == {
        "precision": 1.0,
        "recall": pytest.approx(2 / 3),
        "f1": pytest.approx(0.8),
        "support": 3,
    }
    assert msgspec.structs.asdict(made.per_class["b"]) == {
        "precision": 0.5,
        "recall": 1.0,
        "f1": pytest.approx(2 / 3),
        "support": 1,
    }
    # A class without support does not count
    assert made.macro_f1 == pytest.approx((0.8 + 2 / 3) / 2)
    assert made.macro_f1_over_all == pytest.approx((0.8 + 2 / 3) / 3)
    assert made.confusion == [[2, 1, 0], [0, 1, 0], [0, 0, 0]]


def test_all_in_one_class_is_zero_and_not_nan() -> None:
    assert matthews(np.array([[5, 0], [0, 0]])) == 0.0


def test_calibration_error_by_hand() -> None:
    probabilities = np.array([[0.95, 0.05], [0.92, 0.08], [0.55, 0.45]])
    # The bin above .9: right half the time at mean .935; the bin above .5: right at .55.
    assert calibration_error(probabilities, np.array([0, 1, 0]), bins=10) == pytest.approx(
        2 / 3 * 0.435 + 1 / 3 * 0.45
    )


@pytest.mark.parametrize("true_temperature", [0.5, 1.0, 2.5])
def test_a_known_temperature_is_recovered(true_temperature: float) -> None:
    generator = np.random.default_rng(0)
    logits = generator.normal(0, 3, (20_000, 5)).astype(np.float32)
    chances = softmax(logits / np.float32(true_temperature))
    truth = (chances.cumsum(axis=1) < generator.random((len(logits), 1))).sum(axis=1).clip(0, 4)
    assert fit_temperature(logits, truth) == pytest.approx(true_temperature, rel=0.05)
    assert temperature_note(true_temperature) == ""


@pytest.mark.parametrize(
    ("right", "end", "word"),
    [(True, COLDEST, "lower bound, 0.25"), (False, HOTTEST, "upper bound, 8")],
)
def test_a_temperature_that_the_search_could_not_reach_is_said(
    right: bool, end: float, word: str
) -> None:
    """Always right asks for no temperature, always wrong for an infinite one."""
    logits = np.array([[2.0, 0.0], [0.0, 2.0]], np.float32)
    truth = np.array([0, 1] if right else [1, 0])
    found = fit_temperature(logits, truth)
    assert found == pytest.approx(end, rel=1e-3)
    assert word in temperature_note(found)


def test_softmax_survives_large_logits() -> None:
    assert softmax(np.array([[1e4, 0, -1e4]], np.float32)).tolist() == [[1.0, 0.0, 0.0]]


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=2, max_size=40))
def test_auroc_is_the_share_of_pairs_in_the_right_order(rows: list[tuple[int, bool]]) -> None:
    values = np.array([value / 5 for value, _ in rows])
    positive = np.array([flag for _, flag in rows])
    probabilities = np.column_stack([1 - values, values])
    areas = one_versus_rest(probabilities, positive.astype(np.int64), ("a", "b"))
    pairs = [(p, n) for p in values[positive] for n in values[~positive]]
    if not pairs:
        assert areas["b"] is None
        return
    wanted = sum(1.0 if p > n else 0.5 if p == n else 0.0 for p, n in pairs) / len(pairs)
    assert areas["b"] == pytest.approx(wanted)


@given(labels)
def test_scores_of_many_tables_are_those_of_one(pairs: Labels) -> None:
    truth, predicted = (np.array(column) for column in zip(*pairs, strict=True))
    tables = np.stack(
        [confusion_matrix(truth[:end], predicted[:end], 4) for end in range(len(pairs) + 1)]
    )
    scored = table_scores(tables)
    assert scored.macro_f1.tolist() == pytest.approx([macro_f1(table) for table in tables])
    assert scored.mcc.tolist() == pytest.approx([matthews(table) for table in tables], abs=1e-9)


def test_of_no_image_every_score_is_zero_or_none() -> None:
    made = scores(np.zeros((0, 2)), np.zeros(0, np.int64), ("a", "b"))
    assert (made.n, made.accuracy, made.macro_f1, made.mcc) == (0, 0.0, 0.0, 0.0)
    assert made.auroc == {"a": None, "b": None}
    assert made.macro_auroc is None
