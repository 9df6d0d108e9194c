"""Softened KL, its standardised form, DKD and DIST against plain loops, numbers worked out by
hand, and inputs that break naive code.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from torch import Tensor

from kd_core.losses.response import decoupled, dist, kl_per_sample, softened_kl, standardised

Rows = NDArray[np.float64]
Loss = Callable[[Tensor, Tensor], Tensor]
# KL of (3/4, 1/4) against (1/2, 1/2) = 0.130812
HAND_KL = 0.75 * math.log(1.5) + 0.25 * math.log(0.5)


def labels_of(logits: Tensor) -> Tensor:
    return torch.arange(len(logits)) % logits.shape[-1]


#: Every loss of the room as one number.
LOSSES: dict[str, Loss] = {
    "kl": softened_kl,
    "kl standardised": lambda s, t: softened_kl(s, t, standardise=True),
    "tckd": lambda s, t: decoupled(s, t, labels_of(s))["tckd"],
    "nckd": lambda s, t: decoupled(s, t, labels_of(s))["nckd"],
    "inter": lambda s, t: dist(s, t)["inter"],
    "intra": lambda s, t: dist(s, t)["intra"],
}
each_loss = pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)


def draw(shape: tuple[int, ...], seed: int, size: float = 3.0) -> Tensor:
    return (
        torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
        * size
    )


def softmax(row: Rows) -> Rows:
    powers = [math.exp(value) for value in row]
    return np.array([power / sum(powers) for power in powers])


def kl(teacher: Rows, student: Rows) -> float:
    return math.fsum(p * (math.log(p) - math.log(q)) for p, q in zip(teacher, student, strict=True))


def pearson(a: Rows, b: Rows) -> float:
    over = math.fsum((x - a.mean()) * (y - b.mean()) for x, y in zip(a, b, strict=True))
    return over / math.sqrt(
        sum((x - a.mean()) ** 2 for x in a) * sum((y - b.mean()) ** 2 for y in b)
    )


@st.composite
def logit_pairs(draw_from: st.DrawFn, least: int = 2) -> tuple[Tensor, Tensor]:
    shape = (draw_from(st.integers(1, 5)), draw_from(st.integers(least, 7)))
    value = st.floats(-30, 30, allow_nan=False)
    flat = draw_from(
        st.lists(value, min_size=2 * shape[0] * shape[1], max_size=2 * shape[0] * shape[1])
    )
    student, teacher = torch.tensor(flat, dtype=torch.float64).view(2, *shape)
    return student, teacher


@pytest.mark.parametrize("temperature", [1.0, 2.5, 4.0])
@pytest.mark.parametrize("shape", [(1, 2), (4, 2), (1, 8), (5, 8)])
def test_kl_is_the_formula(shape: tuple[int, int], temperature: float) -> None:
    student, teacher = draw(shape, 0), draw(shape, 1)
    rows = zip(student.numpy() / temperature, teacher.numpy() / temperature, strict=True)
    wanted = [kl(softmax(t), softmax(s)) * temperature**2 for s, t in rows]
    np.testing.assert_allclose(kl_per_sample(student, teacher, temperature), wanted, rtol=1e-9)
    assert softened_kl(student, teacher, temperature).item() == pytest.approx(
        sum(wanted) / len(wanted)
    )


def test_kl_by_hand() -> None:
    teacher, student = torch.tensor([[2 * math.log(3), 0.0]]), torch.zeros(1, 2)
    assert softened_kl(student, teacher, 2.0).item() == pytest.approx(4 * HAND_KL, rel=1e-6)
    assert pytest.approx(0.523248, abs=1e-6) == 4 * HAND_KL
    # The other way round is another number: KL is not symmetric.
    assert softened_kl(teacher, student, 2.0).item() == pytest.approx(
        4 * math.log(2 / math.sqrt(3)), rel=1e-6
    )


def test_t_squared_keeps_the_gradient_when_the_temperature_changes() -> None:
    sizes = []
    for temperature in (20.0, 80.0):
        student = draw((4, 6), 0).requires_grad_()
        softened_kl(student, draw((4, 6), 1), temperature).backward()
        assert student.grad is not None
        sizes.append(student.grad.norm().item())
    assert sizes[0] == pytest.approx(sizes[1], rel=0.1)


def test_standardised_rows_by_hand_and_against_numpy() -> None:
    np.testing.assert_allclose(
        standardised(torch.tensor([[1.0, 2.0, 3.0]])),
        [[-1.2247449, 0.0, 1.2247449]],
        rtol=1e-6,
        atol=1e-7,
    )
    logits = draw((4, 6), 2)
    wanted = [
        (row - row.mean()) / math.sqrt(sum((v - row.mean()) ** 2 for v in row) / 6)
        for row in logits.numpy()
    ]
    np.testing.assert_allclose(standardised(logits), wanted, rtol=1e-9)
    teacher = draw((4, 6), 3)
    together = softened_kl(logits, teacher, 2.0, standardise=True)
    torch.testing.assert_close(
        together, softened_kl(standardised(logits), standardised(teacher), 2.0)
    )
    assert together != softened_kl(logits, teacher, 2.0)


def test_equal_logits_standardise_to_zero_with_a_finite_gradient() -> None:
    logits = torch.full((2, 23), 1e4 + 0.1, requires_grad=True)
    result = standardised(logits)
    assert not result.any()
    (result * torch.randn(2, 23)).sum().backward()
    assert logits.grad is not None
    assert logits.grad.isfinite().all()


@pytest.mark.parametrize("shape", [(1, 3), (5, 3), (4, 8)])
def test_dkd_is_the_formula(shape: tuple[int, int]) -> None:
    student, teacher, temperature = draw(shape, 4), draw(shape, 5), 4.0
    labels = labels_of(student)
    tckd, nckd = [], []
    for s, t, label in zip(
        student.numpy() / temperature, teacher.numpy() / temperature, labels.tolist(), strict=True
    ):
        p, q = softmax(t), softmax(s)
        tckd.append(kl(np.array([p[label], 1 - p[label]]), np.array([q[label], 1 - q[label]])))
        others = [c for c in range(shape[1]) if c != label]
        nckd.append(kl(p[others] / (1 - p[label]), q[others] / (1 - q[label])))
    result = decoupled(student, teacher, labels, temperature)
    assert result["tckd"].item() == pytest.approx(16 * np.mean(tckd), rel=1e-9)
    assert result["nckd"].item() == pytest.approx(16 * np.mean(nckd), rel=1e-9)


def test_dkd_by_hand() -> None:
    teacher, student = torch.tensor([[0.5, 0.375, 0.125]]).log(), torch.zeros(1, 3)
    result = decoupled(student, teacher, torch.tensor([0]), 1.0)
    assert result["tckd"].item() == pytest.approx(0.5 * math.log(1.125), rel=1e-5)
    assert result["nckd"].item() == pytest.approx(HAND_KL, rel=1e-5)


@given(logit_pairs(), st.floats(1, 10), st.integers(0, 6))
def test_kl_is_tckd_plus_what_is_left_times_nckd(
    pair: tuple[Tensor, Tensor], temperature: float, label: int
) -> None:
    """Image by image, since p_t differs between them. Two classes belong: NCKD is 0 there."""
    for student, teacher in zip(*(rows.split(1) for rows in pair), strict=True):
        target = label % student.shape[1]
        parts = decoupled(student, teacher, torch.tensor([target]), temperature)
        left = 1 - (teacher / temperature).softmax(1)[0, target]
        torch.testing.assert_close(
            softened_kl(student, teacher, temperature),
            parts["tckd"] + left * parts["nckd"],
            rtol=1e-7,
            atol=1e-9,
        )
        if student.shape[1] == 2:
            assert parts["nckd"].item() == 0


def test_dist_is_the_formula() -> None:
    student, teacher = draw((5, 4), 6), draw((5, 4), 7)
    rows, wanted = (
        np.array([softmax(row / 4) for row in logits.numpy()]) for logits in (student, teacher)
    )
    result = dist(student, teacher)
    assert result["inter"].item() == pytest.approx(
        16 * np.mean([1 - pearson(a, b) for a, b in zip(rows, wanted, strict=True)]), rel=1e-9
    )
    columns = [1 - pearson(a, b) for a, b in zip(rows.T, wanted.T, strict=True)]
    assert result["intra"].item() == pytest.approx(16 * np.mean(columns), rel=1e-9)


def test_dist_by_hand() -> None:
    """Row 1 correlates by -1/2, row 2 by 1.

    Columns 1 and 3 are constant in the student (1 each), column 2 in the teacher (0).
    """
    student = torch.tensor([[0.5, 0.25, 0.25], [0.5, 0.25, 0.25]]).log()
    teacher = torch.tensor([[0.25, 0.25, 0.5], [0.5, 0.25, 0.25]]).log()
    result = dist(student, teacher, 1.0)
    assert result["inter"].item() == pytest.approx((1.5 + 0) / 2, abs=1e-5)
    assert result["intra"].item() == pytest.approx((1 + 0 + 1) / 3, abs=1e-5)


@each_loss
def test_gradients_are_those_of_the_formula(loss: Loss) -> None:
    teacher = draw((4, 5), 8)
    assert torch.autograd.gradcheck(lambda s: loss(s, teacher), (draw((4, 5), 9).requires_grad_(),))


@each_loss
@pytest.mark.parametrize("shape", [(1, 2), (1, 5), (4, 2), (4, 5)])
@pytest.mark.parametrize("kind", ["extreme", "opposed", "zero", "equal", "one flat side"])
def test_nothing_makes_a_loss_or_its_gradient_other_than_finite(
    loss: Loss, shape: tuple[int, int], kind: str
) -> None:
    base = draw(shape, 10).float()
    extreme = torch.where(base > 0, 1e4, -1e4)
    pairs = {
        "extreme": (extreme, base),
        "opposed": (extreme, -extreme),
        "zero": (base * 0, base * 0),
        "equal": (base, base),
        "one flat side": (base * 0, base),
    }
    student, teacher = (part.clone() for part in pairs[kind])
    student.requires_grad_()
    value = loss(student, teacher)
    value.backward()
    assert value.isfinite()
    assert student.grad is not None
    assert student.grad.isfinite().all()
    if kind in ("zero", "equal"):
        assert value.item() == pytest.approx(0, abs=1e-5)


def test_extreme_logits_give_the_number_worked_out_by_hand() -> None:
    """Sure of the wrong class by 1e4: KL = 1e4 / T, times T^2.

    The naive p * log(p) is 0 * -inf here.
    """
    student, teacher = torch.tensor([[1e4, 0.0, 0.0]]), torch.tensor([[0.0, 1e4, 0.0]])
    assert softened_kl(student, teacher, 4.0).item() == pytest.approx(4e4)
    parts = decoupled(student, teacher, torch.tensor([1]), 4.0)
    assert parts["tckd"].item() == pytest.approx(4e4)


def test_dist_of_one_image_has_nothing_to_compare_within_a_class() -> None:
    student = draw((1, 5), 11).requires_grad_()
    intra = dist(student, draw((1, 5), 12))["intra"]
    intra.backward()
    assert intra.item() == 0
    assert student.grad is not None
    assert not student.grad.any()


@each_loss
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_halves_are_computed_in_float32(loss: Loss, dtype: torch.dtype) -> None:
    student, teacher = draw((4, 5), 13).to(dtype).requires_grad_(), draw((4, 5), 14).to(dtype)
    value = loss(student, teacher)
    assert value.dtype == torch.float32
    torch.testing.assert_close(value, loss(student.float(), teacher.float()))
    value.backward()
    assert student.grad is not None
    assert student.grad.isfinite().all()
    with torch.autocast("cpu", torch.bfloat16):
        torch.testing.assert_close(loss(student.float(), teacher.float()), value)


@each_loss
def test_the_teacher_gets_no_gradient(loss: Loss) -> None:
    student, teacher = draw((4, 5), 15).requires_grad_(), draw((4, 5), 16).requires_grad_()
    loss(student, teacher).backward()
    assert student.grad is not None
    assert student.grad.any()
    assert teacher.grad is None


@given(logit_pairs(), st.floats(-20, 20))
def test_losses_are_not_negative_and_ignore_a_shift(
    pair: tuple[Tensor, Tensor], shift: float
) -> None:
    student, teacher = pair
    for name, loss in LOSSES.items():
        value = loss(student, teacher)
        assert value.item() >= -1e-9, name
        assert loss(teacher, teacher).item() == pytest.approx(0, abs=1e-9), name
        # The others divide by a spread, which may be rounding alone
        if name in ("kl", "tckd", "nckd"):
            torch.testing.assert_close(loss(student + shift, teacher), value, rtol=1e-7, atol=1e-9)
        elif not name.startswith("kl"):
            assert value.item() <= 2 * 16 + 1e-9, name


@given(st.floats(0.1, 20), st.floats(-50, 50), st.integers(0, 1000))
def test_standardised_kl_ignores_scale_and_shift_of_the_student(
    scale: float, shift: float, seed: int
) -> None:
    student, teacher = draw((3, 6), seed), draw((3, 6), seed + 1)
    moved = softened_kl(student * scale + shift, teacher, 2.0, standardise=True)
    torch.testing.assert_close(
        moved, softened_kl(student, teacher, 2.0, standardise=True), rtol=1e-6, atol=1e-9
    )


@each_loss
@pytest.mark.parametrize(
    ("student", "teacher"),
    [((2, 3), (2, 4)), ((2, 3), (3, 3)), ((2, 1), (2, 1)), ((0, 3), (0, 3)), ((3,), (3,))],
)
def test_wrong_shapes_are_refused(
    loss: Loss, student: tuple[int, ...], teacher: tuple[int, ...]
) -> None:
    with pytest.raises(ValueError, match=r"shape|axes|batches|nothing"):
        loss(torch.zeros(student), torch.zeros(teacher))


@pytest.mark.parametrize("temperature", [0.0, -1.0, math.nan, math.inf])
def test_no_temperature_is_refused(temperature: float) -> None:
    logits = torch.zeros(2, 3)
    for call in (softened_kl, dist):
        with pytest.raises(ValueError, match="temperature"):
            call(logits, logits, temperature)
    with pytest.raises(ValueError, match="temperature"):
        decoupled(logits, logits, torch.tensor([0, 1]), temperature)


@pytest.mark.parametrize(
    "labels",
    [
        torch.tensor([0]),
        torch.tensor([0.0, 1.0]),
        torch.tensor([[0], [1]]),
        torch.tensor([True, False]),
    ],
)
def test_labels_of_another_kind_are_refused(labels: Tensor) -> None:
    with pytest.raises(ValueError, match="labels"):
        decoupled(torch.zeros(2, 3), torch.zeros(2, 3), labels)


@pytest.mark.parametrize("label", [-1, 3])
def test_a_label_outside_the_classes_fails(label: int) -> None:
    with pytest.raises((RuntimeError, IndexError)):
        decoupled(torch.zeros(2, 3), torch.zeros(2, 3), torch.tensor([0, label]))
