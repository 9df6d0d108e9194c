"""The training loop: it learns, repeats itself bit for bit, stops when asked with the best so far, and refuses to go on without numbers."""

from __future__ import annotations

import math
from collections.abc import Callable

import msgspec
import numpy as np
import pytest
import torch

from kd_core.contract.config import TrainConfig
from kd_core.contract.errors import DataError
from kd_core.contract.events import EpochEnded, RunEvent, RunProgress, RunStarted
from kd_core.datasets.preprocess import INPUT_SIZE
from kd_core.models.student import Student, count_parameters
from kd_core.train import LabelledSquares, Training, logits_of, warm_cosine

CLASSES = ("cecum", "polyps")
#: High enough a rate to learn colours in some tens of steps, and an average that follows within an epoch.
CONFIG = TrainConfig(epochs=3, batch_size=8, learning_rate=1e-2, warm_up_epochs=1, ema=0.8, seed=3)


def coloured(count: int, seed: int = 0) -> LabelledSquares:
    """Noisy blue (0) and red (1) squares in turn, of any brightness, so that only the colour tells them apart."""
    generator = np.random.default_rng(seed)
    labels = (np.arange(count) % 2).astype(np.int64)
    squares = generator.integers(0, 90, (count, INPUT_SIZE, INPUT_SIZE, 3), np.uint8)
    for square, label in zip(squares, labels, strict=True):
        square[:, :, 2 * (1 - label)] += generator.integers(80, 160, dtype=np.uint8)
    return LabelledSquares(squares, labels)


def training(train: int = 16, val: int = 8, classes: tuple[str, ...] = CLASSES, **changes: float) -> Training:
    config = msgspec.structs.replace(CONFIG, **changes)
    return Training(config, classes, coloured(train), coloured(val, seed=1))


def kept(made: Training) -> Student:
    student = Student(len(made.classes))
    student.load_state_dict(made.best)
    return student


def copied(student: Student) -> dict[str, torch.Tensor]:
    return {name: tensor.clone() for name, tensor in student.state_dict().items()}


def alike(left: dict[str, torch.Tensor], right: dict[str, torch.Tensor]) -> bool:
    return left.keys() == right.keys() and all(torch.equal(left[name], right[name]) for name in left)


def test_forty_coloured_squares_are_learned_and_others_like_them_told_apart() -> None:
    made = training(train=40, val=16, epochs=10)
    chance = logits_of(made.student, coloured(40).squares).argmax(axis=1)
    assert (chance == coloured(40).labels).mean() <= 0.75
    events = list(made.run())
    epochs = [event for event in events if isinstance(event, EpochEnded)]
    losses = [event.losses["cross_entropy"] for event in epochs]
    assert [event.epoch for event in epochs] == list(range(1, 11))
    assert losses[0] > 0.4
    # Label smoothing .05 over two classes leaves a cross-entropy of .117 at best.
    assert losses[-1] < 0.3
    assert made.best_scores == {"accuracy": 1.0, "macro_f1": 1.0, "mcc": pytest.approx(1.0)}
    for data in (coloured(40), coloured(20, seed=2)):
        assert (logits_of(kept(made), data.squares).argmax(axis=1) == data.labels).all()


def test_the_events_tell_the_runs_shape_and_count_to_its_end() -> None:
    made = training(train=15, batch_size=3, epochs=4)  # 5 steps an epoch
    events = list(made.run())
    assert events[0] == RunStarted(4, 15, CLASSES, count_parameters(Student(2)))
    progress = [event for event in events if isinstance(event, RunProgress)]
    assert [(event.done, event.total) for event in progress] == [(10, 20), (20, 20)]
    assert progress[0].seconds_left > 0
    assert progress[1].seconds_left == 0
    last = events[-1]
    assert isinstance(last, EpochEnded)
    assert set(last.scores) == {"accuracy", "macro_f1", "mcc"}
    # The best is that of the epoch with the highest macro-F1, not of the last.
    assert made.best_scores["macro_f1"] == max(event.scores["macro_f1"] for event in events if isinstance(event, EpochEnded))
    lines = [msgspec.json.encode(event) for event in events]
    assert [msgspec.json.decode(line, type=RunEvent) for line in lines] == events


def test_the_same_seed_gives_the_same_weights_to_the_last_bit() -> None:
    def weights(seed: int, noise: int) -> dict[str, torch.Tensor]:
        torch.manual_seed(noise)  # what the process drew before must not matter
        made = training(train=12, val=6, seed=seed, epochs=2)
        for _ in made.run():
            torch.rand(noise)  # nor what others draw meanwhile
        return {**{f"best {name}": tensor for name, tensor in made.best.items()}, **made.student.state_dict()}

    first, again, other = weights(3, 1), weights(3, 2), weights(4, 1)
    assert alike(first, again)
    assert not alike(first, other)


