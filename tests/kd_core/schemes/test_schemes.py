"""Schemes: named losses by weights, who learns from which, and every scheme learns forty
images by heart.
"""

from __future__ import annotations

import math

import msgspec
import pytest
import torch
import torch.nn.functional as functional
from torch import Tensor

from kd_core.data.views import MadeViews, TeacherView
from kd_core.losses.outlier_exposure import outlier_exposure
from kd_core.losses.tensors import NO_LABEL
from kd_core.models.student import Student, count_parameters, deployed_parameters, tail_of
from kd_core.schema.config import RELATION, SCHEMES, LossWeights, TrainConfig
from kd_core.schema.events import EpochEnded
from kd_core.schema.model_origin import ParameterCounts
from kd_core.schemes import registry
from kd_core.schemes.relation import anchor_targets
from kd_core.schemes.scheme import ReplayBatch, Scheme, weighted_sum
from kd_core.training.trainer import Trainer
from kd_core.training.validation import logits_of
from tests.kd_core.tiny import coloured, events_of, knowing_teacher

CLASSES = 3
WIDTHS = (8, 12)
EVERYTHING = msgspec.convert(dict.fromkeys(LossWeights.built_in(), 1.0), LossWeights)


def batch(count: int = 6, seed: int = 0) -> tuple[Tensor, Tensor, list[TeacherView]]:
    generator = torch.Generator().manual_seed(seed)
    images = torch.randn(count, 3, 64, 64, generator=generator)
    labels = torch.arange(count) % CLASSES
    views = [
        TeacherView(
            torch.randn(count, CLASSES, generator=generator),
            torch.randn(count, width, 7, 7, generator=generator),
        )
        for width in WIDTHS
    ]
    return images, labels, views


def scheme(losses: LossWeights, **changes: object) -> Scheme:
    torch.manual_seed(0)
    config = msgspec.structs.replace(TrainConfig(losses=losses), **changes)
    return Scheme(Student(CLASSES), config, WIDTHS)


def old(count: int = 4) -> ReplayBatch:
    generator = torch.Generator().manual_seed(9)
    latents = torch.rand(count, 64, 4, 4, generator=generator)
    return ReplayBatch(
        latents, torch.arange(count) % CLASSES, torch.randn(count, CLASSES, generator=generator)
    )


def with_outliers(
    made: tuple[Tensor, Tensor, list[TeacherView]], count: int = 2
) -> tuple[Tensor, Tensor, list[TeacherView]]:
    return torch.cat([made[0], torch.full((count, 3, 64, 64), 0.5)]), made[1], made[2]


def test_every_named_loss_comes_out_when_it_counts_and_only_then() -> None:
    assert set(scheme(EVERYTHING)(*with_outliers(batch()), old())) == set(LossWeights.built_in())
    for name in LossWeights.built_in():
        anchored = {"anchor": 1.0} if name in RELATION else {}
        alone = msgspec.convert({"cross_entropy": 0.0, **anchored, name: 1.0}, LossWeights)
        given = with_outliers(batch()) if name == "outlier_exposure" else batch()
        assert set(scheme(alone)(*given, old() if name == "replay" else None)) == {name, *anchored}


