"""SimKD: the student learns its teachers' maps, and classifies by their heads."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
import torch

from kd_core.models.reused_head import TeacherHead, projections_of
from kd_core.models.student import Student
from kd_core.schema.config import LossWeights, TrainConfig, stored_form
from kd_core.schema.errors import DataError
from kd_core.schemes.grouped import GroupedScheme
from kd_core.schemes.scheme import Scheme
from tests.kd_core.schemes.test_schemes import CLASSES, EVERYTHING, WIDTHS, batch

SIMKD = TrainConfig(losses=LossWeights(cross_entropy=0.0, hint=1.0), head="reused")


def made(config: TrainConfig = SIMKD, untaught: tuple[int, ...] = ()) -> Scheme:
    torch.manual_seed(0)
    heads = [TeacherHead(torch.randn(CLASSES, width), torch.randn(CLASSES)) for width in WIDTHS]
    return Scheme(Student(CLASSES), config, WIDTHS, untaught, teacher_heads=heads)


def test_the_one_loss_is_the_distance_of_the_projected_map() -> None:
    """|f_t - P(f_s)|^2, Chen et al. 2022, as a mean over elements, in float64 without torch."""
    scheme = made()
    images, labels, views = batch()
    losses = scheme(images, labels, views)
    assert set(losses) == {"hint"}
    assert isinstance(scheme.learner, Student)
    seen = scheme.learner(images).features.detach().double().numpy()  # (6, K, 4, 4)
    expected = []
    for one, view in zip(projections_of(scheme.learner.head, WIDTHS), views, strict=True):
        weight, bias = one.weight.detach().double().numpy(), one.bias.detach().double().numpy()
        projected = np.einsum("rk,nkhw->nrhw", weight, seen) + bias[:, None, None]
        # The larger map is pooled: 7 places to 4, each the mean of what it covers
        edges = [(at * 7 // 4, -(-(at + 1) * 7 // 4)) for at in range(4)]
        given = view.features.double().numpy()
        pooled = np.stack(
            [
                np.stack([given[:, :, a:b, c:d].mean((2, 3)) for c, d in edges], -1)
                for a, b in edges
            ],
            -2,
        )
        expected.append(((projected - pooled) ** 2).mean())
    assert float(losses["hint"].detach()) == pytest.approx(np.mean(expected), rel=1e-4)


def test_the_student_and_its_projection_learn_and_the_teachers_heads_do_not() -> None:
    scheme = made()
    before = {name: tensor.clone() for name, tensor in scheme.named_buffers() if "classif" in name}
    optimiser = torch.optim.SGD(scheme.parameters(), 0.1)
    first = scheme(*batch())["hint"]
    first.backward()
    optimiser.step()
    learnt = {name for name, one in scheme.named_parameters() if one.grad is not None}
    assert "learner.head.parametrizations.weight.original" in learnt
    assert any(name.startswith("learner.stages.0") for name in learnt)
    assert float(scheme(*batch())["hint"].detach()) < float(first.detach())
    assert before
    for name, tensor in scheme.named_buffers():
        if name in before:
            assert torch.equal(tensor, before[name])


def test_it_goes_together_with_other_losses() -> None:
    losses = msgspec.structs.replace(EVERYTHING, replay=0.0, outlier_exposure=0.0)
    scheme = made(TrainConfig(losses=losses, head="reused"))
    found = scheme(*batch())
    assert {"cross_entropy", "kl", "hint", "attention", "guide"} <= set(found)
    counts = scheme.parameter_counts()
    assert counts.deployed == Scheme(Student(CLASSES), TrainConfig()).parameter_counts().deployed


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="learns its projection from hint"):
        TrainConfig(head="reused")
    with pytest.raises(DataError, match="for classes that they know"):
        made(untaught=(1,))
    with pytest.raises(DataError, match="needs teachers"):
        Scheme(Student(CLASSES), SIMKD, WIDTHS)
    with pytest.raises(DataError, match="one softmax"):
        GroupedScheme(Student(CLASSES), SIMKD, (), (), WIDTHS)


def test_a_run_with_a_head_of_its_own_is_called_what_it_was() -> None:
    assert "head" not in stored_form(TrainConfig())
    assert stored_form(SIMKD)["head"] == "reused"
