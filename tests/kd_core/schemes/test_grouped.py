"""A scheme with a softmax for each class group, against its sums in float64."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest
import torch
from torch import Tensor

from kd_core.data.views import TeacherView
from kd_core.losses.grouped import nothing_shown_loss
from kd_core.losses.tensors import NO_LABEL
from kd_core.models.student import Student, count_parameters
from kd_core.schema.class_heads import ClassHead
from kd_core.schema.config import LossWeights, TrainConfig
from kd_core.schema.errors import DataError
from kd_core.schemes.grouped import GroupedScheme
from kd_core.schemes.scheme import ReplayBatch, Scheme
from tests.kd_core.schemes.test_schemes import EVERYTHING, WIDTHS

CLASSES = ("good", "polyps", "poor", "colitis")
PATHOLOGY = ClassHead(group="Pathology", classes=("polyps", "colitis"))
PREPARATION = ClassHead(group="Preparation", classes=("poor", "good"), none=False)
HEADS = (PATHOLOGY, PREPARATION)
#: Of six images: a polyp in a clean bowel, a polyp, a clean bowel, none of a pathology, and two of
#: which only the preparation is known.
TARGETS = torch.tensor(
    [[0, 1], [0, NO_LABEL], [NO_LABEL, 1], [2, NO_LABEL], [NO_LABEL, 0], [NO_LABEL, 0]]
)


def scheme(counting: LossWeights, *, untaught: tuple[int, ...] = (), **changes: object) -> Scheme:
    torch.manual_seed(0)
    config = msgspec.structs.replace(TrainConfig(losses=counting, label_smoothing=0.0), **changes)
    made = GroupedScheme(Student(len(CLASSES)), config, HEADS, CLASSES, WIDTHS, untaught)
    return made.eval()


@torch.no_grad()
def losses(made: Scheme, *given: object) -> dict[str, Tensor]:
    found: dict[str, Tensor] = made(*given)
    return found


def weights(**given: float) -> LossWeights:
    return msgspec.convert({"cross_entropy": 0.0, **given}, LossWeights)


def batch(count: int = 6) -> tuple[Tensor, list[TeacherView]]:
    generator = torch.Generator().manual_seed(3)
    images = torch.randn(count, 3, 64, 64, generator=generator)
    return images, [
        TeacherView(
            torch.randn(count, len(CLASSES), generator=generator),
            torch.randn(count, width, 7, 7, generator=generator),
        )
        for width in WIDTHS
    ]


def log_softmax(row: np.ndarray) -> np.ndarray:
    wide = row.astype(np.float64)
    result: np.ndarray = wide - wide.max() - math.log(np.exp(wide - wide.max()).sum())
    return result


def of_head(logits: np.ndarray, head: ClassHead) -> np.ndarray:
    own = [logits[CLASSES.index(name)] for name in head.classes]
    return np.array([*own, *([0.0] if head.none else [])])


def told(logits: np.ndarray, head: ClassHead) -> np.ndarray:
    """What one softmax says of a group, as probabilities."""
    shares = np.exp(log_softmax(logits))
    own = np.array([shares[CLASSES.index(name)] for name in head.classes])
    return np.array([*own, 1 - own.sum()]) if head.none else own / own.sum()


def test_every_loss_on_logits_is_summed_over_groups_and_the_others_stay() -> None:
    images, views = batch()
    old = ReplayBatch(torch.rand(4, 64, 4, 4), torch.arange(4), torch.randn(4, 4))
    both = torch.cat([images, torch.zeros(2, 3, 64, 64)])
    found = losses(scheme(EVERYTHING), both, TARGETS, views, old)
    assert set(found) == set(LossWeights.built_in())
    assert all(bool(torch.isfinite(value)) for value in found.values())


def test_cross_entropy_is_the_negative_log_likelihood_of_the_known_labels() -> None:
    images, views = batch()
    made = scheme(weights(cross_entropy=1.0))
    logits = made.learner(images).logits.detach().numpy()
    expected = 0.0
    for row, targets in zip(logits, TARGETS.tolist(), strict=True):
        for head, label in zip(HEADS, targets, strict=True):
            if label != NO_LABEL:
                expected -= log_softmax(of_head(row, head))[label]
    found = losses(made, images, TARGETS, views)["cross_entropy"]
    assert float(found) == pytest.approx(expected / len(images), rel=1e-5)


@pytest.mark.parametrize("temperature", [1.0, 4.0])
def test_softened_kl_is_that_of_each_group_to_what_one_softmax_tells_of_it(
    temperature: float,
) -> None:
    """T^2 KL, the mean over two teachers; of the first image, which shows classes of two groups,
    teachers are corrected: their largest and the label's change places."""
    images, views = batch()
    made = scheme(weights(kl=1.0), temperature=temperature, weighting="average", standardise=False)
    logits = made.learner(images).logits.detach().numpy()
    expected = 0.0
    for number, row in enumerate(logits):
        for head, label in zip(HEADS, TARGETS[number].tolist(), strict=True):
            own = log_softmax(of_head(row, head) / temperature)
            for view in views:
                shares = told(view.logits[number].numpy(), head)
                if number == 0:
                    top = int(shares.argmax())
                    shares[[label, top]] = shares[[top, label]]
                theirs = log_softmax(np.log(shares) / temperature)
                expected += temperature**2 * float((np.exp(theirs) * (theirs - own)).sum()) / 2
    found = losses(made, images, TARGETS, views)["kl"]
    assert float(found) == pytest.approx(expected / len(images), rel=1e-4)


