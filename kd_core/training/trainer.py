"""The training loop: a scheme and its views in, events out, the best EMA weights kept."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from kd_core.artifacts.replay import Replay
from kd_core.data.views import ViewSource
from kd_core.models.ema import Ema
from kd_core.platform.hardware import has_bf16, make_repeatable
from kd_core.schema.errors import DataError
from kd_core.schema.events import EpochEnded, RunEvent, RunProgress, RunStarted
from kd_core.schema.progressive_sizes import side_of_epoch, size_stages
from kd_core.schemes.scheme import Scheme, weighted_sum
from kd_core.training.batches import AskTeachers, Batches, epoch_generator, epoch_order
from kd_core.training.optimisation import (
    clip_gradients,
    optimiser_of,
    warm_cosine,
    warm_up_steps,
)
from kd_core.training.process_group import ProcessGroup, SingleProcess
from kd_core.training.quick_depthwise import QuickDepthwise
from kd_core.training.resume import (
    Progress,
    Resumable,
    optimiser_tensors,
    restore_optimiser,
    resumed_state,
    save_state,
)
from kd_core.training.validation import LabelledCrops, replay_scores, validation_scores

PROGRESS_EVERY = 10  # batches
OnEvent = Callable[[RunEvent], object]
ShouldStop = Callable[[], bool]


class Trainer:
    """One run of a scheme.

    ``train`` does it; afterwards ``best`` holds the learner's weights to keep, ``best_scores``
    theirs. Without ``val`` there is nothing to choose an epoch by: the last one is kept. With a
    replay set, its held-out part is scored too.
    """

    def __init__(
        self,
        scheme: Scheme,
        classes: tuple[str, ...],
        train: ViewSource,
        val: LabelledCrops | None,
        *,
        outliers: NDArray[np.uint8] | None = None,
        replay: Replay | None = None,
        device: str = "cpu",
        resumable: Resumable | None = None,
        group: ProcessGroup | None = None,
        ask: AskTeachers = lambda crops: [],
        strong_views: bool = False,
        head_labels: NDArray[np.int64] | None = None,
    ) -> None:
        """``outliers`` (M, S, S, 3): what outlier exposure is about.

        ``replay``: what the loss named replay is about. ``ask``, ``strong_views``, ``head_labels``:
        see Batches.
        """
        self.config, self.classes, self._val, self._replay = scheme.config, classes, val, replay
        self._group, self._device, self._resumable = group or SingleProcess(), device, resumable
        make_repeatable(device)
        self.scheme = scheme.to(device)
        self.scheme.learner.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._shared = self._group.wrap(self.scheme)
        self.ema = Ema(self.scheme.learner, self.config.ema)
        self._batches = Batches(
            train,
            self.config,
            len(classes),
            outliers,
            replay,
            device,
            self._group,
            ask,
            strong_views=strong_views and not self.config.strong_labels,
            head_labels=head_labels,
        )
        self._bf16 = self.config.precision == "bf16" or (
            self.config.precision == "auto" and has_bf16(device)
        )
        self._optimiser = optimiser_of(self.scheme, self.config)
        self.best = self.ema.copied()
        self.best_scores: dict[str, float] = {"macro_f1": -1.0}
        self.best_epoch = self._risen_epoch = 0
        self.stopped = False
        self.seconds = 0.0  # of training and validation, before a kill too

    def train(
        self, on_event: OnEvent = lambda event: None, should_stop: ShouldStop = lambda: False
    ) -> None:
        """Train to the end; ``should_stop`` is asked before every batch and keeps the best so far.

        Raises DataError when numbers stop being finite.
        """
        config, labels = self.config, self._batches.labels
        steps = math.ceil(len(labels) / config.batch_size)
        total, first = steps * config.epochs, self._restore() + 1
        stages, warm_up = size_stages(config.sizes), warm_up_steps(config, steps)
        counts = self.scheme.parameter_counts()
        on_event(
            RunStarted(
                config.epochs,
                len(labels),
                self.classes,
                counts.deployed,
                counts.training_only,
            )
        )
        begun, before, done = time.monotonic(), self.seconds, (first - 1) * steps
        for epoch in range(first, config.epochs + 1):
            if config.patience and epoch - 1 - self._risen_epoch >= config.patience:
                return
            generator = epoch_generator(config.seed, epoch)
            self._batches.side = side_of_epoch(stages, epoch, config.epochs)
            sums: dict[str, float] = {}
            rate, epoch_begun = config.learning_rate, time.monotonic()
            for number, places in enumerate(epoch_order(labels, config, generator), 1):
                if self._group.agree(should_stop()):
                    self.stopped = True
                    return
                rate = config.learning_rate * warm_cosine(done, total, warm_up)
                where = f"batch {number} in epoch {epoch}"
                losses = self._step(places, rate, generator, where)
                for name, value in losses.items():
                    sums[name] = sums.get(name, 0.0) + value / steps
                done += 1
                if done % PROGRESS_EVERY == 0:
                    each = (time.monotonic() - begun) / (done - (first - 1) * steps)
                    on_event(RunProgress(done, total, each * (total - done)))
            scores = self._judge(epoch)
            now = time.monotonic()
            self.seconds = before + now - begun
            self._save(epoch)
            on_event(EpochEnded(epoch, sums, scores, rate, round(now - epoch_begun, 2)))

    @property
    def precision(self) -> str:
        """What steps are computed in: bf16, the rest of each in fp32, or fp32 alone."""
        return "bf16" if self._bf16 else "fp32"

    def _step(
        self, places: Tensor, rate: float, generator: torch.Generator, where: str
    ) -> dict[str, float]:
        """Named losses of one batch.

        Raises DataError, in all processes, where one of them has a loss that is not finite.
        """
        self._shared.train()
        inputs = self._batches.inputs(places, generator)
        with (
            torch.autocast(torch.device(self._device).type, torch.bfloat16, enabled=self._bf16),
            QuickDepthwise(),
        ):
            losses: dict[str, Tensor] = self._shared(*inputs.of_scheme())
        loss = weighted_sum(losses, self.config.losses)
        if self._group.agree(not bool(torch.isfinite(loss))):
            unsound = [name for name, value in losses.items() if not torch.isfinite(value)]
            raise DataError(
                f"The loss of {where} is not finite ({', '.join(unsound) or 'the sum'}).",
                "Use a lower learning rate.",
            )
        self._optimiser.zero_grad()
        (loss * inputs.share).backward()
        clip_gradients(self.scheme, self.config.clip_norm)
        for group in self._optimiser.param_groups:
            group["lr"] = rate
        self._optimiser.step()
        self.ema.follow(self.scheme.learner)
        return {name: float(value.detach()) for name, value in losses.items()}

    def _judge(self, epoch: int) -> dict[str, float]:
        """The scores of the EMA; it is kept where none was better so far.

        Of equal ones the latest: few validation images make ties, and later weights are the
        better settled.
        """
        if self._val is None:
            scores = replay_scores(self.ema.model, self._replay, self.classes)
        else:
            scores = validation_scores(self.ema.model, self._val, self.classes)
        if self._val is None or scores["macro_f1"] > self.best_scores["macro_f1"]:
            self._risen_epoch = epoch
        if self._val is None or scores["macro_f1"] >= self.best_scores["macro_f1"]:
            self.best_scores, self.best_epoch, self.best = scores, epoch, self.ema.copied()
        return scores

    def _save(self, epoch: int) -> None:
        if self._resumable is None or not self._group.first:
            return
        state = {
            "scheme": self.scheme.state_dict(),
            "average": self.ema.model.state_dict(),
            "best": self.best,
            "optimiser": optimiser_tensors(self._optimiser),
        }
        progress = Progress(
            run=self._resumable.fingerprint,
            epoch=epoch,
            steps=self.ema.steps,
            best_epoch=self.best_epoch,
            best_scores=self.best_scores,
            seconds=self.seconds,
            risen_epoch=self._risen_epoch,
        )
        save_state(self._resumable.path, state, progress)

    def _restore(self) -> int:
        """The last completed epoch, 0 for a fresh run."""
        stored = self._resumable.read() if self._resumable else None
        # Machines may share no disk: those who see no state would wait for ever for those who
        # resume from one.
        if self._group.agree(stored is None) or stored is None or self._resumable is None:
            return 0
        state, progress = stored
        with resumed_state(self._resumable.path):
            self.scheme.load_state_dict(state["scheme"])
            self.ema.model.load_state_dict(state["average"])
            # SGD without momentum has nothing to keep
            restore_optimiser(self._optimiser, state.get("optimiser", {}))
        self.ema.steps, self.seconds = progress.steps, progress.seconds
        self.best, self.best_epoch = state["best"], progress.best_epoch
        self.best_scores = progress.best_scores
        risen = progress.risen_epoch
        self._risen_epoch = progress.best_epoch if risen is None else risen
        return progress.epoch
