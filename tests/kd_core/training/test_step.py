"""What a step is made of: gradients clipped apart, and what a source of views says of a batch."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from kd_core.data.augment import Normalise
from kd_core.data.views import TeacherView
from kd_core.models.student import Student
from kd_core.schema.config import SCHEMES, LossWeights, TrainConfig
from kd_core.schema.errors import DataError
from kd_core.schemes.scheme import Scheme
from kd_core.training.batches import AskTeachers
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
Places = NDArray[np.int64]
Given = tuple[Any, ...]


def no_answer(crops: Tensor) -> list[TeacherView]:
    return []


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


def seen(source: FakeViews, ask: AskTeachers = no_answer, **changes: object) -> list[Given]:
    """What the scheme is given in each step: images, targets, teachers, replayed, strong."""
    losses = LossWeights(cross_entropy=0.5, kl=0.5)
    config = msgspec.structs.replace(CONFIG, losses=losses, **changes)
    torch.manual_seed(0)
    scheme = Scheme(Student(2), config, (4,))
    made = Trainer(scheme, CLASSES, source, coloured(2), ask=ask, strong_views=True)
    given: list[Given] = []
    made.scheme.register_forward_pre_hook(lambda _, inputs: given.append(inputs))
    events_of(made)
    return given


def test_odd_views_are_strong_unless_labels_are_to_count_for_all() -> None:
    source = FakeViews(8, (4,))
    shown: list[list[bool]] = []
    plain = source.batch

    def watched(places: Places, views: Places) -> tuple[Tensor, list[TeacherView]]:
        shown.append((views == 1).tolist())
        return plain(places, views)

    source.batch = watched  # type: ignore[method-assign]
    assert [strong.tolist() for *_, strong in seen(source)] == shown
    assert {flag for row in shown for flag in row} == {True, False}
    assert [strong for *_, strong in seen(FakeViews(8, (4,)), strong_labels=True)] == [None, None]


def test_teachers_are_asked_about_the_very_mixture_that_the_student_sees() -> None:
    asked: list[Tensor] = []

    def answer(crops: Tensor) -> list[TeacherView]:
        asked.append(crops)
        return [TeacherView(torch.zeros(len(crops), 2), torch.ones(len(crops), 4, 7, 7))]

    given = seen(FakeViews(8, (4,)), answer, mixup=0.5)
    assert len(asked) == len(given) == 2
    normalise = Normalise()
    for crops, (images, targets, teachers, _, _) in zip(asked, given, strict=True):
        torch.testing.assert_close(normalise.crops(crops), images)
        assert targets.shape == (4, 2)
        assert targets.sum(1).tolist() == pytest.approx([1.0] * 4)
        assert torch.equal(teachers[0].features, torch.ones(4, 4, 7, 7))
    assert any(0.0 < float(share) < 1.0 for _, targets, *_ in given for share in targets[:, 0])


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
