"""The training loop: it learns, repeats itself bit for bit, stops when asked with the best so
far, and refuses to train without numbers.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable

import msgspec
import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from kd_core.data.views import MadeViews
from kd_core.models.ema import Ema
from kd_core.models.student import Student, count_parameters, deployed_parameters
from kd_core.schema.config import TrainConfig
from kd_core.schema.errors import DataError
from kd_core.schema.events import EpochEnded, RunEvent, RunProgress, RunStarted
from kd_core.schemes.scheme import Scheme
from kd_core.training.batches import epoch_order
from kd_core.training.optimisation import warm_cosine
from kd_core.training.trainer import Trainer
from kd_core.training.validation import LabelledCrops, logits_of
from tests.kd_core.fake_views import FakeViews
from tests.kd_core.tiny import coloured, events_of

CLASSES = ("cecum", "polyps")
#: High enough a rate to learn colours in some tens of steps, and an average that follows within an
#: epoch.
CONFIG = TrainConfig(
    epochs=3,
    batch_size=8,
    learning_rate=1e-2,
    warm_up_epochs=1,
    ema=0.8,
    views=2,
    precision="fp32",
    seed=3,
)
Weights = dict[str, Tensor]


def training(train: int = 16, val: int = 8, **changes: object) -> Trainer:
    config, data = msgspec.structs.replace(CONFIG, **changes), coloured(train)
    torch.manual_seed(config.seed)
    scheme = Scheme(Student(len(CLASSES)), config)
    source = MadeViews(data.crops, data.labels, 2)
    source.view = functools.cache(source.view)  # type: ignore[method-assign]
    return Trainer(scheme, CLASSES, source, coloured(val, seed=1))


def kept(made: Trainer) -> Student:
    student = Student(len(made.classes))
    student.load_state_dict(made.best)
    return student


def copied(module: nn.Module) -> Weights:
    return {name: tensor.clone() for name, tensor in module.state_dict().items()}


def alike(left: Weights, right: Weights) -> bool:
    return left.keys() == right.keys() and all(
        torch.equal(left[name], right[name]) for name in left
    )


def epochs_of(made: Trainer) -> list[EpochEnded]:
    return [event for event in events_of(made) if isinstance(event, EpochEnded)]


def test_forty_coloured_crops_are_learned_and_others_like_them_told_apart() -> None:
    made = training(train=40, val=16, epochs=10)
    chance = logits_of(made.scheme.learner, coloured(40).crops).argmax(axis=1)
    assert (chance == coloured(40).labels).mean() <= 0.75
    epochs = epochs_of(made)
    losses = [event.losses["cross_entropy"] for event in epochs]
    assert [event.epoch for event in epochs] == list(range(1, 11))
    assert losses[0] > 0.4
    # Label smoothing .05 over two classes leaves a cross-entropy of .117 at best.
    assert losses[-1] < 0.3
    assert made.best_scores == {"accuracy": 1.0, "macro_f1": 1.0, "mcc": pytest.approx(1.0)}
    for data in (coloured(40), coloured(20, seed=2)):
        assert (logits_of(kept(made), data.crops).argmax(axis=1) == data.labels).all()


def test_the_events_tell_the_runs_shape_and_count_to_its_end() -> None:
    made = training(train=15, batch_size=3, epochs=4)  # 5 steps an epoch
    events = events_of(made)
    deployed = deployed_parameters(Student(2))
    assert events[0] == RunStarted(
        4, 15, CLASSES, deployed, count_parameters(Student(2)) - deployed
    )
    progress = [event for event in events if isinstance(event, RunProgress)]
    assert [(event.done, event.total) for event in progress] == [(10, 20), (20, 20)]
    assert progress[0].seconds_left > 0
    assert progress[1].seconds_left == 0
    last = events[-1]
    assert isinstance(last, EpochEnded)
    assert set(last.scores) == {"accuracy", "macro_f1", "mcc"}
    # The best is that of the latest epoch with the highest macro-F1.
    ranks = [event.scores["macro_f1"] for event in events if isinstance(event, EpochEnded)]
    assert made.best_scores["macro_f1"] == max(ranks)
    assert made.best_epoch == len(ranks) - ranks[::-1].index(max(ranks))
    lines = [msgspec.json.encode(event) for event in events]
    assert [msgspec.json.decode(line, type=RunEvent) for line in lines] == events


def test_the_same_seed_gives_the_same_weights_to_the_last_bit() -> None:
    def weights(seed: int, noise: int) -> Weights:
        made = training(train=12, val=6, seed=seed, epochs=2)
        torch.manual_seed(noise)  # what the process drew before the run must not matter
        # nor what others draw meanwhile
        made.train(lambda event: torch.rand(noise))
        return {
            **{f"best {name}": tensor for name, tensor in made.best.items()},
            **made.scheme.learner.state_dict(),
        }

    first, again, other = weights(3, 1), weights(3, 2), weights(4, 1)
    assert alike(first, again)
    assert not alike(first, other)


def stop_after(batches: int) -> Callable[[], bool]:
    asked = iter(range(batches + 1))
    return lambda: next(asked) == batches


def test_a_stop_is_heard_before_the_next_batch_and_keeps_the_best_so_far() -> None:
    made = training(batch_size=4, epochs=5)  # 4 steps an epoch
    averages = averages_of(made, stop_after(6))
    assert made.stopped
    assert len(averages) == 1
    assert made.best_scores["macro_f1"] >= 0
    assert alike(made.best, averages[0])
    # Two more steps were taken and not kept
    assert not alike(made.best, copied(made.ema.model))
    assert made.scheme.learner.get_buffer("stages.0.branches.0.1.num_batches_tracked") == 6


def test_a_run_that_nobody_stops_says_so() -> None:
    made = training(train=8, epochs=1)
    events_of(made)
    assert not made.stopped


def test_a_stop_before_the_first_epochs_end_keeps_weights_that_can_be_loaded() -> None:
    made = training(epochs=2)
    before = copied(made.scheme.learner)
    events = events_of(made, stop_after(1))
    assert made.stopped
    assert [type(event) for event in events] == [RunStarted]
    assert (made.best_epoch, made.best_scores["macro_f1"]) == (0, -1)
    assert alike(made.best, before)
    assert not alike(made.scheme.learner.state_dict(), before)


def averages_of(made: Trainer, should_stop: Callable[[], bool] = lambda: False) -> list[Weights]:
    """The averaged weights after each epoch."""
    averages: list[Weights] = []

    def keep(event: RunEvent) -> None:
        if isinstance(event, EpochEnded):
            averages.append(copied(made.ema.model))

    made.train(keep, should_stop)
    return averages


def ranked(monkeypatch: pytest.MonkeyPatch, *ranks: float) -> None:
    left = iter(ranks)
    monkeypatch.setattr(
        "kd_core.training.validation.macro_f1",
        lambda _: next(left),
    )


def test_the_best_epoch_is_kept_and_not_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    ranked(monkeypatch, 0.2, 0.9, 0.9, 0.5)
    made = training(epochs=4)
    averages = averages_of(made)
    assert (made.best_epoch, made.best_scores["macro_f1"]) == (3, 0.9)
    assert [alike(made.best, average) for average in averages] == [False, False, True, False]


@pytest.mark.parametrize(("patience", "last"), [(1, 3), (2, 4), (3, 7), (0, 7)])
def test_patience_counts_epochs_that_were_not_better(
    monkeypatch: pytest.MonkeyPatch, patience: int, last: int
) -> None:
    """Epoch 2 is better, 3 only equals it, 4 is worse, 5 better again, then two that are not: a
    patience of 3 is never lost.
    """
    ranked(monkeypatch, 0.2, 0.9, 0.9, 0.5, 0.95, 0.9, 0.9)
    made = training(train=4, val=2, batch_size=4, epochs=7, patience=patience)
    assert [event.epoch for event in epochs_of(made)] == list(range(1, last + 1))
    assert not made.stopped


def test_a_loss_that_is_not_finite_is_refused_by_its_place_and_name() -> None:
    made = training(batch_size=4, learning_rate=1e30)
    sentence = (
        r"^The loss of batch [23] in epoch 1 is not finite \(cross_entropy\)\. Use a lower learning"
        r" rate\.$"
    )
    with pytest.raises(DataError, match=sentence):
        events_of(made)
    assert all(torch.isfinite(tensor).all() for tensor in made.best.values())


def test_only_the_losses_that_broke_are_named_and_no_step_is_taken() -> None:
    config = msgspec.structs.replace(CONFIG, losses=msgspec.structs.replace(CONFIG.losses, kl=1.0))
    source = FakeViews(8, (4,))
    source.outputs[0].logits[...] = math.nan
    made = Trainer(Scheme(Student(2), config, (4,)), CLASSES, source, coloured(2))
    before = [parameter.detach().clone() for parameter in made.scheme.parameters()]
    with pytest.raises(DataError, match=r"^The loss of batch 1 in epoch 1 is not finite \(kl\)\."):
        events_of(made)
    assert all(
        torch.equal(old, new) for old, new in zip(before, made.scheme.parameters(), strict=True)
    )


def test_weights_that_break_in_the_last_batch_are_not_kept() -> None:
    # A single step: its own loss is still finite
    made = training(train=8, epochs=1, learning_rate=1e30)
    with pytest.raises(DataError, match="no longer give finite numbers"):
        events_of(made)
    assert all(torch.isfinite(tensor).all() for tensor in made.best.values())


def drawn(balance: float) -> NDArray[np.int64]:
    """Labels of ten epochs' worth of places, 900 images of class 0 and 100 of class 1; each
    epoch draws as many as there are.
    """
    data = LabelledCrops(
        np.zeros((1000, 1, 1, 3), np.uint8), np.array([0] * 900 + [1] * 100, np.int64)
    )
    config = msgspec.structs.replace(CONFIG, balance=balance)
    generator = torch.Generator().manual_seed(0)
    epochs = [
        torch.cat(list(epoch_order(data.labels, config, generator))).numpy() for _ in range(10)
    ]
    assert {len(epoch) for epoch in epochs} == {1000}
    if not balance:
        assert all(sorted(epoch) == list(range(1000)) for epoch in epochs)
        assert list(epochs[0]) != list(epochs[1])
    return np.asarray(data.labels[np.concatenate(epochs)])


@pytest.mark.parametrize(("balance", "share"), [(0.0, 0.1), (0.5, 0.25), (1.0, 0.5)])
def test_rare_classes_are_drawn_more_often_as_balance_says(balance: float, share: float) -> None:
    # 900^(1-b) to 100^(1-b): 9 to 1, 3 to 1, 1 to 1. Without balance every image comes once an
    # epoch.
    assert drawn(balance).mean() == pytest.approx(share, abs=0.02 if balance else 0)


def test_the_average_follows_quickly_at_first_and_slowly_later() -> None:
    student = Student(2)
    average = Ema(student, 0.9)
    torch.nn.init.zeros_(average.model.head.bias)  # type: ignore[union-attr,arg-type]
    torch.nn.init.ones_(student.head.bias)
    student.get_buffer("stages.0.branches.0.1.num_batches_tracked").add_(7)
    average.follow(student)
    assert average.model.head.bias.tolist() == pytest.approx([1 - 2 / 11] * 2)  # type: ignore[union-attr,operator]
    assert average.model.get_buffer("stages.0.branches.0.1.num_batches_tracked") == 7
    average.steps = 10_000
    torch.nn.init.zeros_(average.model.head.bias)  # type: ignore[union-attr,arg-type]
    average.follow(student)
    assert average.model.head.bias.tolist() == pytest.approx([0.1, 0.1])  # type: ignore[union-attr,operator]


def test_the_learning_rate_by_hand() -> None:
    # Four steps up, then half a cosine over eight: after a quarter, half and three quarters of it
    # (1 + cos) / 2.
    assert [warm_cosine(step, 12, 4) for step in range(4)] == [0.25, 0.5, 0.75, 1.0]
    expected = {
        4: 1.0,
        6: 0.5 + math.sqrt(0.5) / 2,
        8: 0.5,
        10: 0.5 - math.sqrt(0.5) / 2,
        12: 0.0,
        99: 0.0,
    }
    for step, factor in expected.items():
        assert warm_cosine(step, 12, 4) == pytest.approx(factor, abs=1e-12)
    assert warm_cosine(0, 10, 0) == 1
    assert warm_cosine(2, 3, 9) == pytest.approx(1 / 3)  # a run shorter than its warm-up
    assert warm_cosine(3, 3, 3) == 1
