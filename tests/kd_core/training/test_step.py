"""What a step is made of: gradients clipped apart, and what a source of views says of a batch."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from kd_core.data.views import ViewBatch
from kd_core.models.student import Student
from kd_core.schema.config import SCHEMES, LossWeights, TrainConfig
from kd_core.schema.errors import DataError
from kd_core.schemes.scheme import Scheme
from kd_core.training.optimisation import (
    clip_gradients,
    clipped_apart,
    optimiser_of,
    warm_up_steps,
)
from kd_core.training.trainer import Trainer
from tests.kd_core.fake_views import FakeViews
from tests.kd_core.tiny import coloured, events_of

CONFIG = TrainConfig(epochs=1, batch_size=4, learning_rate=1e-3, ema=0.5, precision="fp32", seed=3)
CLASSES = ("blue", "red")


def filled(scheme: Scheme, learner: float, rest: float) -> None:
    for part, value in zip(clipped_apart(scheme), (learner, rest), strict=True):
        for parameter in part:
            parameter.grad = torch.full_like(parameter, value)


def norm(part: list[nn.Parameter]) -> float:
    grads = [parameter.grad for parameter in part if parameter.grad is not None]
    return float(torch.cat([grad.flatten() for grad in grads]).norm())


def test_a_fusions_gradient_does_not_shorten_the_students_step() -> None:
    scheme = Scheme(Student(2), TrainConfig(losses=SCHEMES["relation"]), (8, 12))
    filled(scheme, 1e-6, 1e3)
    learner, rest = clipped_apart(scheme)
    before = norm(learner)
    clip_gradients(scheme, 2.0)
    assert norm(learner) == before
    assert norm(rest) == pytest.approx(2.0, rel=1e-4)
    filled(scheme, 1e3, 1e-6)
    clip_gradients(scheme, 2.0)
    assert norm(learner) == pytest.approx(2.0, rel=1e-4)


@pytest.mark.parametrize("optimiser", ["adamw", "sgd"])
def test_the_optimiser_moves_everything_that_learns(optimiser: str) -> None:
    config = msgspec.convert({"optimiser": optimiser}, TrainConfig)
    config = msgspec.structs.replace(config, losses=SCHEMES["relation"])
    scheme = Scheme(Student(2), config, (8, 12))
    made = optimiser_of(scheme, config)
    held = [parameter for group in made.param_groups for parameter in group["params"]]
    # In this order: saved states know tensors by their number
    assert [id(parameter) for parameter in held] == [id(p) for p in scheme.parameters()]
    assert len(made.param_groups) == 2
    filled(scheme, 1.0, 1.0)
    before = [parameter.detach().clone() for parameter in held]
    made.step()
    assert not any(torch.equal(old, new) for old, new in zip(before, held, strict=True))


def test_the_rate_rises_for_a_share_of_the_run_and_the_fewest_epochs() -> None:
    config = msgspec.structs.replace(CONFIG, epochs=40, warm_up=0.05)
    assert warm_up_steps(config, 100) == 200
    assert warm_up_steps(msgspec.structs.replace(config, warm_up_epochs=3), 100) == 300


class MixedViews(FakeViews):
    """As FakeViews; every batch says that its second half is strong, and shares of its labels."""

    def batch(self, places: NDArray[np.int64], views: NDArray[np.int64]) -> ViewBatch:
        made = super().batch(places, views)
        shares = torch.tensor([0.75, 0.25]).expand(len(places), 2)
        strong = torch.arange(len(places)) >= len(places) // 2
        return ViewBatch(made.crops, made.teachers, strong, shares)


def seen(source: FakeViews, **changes: object) -> list[tuple[Tensor, ...]]:
    """What the scheme is given in each step: images, targets, teachers, replayed, strong."""
    losses = LossWeights(cross_entropy=0.5, kl=0.5)
    config = msgspec.structs.replace(CONFIG, losses=losses, **changes)
    torch.manual_seed(0)
    made = Trainer(Scheme(Student(2), config, (4,)), CLASSES, source, coloured(2))
    given: list[tuple[Tensor, ...]] = []
    made.scheme.register_forward_pre_hook(lambda _, inputs: given.append(inputs))
    events_of(made)
    return given


def test_what_a_source_says_of_its_batch_reaches_the_scheme() -> None:
    for _, targets, _, _, strong in seen(MixedViews(8, (4,)), mixup=0.5):
        assert torch.equal(targets, torch.tensor([0.75, 0.25]).expand(4, 2))
        assert strong.tolist() == [False, False, True, True]


def test_mixing_behind_the_teachers_backs_is_refused() -> None:
    with pytest.raises(DataError, match="teachers were asked about them alone"):
        seen(FakeViews(8, (4,)), mixup=0.5)


def test_images_grow_from_epoch_to_epoch() -> None:
    given = seen(FakeViews(4, (4,)), epochs=4, sizes="64:0.5,96:0.25,224")
    assert [tuple(images.shape) for images, *_ in given] == [
        (4, 3, side, side) for side in (64, 64, 96, 224)
    ]
    # What the teachers said stays what it was
    assert {tuple(teachers[0].features.shape) for _, _, teachers, *_ in given} == {(4, 4, 7, 7)}


def test_images_are_never_made_larger() -> None:
    with pytest.raises(DataError, match="of 224 px cannot be learnt from at 256 px"):
        seen(FakeViews(4, (4,)), sizes="256")
