"""RKD: distances and angles against plain loops and by hand, what they ignore, and points that
coincide.
"""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from kd_core.losses.relation import _cosines, pair_distances, relational

BOTH = ("distance", "angle")
LINE = torch.tensor([[0.0], [1.0], [3.0]])
TRIANGLE = torch.tensor([[0.0, 0.0], [1.0, 0.0], [0.5, math.sqrt(0.75)]])


def draw(shape: tuple[int, ...], seed: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def huber(difference: float) -> float:
    return 0.5 * difference**2 if abs(difference) < 1 else abs(difference) - 0.5


def loop_distances(points: list[list[float]]) -> list[float]:
    lengths = [math.dist(a, b) for a, b in itertools.combinations(points, 2)]
    return [length * len(lengths) / sum(lengths) for length in lengths]


def loop_angles(points: list[list[float]]) -> list[float]:
    result = []
    for corner, one, other in itertools.permutations(points, 3):
        first, second = ([a - c for a, c in zip(end, corner, strict=True)] for end in (one, other))
        result.append(
            sum(a * b for a, b in zip(first, second, strict=True))
            / (math.hypot(*first) * math.hypot(*second))
        )
    return result


@pytest.mark.parametrize("count", [3, 4, 6])
def test_both_are_the_formula(count: int) -> None:
    student, teacher = draw((count, 4), 0), draw((count, 7), 1)
    result = relational(student, teacher)
    for name, loop in (("distance", loop_distances), ("angle", loop_angles)):
        terms = [
            huber(a - b)
            for a, b in zip(loop(student.tolist()), loop(teacher.tolist()), strict=True)
        ]
        assert result[name].item() == pytest.approx(sum(terms) / len(terms), rel=1e-9)


def triple_angles(points: torch.Tensor) -> torch.Tensor:
    """Cosines at j of the angle i j k of all triples without a repetition, in order (Park 2019,
    equation 9).
    """
    places = [
        (i, j, k)
        for i in range(len(points))
        for j in range(len(points))
        for k in range(len(points))
        if len({i, j, k}) == 3
    ]
    return torch.stack([_cosines(points)[place] for place in places])


def test_both_by_hand() -> None:
    """0, 1, 3 on a line: distances 1, 3, 2 over 2; cosines 1, -1, 1.

    Equilateral: 1 and 1/2 everywhere.
    """
    np.testing.assert_allclose(pair_distances(LINE), [0.5, 1.5, 1.0], rtol=1e-6)
    np.testing.assert_allclose(triple_angles(LINE), [1, 1, -1, -1, 1, 1], rtol=1e-6)
    result = relational(LINE, TRIANGLE)
    assert result["distance"].item() == pytest.approx((0.125 + 0.125) / 3, rel=1e-5)
    assert result["angle"].item() == pytest.approx((0.125 + 1.0 + 0.125) / 3, rel=1e-5)


@pytest.mark.parametrize("name", BOTH)
@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_gradients_are_those_of_the_formula_and_the_teacher_gets_none(
    name: str, count: int
) -> None:
    student, teacher = draw((count, 4), 2).requires_grad_(), draw((count, 3), 3).requires_grad_()
    assert torch.autograd.gradcheck(lambda s: relational(s, teacher)[name], (student,))
    relational(student, teacher)[name].backward()
    assert student.grad is not None
    assert student.grad.any() == (count > 2)  # two points have one distance, which is its own mean
    assert teacher.grad is None


def test_too_few_images_have_no_relation() -> None:
    for count in (1, 2):
        result = relational(draw((count, 4), 4), draw((count, 4), 5))
        assert result["angle"].item() == 0
        assert result["distance"].item() == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
@pytest.mark.parametrize("kind", ["zero", "identical", "one pair", "large", "far away"])
@pytest.mark.parametrize("count", [1, 2, 4])
def test_coinciding_and_large_points_stay_finite(dtype: torch.dtype, kind: str, count: int) -> None:
    base = draw((count, 5), 6)
    one_pair = base.clone()
    one_pair[-1] = one_pair[0]
    made = {
        "zero": base * 0,
        "identical": base * 0 + 1.7,
        "one pair": one_pair,
        "large": base.sign() * 1e4,
        "far away": base + 1e4,
    }
    points = made[kind].to(dtype)
    for student, teacher in ((points, base.to(dtype)), (base.to(dtype), points), (points, points)):
        student = student.clone().requires_grad_()
        result = relational(student, teacher)
        (result["distance"] + result["angle"]).backward()
        for name in BOTH:
            assert result[name].dtype == torch.float32
            assert result[name].isfinite()
            if student is points:
                assert result[name].item() == 0
        assert student.grad is not None
        assert student.grad.isfinite().all()


def test_one_place_for_all_is_distance_zero_and_no_gradient() -> None:
    student = torch.full((4, 3), 0.1, requires_grad=True)
    result = relational(student, draw((4, 3), 7).float())
    wanted = [huber(value) for value in loop_distances(draw((4, 3), 7).tolist())]
    assert result["distance"].item() == pytest.approx(sum(wanted) / len(wanted), rel=1e-5)
    sum(result.values(), torch.zeros(())).backward()
    assert student.grad is not None
    assert not student.grad.any()


def test_a_duplicate_is_kept_in_the_mean_and_has_no_angle() -> None:
    points = torch.tensor([[0.0], [0.0], [2.0]])
    np.testing.assert_allclose(pair_distances(points), [0.0, 1.5, 1.5], rtol=1e-6)
    # Corners in order, each with its two ends both ways: only the third sees two real sides.
    np.testing.assert_allclose(triple_angles(points), [0, 0, 0, 0, 1, 1], atol=1e-6)


def test_close_points_far_from_the_origin_keep_their_digits() -> None:
    """Spread 1 at 1000: |a|^2 + |b|^2 - 2ab in float32 would be off by some 10 %, subtraction
    by 1e-4.
    """
    offsets = draw((6, 8), 8)
    near = relational(offsets, draw((6, 8), 9))
    far = relational((offsets + 1000).float(), draw((6, 8), 9).float())
    for name in BOTH:
        assert far[name].item() == pytest.approx(near[name].item(), rel=2e-3)


def test_rounding_noise_has_no_direction() -> None:
    student = torch.full((4, 8), 3.0)
    student[1] += 2.4e-7
    student.requires_grad_()
    relational(student, draw((4, 8), 10).float())["angle"].backward()
    assert student.grad is not None
    assert not student.grad.any()


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_halves_are_computed_in_float32_and_autocast_changes_nothing(dtype: torch.dtype) -> None:
    student, teacher = draw((5, 8), 11).to(dtype), draw((5, 8), 12).to(dtype)
    value = relational(student, teacher)
    torch.testing.assert_close(value, relational(student.float(), teacher.float()))
    with torch.autocast("cpu", torch.bfloat16):
        torch.testing.assert_close(relational(student.float(), teacher.float()), value)


@given(
    st.integers(0, 1000),
    st.integers(1, 6),
    st.integers(1, 5),
    st.floats(0.01, 100),
    st.floats(-10, 10),
)
def test_turning_scaling_and_moving_change_nothing(
    seed: int, count: int, width: int, scale: float, shift: float
) -> None:
    student, teacher = draw((count, width), seed), draw((count, 3), seed + 1)
    turn, _ = torch.linalg.qr(draw((width, width), seed + 2))
    value, moved = relational(student, teacher), relational(student @ turn * scale + shift, teacher)
    for name in BOTH:
        torch.testing.assert_close(moved[name], value[name], rtol=1e-6, atol=1e-9)
        assert value[name].item() >= 0
        assert relational(student, student @ turn * scale + shift)[name].item() == pytest.approx(
            0, abs=1e-9
        )


@given(st.integers(0, 1000), st.permutations(range(5)))
def test_the_order_of_images_does_not_matter(seed: int, order: list[int]) -> None:
    student, teacher = draw((5, 3), seed), draw((5, 4), seed + 1)
    torch.testing.assert_close(
        relational(student[order], teacher[order]), relational(student, teacher)
    )


@pytest.mark.parametrize(
    ("student", "teacher"),
    [((3,), (3,)), ((2, 3), (3, 3)), ((0, 3), (0, 3)), ((2, 3, 1, 1), (2, 3, 1, 1))],
)
def test_wrong_shapes_are_refused(student: tuple[int, ...], teacher: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"axes|batches|nothing"):
        relational(torch.zeros(student), torch.zeros(teacher))
