"""The relation scheme by places: who learns from which loss, and attention as weights of the KL."""

from __future__ import annotations

import msgspec
import pytest
import torch

from kd_core.losses.response import kl_per_sample
from kd_core.models.student import Student
from kd_core.schema.config import SCHEMES, LossWeights, TrainConfig
from kd_core.schemes.relation import RelationPart
from kd_core.schemes.scheme import Scheme
from tests.kd_core.schemes.test_schemes import CLASSES, EVERYTHING, WIDTHS, batch, scheme

LOSSES = SCHEMES["relation"]


def test_the_fusion_learns_from_its_anchor_alone_and_the_student_from_all_the_rest() -> None:
    losses = msgspec.structs.replace(EVERYTHING, replay=0.0, outlier_exposure=0.0)
    made = scheme(losses, fusion="places", weighting="attention")
    fusion = list(made.get_submodule("parts.relation.fusion").parameters())
    student = list(made.learner.parameters())
    found = made(*batch())
    assert {"anchor", "guide", "kl", "fused_kl", "distance"} <= found.keys()
    for name, loss in found.items():
        moved = {}
        for who, parameters in (("fusion", fusion), ("student", student)):
            grads = torch.autograd.grad(loss, parameters, retain_graph=True, allow_unused=True)
            moved[who] = any(grad is not None and bool(grad.any()) for grad in grads)
        assert moved == {"fusion": name == "anchor", "student": name != "anchor"}, name


def test_the_kl_is_weighed_by_what_each_teacher_was_read() -> None:
    made = scheme(LOSSES, fusion="places", weighting="attention").eval()
    images, labels, views = batch()
    with torch.no_grad():
        output = made.learner(images)
        part = made.parts["relation"]
        assert isinstance(part, RelationPart)
        shares = part.read(output, views).shares
        each = [kl_per_sample(output.logits, view.logits, 2.0) for view in views]
        expected = sum((shares[:, place] * each[place]).mean() for place in range(len(views)))
        assert float(made(images, labels, views)["kl"]) == pytest.approx(float(expected), rel=1e-4)
    assert float((shares[:, 0] - 0.5).abs().max()) > 1e-4


def test_of_classes_that_teachers_do_not_know_attention_says_nothing() -> None:
    torch.manual_seed(0)
    config = TrainConfig(losses=LOSSES, fusion="places", weighting="attention")
    made = Scheme(Student(CLASSES), config, WIDTHS, untaught=(2,)).eval()
    images, labels, views = batch()
    with torch.no_grad():
        some = made(images, labels, views)["kl"]
        none = made(images, torch.full_like(labels, 2), views)
    assert bool(torch.isfinite(some))
    assert "kl" not in none


@pytest.mark.parametrize(
    "changes", [{"fusion": "attention"}, {"fusion": "places", "losses": LossWeights(kl=1.0)}]
)
def test_attention_without_a_fusion_that_reads_is_refused(changes: dict[str, object]) -> None:
    plain = {"losses": LOSSES, **changes, "weighting": "attention"}
    with pytest.raises(ValueError, match="needs a fusion that reads teachers"):
        TrainConfig(**plain)  # type: ignore[arg-type]