def stop_after(batches: int) -> Callable[[], bool]:
    asked = iter(range(batches + 1))
    return lambda: next(asked) == batches


def test_a_stop_is_heard_before_the_next_batch_and_keeps_the_best_so_far() -> None:
    made = training(batch_size=4, epochs=5)  # 4 steps an epoch
    averages = [copied(made.average) for event in made.run(stop_after(6)) if isinstance(event, EpochEnded)]
    assert made.stopped
    assert len(averages) == 1
    assert made.best_scores["macro_f1"] >= 0
    assert alike(made.best, averages[0])
    assert not alike(made.best, copied(made.average))  # two more steps were taken and not kept
    assert made.student.stages[0][1].num_batches_tracked == 6  # type: ignore[index]


def test_a_run_that_nobody_stops_says_so() -> None:
    made = training(train=8, epochs=1)
    list(made.run())
    assert not made.stopped


def test_a_stop_before_the_first_epochs_end_keeps_weights_that_can_be_loaded() -> None:
    made = training(epochs=2)
    before = copied(made.student)
    events = list(made.run(stop_after(1)))
    assert made.stopped
    assert [type(event) for event in events] == [RunStarted]
    assert made.best_scores["macro_f1"] == -1
    assert alike(made.best, before)
    assert not alike(made.student.state_dict(), before)


def test_the_best_epoch_is_kept_and_not_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    ranks = iter([0.2, 0.9, 0.9, 0.5])
    monkeypatch.setattr("kd_core.train.scores", lambda *_: {"accuracy": 0.0, "macro_f1": next(ranks), "mcc": 0.0})
    made = training(epochs=4)
    averages = [copied(made.average) for event in made.run() if isinstance(event, EpochEnded)]
    assert made.best_scores["macro_f1"] == 0.9
    assert [alike(made.best, average) for average in averages] == [False, True, False, False]


def test_a_loss_that_is_not_finite_is_refused_by_its_place() -> None:
    made = training(batch_size=4, learning_rate=1e30)
    with pytest.raises(DataError, match=r"^The loss of batch [23] in epoch 1 is not finite\. Use a lower learning rate\.$"):
        list(made.run())
    assert all(torch.isfinite(tensor).all() for tensor in made.best.values())


def test_weights_that_break_in_the_last_batch_are_not_kept() -> None:
    made = training(train=8, epochs=1, learning_rate=1e30)  # a single step: its own loss is still finite
    with pytest.raises(DataError, match="no longer give finite numbers"):
        list(made.run())
    assert all(torch.isfinite(tensor).all() for tensor in made.best.values())


def test_rare_classes_are_drawn_more_often_as_balance_says() -> None:
    labels = np.array([0] * 900 + [1] * 100, np.int64)
    data = LabelledSquares(np.zeros((1000, 1, 1, 3), np.uint8), labels)
    # 900^(1-b) to 100^(1-b): 9 to 1, 3 to 1, 1 to 1.
    for balance, share in ((0.0, 0.1), (0.5, 0.25), (1.0, 0.5)):
        made = Training(msgspec.structs.replace(CONFIG, balance=balance), CLASSES, data, data)
        drawn = torch.cat([batch for _ in range(10) for batch in made._batches()]).numpy()
        assert len(drawn) == 10_000
        assert labels[drawn].mean() == pytest.approx(share, abs=0.02)


def test_the_average_follows_quickly_at_first_and_slowly_later() -> None:
    made = training(ema=0.9)
    torch.nn.init.zeros_(made.average.head.bias)
    torch.nn.init.ones_(made.student.head.bias)
    made._follow()
    assert made.average.head.bias.tolist() == pytest.approx([1 - 2 / 11] * 2)
    made._steps = 10_000
    torch.nn.init.zeros_(made.average.head.bias)
    made._follow()
    assert made.average.head.bias.tolist() == pytest.approx([0.1, 0.1])


def test_the_learning_rate_by_hand() -> None:
    # Four steps up, then half a cosine over eight: after a quarter, half and three quarters of it (1 + cos) / 2.
    assert [warm_cosine(step, 12, 4) for step in range(4)] == [0.25, 0.5, 0.75, 1.0]
    expected = {4: 1.0, 6: 0.5 + math.sqrt(0.5) / 2, 8: 0.5, 10: 0.5 - math.sqrt(0.5) / 2, 12: 0.0, 99: 0.0}
    for step, factor in expected.items():
        assert warm_cosine(step, 12, 4) == pytest.approx(factor, abs=1e-12)
    assert warm_cosine(0, 10, 0) == 1
    assert warm_cosine(2, 3, 9) == pytest.approx(1 / 3)  # a run shorter than its warm-up
    assert warm_cosine(3, 3, 3) == 1
