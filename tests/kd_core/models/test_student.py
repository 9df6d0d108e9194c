"""The student's size and shapes: the parameter count is the paper's one published number about
it.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import nn

from kd_core.models.ema import Ema
from kd_core.models.shapes import shape_of
from kd_core.models.student import (
    ARCHITECTURE,
    Student,
    count_parameters,
    deployed_parameters,
    fitting,
    folded,
    stem_of,
    tail_of,
    without_branches,
)
from kd_core.schema.errors import ModelError
from kd_core.schema.heat_map_methods import LAST_LAYER
from kd_core.schema.student_shapes import PLAIN, RESIDUAL, STUDENTS


def _separable(inputs: int, outputs: int) -> int:
    """Depthwise 3x3 with batch norm (weight and bias), then pointwise with batch norm."""
    return 9 * inputs + 2 * inputs + inputs * outputs + 2 * outputs


def _deployed(inputs: int, outputs: int) -> int:
    """Depthwise 3x3 and pointwise, each with a bias."""
    return 10 * inputs + inputs * outputs + outputs


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
    assert count_parameters(Student(8, PLAIN)) == by_hand


def test_the_residual_student_has_as_many_once_it_is_folded() -> None:
    stem = 3 * 3 * 3 * 16 + 16
    blocks = _deployed(16, 32) + _deployed(32, 64) + _deployed(64, 64) + 10 * 64
    blocks += _deployed(64, 80) + 3 * _deployed(80, 80) + _deployed(80, 160)
    by_hand = stem + blocks + 160 * 8 + 8
    student = Student(8)
    assert student.architecture == RESIDUAL == ARCHITECTURE
    assert deployed_parameters(student) == by_hand == 51_752
    assert count_parameters(without_branches(student)) == by_hand
    assert count_parameters(student) > by_hand


@pytest.mark.parametrize("shape", STUDENTS)
def test_the_deployed_size_is_the_papers_for_every_shape(shape: str) -> None:
    assert 51_750 <= deployed_parameters(Student(8, shape)) <= 51_849


def _multiplications(student: Student) -> int:
    """Of all convolutions for one image of 224 px, once folded."""
    counts: list[int] = []
    one = folded(student)
    for module in one.modules():
        if isinstance(module, nn.Conv2d):
            module.register_forward_hook(
                lambda conv, _, made: counts.append(
                    conv.weight.numel() * made.shape[2] * made.shape[3]
                )
            )
    with torch.no_grad():
        one(torch.zeros(1, 3, 224, 224))
    return sum(counts)


def test_the_residual_student_costs_no_more_than_the_plain_one() -> None:
    plain, residual = (_multiplications(Student(8, shape)) for shape in (PLAIN, RESIDUAL))
    assert residual < 0.75 * plain
    assert 29e6 < plain < 31e6


@pytest.mark.parametrize("shape", STUDENTS)
@pytest.mark.parametrize("classes", [2, 6, 23])
def test_outputs_have_the_documented_shapes(classes: int, shape: str) -> None:
    made = Student(classes, shape).eval()(torch.zeros(2, 3, 224, 224))
    assert made.logits.shape == (2, classes)
    assert made.features.shape == (2, 160, 14, 14)
    assert bool((made.features >= 0).all())
    assert torch.allclose(made.embedding, made.features.mean(dim=(2, 3)))


@pytest.mark.parametrize("shape", STUDENTS)
def test_the_last_layer_of_every_shape_goes_by_the_name_that_commands_use(shape: str) -> None:
    stages = shape_of(shape).stages
    assert f"stages.{len(stages) - 1}" == LAST_LAYER


def test_a_shape_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ModelError, match="student-of-clay"):
        Student(6, "student-of-clay")


def _settled(shape: str) -> Student:
    """Random weights, and batch norms of which no number is the initial one."""
    torch.manual_seed(0)
    student = Student(6, shape)
    for norm in student.modules():
        if isinstance(norm, nn.BatchNorm2d):
            nn.init.uniform_(norm.weight, 0.5, 1.5)
            nn.init.normal_(norm.bias, 0.0, 0.3)
    student.train()
    for _ in range(3):
        student(torch.randn(4, 3, 64, 64))
    return student.eval()


@pytest.mark.parametrize("shape", STUDENTS)
@pytest.mark.parametrize("fold", [folded, without_branches])
def test_folding_changes_the_parameters_and_not_the_function(
    shape: str, fold: Callable[[Student], Student]
) -> None:
    student = _settled(shape)
    images = torch.randn(4, 3, 64, 64)
    with torch.no_grad():
        before, after = student(images), fold(student)(images)
    assert float(before.logits.std()) > 0.05
    assert torch.allclose(before.logits, after.logits, atol=1e-5)
    assert torch.allclose(before.features, after.features, atol=1e-5)


def test_a_folded_student_holds_convolutions_and_no_batch_norm() -> None:
    for shape in STUDENTS:
        kinds = {type(module) for module in folded(_settled(shape)).modules()}
        assert nn.BatchNorm2d not in kinds
        assert nn.Conv2d in kinds


def test_folding_leaves_the_student_that_is_folded_as_it_is() -> None:
    student = _settled(RESIDUAL)
    before = {name: tensor.clone() for name, tensor in student.state_dict().items()}
    folded(student)
    assert {name for name in before if "branches" in name}
    for name, tensor in student.state_dict().items():
        assert torch.equal(tensor, before[name])


def test_weights_with_and_without_branches_each_find_the_student_that_they_fit() -> None:
    student = _settled(RESIDUAL)
    for weights in (student.state_dict(), without_branches(student).state_dict()):
        fitting(Student(6), weights).load_state_dict(weights)


def test_the_average_of_a_student_with_branches_folds_to_what_it_does_itself() -> None:
    student = _settled(RESIDUAL)
    average = Ema(student, 0.5)
    with torch.no_grad():
        for parameter in student.parameters():
            parameter.mul_(1.1)
    for _ in range(3):
        average.follow(student)
    images = torch.randn(2, 3, 64, 64)
    model = average.model.eval()
    assert isinstance(model, Student)
    with torch.no_grad():
        own, other, single = (one(images).logits for one in (student, model, folded(model)))
    assert torch.allclose(other, single, atol=1e-5)
    assert not torch.allclose(own, other, atol=1e-3)


@pytest.mark.parametrize("shape", STUDENTS)
def test_stem_and_tail_together_are_the_student(shape: str) -> None:
    student = without_branches(_settled(shape))
    images = torch.randn(2, 3, 224, 224)
    with torch.no_grad():
        latents = stem_of(student, images)
        whole, halves = student(images), tail_of(student, latents)
    assert latents.shape == (2, 64, 14, 14)
    assert bool((latents >= 0).all())
    for one, other in zip(whole, halves, strict=True):
        assert torch.equal(one, other)


def test_the_tail_holds_most_parameters() -> None:
    """By hand: 64 to 160 pointwise, one block of 160, the head of six classes; and of the residual
    one 64 to 80 pointwise, three blocks of 80, one to 160, and the same head.
    """
    plain = 64 * 160 + 2 * 160 + _separable(160, 160) + 160 * 6 + 6
    residual = 64 * 80 + 80 + 3 * _deployed(80, 80) + _deployed(80, 160) + 160 * 6 + 6
    for shape, by_hand in ((PLAIN, plain), (RESIDUAL, residual)):
        student = without_branches(Student(6, shape))
        tail = [*student.tail.parameters(), *student.head.parameters()]
        assert sum(parameter.numel() for parameter in tail) == by_hand
        assert by_hand > 0.7 * deployed_parameters(student)
