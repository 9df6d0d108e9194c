"""What a config's words do to a step: SGD, clipping, MixUp, bf16, and the average that is
judged, each held against a plain formula.
"""

from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from kd_core.data.views import TeacherView
from kd_core.models.student import Student
from kd_core.schema.config import TrainConfig
from kd_core.schema.events import EpochEnded
from kd_core.schemes.scheme import Scheme
from kd_core.training.trainer import Trainer
from kd_core.vision.blanking import BLANK_MEAN, STD
from kd_core.vision.preprocess import INPUT_SIZE
from tests.kd_core.fake_views import FakeViews
from tests.kd_core.tiny import coloured, events_of

CONFIG = TrainConfig(
    epochs=1, batch_size=4, learning_rate=0.1, warm_up_epochs=0, ema=0.5, precision="fp32", seed=3
)
PLAIN_SGD = {"optimiser": "sgd", "momentum": 0.0, "weight_decay": 0.0}


def training(count: int = 8, **changes: object) -> Trainer:
    config = msgspec.structs.replace(CONFIG, **changes)
    torch.manual_seed(config.seed)
    return Trainer(
        Scheme(Student(2), config), ("blue", "red"), FakeViews(count), coloured(4, seed=1)
    )


class Watch:
    """Asked before every batch: notes the learner's weights, and the gradients of the batch
    before.
    """

    def __init__(self, made: Trainer) -> None:
        self._learner = made.scheme.learner
        self.weights: list[list[Tensor]] = []
        self.gradients: list[list[Tensor]] = []

    def __call__(self) -> bool:
        self.weights.append(
            [parameter.detach().clone() for parameter in self._learner.parameters()]
        )
        self.gradients.append(
            [
                parameter.grad.clone()
                for parameter in self._learner.parameters()
                if parameter.grad is not None
            ]
        )
        return False


def watched(made: Trainer) -> Watch:
    watch = Watch(made)
    events_of(made, watch)
    watch()
    return watch


def norm(tensors: list[Tensor]) -> float:
    return math.sqrt(sum(float(tensor.double().square().sum()) for tensor in tensors))


def moves(watch: Watch) -> list[Tensor]:
    return [
        after - before for before, after in zip(watch.weights[0], watch.weights[1], strict=True)
    ]


def test_sgd_with_momentum_and_decay_takes_the_steps_of_the_formula() -> None:
    """Velocity v = .9 v + gradient + .01 weight, weight -= rate v; of two steps down half a
    cosine, the rates are .1 and .05.
    """
    seen = watched(training(optimiser="sgd", momentum=0.9, weight_decay=0.01))
    assert [len(gradients) for gradients in seen.gradients] == [
        0,
        len(seen.weights[0]),
        len(seen.weights[0]),
    ]
    for place, start in enumerate(seen.weights[0]):
        velocity = seen.gradients[1][place] + 0.01 * start
        first = start - 0.1 * velocity
        velocity = 0.9 * velocity + seen.gradients[2][place] + 0.01 * first
        torch.testing.assert_close(seen.weights[1][place], first, rtol=1e-6, atol=1e-7)
        torch.testing.assert_close(
            seen.weights[2][place], first - 0.05 * velocity, rtol=1e-5, atol=1e-6
        )


def test_clipping_shortens_a_step_to_its_norm_and_keeps_its_direction() -> None:
    free = moves(watched(training(4, clip_norm=1e6, **PLAIN_SGD)))
    short = moves(watched(training(4, clip_norm=0.01, **PLAIN_SGD)))
    assert norm(free) > 0.1 * 0.02  # there is something to clip
    assert norm(short) == pytest.approx(0.1 * 0.01, rel=1e-3)
    product = sum(float((a.double() * b.double()).sum()) for a, b in zip(free, short, strict=True))
    assert product / norm(free) / norm(short) == pytest.approx(1, abs=1e-4)


def test_a_gradient_below_the_bound_is_left_alone() -> None:
    free, bounded = (
        moves(watched(training(4, clip_norm=bound, **PLAIN_SGD))) for bound in (1e6, 1e5)
    )
    assert all(torch.equal(a, b) for a, b in zip(free, bounded, strict=True))


