"""The training loop on one screen: a scheme and its views in, RunEvents out, the best averaged
weights by validation macro-F1 kept.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as functional
from numpy.typing import NDArray
from torch import Tensor, nn

from kd_core.artifacts.replay import Replay
from kd_core.data.augment import TURNS, Normalise, mixed, turned
from kd_core.data.views import TeacherView, ViewSource
from kd_core.evaluation.metrics import scores
from kd_core.models.ema import Average
from kd_core.models.student import ModelOutput, Student, tail_of
from kd_core.platform.hardware import has_bf16, make_repeatable
from kd_core.schema.config import TrainConfig
from kd_core.schema.errors import DataError, ModelError
from kd_core.schema.events import EpochEnded, RunEvent, RunProgress, RunStarted
from kd_core.schemes.scheme import ReplayBatch, Scheme, weighted_sum
from kd_core.training.distributed import Alone, Workers
from kd_core.training.quick_depthwise import QuickDepthwise
from kd_core.training.resume import (
    Progress,
    optimiser_tensors,
    read_state,
    restore_optimiser,
    save_state,
)

PROGRESS_EVERY = 10  # batches
OUTLIER_SHARE = 0.125  # outliers beside a batch, as a share of it
_EPOCH_SEED = 1_000_003  # a prime: seeds of runs and numbers of epochs do not meet


@dataclass(frozen=True)
class LabelledSquares:
    """squares (N, S, S, 3) uint8 and labels (N,) int64."""

    squares: NDArray[np.uint8]
    labels: NDArray[np.int64]


@dataclass(frozen=True)
class Resumable:
    """Where the state of a run lies and the fingerprint it must have."""

    path: Path
    run: str


class Training:
    """One run of a scheme.

    ``run`` yields events; afterwards ``best`` holds the learner's weights to keep, ``best_scores``
    theirs.

    Without ``val`` there is nothing to choose an epoch by: the last one is kept. With a replay set,
    its held-out part is scored too.
    """

    def __init__(
        self,
        scheme: Scheme,
        classes: tuple[str, ...],
        train: ViewSource,
        val: LabelledSquares | None,
        *,
        outliers: NDArray[np.uint8] | None = None,
        replay: Replay | None = None,
        device: str = "cpu",
        resumable: Resumable | None = None,
        workers: Workers | None = None,
    ) -> None:
        """``outliers`` (M, S, S, 3): what the loss named silence is about; ``replay``: what
        that named replay is about.
        """
        self.config, self.classes, self._train, self._val = scheme.config, classes, train, val
        self._workers = workers or Alone()
        self._device, self._resumable = device, resumable
        make_repeatable(device)
        self.scheme = scheme.to(device)
        self.scheme.learner.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._shared = self._workers.wrap(self.scheme)
        self._average = Average(self.scheme.learner, self.config.ema)
        self._normalise = Normalise(device)
        self._outliers = (
            torch.from_numpy(outliers)
            if outliers is not None and self.config.losses.silence
            else None
        )
        self._replay = replay if self.config.losses.replay else None
        self._bf16 = self.config.precision == "bf16" or (
            self.config.precision == "auto" and has_bf16(device)
        )
        self._optimiser = _optimiser(self.scheme, self.config)
        self.best = self._average.copied()
        self.best_scores: dict[str, float] = {"macro_f1": -1.0}
        self.best_epoch = 0
        self.stopped = False
        self.seconds = 0.0  # of training and validation, before a kill too

    def run(self, should_stop: Callable[[], bool] = lambda: False) -> Iterator[RunEvent]:
        """Train; ``should_stop`` is asked every batch and keeps the best so far.

        Raises DataError when numbers stop being finite.
        """
        config = self.config
        steps = math.ceil(len(self._train.labels) / config.batch_size)
        total, first = steps * config.epochs, self._restore() + 1
        counts = self.scheme.parameter_counts()
        yield RunStarted(
            config.epochs,
            len(self._train.labels),
            self.classes,
            counts.deployed,
            counts.training_only,
        )
        begun, before, done = time.monotonic(), self.seconds, (first - 1) * steps
        for epoch in range(first, config.epochs + 1):
            if config.patience and epoch - 1 - self.best_epoch >= config.patience:
                return
            # Everything random in an epoch hangs on its number, dropout too: a run that goes on
            # after a kill draws the same.
            torch.manual_seed(config.seed * _EPOCH_SEED + epoch)
            generator = torch.Generator().manual_seed(config.seed * _EPOCH_SEED + epoch)
            sums: dict[str, float] = {}
            for number, batch in enumerate(self._batches(generator)):
                if self._workers.agree(should_stop()):
                    self.stopped = True
                    return
                rate = config.learning_rate * warm_cosine(
                    done, total, config.warm_up_epochs * steps
                )
                for name, value in self._step(
                    batch, rate, generator, f"batch {number + 1} in epoch {epoch}"
                ).items():
                    sums[name] = sums.get(name, 0.0) + value / steps
                done += 1
                if done % PROGRESS_EVERY == 0:
                    yield RunProgress(
                        done,
                        total,
                        (time.monotonic() - begun) / (done - (first - 1) * steps) * (total - done),
                    )
            made = self._validate(epoch)
            self.seconds = before + time.monotonic() - begun
            self._save(epoch)
            yield EpochEnded(epoch, sums, made)

    def _batches(self, generator: torch.Generator) -> Iterator[Tensor]:
        """Places of one epoch.

        Balanced: rare classes are drawn more often, by a power of their count.
        """
        labels = torch.from_numpy(self._train.labels)
        if not self.config.balance:
            yield from torch.split(
                torch.randperm(len(labels), generator=generator), self.config.batch_size
            )
            return
        counts = torch.bincount(labels, minlength=len(self.classes)).clamp(min=1).float()
        order = torch.multinomial(
            counts.pow(-self.config.balance)[labels],
            len(labels),
            replacement=True,
            generator=generator,
        )
        yield from torch.split(order, self.config.batch_size)

    def _step(
        self, batch: Tensor, rate: float, generator: torch.Generator, where: str
    ) -> dict[str, float]:
        self._shared.train()
        views = torch.randint(self._train.views, (len(batch),), generator=generator)
        turns = torch.randint(TURNS, (len(batch),), generator=generator)
        # Before part(): what is asked last, the batch norms go by
        outliers = self._drawn_outliers(len(batch), generator)
        mine, share = self._workers.part(len(batch))
        pictures, targets, teachers = self._inputs(
            batch[mine], views[mine], turns[mine], outliers, generator
        )
        replayed = self._replayed(len(targets), generator)
        with (
            torch.autocast(torch.device(self._device).type, torch.bfloat16, enabled=self._bf16),
            QuickDepthwise(),
        ):
            losses: dict[str, Tensor] = self._shared(pictures, targets, teachers, replayed)
        loss = weighted_sum(losses, self.config.losses)
        if not self._workers.agree(not bool(torch.isfinite(loss))):
            self._optimiser.zero_grad()
            (loss * share).backward()
            torch.nn.utils.clip_grad_norm_(self.scheme.parameters(), self.config.clip_norm)
            for group in self._optimiser.param_groups:
                group["lr"] = rate
            self._optimiser.step()
            self._average.follow(self.scheme.learner)
            return {name: float(value.detach()) for name, value in losses.items()}
        unsound = (
            ", ".join(name for name, value in losses.items() if not torch.isfinite(value))
            or "the sum"
        )
        raise DataError(
            f"The loss of {where} is not finite ({unsound}).", "Use a lower learning rate."
        )

    def _drawn_outliers(self, batch: int, generator: torch.Generator) -> Tensor | None:
        if self._outliers is None:
            return None
        count = math.ceil(OUTLIER_SHARE * batch)
        drawn = torch.randint(len(self._outliers), (count,), generator=generator)
        mine, _ = self._workers.part(count)
        return self._pictures(
            self._outliers[drawn][mine], torch.randint(TURNS, (count,), generator=generator)[mine]
        )

    def _replayed(self, count: int, generator: torch.Generator) -> ReplayBatch | None:
        if self._replay is None:
            return None
        known = torch.nonzero(~self._replay.held_out)[:, 0]
        # As often of every class: what is rare here is forgotten first.
        counts = torch.bincount(self._replay.labels[known]).clamp(min=1).float()
        drawn = known[
            torch.multinomial(
                1 / counts[self._replay.labels[known]], count, replacement=True, generator=generator
            )
        ]
        # Not turned: the stem gives other latents for a turned image.
        latents = self._replay.latent(drawn).to(self._device)
        return ReplayBatch(
            latents,
            self._replay.labels[drawn].to(self._device),
            self._replay.logits[drawn].to(self._device),
        )

    def _pictures(self, squares: Tensor, turns: Tensor) -> Tensor:
        pictures = turned(squares.permute(0, 3, 1, 2), turns).to(self._device)
        return self._normalise(pictures.float() / 255.0)

    def _inputs(
        self,
        places: Tensor,
        views: Tensor,
        turns: Tensor,
        outliers: Tensor | None,
        generator: torch.Generator,
    ) -> tuple[Tensor, Tensor, list[TeacherView]]:
        squares, teachers = self._train.batch(places.numpy(), views.numpy())
        pictures = self._pictures(squares, turns)
        targets = torch.from_numpy(self._train.labels[places.numpy()]).to(self._device)
        if self.config.mixup:
            targets = functional.one_hot(targets, len(self.classes)).float()
            pictures, targets = mixed(pictures, targets, self.config.mixup, generator)
        if outliers is not None:
            pictures = torch.cat([pictures, outliers])
        moved = [
            TeacherView(made.logits.to(self._device), turned(made.features, turns).to(self._device))
            for made in teachers
        ]
        return pictures.contiguous(memory_format=torch.channels_last), targets, moved

    def _validate(self, epoch: int) -> dict[str, float]:
        if self._val is None:
            numbers = self._old_knowledge()
            self.best_scores, self.best_epoch, self.best = numbers, epoch, self._average.copied()
            return numbers
        logits = logits_of(self._average.model, self._val.squares)
        if not np.isfinite(logits).all():
            raise DataError(
                "The averaged weights no longer give finite numbers.", "Use a lower learning rate."
            )
        made = scores(
            torch.softmax(torch.from_numpy(logits), dim=1).numpy(), self._val.labels, self.classes
        )
        numbers = {name: made[name] for name in ("accuracy", "macro_f1", "mcc")}
        if numbers["macro_f1"] > self.best_scores["macro_f1"]:
            self.best_scores, self.best_epoch, self.best = numbers, epoch, self._average.copied()
        return numbers

    def _old_knowledge(self) -> dict[str, float]:
        """Scores on the held-out part of the replay set, of which nothing is learnt."""
        if self._replay is None or not self._replay.held_out.any():
            return {}
        logits = replayed_logits(self._average.model, self._replay)
        if not np.isfinite(logits).all():
            raise DataError(
                "The averaged weights no longer give finite numbers.", "Use a lower learning rate."
            )
        labels = self._replay.labels[self._replay.held_out].numpy()
        made = scores(torch.softmax(torch.from_numpy(logits), dim=1).numpy(), labels, self.classes)
        return {"old_accuracy": made["accuracy"], "old_macro_f1": made["macro_f1"]}

    def _save(self, epoch: int) -> None:
        if self._resumable is None or not self._workers.first:
            return
        state = {
            "scheme": self.scheme.state_dict(),
            "average": self._average.model.state_dict(),
            "best": self.best,
            "optimiser": optimiser_tensors(self._optimiser),
        }
        progress = Progress(
            run=self._resumable.run,
            epoch=epoch,
            steps=self._average.steps,
            best_epoch=self.best_epoch,
            best_scores=self.best_scores,
            seconds=self.seconds,
        )
        save_state(self._resumable.path, state, progress)

    def _restore(self) -> int:
        """The last completed epoch, 0 for a fresh run."""
        found = read_state(self._resumable.path, self._resumable.run) if self._resumable else None
        # Machines may share no disk: those who see no state would wait for ever for those who go on
        # from one.
        if self._workers.agree(found is None) or found is None or self._resumable is None:
            return 0
        state, progress = found
        try:
            self.scheme.load_state_dict(state["scheme"])
            self._average.model.load_state_dict(state["average"])
            # SGD without momentum has nothing to keep
            restore_optimiser(self._optimiser, state.get("optimiser", {}))
        except (KeyError, RuntimeError, ValueError) as error:
            sentence = "The state of the run was written by another version of this program."
            raise ModelError(
                sentence, f"Delete {self._resumable.path}; the run then starts again."
            ) from error
        self._average.steps, self.seconds = progress.steps, progress.seconds
        self.best, self.best_scores, self.best_epoch = (
            state["best"],
            progress.best_scores,
            progress.best_epoch,
        )
        return progress.epoch


def _optimiser(scheme: Scheme, config: TrainConfig) -> torch.optim.Optimizer:
    if config.optimiser == "sgd":
        return torch.optim.SGD(
            scheme.parameters(),
            config.learning_rate,
            config.momentum,
            weight_decay=config.weight_decay,
        )
    return torch.optim.AdamW(
        scheme.parameters(), config.learning_rate, weight_decay=config.weight_decay
    )


def warm_cosine(step: int, total: int, warm_up: int) -> float:
    """Factor of the learning rate: linear up to 1 over ``warm_up`` steps, then half a cosine
    down to 0.
    """
    if step < warm_up:
        return (step + 1) / warm_up
    return 0.5 * (1.0 + math.cos(math.pi * min(1.0, (step - warm_up) / max(1, total - warm_up))))


@torch.inference_mode()
def replayed_logits(model: nn.Module, replay: Replay) -> NDArray[np.float32]:
    """(N, C) of a student on the held-out part of a replay set, in eval mode and float32."""
    assert isinstance(model, Student)
    model.eval()
    device = next(model.parameters()).device
    places = torch.nonzero(replay.held_out)[:, 0]
    parts = [
        tail_of(model, replay.latent(part).to(device)).logits.float().cpu().numpy()
        for part in torch.split(places, 64)
    ]
    result: NDArray[np.float32] = np.concatenate(parts)
    return result


@torch.inference_mode()
def logits_of(
    model: nn.Module, squares: NDArray[np.uint8], batch_size: int = 64
) -> NDArray[np.float32]:
    """(N, S, S, 3) uint8 -> (N, C) of a student or teacher, without augmentation, in eval mode
    and float32.
    """
    model.eval()
    device = next(model.parameters()).device
    normalise = Normalise(device)
    parts = []
    for start in range(0, len(squares), batch_size):
        output: ModelOutput = model(
            normalise.squares(torch.from_numpy(squares[start : start + batch_size]).to(device))
        )
        parts.append(output.logits.float().cpu().numpy())
    result: NDArray[np.float32] = np.concatenate(parts)
    return result
