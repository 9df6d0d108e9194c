"""Several teachers: the three weightings against loops and by hand, and that the weighted loss
is what it says.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from kd_core.losses.response import softened_kl
from kd_core.losses.teachers import Weighting, corrected, multi_teacher_kl, teacher_weights

each_weighting = pytest.mark.parametrize("weighting", list(Weighting))
UNSURE, SURE = torch.zeros(1, 2), torch.tensor([[0.75, 0.25]]).log()


def draw(shape: tuple[int, ...], seed: int, size: float = 3.0) -> Tensor:
    return (
        torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
        * size
    )


def teachers_of(count: int, shape: tuple[int, int], seed: int = 0) -> list[Tensor]:
    return list(draw((count, *shape), seed))


def loop_weights(
    teachers: list[Tensor], weighting: Weighting, labels: list[int]
) -> list[list[float]]:
    count = len(teachers)
    result: list[list[float]] = [[] for _ in teachers]
    for n, label in enumerate(labels):
        outputs = [np.exp(t[n].numpy()) / np.exp(t[n].numpy()).sum() for t in teachers]
        if weighting is Weighting.ENTROPY:
            entropies = [-sum(p * math.log(p) for p in output) for output in outputs]
            shares = [entropy / sum(entropies) for entropy in entropies]
        else:
            inverse = [1 / output[label] for output in outputs]  # exp of the cross-entropy
            shares = [value / sum(inverse) for value in inverse]
        for k in range(count):
            result[k].append(
                1 / count if weighting is Weighting.AVERAGE else (1 - shares[k]) / (count - 1)
            )
    return result


@each_weighting
@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize("shape", [(1, 2), (4, 6)])
def test_weights_and_loss_are_the_formula(
    weighting: Weighting, count: int, shape: tuple[int, int]
) -> None:
    student, teachers = draw(shape, 9), teachers_of(count, shape)
    labels = [n % shape[1] for n in range(shape[0])]
    wanted = loop_weights(teachers, weighting, labels)
    np.testing.assert_allclose(
        teacher_weights(teachers, weighting, torch.tensor(labels)), wanted, rtol=1e-9
    )
    total = 0.0
    for n in range(shape[0]):
        log_student = student[n].numpy() / 4 - math.log(
            sum(math.exp(v / 4) for v in student[n].tolist())
        )
        for k, teacher in enumerate(teachers):
            log_teacher = teacher[n].numpy() / 4 - math.log(
                sum(math.exp(v / 4) for v in teacher[n].tolist())
            )
            total += (
                wanted[k][n]
                * sum(math.exp(t) * (t - s) for s, t in zip(log_student, log_teacher, strict=True))
                * 16
            )
    result = multi_teacher_kl(student, teachers, weighting, torch.tensor(labels))
    assert result.item() == pytest.approx(total / shape[0], rel=1e-9)


def test_weights_by_hand() -> None:
    """Entropies ln 2 and 0.562335.

    The label's probabilities 1/2 and 3/4 (or 1/4): shares of 2 and 4/3 (or 4).
    """
    pair = [UNSURE, SURE]
    np.testing.assert_allclose(teacher_weights(pair, Weighting.AVERAGE), [[0.5], [0.5]])
    np.testing.assert_allclose(
        teacher_weights(pair, Weighting.ENTROPY), [[0.447904], [0.552096]], atol=1e-5
    )
    np.testing.assert_allclose(
        teacher_weights(pair, Weighting.CONFIDENCE, torch.tensor([0])), [[0.4], [0.6]], rtol=1e-5
    )
    np.testing.assert_allclose(
        teacher_weights(pair, Weighting.CONFIDENCE, torch.tensor([1])),
        [[2 / 3], [1 / 3]],
        rtol=1e-5,
    )


def test_loss_by_hand() -> None:
    """The unsure teacher is the student's equal (KL 0); the other is 0.130812 away and counts
    0.6.
    """
    result = multi_teacher_kl(
        torch.zeros(1, 2), [UNSURE, SURE], Weighting.CONFIDENCE, torch.tensor([0]), temperature=1.0
    )
    assert result.item() == pytest.approx(0.6 * 0.130812, abs=1e-6)


@each_weighting
def test_one_teacher_is_plain_distillation(weighting: Weighting) -> None:
    student, teacher = draw((4, 5), 1), draw((4, 5), 2)
    for standardise in (False, True):
        result = multi_teacher_kl(
            student, [teacher], weighting, torch.tensor([0, 1, 2, 3]), 2.0, standardise
        )
        torch.testing.assert_close(result, softened_kl(student, teacher, 2.0, standardise))


def test_averaged_losses_teach_what_averaged_probabilities_teach() -> None:
    teachers = teachers_of(3, (4, 5))
    apart, together = draw((4, 5), 3).requires_grad_(), draw((4, 5), 3).requires_grad_()
    multi_teacher_kl(apart, teachers).backward()
    mean = torch.stack([(teacher / 4).softmax(1) for teacher in teachers]).mean(0)
    softened_kl(together, mean.log() * 4).backward()
    torch.testing.assert_close(apart.grad, together.grad)


@each_weighting
@pytest.mark.parametrize("standardise", [False, True])
def test_gradients_reach_the_student_and_no_teacher(
    weighting: Weighting, standardise: bool
) -> None:
    labels, teachers = (
        torch.tensor([0, 1, 2, 0]),
        [teacher.requires_grad_() for teacher in teachers_of(3, (4, 5))],
    )
    student = draw((4, 5), 4).requires_grad_()
    assert torch.autograd.gradcheck(
        lambda s: multi_teacher_kl(s, teachers, weighting, labels, 4.0, standardise), (student,)
    )
    multi_teacher_kl(student, teachers, weighting, labels, 4.0, standardise).backward()
    assert student.grad is not None
    assert student.grad.any()
    assert all(teacher.grad is None for teacher in teachers)
    assert not teacher_weights(teachers, weighting, labels).requires_grad


@each_weighting
@pytest.mark.parametrize("shape", [(1, 2), (3, 6)])
@pytest.mark.parametrize("dtype", [torch.float16, torch.float32])
def test_extreme_and_equal_teachers(
    weighting: Weighting, shape: tuple[int, int], dtype: torch.dtype
) -> None:
    base = torch.where(draw(shape, 5) > 0, 1e4, -1e4).to(dtype)
    labels = torch.zeros(shape[0], dtype=torch.long)
    for teachers in ([base, -base], [base, base], [base * 0, base * 0]):
        weights = teacher_weights(teachers, weighting, labels)
        assert weights.dtype == torch.float32
        torch.testing.assert_close(weights.sum(0), torch.ones(shape[0]))
        student = draw(shape, 6).to(dtype).requires_grad_()
        value = multi_teacher_kl(student, teachers, weighting, labels)
        value.backward()
        assert value.isfinite()
        assert student.grad is not None
        assert student.grad.isfinite().all()
        if teachers[0] is teachers[1]:
            torch.testing.assert_close(weights, torch.full_like(weights, 0.5))


def test_halves_beside_floats_are_taken() -> None:
    teachers = teachers_of(2, (3, 4))
    mixed = multi_teacher_kl(
        draw((3, 4), 7).float(), [teachers[0].half(), teachers[1].float()], Weighting.ENTROPY
    )
    assert mixed.dtype == torch.float32
    assert mixed.item() == pytest.approx(
        multi_teacher_kl(draw((3, 4), 7), teachers, Weighting.ENTROPY).item(), rel=1e-2
    )


@given(
    st.integers(1, 5),
    st.integers(1, 4),
    st.integers(2, 6),
    st.integers(0, 1000),
    st.sampled_from([0.0, 0.1, 3.0, 300.0]),
)
def test_weights_are_shares_and_follow_their_teacher(
    count: int, batch: int, classes: int, seed: int, size: float
) -> None:
    teachers = list(draw((count, batch, classes), seed, size))
    labels = torch.arange(batch) % classes
    for weighting in Weighting:
        weights = teacher_weights(teachers, weighting, labels)
        torch.testing.assert_close(weights.sum(0), torch.ones(batch, dtype=torch.float64))
        assert ((weights >= -1e-12) & (weights <= 1 + 1e-12)).all()
        torch.testing.assert_close(
            teacher_weights(teachers[::-1], weighting, labels), weights.flip(0)
        )


def test_the_more_certain_and_the_more_correct_teacher_counts_more() -> None:
    certain_but_wrong, right = torch.tensor([[0.0, 9.0, 0.0]]), torch.tensor([[2.0, 0.0, 0.0]])
    entropy = teacher_weights([certain_but_wrong, right], Weighting.ENTROPY)
    confidence = teacher_weights(
        [certain_but_wrong, right], Weighting.CONFIDENCE, torch.tensor([0])
    )
    assert entropy[0] > 0.9
    assert confidence[1] > 0.99


def test_misuse_is_refused() -> None:
    logits = torch.zeros(2, 3)
    with pytest.raises(ValueError, match="give labels"):
        multi_teacher_kl(logits, [logits, logits], Weighting.CONFIDENCE)
    with pytest.raises(ValueError, match="integer labels"):
        teacher_weights([logits, logits], Weighting.CONFIDENCE, torch.tensor([0]))
    for teachers in ([], [logits, torch.zeros(2, 4)], [torch.zeros(3)]):
        with pytest.raises(ValueError, match="teachers"):
            multi_teacher_kl(logits, teachers)
    with pytest.raises(ValueError, match="batches"):
        multi_teacher_kl(torch.zeros(1, 3), [logits, logits])


def test_a_wrong_teacher_is_corrected_by_hand_and_a_right_one_left() -> None:
    logits = torch.tensor([[1.0, 4.0, 2.0], [5.0, 0.0, 1.0]])
    made = corrected(logits, torch.tensor([2, 0]))
    assert made.tolist() == [[1.0, 2.0, 4.0], [5.0, 0.0, 1.0]]
    assert logits.tolist() == [[1.0, 4.0, 2.0], [5.0, 0.0, 1.0]]
