"""A reused head answers as its teachers would, and is one plain layer in the end."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from torch import nn

from kd_core.models.reused_head import TeacherHead, folded_head, projections_of, reuse_heads
from kd_core.models.student import Student, deployed_parameters, without_branches
from kd_core.models.teacher import FrozenTeacher, strongest_directions
from kd_core.schema.errors import DataError
from tests.kd_core.tiny import tiny_teacher

CLASSES, WIDTHS, STUDENT = 5, (12, 7), 9


def heads(seed: int = 0) -> list[TeacherHead]:
    generator = torch.Generator().manual_seed(seed)
    return [
        TeacherHead(
            torch.randn(CLASSES, width, generator=generator),
            torch.randn(CLASSES, generator=generator),
        )
        for width in WIDTHS
    ]


def reused() -> nn.Linear:
    torch.manual_seed(0)
    made = nn.Linear(STUDENT, CLASSES)
    reuse_heads(made, heads())
    return made


def test_it_classifies_the_projected_feature_by_the_teachers_heads() -> None:
    """In float64 by the paper: the mean over teachers of W_t P_t(f) + b_t."""
    made = reused()
    for place in ("weight", "bias"):
        nn.init.normal_(made.get_parameter(f"parametrizations.{place}.original"))
    feature = torch.randn(4, STUDENT)
    told = [
        (feature.double() @ one.weight.double().T + one.bias.double()) @ teacher.weight.double().T
        + teacher.bias.double()
        for one, teacher in zip(projections_of(made, WIDTHS), heads(), strict=True)
    ]
    expected = np.mean([logits.detach().numpy() for logits in told], axis=0)
    np.testing.assert_allclose(made(feature).detach().numpy(), expected, rtol=1e-5, atol=1e-5)


def test_where_the_feature_is_the_teachers_the_answer_is_too() -> None:
    """The paper's promise of perfect alignment: exactly the teacher's performance."""
    teacher = FrozenTeacher(tiny_teacher(CLASSES, 16), strongest_directions(maps(), 16)[0])
    images = torch.randn(3, 3, 64, 64)
    output = teacher(images)
    head = nn.Linear(16, CLASSES)
    reuse_heads(head, [teacher.head()])
    with torch.no_grad():
        (projection,) = projections_of(head, [16])
        projection.weight.copy_(torch.eye(16))
    torch.testing.assert_close(head(output.embedding), output.logits, rtol=1e-3, atol=1e-3)


def maps() -> torch.Tensor:
    return torch.randn(64, 16, 2, 2, generator=torch.Generator().manual_seed(1))


def test_along_few_directions_it_is_the_nearest_head() -> None:
    basis, _ = strongest_directions(maps(), 6)
    teacher = FrozenTeacher(tiny_teacher(CLASSES, 16), basis)
    head = teacher.teacher.get_submodule("head")
    inside = torch.randn(4, 6) @ basis  # features that lie within what is handed out
    told = (inside @ basis.T) @ teacher.head().weight.T + teacher.head().bias
    torch.testing.assert_close(told, head(inside), rtol=1e-4, atol=1e-4)


def test_only_the_projection_learns_and_folding_leaves_one_layer() -> None:
    made = reused()
    names = {name for name, _ in made.named_parameters()}
    assert names == {"parametrizations.weight.original", "parametrizations.bias.original"}
    feature = torch.randn(3, STUDENT)
    before = made(feature)
    folded = folded_head(copy.deepcopy(made))
    assert type(folded) is nn.Linear
    assert set(folded.state_dict()) == {"weight", "bias"}
    torch.testing.assert_close(folded(feature), before)
    assert torch.equal(made(feature), before)  # the copy alone was folded
    plain = nn.Linear(2, 2)
    assert folded_head(plain) is plain


def test_a_student_is_stored_with_as_many_parameters_as_ever() -> None:
    torch.manual_seed(0)
    student = Student(CLASSES)
    size, names = deployed_parameters(student), set(without_branches(student).state_dict())
    reuse_heads(student.head, [TeacherHead(torch.randn(CLASSES, 256), torch.randn(CLASSES))] * 2)
    images = torch.randn(2, 3, 64, 64)
    stored = without_branches(student.eval())
    assert (deployed_parameters(student), set(stored.state_dict())) == (size, names)
    with torch.no_grad():
        torch.testing.assert_close(
            stored(images).logits, student(images).logits, rtol=1e-4, atol=1e-4
        )


def test_without_teachers_or_of_another_network_it_is_refused() -> None:
    with pytest.raises(DataError, match="needs teachers"):
        reuse_heads(nn.Linear(2, 2), [])
    with pytest.raises(DataError, match="cannot be reused"):
        FrozenTeacher(nn.Linear(2, 2), name="mine").head()
