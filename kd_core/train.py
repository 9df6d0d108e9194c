"""The training loop on one screen: squares and labels in, RunEvents out, the best weights by validation macro-F1 kept."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as functional
from numpy.typing import NDArray
from torch import Tensor

from kd_core.contract.config import TrainConfig
from kd_core.contract.errors import DataError
from kd_core.contract.events import EpochEnded, RunEvent, RunProgress, RunStarted
from kd_core.datasets.augment import Augment, Normalise
from kd_core.evaluate import scores
from kd_core.models.student import Student, count_parameters

PROGRESS_EVERY = 10  # batches


@dataclass(frozen=True)
class LabelledSquares:
    """squares (N, S, S, 3) uint8 and labels (N,) int64."""

    squares: NDArray[np.uint8]
    labels: NDArray[np.int64]


class Training:
    """One run of a student alone. ``run`` yields events; afterwards ``best`` holds the weights to keep and ``best_scores`` theirs."""

    def __init__(self, config: TrainConfig, classes: tuple[str, ...], train: LabelledSquares, val: LabelledSquares) -> None:
        self.config, self.classes, self._train, self._val = config, classes, train, val
        torch.manual_seed(config.seed)
        self._generator = torch.Generator().manual_seed(config.seed)
        self._augment = Augment(self._generator)
        self.student = Student(len(classes))
        self.average = Student(len(classes))  # exponential moving average of the student: this is what is validated and kept
        for model in (self.student, self.average):
            model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.average.load_state_dict(self.student.state_dict())
        self.best = {name: tensor.clone() for name, tensor in self.student.state_dict().items()}
        self.best_scores: dict[str, float] = {"macro_f1": -1.0}
        self.stopped = False
        self._steps = 0

    def run(self, should_stop: Callable[[], bool] = lambda: False) -> Iterator[RunEvent]:
        """Train; ``should_stop`` is asked every batch and keeps the best so far. Raises DataError when numbers stop being finite."""
        config = self.config
        steps = max(1, math.ceil(len(self._train.labels) / config.batch_size))
        total = steps * config.epochs
        optimiser = torch.optim.AdamW(self.student.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay)
        schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: warm_cosine(step, total, config.warm_up_epochs * steps))
        yield RunStarted(config.epochs, len(self._train.labels), self.classes, count_parameters(self.student))
        begun, done = time.monotonic(), 0
        for epoch in range(1, config.epochs + 1):
            losses: list[float] = []
            for batch in self._batches():
                if should_stop():
                    self.stopped = True
                    return
                losses.append(self._step(batch, optimiser, epoch, len(losses)))
                schedule.step()
                done += 1
                if done % PROGRESS_EVERY == 0:
                    yield RunProgress(done, total, (time.monotonic() - begun) / done * (total - done))
            yield EpochEnded(epoch, {"cross_entropy": float(np.mean(losses))}, self._validate())

    def _batches(self) -> Iterator[Tensor]:
        """Indices of one epoch. Balanced: rare classes are drawn more often, by the inverse square root of their count."""
        labels = torch.from_numpy(self._train.labels)
        counts = torch.bincount(labels, minlength=len(self.classes)).clamp(min=1).float()
        order = torch.multinomial(counts.pow(-self.config.balance)[labels], len(labels), replacement=True, generator=self._generator)
        yield from torch.split(order, self.config.batch_size)

    def _step(self, batch: Tensor, optimiser: torch.optim.Optimizer, epoch: int, number: int) -> float:
        self.student.train()
        pictures = self._augment(torch.from_numpy(self._train.squares[batch.numpy()]))
        labels = torch.from_numpy(self._train.labels[batch.numpy()])
        loss = functional.cross_entropy(self.student(pictures).logits, labels, label_smoothing=self.config.label_smoothing)
        if not torch.isfinite(loss):
            raise DataError(f"The loss of batch {number + 1} in epoch {epoch} is not finite.", "Use a lower learning rate.")
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.student.parameters(), self.config.clip_norm)
        optimiser.step()
        self._follow()
        return float(loss.detach())

    @torch.no_grad()
    def _follow(self) -> None:
        # Young averages forget faster, or the random first weights would rule them for a dozen epochs.
        self._steps += 1
        decay = min(self.config.ema, (1 + self._steps) / (10 + self._steps))
        for mean, value in zip(self.average.state_dict().values(), self.student.state_dict().values(), strict=True):
            if mean.is_floating_point():
                mean.lerp_(value, 1.0 - decay)
            else:
                mean.copy_(value)

    def _validate(self) -> dict[str, float]:
        logits = logits_of(self.average, self._val.squares)
        if not np.isfinite(logits).all():
            raise DataError("The averaged weights no longer give finite numbers.", "Use a lower learning rate.")
        probabilities = torch.softmax(torch.from_numpy(logits), dim=1).numpy()
        made = scores(probabilities, self._val.labels, self.classes)
        numbers = {name: made[name] for name in ("accuracy", "macro_f1", "mcc")}
        if numbers["macro_f1"] > self.best_scores["macro_f1"]:
            self.best_scores = numbers
            self.best = {name: tensor.clone() for name, tensor in self.average.state_dict().items()}
        return numbers


def warm_cosine(step: int, total: int, warm_up: int) -> float:
    """Factor of the learning rate: linear from 0 to 1 over ``warm_up`` steps, then half a cosine down to 0."""
    if step < warm_up:
        return (step + 1) / warm_up
    return 0.5 * (1.0 + math.cos(math.pi * min(1.0, (step - warm_up) / max(1, total - warm_up))))


@torch.inference_mode()
def logits_of(student: Student, squares: NDArray[np.uint8], batch_size: int = 64) -> NDArray[np.float32]:
    """(N, S, S, 3) uint8 -> (N, C), without augmentation, in eval mode."""
    student.eval()
    normalise = Normalise()
    parts = [
        student(normalise(torch.from_numpy(squares[i : i + batch_size]).permute(0, 3, 1, 2).float() / 255.0)).logits.numpy()
        for i in range(0, len(squares), batch_size)
    ]
    result: NDArray[np.float32] = np.concatenate(parts)
    return result
