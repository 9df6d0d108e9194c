"""Strong views are learnt from teachers alone, mixed ones by the shares of their labels."""

from __future__ import annotations

import msgspec
import pytest
import torch
import torch.nn.functional as functional
from torch import Tensor

from kd_core.losses.teachers import Weighting, corrected, teacher_weights
from kd_core.models.student import Student
from kd_core.schema.config import SCHEMES, LossWeights, TrainConfig
from kd_core.schemes.relation import anchor_targets
from kd_core.schemes.scheme import Scheme
from tests.kd_core.schemes.test_schemes import EVERYTHING, WIDTHS, batch, old, scheme

STRONG = torch.tensor([True, False, False, True, False, False])


def losses_of(
    made: Scheme, targets: Tensor | None = None, strong: Tensor | None = None
) -> dict[str, Tensor]:
    images, labels, views = batch()
    given = labels if targets is None else targets
    with torch.no_grad():
        losses: dict[str, Tensor] = made.eval()(images, given, views, None, strong)
    return losses


def test_cross_entropy_is_of_weak_views_and_kl_of_all() -> None:
    made = scheme(LossWeights(cross_entropy=0.5, kl=0.5))
    images, labels, _ = batch()
    with torch.no_grad():
        each = functional.cross_entropy(
            made.eval().learner(images).logits, labels, label_smoothing=0.05, reduction="none"
        )
    whole, parted = losses_of(made), losses_of(made, strong=STRONG)
    assert float(whole["cross_entropy"]) == pytest.approx(float(each.mean()), rel=1e-5)
    by_hand = float(each[~STRONG].sum()) / len(each)
    assert float(parted["cross_entropy"]) == pytest.approx(by_hand, rel=1e-5)
    assert float(parted["kl"]) == float(whole["kl"])


def test_without_a_teachers_logits_labels_count_for_strong_views_too() -> None:
    made = scheme(LossWeights())
    assert float(losses_of(made, strong=STRONG)["cross_entropy"]) == float(
        losses_of(made)["cross_entropy"]
    )


def test_a_strong_view_of_a_class_that_no_teacher_knows_is_learnt_from_its_label() -> None:
    torch.manual_seed(0)
    made = Scheme(Student(3), TrainConfig(losses=SCHEMES["response"]), WIDTHS, untaught=(2,))
    labels = torch.full((6,), 2)
    all_strong = torch.ones(6, dtype=torch.bool)
    assert float(losses_of(made, labels, all_strong)["cross_entropy"]) == pytest.approx(
        float(losses_of(made, labels)["cross_entropy"])
    )


@pytest.mark.parametrize("changes", [{}, {"trust_labels": True}, {"weighting": "confidence"}])
def test_soft_targets_of_pure_images_are_their_labels(changes: dict[str, object]) -> None:
    """Every loss of every scheme, by labels (N,) and by the same as shares (N, C)."""
    losses = msgspec.structs.replace(EVERYTHING, outlier_exposure=0.0)
    made = scheme(losses, **changes)
    images, labels, views = batch()
    shares = functional.one_hot(labels, 3).float()
    with torch.no_grad():
        hard = made.eval()(images, labels, views, old())
        soft = made(images, shares, views, old())
    assert hard.keys() == soft.keys()
    for name, loss in hard.items():
        assert float(soft[name]) == pytest.approx(float(loss), rel=1e-4, abs=1e-6), name


def test_of_untaught_classes_soft_targets_are_their_labels_too() -> None:
    torch.manual_seed(0)
    made = Scheme(Student(3), TrainConfig(losses=SCHEMES["response"]), WIDTHS, untaught=(1,))
    _, labels, _ = batch()
    hard = losses_of(made, labels)
    soft = losses_of(made, functional.one_hot(labels, 3).float())
    for name, loss in hard.items():
        assert float(soft[name]) == pytest.approx(float(loss), rel=1e-5), name


def test_a_mixture_is_between_its_parts() -> None:
    made = scheme(LossWeights())
    _, labels, _ = batch()
    one, other = (functional.one_hot((labels + shift) % 3, 3).float() for shift in (0, 1))
    found = [losses_of(made, targets)["cross_entropy"] for targets in (one, other)]
    middle = losses_of(made, one.lerp(other, 0.25))["cross_entropy"]
    assert float(middle) == pytest.approx(0.75 * float(found[0]) + 0.25 * float(found[1]), rel=1e-5)


def test_a_teacher_that_calls_either_part_of_a_mixture_is_left_as_it_is() -> None:
    logits = torch.tensor([[0.0, 2.0, 1.0], [3.0, 0.0, 1.0]])
    shares = torch.tensor([[0.7, 0.3, 0.0], [0.0, 0.4, 0.6]])
    # The second calls what is not in the picture: it changes places with the larger share.
    assert corrected(logits, shares).tolist() == [[0.0, 2.0, 1.0], [1.0, 0.0, 3.0]]


def test_confidence_and_anchor_go_by_the_shares() -> None:
    """By hand: of two teachers with p = .25 and .75 of class 1, halves have equal mean logs."""
    rows = [torch.tensor([[0.0, 1.0986123]]), torch.tensor([[1.0986123, 0.0]])]
    halves = torch.tensor([[0.5, 0.5]])
    weights = teacher_weights(rows, Weighting.CONFIDENCE, halves)
    assert weights.flatten().tolist() == pytest.approx([0.5, 0.5])
    with pytest.raises(ValueError, match="expected soft targets"):
        teacher_weights(rows, Weighting.CONFIDENCE, torch.ones(2, 2))
    views = batch(2)[2]
    views = [view._replace(logits=torch.zeros(2, 3)) for view in views]
    shares = torch.tensor([[0.5, 0.5, 0.0], [0.0, 0.0, 1.0]])
    expected = 0.5 * shares + 0.5 / 3
    torch.testing.assert_close(anchor_targets(views, shares), expected)
