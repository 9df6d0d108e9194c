"""Teachers are read as each place of the student asks, and never all of them left out."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as functional
from torch import Tensor

from kd_core.losses.mixture import mixture_loss
from kd_core.models.fusion import WIDTH
from kd_core.models.place_fusion import PlaceFusion, attend, left_in

CHANNELS, STUDENT, CLASSES = (24, 40, 24), 16, 4


def maps(count: int = 3, seed: int = 0) -> list[Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return [
        torch.randn(count, channels, side, side, generator=generator)
        for channels, side in zip(CHANNELS, (7, 5, 9), strict=True)
    ]


def student(count: int = 3, side: int = 6) -> Tensor:
    return torch.randn(count, STUDENT, side, side, generator=torch.Generator().manual_seed(7))


def fusion(dropout: float = 0.0) -> PlaceFusion:
    torch.manual_seed(0)
    return PlaceFusion(CHANNELS, STUDENT, CLASSES, dropout=dropout)


@pytest.mark.parametrize("side", [4, 7, 14])
def test_every_place_of_the_student_reads_all_teachers(side: int) -> None:
    made = fusion()(maps(), student(side=side))
    assert made.places.shape == (3, side * side, WIDTH)
    assert made.whole.feature.shape == (3, WIDTH)
    assert made.whole.logits.shape == (3, CLASSES)
    assert made.whole.attention.shape == (3, len(CHANNELS), 7, 7)
    torch.testing.assert_close(made.shares.sum(1), torch.ones(3))
    torch.testing.assert_close(made.shares, made.whole.attention.sum((2, 3)))


def test_attention_is_that_of_torch() -> None:
    generator = torch.Generator().manual_seed(0)
    query, key, value = (torch.randn(2, 4, rows, 8, generator=generator) for rows in (5, 9, 9))
    kept = torch.ones(2, 9, dtype=torch.bool)
    kept[1, 3:] = False
    read, weights = attend(query, key, value, kept)
    expected = functional.scaled_dot_product_attention(
        query, key, value, attn_mask=kept[:, None, None]
    )
    torch.testing.assert_close(read, expected)
    torch.testing.assert_close(weights.sum(3), torch.ones(2, 4, 5))
    assert float(weights[1, :, :, 3:].abs().max()) == 0.0


def test_what_asks_gets_no_gradient_and_the_fusion_does() -> None:
    asked, made = student().requires_grad_(), fusion()
    found = made(maps(), asked)
    (found.whole.logits.square().sum() + found.shares[:, 0].sum() + found.places.sum()).backward()
    assert asked.grad is None
    assert all(parameter.grad is not None for parameter in made.parameters())


def test_another_question_is_answered_differently() -> None:
    made, given = fusion(), maps()
    apart = made(given, student()).shares - made(given, -student()).shares
    assert float(apart.detach().abs().max()) > 1e-5


def test_teachers_in_another_order_are_read_alike() -> None:
    made, given = fusion().eval(), maps()
    order = [2, 0, 1]
    turned = PlaceFusion([CHANNELS[place] for place in order], STUDENT, CLASSES).eval()
    state = made.state_dict()
    for name in list(state):
        if name.startswith("project."):
            _, number, rest = name.split(".", 2)
            state[f"project.{order.index(int(number))}.{rest}"] = made.state_dict()[name]
    state["teacher"] = made.teacher.detach()[order]
    turned.load_state_dict(state)
    first, again = made(given, student()), turned([given[place] for place in order], student())
    torch.testing.assert_close(first.shares[:, order], again.shares)
    torch.testing.assert_close(first.places, again.places)


@pytest.mark.parametrize("teachers", [1, 2, 3])
def test_of_teachers_left_out_one_always_stays(teachers: int) -> None:
    torch.manual_seed(0)
    kept = left_in(4000, teachers, 0.9, torch.device("cpu"))
    assert bool(kept.any(1).all())
    # Each as often: p of its own, or 1 / T of the times when all would have gone.
    expected = 0.1 + 0.9**teachers / teachers
    assert kept.float().mean(0).tolist() == pytest.approx([expected] * teachers, abs=0.04)
    assert bool(left_in(50, teachers, 0.0, torch.device("cpu")).all())


def test_a_teacher_that_is_left_out_is_not_read_and_only_in_training() -> None:
    made = fusion(dropout=0.7)
    torch.manual_seed(1)
    trained = made.train()(maps(64), student(64)).shares
    assert bool((trained == 0).any())
    torch.testing.assert_close(trained.sum(1), torch.ones(64))
    whole = made.eval()(maps(64), student(64)).shares
    assert bool((whole > 0).all())
    assert torch.equal(whole, made(maps(64), student(64)).shares)


def test_wrong_numbers_of_maps_are_refused() -> None:
    with pytest.raises(ValueError, match="2 maps for 3 teachers"):
        fusion()(maps()[:2], student())
    with pytest.raises(ValueError, match="needs teachers"):
        PlaceFusion((), STUDENT, CLASSES)


def test_a_mixture_by_hand() -> None:
    """p of the label .75 and .25: .25 * .75 + .75 * .25 = .375."""
    rows = [torch.tensor([[1.0986123, 0.0]]), torch.tensor([[0.0, 1.0986123]])]
    shares = torch.tensor([[0.25, 0.75]])
    expected = -torch.tensor(0.375).log()
    torch.testing.assert_close(mixture_loss(shares, rows, torch.tensor([0])), expected)
    # Of class 1: .25 * .25 + .75 * .75 = .625; a mixed image is between
    soft = mixture_loss(shares, rows, torch.tensor([[0.5, 0.5]]))
    torch.testing.assert_close(soft, 0.5 * expected - 0.5 * torch.tensor(0.625).log())
    with pytest.raises(ValueError, match="1 teachers for shares"):
        mixture_loss(shares, rows[:1], torch.tensor([0]))


def test_attention_learns_which_teacher_is_right() -> None:
    """Teacher 0 knows images that the student sees bright, teacher 1 the dark ones."""
    torch.manual_seed(0)
    made = PlaceFusion((8, 8), STUDENT, 2, width=16, heads=2, grid=2)
    optimiser = torch.optim.Adam(made.parameters(), lr=1e-2)
    labels = torch.arange(32) % 2
    bright = (torch.arange(32) // 2) % 2 == 0
    right = 4.0 * functional.one_hot(labels, 2).float() - 2.0
    rows = [torch.where((bright == first)[:, None], right, -right) for first in (True, False)]
    seen = torch.where(bright, 1.0, -1.0)[:, None, None, None] * student(1, 2).abs()
    given = [torch.randn(1, 8, 2, 2).expand(32, -1, -1, -1) for _ in rows]
    for _ in range(60):
        loss = mixture_loss(made(given, seen).shares, rows, labels)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    shares = made(given, seen).shares
    assert bool((shares[bright, 0] > 0.8).all())
    assert bool((shares[~bright, 1] > 0.8).all())