def test_what_is_judged_and_kept_is_the_average_and_not_the_weights_themselves(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    judged: list[dict[str, Tensor]] = []

    def logits(model: torch.nn.Module, squares: NDArray[np.uint8]) -> NDArray[np.float32]:
        judged.append({name: tensor.clone() for name, tensor in model.state_dict().items()})
        return np.tile(np.array([0, 1], np.float32), (len(squares), 1))

    monkeypatch.setattr("kd_core.training.validation.logits_of", logits)
    made = training(ema=0.2)
    watch = Watch(made)
    epochs = [event for event in events_of(made, watch) if isinstance(event, EpochEnded)]
    watch()
    names = [name for name, _ in made.scheme.learner.named_parameters()]
    for name, *steps in zip(names, *watch.weights, strict=True):
        # The first step's decay is that of a young average, 2 / 11; the second's would be 3 / 12,
        # and ema .2 is less.
        average = 2 / 11 * steps[0] + 9 / 11 * steps[1]
        average = 0.2 * average + 0.8 * steps[2]
        torch.testing.assert_close(judged[0][name], average, rtol=1e-5, atol=1e-6)
        assert torch.equal(made.best[name], judged[0][name])
    assert any(
        not torch.allclose(judged[0][name], last)
        for name, last in zip(names, watch.weights[2], strict=True)
    )
    # "red" for all four: two of four right; the F1 of red is 2 / 3 and that of blue 0.
    assert epochs[0].scores == {"accuracy": 0.5, "macro_f1": pytest.approx(1 / 3), "mcc": 0.0}


class BlackOrWhite:
    """Class 0 is black, class 1 white: after MixUp an image's brightness tells the share of
    class 1.
    """

    views = 1

    def __init__(self, count: int) -> None:
        self.labels: NDArray[np.int64] = (np.arange(count) % 2).astype(np.int64)

    def batch(
        self, places: NDArray[np.int64], views: NDArray[np.int64]
    ) -> tuple[Tensor, list[TeacherView]]:
        squares = np.broadcast_to(
            (255 * self.labels[places])[:, None, None, None],
            (len(places), INPUT_SIZE, INPUT_SIZE, 3),
        )
        return torch.from_numpy(squares.astype(np.uint8)), []


def seen_by_the_scheme(mixup: float) -> list[tuple[Tensor, Tensor]]:
    config = msgspec.structs.replace(CONFIG, mixup=mixup)
    torch.manual_seed(0)
    made = Trainer(Scheme(Student(2), config), ("black", "white"), BlackOrWhite(16), coloured(2))
    seen: list[tuple[Tensor, Tensor]] = []
    made.scheme.register_forward_pre_hook(
        lambda _, given: seen.append((given[0].clone(), given[1].clone()))
    )
    losses = [
        event.losses["cross_entropy"] for event in events_of(made) if isinstance(event, EpochEnded)
    ]
    assert math.isfinite(losses[0])
    return seen


def test_mixup_blends_images_and_targets_by_one_share_a_batch() -> None:
    batches = seen_by_the_scheme(1.0)
    middle = INPUT_SIZE // 2
    shares = set()
    for images, targets in batches:
        brightness = images[:, 0, middle, middle] * STD[0] + BLANK_MEAN[0]
        # Blended images are rounded to whole levels: teachers are asked about these very ones
        torch.testing.assert_close(targets[:, 1], brightness, rtol=0, atol=0.6 / 255)
        torch.testing.assert_close(targets.sum(1), torch.ones(len(targets)))
        blended = {round(min(float(t), 1 - float(t)), 5) for t in targets[:, 1]} - {0.0}
        assert len(blended) <= 1  # every pair of a batch by the same share
        shares |= blended
    assert len(batches) == 4
    assert len(shares) >= 2  # and another share in another batch


def test_without_mixup_the_scheme_sees_pure_images_and_labels() -> None:
    for images, targets in seen_by_the_scheme(0.0):
        brightness = images[:, 0, INPUT_SIZE // 2, INPUT_SIZE // 2] * STD[0] + BLANK_MEAN[0]
        assert targets.dtype == torch.int64
        torch.testing.assert_close(targets.float(), brightness, rtol=0, atol=1e-5)


def first_loss(types: set[torch.dtype], **changes: object) -> float:
    made = training(4, **changes)
    made.scheme.get_submodule("learner.stages.0").register_forward_hook(
        lambda _, __, output: types.add(output.dtype) if made.scheme.training else None
    )
    losses = [
        event.losses["cross_entropy"] for event in events_of(made) if isinstance(event, EpochEnded)
    ]
    assert all(tensor.dtype in (torch.float32, torch.int64) for tensor in made.best.values())
    return losses[0]


def test_bf16_computes_in_halves_and_keeps_its_weights_in_float32(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    halves, full = set[torch.dtype](), set[torch.dtype]()
    loss = first_loss(full, precision="fp32")
    assert first_loss(halves, precision="bf16") == pytest.approx(loss, abs=0.02)
    assert (halves, full) == ({torch.bfloat16}, {torch.float32})
    for able, dtype in ((True, torch.bfloat16), (False, torch.float32)):
        monkeypatch.setattr("kd_core.training.trainer.has_bf16", lambda _, able=able: able)
        types = set[torch.dtype]()
        first_loss(types, precision="auto")
        assert types == {dtype}