def test_a_frame_of_a_class_that_no_teacher_knows_is_learnt_from_its_label_alone() -> None:
    """The polyp is untaught: teachers then say nothing of the pathology of its frames, and its
    label counts for them too; of its preparation they speak as ever."""
    images, views = batch()
    untaught = (CLASSES.index("polyps"),)
    told_more = scheme(weights(cross_entropy=1.0, kl=3.0), untaught=untaught)
    logits = told_more.learner(images).logits.detach().numpy()
    expected = 0.0
    for row, targets in zip(logits, TARGETS.tolist(), strict=True):
        for head, label in zip(HEADS, targets, strict=True):
            if label != NO_LABEL:
                polyp = head is PATHOLOGY and label == 0
                expected -= (4.0 if polyp else 1.0) * log_softmax(of_head(row, head))[label]
    found = losses(told_more, images, TARGETS, views)
    assert float(found["cross_entropy"]) == pytest.approx(expected / len(images), rel=1e-5)
    changed = [view._replace(logits=view.logits.clone()) for view in views]
    for view in changed:
        view.logits[:, untaught[0]] += 5.0  # what they say of a class that they do not know
    moved = losses(told_more, images, TARGETS, changed)
    assert float(moved["kl"]) == pytest.approx(float(found["kl"]))


def test_replay_holds_each_group_by_the_logits_that_were_stored() -> None:
    images, views = batch()
    made = scheme(weights(cross_entropy=1.0, replay=1.0), temperature=1.0, standardise=False)
    latents = torch.rand(3, 64, 4, 4, generator=torch.Generator().manual_seed(5))
    student = made.learner
    assert isinstance(student, Student)
    logits = student.of_latents(latents).logits.detach()
    labels = torch.tensor([1, 0, NO_LABEL])
    stored = ReplayBatch(latents, labels, logits)
    as_it_was = float(losses(made, images, TARGETS, views, stored)["replay"])
    by_labels = (
        -log_softmax(of_head(logits[0].numpy(), PATHOLOGY))[0]
        - log_softmax(of_head(logits[1].numpy(), PREPARATION))[1]
    ) / 2
    assert as_it_was == pytest.approx(0.25 * by_labels, rel=1e-4)
    moved = ReplayBatch(latents, labels, logits + torch.tensor([0.0, 2.0, 0.0, 0.0]))
    assert float(losses(made, images, TARGETS, views, moved)["replay"]) > as_it_was + 0.01


def test_images_of_nothing_count_in_every_group() -> None:
    images, views = batch()
    made = scheme(weights(cross_entropy=1.0, outlier_exposure=1.0))
    nothing = torch.full((2, 3, 64, 64), 0.5)
    logits = made.learner(torch.cat([images, nothing])).logits[len(images) :].detach()
    expected = sum(
        nothing_shown_loss(
            torch.tensor(np.array([of_head(row, head) for row in logits.numpy()])), none=head.none
        )
        for head in HEADS
    )
    found = losses(made, torch.cat([images, nothing]), TARGETS, views)["outlier_exposure"]
    assert float(found) == pytest.approx(float(expected), rel=1e-5)


def test_a_student_with_groups_has_no_parameter_more_and_images_are_not_mixed() -> None:
    made = scheme(weights(cross_entropy=1.0))
    assert count_parameters(made.learner) == count_parameters(Student(len(CLASSES)))
    with pytest.raises(DataError, match="mixed"):
        scheme(weights(cross_entropy=1.0), mixup=0.2)
