"""The student's size and shapes: the parameter count is the paper's one published number about
it.
"""

from __future__ import annotations

import pytest
import torch

from kd_core.models.student import (
    STEM_STAGES,
    Student,
    count_parameters,
    folded,
    stem_of,
    tail_of,
)


def _separable(inputs: int, outputs: int) -> int:
    """Depthwise 3x3 with batch norm (weight and bias), then pointwise with batch norm."""
    return 9 * inputs + 2 * inputs + inputs * outputs + 2 * outputs


def test_parameters_with_the_eight_classes_of_kvasir_v2_are_the_papers() -> None:
    stem = 3 * 3 * 3 * 32 + 2 * 32
    blocks = (
        _separable(32, 48)
        + _separable(48, 64)
        + _separable(64, 64)
        + _separable(64, 160)
        + _separable(160, 160)
    )
    by_hand = stem + blocks + 160 * 8 + 8
    assert by_hand == 51_800
    assert count_parameters(Student(8)) == by_hand
    assert 51_750 <= count_parameters(Student(8)) <= 51_849


@pytest.mark.parametrize("classes", [2, 6, 23])
def test_outputs_have_the_documented_shapes(classes: int) -> None:
    made = Student(classes).eval()(torch.zeros(2, 3, 224, 224))
    assert made.logits.shape == (2, classes)
    assert made.features.shape == (2, 160, 14, 14)
    assert torch.allclose(made.embedding, made.features.mean(dim=(2, 3)))


def test_folding_batch_norms_changes_the_parameters_and_not_the_function() -> None:
    torch.manual_seed(0)
    student = Student(6).train()
    images = torch.randn(4, 3, 64, 64)
    student(images)  # batch norm statistics that are not the initial ones
    student.eval()
    with torch.no_grad():
        before, after = student(images), folded(student)(images)
    assert torch.allclose(before.logits, after.logits, atol=1e-5)
    assert torch.allclose(before.features, after.features, atol=1e-5)


def test_stem_and_tail_together_are_the_student() -> None:
    torch.manual_seed(0)
    student = Student(6).eval()
    images = torch.randn(2, 3, 224, 224)
    with torch.no_grad():
        latents = stem_of(student, images)
        whole, halves = student(images), tail_of(student, latents)
    assert latents.shape == (2, 64, 14, 14)
    assert bool((latents >= 0).all())
    for one, other in zip(whole, halves, strict=True):
        assert torch.equal(one, other)


def test_the_tail_holds_most_parameters() -> None:
    """By hand: 64 to 160 pointwise, one block of 160, the head of six classes."""
    by_hand = 64 * 160 + 2 * 160 + _separable(160, 160) + 160 * 6 + 6
    student = Student(6)
    tail = [*student.stages[STEM_STAGES:].parameters(), *student.head.parameters()]
    assert sum(parameter.numel() for parameter in tail) == by_hand
