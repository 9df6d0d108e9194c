"""Hints and attention transfer: formulas in loops, numbers by hand, the adapter's life, and
maps that break the naive code.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from torch import Tensor

from kd_core.losses.feature import HintLoss, aligned, attention_map, attention_transfer
from kd_core.models.student import Student, count_parameters

Map = NDArray[np.float64]


def draw(shape: tuple[int, ...], seed: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def loop_pool(feature_map: Map, size: tuple[int, int]) -> Map:
    """Adaptive average pooling of one (h, w) plane: cell i covers floor(i h / H) to ceil((i +
    1) h / H).
    """
    (height, width), result = feature_map.shape, np.zeros(size)
    for i in range(size[0]):
        for j in range(size[1]):
            rows = range(i * height // size[0], -(-(i + 1) * height // size[0]))
            columns = range(j * width // size[1], -(-(j + 1) * width // size[1]))
            result[i, j] = sum(feature_map[r, c] for r in rows for c in columns) / (
                len(rows) * len(columns)
            )
    return result


def loop_attention(features: Map) -> list[float]:
    channels, height, width = features.shape
    energy = [
        sum(features[k, i, j] ** 2 for k in range(channels)) / channels
        for i in range(height)
        for j in range(width)
    ]
    return [value / math.sqrt(sum(v * v for v in energy)) for value in energy]


@pytest.mark.parametrize(
    ("ours", "theirs", "common"),
    [((7, 7), (3, 3), (3, 3)), ((4, 4), (14, 14), (4, 4)), ((5, 2), (3, 6), (3, 2))],
)
def test_the_larger_map_is_pooled(
    ours: tuple[int, int], theirs: tuple[int, int], common: tuple[int, int]
) -> None:
    student, teacher = draw((2, 3, *ours), 0), draw((2, 4, *theirs), 1)
    for before, after in zip((student, teacher), aligned(student, teacher), strict=True):
        wanted = [[loop_pool(plane, common) for plane in image] for image in before.numpy()]
        np.testing.assert_allclose(after, wanted, atol=1e-12)


def test_pooling_by_hand() -> None:
    student, teacher = aligned(torch.tensor([[[[1.0, 2.0], [3.0, 4.0]]]]), torch.ones(1, 1, 1, 1))
    assert student.flatten().tolist() == [2.5]
    assert teacher.flatten().tolist() == [1.0]


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [((1, 3, 4, 4), (1, 5, 4, 4)), ((2, 3, 6, 6), (2, 1, 3, 3)), ((2, 3, 2, 2), (2, 4, 5, 5))],
)
def test_attention_transfer_is_the_formula(ours: tuple[int, ...], theirs: tuple[int, ...]) -> None:
    student, teacher = draw(ours, 2), draw(theirs, 3)
    common = (min(ours[2], theirs[2]), min(ours[3], theirs[3]))
    squares = []
    for s, t in zip(student.numpy(), teacher.numpy(), strict=True):
        a, b = (
            loop_attention(np.array([loop_pool(plane, common) for plane in image]))
            for image in (s, t)
        )
        squares += [(x - y) ** 2 for x, y in zip(a, b, strict=True)]
    assert attention_transfer(student, teacher).item() == pytest.approx(
        sum(squares) / len(squares), rel=1e-9
    )


def test_attention_transfer_by_hand() -> None:
    """(1, 4) / sqrt 17 against (4, 1) / sqrt 17: twice (3 / sqrt 17)^2, over 2."""
    student, teacher = torch.tensor([[[[1.0, 2.0]]]]), torch.tensor([[[[2.0, 1.0]]]])
    assert attention_transfer(student, teacher).item() == pytest.approx(9 / 17, rel=1e-6)


def test_hint_is_the_formula() -> None:
    student, teacher, hint = draw((2, 3, 4, 5), 4), draw((2, 4, 2, 5), 5), HintLoss().double()
    value = hint(student, teacher)
    weight, bias = hint.weight.detach().numpy()[:, :, 0, 0], hint.bias.detach().numpy()
    squares = []
    for n in range(2):
        pooled = [loop_pool(plane, (2, 5)) for plane in student[n].numpy()]
        for m in range(4):
            for i in range(2):
                for j in range(5):
                    adapted = sum(weight[m, k] * pooled[k][i, j] for k in range(3)) + bias[m]
                    squares.append((adapted - teacher[n, m, i, j].item()) ** 2)
    assert value.item() == pytest.approx(sum(squares) / len(squares), rel=1e-9)


def test_hint_by_hand() -> None:
    hint, student, teacher = (
        HintLoss(),
        torch.full((1, 1, 1, 1), 2.0),
        torch.full((1, 1, 1, 1), 5.0),
    )
    hint(student, teacher)
    with torch.no_grad():
        hint.weight.fill_(3.0)
        hint.bias.fill_(1.0)
    assert hint(student, teacher).item() == (3 * 2 + 1 - 5) ** 2


def test_the_adapter_takes_its_shape_from_the_first_maps_and_then_keeps_it() -> None:
    hint = HintLoss()
    student = Student(8)(torch.rand(2, 3, 64, 64))
    hint(student.features, torch.rand(2, 24, 7, 7))
    assert hint.weight.shape == (24, 160, 1, 1)
    assert count_parameters(hint) == 24 * 160 + 24
    before = hint.weight.clone()
    hint(student.features, torch.rand(2, 24, 3, 3))
    assert torch.equal(hint.weight, before)
    with pytest.raises(ValueError, match="160 channels to 24, got 160 to 12"):
        hint(student.features, torch.rand(2, 12, 7, 7))


def test_an_optimiser_made_before_the_first_call_trains_the_adapter() -> None:
    torch.manual_seed(0)
    hint = HintLoss()
    optimiser = torch.optim.Adam(hint.parameters(), lr=0.05)
    student = torch.randn(8, 3, 4, 4)
    teacher = torch.einsum("mk,nkhw->nmhw", torch.randn(5, 3), student) + 1
    first = hint(student, teacher).item()
    for _ in range(300):
        optimiser.zero_grad()
        hint(student, teacher).backward()
        optimiser.step()
    assert hint(student, teacher).item() < 1e-3 * first


def test_the_adapter_can_be_saved_restored_and_copied() -> None:
    student, teacher, hint, other = (
        draw((2, 3, 4, 4), 6).float(),
        draw((2, 5, 4, 4), 7).float(),
        HintLoss(),
        HintLoss(),
    )
    value = hint(student, teacher)
    other.load_state_dict(hint.state_dict())
    assert other(student, teacher) == value
    assert copy.deepcopy(hint)(student, teacher) == value


def test_wrong_first_maps_build_no_adapter() -> None:
    hint = HintLoss()
    with pytest.raises(ValueError, match="axes"):
        hint(torch.zeros(2, 3), torch.zeros(2, 3))
    assert hint(torch.ones(1, 2, 3, 3), torch.ones(1, 4, 3, 3)).isfinite()


def losses() -> dict[str, Callable[[Tensor, Tensor], Tensor]]:
    torch.manual_seed(0)
    return {"hint": HintLoss(), "attention": attention_transfer}


each_loss = pytest.mark.parametrize("name", ["hint", "attention"])


@each_loss
@pytest.mark.parametrize("size", [2, 6])
def test_gradients_are_those_of_the_formula_and_the_teacher_gets_none(name: str, size: int) -> None:
    torch.manual_seed(0)
    loss = HintLoss().double() if name == "hint" else attention_transfer
    student, teacher = (
        draw((2, 3, 4, 4), 8).requires_grad_(),
        draw((2, 4, size, size), 9).requires_grad_(),
    )
    assert torch.autograd.gradcheck(lambda s: loss(s, teacher), (student,))
    loss(student, teacher).backward()
    assert student.grad is not None
    assert student.grad.any()
    assert teacher.grad is None


def test_gradients_of_the_adapter_itself() -> None:
    hint, student, teacher = HintLoss().double(), draw((2, 3, 4, 4), 10), draw((2, 4, 2, 2), 11)
    hint(student, teacher)

    def value(weight: Tensor, bias: Tensor) -> Tensor:
        loss: Tensor = torch.func.functional_call(
            hint, {"weight": weight, "bias": bias}, (student, teacher)
        )
        return loss

    assert torch.autograd.gradcheck(
        value, (hint.weight.detach().requires_grad_(), hint.bias.detach().requires_grad_())
    )


@each_loss
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
@pytest.mark.parametrize("kind", ["zero", "identical", "large", "faint", "one place"])
@pytest.mark.parametrize("batch", [1, 3])
def test_no_map_makes_a_loss_or_gradient_other_than_finite(
    name: str, dtype: torch.dtype, kind: str, batch: int
) -> None:
    loss = losses()[name]
    base = draw((batch, 3, 4, 4), 12)
    place = torch.zeros(batch, 3, 4, 4)
    place[:, 0, 0, 0] = 1e4
    made = {
        "zero": base * 0,
        "identical": base * 0 + 1,
        "large": base.sign() * 1e4,
        "faint": base * 1e-6,
        "one place": place,
    }
    student = made[kind].to(dtype).requires_grad_()
    for teacher in (made[kind].to(dtype), base.to(dtype)):
        student.grad = None
        value = loss(student, teacher)
        assert value.dtype == torch.float32
        assert value.isfinite()
        (value / 1e4).backward()  # a hint at 1e4 has a gradient beyond float16 by right
        assert student.grad is not None
        assert student.grad.isfinite().all()


def test_attention_of_faint_and_of_bright_maps_is_that_of_the_map() -> None:
    """Fourth powers of 1e-12 and 1e12 leave float32 on either side."""
    base = draw((2, 3, 4, 4), 13).float()
    for scale in (1e-12, 1e12):
        torch.testing.assert_close(attention_map(base * scale), attention_map(base))
    assert not attention_map(base * 0).any()


@each_loss
def test_autocast_changes_nothing(name: str) -> None:
    loss, student, teacher = (
        losses()[name],
        draw((2, 3, 4, 4), 14).float(),
        draw((2, 4, 2, 2), 15).float(),
    )
    value = loss(student, teacher)
    with torch.autocast("cpu", torch.bfloat16):
        torch.testing.assert_close(loss(student, teacher), value)


@given(
    st.integers(0, 1000),
    st.floats(0.01, 100),
    st.integers(1, 3),
    st.integers(1, 4),
    st.integers(1, 5),
)
def test_attention_ignores_scale_sign_and_order_of_channels(
    seed: int, scale: float, batch: int, channels: int, side: int
) -> None:
    student, teacher = (
        draw((batch, channels, side, side), seed),
        draw((batch, 2, side, side), seed + 1),
    )
    value = attention_transfer(student, teacher)
    torch.testing.assert_close(
        attention_transfer(-scale * student.flip(1), teacher), value, rtol=1e-7, atol=1e-12
    )
    assert 0 <= value.item() <= 2 / side**2 + 1e-12
    assert attention_transfer(student, student.flip(1) * scale).item() == pytest.approx(
        0, abs=1e-12
    )
    if side == 1:
        assert value.item() == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(
    ("student", "teacher"),
    [((2, 3, 4), (2, 3, 4)), ((2, 3, 4, 4), (1, 3, 4, 4)), ((0, 3, 4, 4), (0, 3, 4, 4))],
)
def test_wrong_shapes_are_refused(student: tuple[int, ...], teacher: tuple[int, ...]) -> None:
    for loss in losses().values():
        with pytest.raises(ValueError, match=r"axes|batches|nothing"):
            loss(torch.zeros(student), torch.zeros(teacher))
