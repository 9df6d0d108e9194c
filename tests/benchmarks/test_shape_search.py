"""Every shape that is tried has the student's size, and says the same once it is deployed."""

from __future__ import annotations

import pytest
import torch

from kd_core.models.student import Student, deployed_parameters
from kd_core.schema.student_shapes import PLAIN
from tests.benchmarks.shape_search import SHAPES, Tried, deployed, multiplications, quickest

CLASSES = 6


def parameters(network: Tried) -> int:
    return sum(one.numel() for one in network.parameters())


@pytest.mark.parametrize("name", SHAPES)
def test_a_shape_has_the_students_size_and_folds(name: str) -> None:
    torch.manual_seed(0)
    network = Tried(CLASSES, SHAPES[name])
    network(torch.randn(8, 3, 64, 64))  # statistics that are not 0 and 1
    small = deployed(network)
    assert 51_430 <= parameters(small) <= 51_849
    images = torch.randn(2, 3, 64, 64)
    with torch.no_grad():
        expected = network.eval()(images)
        for made in (small, quickest(small)):
            torch.testing.assert_close(made(images).logits, expected.logits, rtol=1e-4, atol=1e-5)
    assert expected.features.shape[2:] == (4, 4)  # the last map stays at stride 16


def test_the_first_two_are_the_built_in_shapes() -> None:
    residual, plain = deployed(Tried(CLASSES, SHAPES["residual"])), Tried(CLASSES, SHAPES["plain"])
    assert parameters(residual) == deployed_parameters(Student(CLASSES)) == 51_430
    assert parameters(plain) == deployed_parameters(Student(CLASSES, PLAIN))


def test_multiplications_by_hand() -> None:
    """The stem of the shape of today: 112 x 112 places, 16 channels, 27 of each."""
    whole = deployed(Tried(CLASSES, SHAPES["residual"]))
    without = deployed(Tried(CLASSES, SHAPES["residual"]))
    without.stages = torch.nn.Sequential(*list(without.stages)[:1])
    without.head = torch.nn.Linear(16, CLASSES)
    assert multiplications(without) == 112 * 112 * 16 * 27 + 16 * CLASSES
    assert multiplications(whole) > multiplications(without)
