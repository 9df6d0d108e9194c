"""Losses of one class group against their formulas in float64, by loops over images and classes."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from kd_core.losses.grouped import (
    completed_targets,
    known_labels_loss,
    nothing_shown_loss,
    own_logits,
    told_logits,
)
from kd_core.losses.tensors import NO_LABEL

COLUMNS, OTHERS = [3, 0], [1, 2, 4]


def drawn(rows: int = 7, columns: int = 5, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return 3 * torch.randn(rows, columns, generator=generator, dtype=torch.float64)


def probabilities(row: list[float]) -> list[float]:
    whole = math.fsum(math.exp(value) for value in row)
    return [math.exp(value) / whole for value in row]


def test_none_of_a_group_is_the_reference_category_of_its_softmax() -> None:
    """exp(z_c) / (1 + sum of exp(z)), and 1 / (1 + sum) of none."""
    logits = drawn()
    found = own_logits(logits, COLUMNS, none=True).softmax(1)
    for row, given in zip(found.tolist(), logits.tolist(), strict=True):
        whole = 1 + math.fsum(math.exp(given[column]) for column in COLUMNS)
        expected = [*(math.exp(given[column]) / whole for column in COLUMNS), 1 / whole]
        assert row == pytest.approx(expected, rel=1e-12)


def test_a_group_without_none_is_a_softmax_of_its_classes_alone() -> None:
    logits = drawn()
    found = own_logits(logits, COLUMNS, none=False).softmax(1)
    for row, given in zip(found.tolist(), logits.tolist(), strict=True):
        assert row == pytest.approx(probabilities([given[c] for c in COLUMNS]), rel=1e-12)


def test_one_softmax_tells_none_of_a_group_as_the_sum_of_all_other_classes() -> None:
    logits = drawn()
    found = told_logits(logits, COLUMNS, OTHERS, none=True).softmax(1)
    for row, given in zip(found.tolist(), logits.tolist(), strict=True):
        shares = probabilities(given)
        rest = math.fsum(shares[column] for column in OTHERS)
        assert row == pytest.approx([*(shares[column] for column in COLUMNS), rest], rel=1e-12)


def test_one_softmax_tells_a_group_without_none_its_own_probabilities_over_their_sum() -> None:
    logits = drawn()
    found = told_logits(logits, COLUMNS, OTHERS, none=False).softmax(1)
    for row, given in zip(found.tolist(), logits.tolist(), strict=True):
        shares = probabilities(given)
        whole = math.fsum(shares[column] for column in COLUMNS)
        assert row == pytest.approx([shares[column] / whole for column in COLUMNS], rel=1e-12)


def test_what_a_teacher_tells_has_no_gradient_and_survives_large_logits() -> None:
    logits = torch.tensor([[1e4, -1e4, 0.0, 5.0, 2.0]], requires_grad=True)
    told = told_logits(logits, COLUMNS, OTHERS, none=True)
    assert not told.requires_grad
    assert torch.isfinite(told.log_softmax(1)).all()
    alone = told_logits(torch.zeros(1, 2), [0, 1], [], none=True).softmax(1)
    assert alone.tolist() == [[0.5, 0.5, 0.0]]


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_labels_that_are_not_known_cost_nothing_and_give_no_gradient(smoothing: float) -> None:
    logits = drawn(4, 3).requires_grad_()
    labels = torch.tensor([2, NO_LABEL, 0, NO_LABEL])
    found = known_labels_loss(logits, labels, smoothing)
    for row, label, value in zip(logits.tolist(), labels.tolist(), found.tolist(), strict=True):
        shares = probabilities(row)
        target = [smoothing / 3 + (1 - smoothing) * (place == label) for place in range(3)]
        expected = -math.fsum(t * math.log(s) for t, s in zip(target, shares, strict=True))
        assert value == pytest.approx(0.0 if label == NO_LABEL else expected, rel=1e-12)
    found.sum().backward()
    assert logits.grad is not None
    assert not logits.grad[[1, 3]].any()
    assert logits.grad[0].any()


def test_the_gradient_of_known_labels_and_of_own_logits_is_right() -> None:
    labels = torch.tensor([1, NO_LABEL, 2])

    def loss(logits: Tensor) -> Tensor:
        return known_labels_loss(own_logits(logits, COLUMNS, none=True), labels).sum()

    assert torch.autograd.gradcheck(loss, drawn(3).requires_grad_())


def test_images_of_nothing_are_none_of_a_group_or_like_every_class_of_it() -> None:
    logits = drawn(5, 3)
    none = [-math.log(probabilities(row)[2]) for row in logits.tolist()]
    even = [-math.fsum(map(math.log, probabilities(row))) / 3 for row in logits.tolist()]
    assert float(nothing_shown_loss(logits, none=True)) == pytest.approx(math.fsum(none) / 5)
    assert float(nothing_shown_loss(logits, none=False)) == pytest.approx(math.fsum(even) / 5)


def test_the_teachers_mean_stands_for_a_label_that_is_missing() -> None:
    teachers = [drawn(2, 3, seed) for seed in (1, 2)]
    known = torch.tensor([1, 0])
    assert completed_targets(known, teachers) is known
    found = completed_targets(torch.tensor([1, NO_LABEL]), teachers).tolist()
    both = [probabilities(teacher.tolist()[1]) for teacher in teachers]
    assert found[0] == [0, 1, 0]
    assert found[1] == pytest.approx([(a + b) / 2 for a, b in zip(*both, strict=True)])