def test_parts_stand_in_one_order_whichever_module_was_imported_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two processes of one training would else begin with different weights."""
    made = scheme(LossWeights(kl=1.0, hint=1.0, anchor=1.0, guide=1.0))
    monkeypatch.setattr(registry, "_PARTS", dict(reversed(registry._PARTS.items())))
    again = scheme(LossWeights(kl=1.0, hint=1.0, anchor=1.0, guide=1.0))
    assert list(made.parts) == list(again.parts) == ["response", "feature", "relation"]


def test_outliers_have_no_part_in_any_other_loss() -> None:
    """In eval mode, where batch norms let no image see another."""
    made = scheme(EVERYTHING).eval()
    alone, among = made(*batch()), made(*with_outliers(batch()))
    for name, loss in alone.items():
        assert float(among[name].detach()) == pytest.approx(float(loss.detach()), rel=1e-5), name


def test_silence_is_least_where_no_class_is_preferred() -> None:
    """By hand: two classes at odds of 3 to 1 give -(ln .75 + ln .25) / 2."""
    assert float(outlier_exposure(torch.zeros(4, CLASSES))) == pytest.approx(math.log(CLASSES))
    odds = torch.log(torch.tensor([[3.0, 1.0]]))
    assert float(outlier_exposure(odds)) == pytest.approx(-(math.log(0.75) + math.log(0.25)) / 2)


def test_what_is_minimised_is_the_weighted_sum() -> None:
    losses = {
        "cross_entropy": torch.tensor(2.0),
        "kl": torch.tensor(3.0),
        "guide": torch.tensor(5.0),
    }
    weights = LossWeights(cross_entropy=0.5, kl=2.0, guide=0.1, hint=7.0)
    assert float(weighted_sum(losses, weights)) == pytest.approx(0.5 * 2 + 2 * 3 + 0.1 * 5)


def test_cross_entropy_is_that_of_the_students_own_logits() -> None:
    made = scheme(LossWeights(), label_smoothing=0.0)
    images, labels, _ = batch()
    made.eval()
    expected = functional.cross_entropy(made.learner(images).logits, labels).detach()
    assert float(made(images, labels, [])["cross_entropy"].detach()) == pytest.approx(
        float(expected), rel=1e-5
    )


def test_a_scheme_that_compares_with_teachers_refuses_to_be_without() -> None:
    with pytest.raises(ValueError, match="there is none"):
        Scheme(Student(CLASSES), TrainConfig(losses=SCHEMES["response"]))


def test_the_fusion_learns_from_its_anchor_alone_and_the_student_from_all_the_rest() -> None:
    made = scheme(EVERYTHING)
    fusion = list(made.get_submodule("parts.relation.fusion").parameters())
    student = list(made.learner.parameters())
    for name, loss in made(*batch()).items():
        to_fusion = torch.autograd.grad(loss, fusion, retain_graph=True, allow_unused=True)
        to_student = torch.autograd.grad(loss, student, retain_graph=True, allow_unused=True)
        moved = {"fusion": any(g is not None and bool(g.abs().sum() > 0) for g in to_fusion)}
        moved["student"] = any(g is not None and bool(g.abs().sum() > 0) for g in to_student)
        assert moved == {"fusion": name == "anchor", "student": name != "anchor"}, name


def test_teachers_logits_get_no_gradient() -> None:
    images, labels, views = batch()
    views = [
        TeacherView(view.logits.requires_grad_(), view.features.requires_grad_()) for view in views
    ]
    made = scheme(EVERYTHING)
    losses = made(images, labels, views)
    weighted_sum(
        {name: loss for name, loss in losses.items() if name != "anchor"}, made.config.losses
    ).backward()
    assert all(view.logits.grad is None or not view.logits.grad.any() for view in views)
    assert all(view.features.grad is None or not view.features.grad.any() for view in views)


def test_a_frozen_stem_and_all_statistics_stay_as_they_are_while_the_tail_learns() -> None:
    made = scheme(LossWeights(replay=1.0), frozen_stem=True)
    assert isinstance(made.learner, Student)
    before = {name: tensor.clone() for name, tensor in made.learner.state_dict().items()}
    made.train()
    optimiser = torch.optim.AdamW(made.parameters(), 0.1)
    for _ in range(2):
        optimiser.zero_grad()
        weighted_sum(made(*batch(), old()), made.config.losses).backward()
        optimiser.step()
    assert isinstance(made.learner, Student)
    tail = {
        name
        for name, tensor in made.learner.state_dict().items()
        if not torch.equal(tensor, before[name])
    }
    kept = {
        name
        for name in before
        if name.startswith(tuple(f"stages.{place}." for place in range(len(made.learner.stem))))
        or "running" in name
    }
    assert not tail & kept
    assert {"head.weight", "stages.10.0.branches.0.0.weight"} <= tail
    assert made.parameter_counts().deployed == deployed_parameters(Student(CLASSES))


def test_replay_knows_nothing_of_classes_that_came_later() -> None:
    """Stored logits are of two classes, the student has three: the KL is over the two, the
    labels over all.
    """
    made = scheme(
        LossWeights(cross_entropy=0.0, replay=1.0), label_smoothing=0.0, temperature=1.0
    ).eval()
    batch_of_old = old(1)._replace(labels=torch.tensor([1]), logits=torch.tensor([[0.3, -0.2]]))
    logits = tail_of(made.learner, batch_of_old.latents).logits.detach()  # type: ignore[arg-type]
    told = -functional.log_softmax(logits, 1)[0, 1]
    wanted = functional.softmax(batch_of_old.logits, 1)
    apart = (wanted * (wanted.log() - functional.log_softmax(logits[:, :2], 1))).sum()
    assert float(made(*batch(), batch_of_old)["replay"].detach()) == pytest.approx(
        float(0.25 * told + 0.75 * apart), rel=1e-4
    )


def test_a_replayed_row_without_a_label_is_told_by_its_logits_alone() -> None:
    made = scheme(
        LossWeights(cross_entropy=0.0, replay=1.0), label_smoothing=0.0, temperature=1.0
    ).eval()
    whole = old(2)
    half = whole._replace(labels=torch.tensor([int(whole.labels[0]), NO_LABEL]))
    first = ReplayBatch(*(part[:1] for part in whole))
    second = ReplayBatch(*(part[1:] for part in whole))

    def loss(given: ReplayBatch) -> float:
        return float(made(*batch(), given)["replay"].detach())

    # T = 1 and no smoothing: what is left of a labelled row's loss is its KL
    told = [functional.cross_entropy(_tail(made, part), part.labels) for part in (first, second)]
    apart = [
        (loss(part) - 0.25 * float(each)) / 0.75
        for part, each in zip((first, second), told, strict=True)
    ]
    wanted = 0.25 * float(told[0]) + 0.75 * sum(apart) / 2
    assert loss(half) == pytest.approx(wanted, rel=1e-4)


def _tail(made: Scheme, part: ReplayBatch) -> Tensor:
    assert isinstance(made.learner, Student)
    return tail_of(made.learner, part.latents).logits.detach()


def test_teachers_that_contradict_a_label_are_corrected_where_that_is_wanted() -> None:
    images, _, views = batch()
    labels = torch.zeros(len(images), dtype=torch.int64)
    wrong = [
        view._replace(logits=5.0 * functional.one_hot((labels + 1) % CLASSES, CLASSES).float())
        for view in views
    ]
    right = [
        view._replace(logits=5.0 * functional.one_hot(labels, CLASSES).float()) for view in views
    ]
    losses = LossWeights(kl=1.0)
    trusting = scheme(losses, trust_labels=True).eval()
    assert float(trusting(images, labels, wrong)["kl"].detach()) == pytest.approx(
        float(trusting(images, labels, right)["kl"].detach())
    )
    plain = scheme(losses).eval()
    with torch.no_grad():
        plain.get_parameter("learner.head.bias").copy_(torch.tensor([2.0, 0.0, -1.0]))
    assert float(plain(images, labels, wrong)["kl"].detach()) != pytest.approx(
        float(plain(images, labels, right)["kl"].detach())
    )


def test_a_fusion_is_taught_half_by_labels_and_half_by_its_teachers_probabilities() -> None:
    """By hand: (1/2, 1/2) and (3/4, 1/4) have the mean (.625, .375); halfway to the label 1
    lies (.3125, .6875).
    """
    views = [
        TeacherView(torch.tensor([logits]), torch.zeros(1, 1, 1, 1))
        for logits in ([0.0, 0.0], [math.log(3.0), 0.0])
    ]
    assert anchor_targets(views, torch.tensor([1]))[0].tolist() == pytest.approx([0.3125, 0.6875])


def test_deployed_and_training_only_parameters_are_counted_apart() -> None:
    plain = scheme(LossWeights()).parameter_counts()
    student = Student(CLASSES)
    deployed = deployed_parameters(student)
    branches = count_parameters(student) - deployed
    assert plain == ParameterCounts(deployed, training_only=branches)
    hints = scheme(LossWeights(hint=1.0)).parameter_counts()
    # One 1x1 convolution a teacher from the student's 160 channels: weights and bias.
    adapters = sum(160 * width + width for width in WIDTHS)
    assert hints == ParameterCounts(plain.deployed, training_only=branches + adapters)


@pytest.mark.parametrize("fusion", ["attention", "mean"])
def test_both_fusions_serve_the_relation_scheme(fusion: str) -> None:
    losses = scheme(SCHEMES["relation"], fusion=fusion)(*batch())
    assert set(losses) == {"cross_entropy", "kl", "anchor", "guide"}
    assert all(bool(torch.isfinite(loss)) for loss in losses.values())


@pytest.mark.parametrize("losses", [*SCHEMES.values(), EVERYTHING], ids=[*SCHEMES, "everything"])
@pytest.mark.parametrize("count", [1, 2])
def test_tiny_batches_give_finite_losses_and_gradients(losses: LossWeights, count: int) -> None:
    made = scheme(losses)
    total = weighted_sum(made(*batch(count)), losses)
    total.backward()
    assert bool(torch.isfinite(total))
    assert all(p.grad is None or bool(torch.isfinite(p.grad).all()) for p in made.parameters())


@pytest.mark.parametrize("name", SCHEMES)
def test_every_scheme_overfits_forty_images(name: str) -> None:
    data = coloured(40)
    config = TrainConfig(
        epochs=8,
        batch_size=8,
        learning_rate=1e-2,
        warm_up_epochs=1,
        ema=0.8,
        views=1,
        losses=SCHEMES[name],
    )
    teachers = [knowing_teacher(seed) for seed in (0, 1)] if name != "alone" else []
    source = MadeViews(data.crops, data.labels, 1, teachers)
    torch.manual_seed(1)
    made = Trainer(
        Scheme(Student(2), config, [t.width for t in teachers]), ("blue", "red"), source, data
    )
    epochs = [event for event in events_of(made) if isinstance(event, EpochEnded)]
    totals = [
        sum(value * getattr(config.losses, loss) for loss, value in epoch.losses.items())
        for epoch in epochs
    ]
    assert totals[-1] < totals[0]
    student = Student(2)
    student.load_state_dict(made.best)
    assert (logits_of(student, data.crops).argmax(axis=1) == data.labels).all()
    fresh = coloured(20, seed=9)
    assert (logits_of(student, fresh.crops).argmax(axis=1) == fresh.labels).mean() >= 0.95


def test_a_class_that_no_teacher_knows_is_learnt_from_its_labels_alone() -> None:
    """Class 2 is untaught: KL is that of the frames of 0 and 1 over these two classes; a frame
    of 2 counts for both in cross-entropy.
    """
    torch.manual_seed(0)
    losses = LossWeights(cross_entropy=0.5, kl=0.5)
    config = TrainConfig(losses=losses, label_smoothing=0.0, temperature=2.0)
    made = Scheme(Student(CLASSES), config, WIDTHS[:1], untaught=(2,)).eval()
    images, labels, views = batch()
    logits = made.learner(images).logits.detach()
    found = made(images, labels, views[:1])
    each = functional.cross_entropy(logits, labels, reduction="none")
    assert float(found["cross_entropy"].detach()) == pytest.approx(
        float((each * torch.tensor([1.0, 1.0, 2.0] * 2)).mean()), rel=1e-5
    )
    rows = labels < 2
    student, teacher = logits[rows][:, :2] / 2, views[0].logits[rows][:, :2] / 2
    kl = (
        4
        * functional.kl_div(
            student.log_softmax(1), teacher.log_softmax(1), reduction="sum", log_target=True
        )
        / len(labels)
    )
    assert float(found["kl"].detach()) == pytest.approx(float(kl), rel=1e-5)
    only_new = torch.full_like(labels, 2)
    assert set(made(images, only_new, views[:1])) == {"cross_entropy"}
