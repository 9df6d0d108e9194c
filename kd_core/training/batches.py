"""Which images a step sees, and everything that it is given of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as functional
from numpy.typing import NDArray
from torch import Tensor

from kd_core.artifacts.replay import Replay, ToldLatents
from kd_core.data.augment import Normalise, is_strong, mixed
from kd_core.data.views import TeacherView, ViewSource
from kd_core.losses.tensors import NO_LABEL
from kd_core.schema.config import TrainConfig
from kd_core.schemes.scheme import ReplayBatch
from kd_core.training.input_images import resized_crops
from kd_core.training.process_group import ProcessGroup

#: (n, S, S, 3) uint8 crops -> what each teacher says of them.
AskTeachers = Callable[[Tensor], list[TeacherView]]
OUTLIER_SHARE = 0.125  # outliers beside a batch, as a share of it
TOLD_SHARE = 0.5  # and images that logits alone say something of
_EPOCH_SEED = 1_000_003  # a prime: seeds of runs and numbers of epochs do not meet


class StepInputs(NamedTuple):
    """What a scheme's forward takes; ``share`` is the factor of this process's mean loss.

    ``strong`` (n,) bool: images that are learnt from teachers alone; None: none of them.
    """

    images: Tensor
    targets: Tensor
    teachers: list[TeacherView]
    replayed: ReplayBatch | None
    share: float
    strong: Tensor | None = None

    def of_scheme(
        self,
    ) -> tuple[Tensor, Tensor, list[TeacherView], ReplayBatch | None, Tensor | None]:
        """All but the factor."""
        return self.images, self.targets, self.teachers, self.replayed, self.strong


def epoch_generator(seed: int, epoch: int) -> torch.Generator:
    """Everything random in an epoch hangs on its number, dropout too.

    A run that is resumed after a kill draws the same.
    """
    torch.manual_seed(seed * _EPOCH_SEED + epoch)
    return torch.Generator().manual_seed(seed * _EPOCH_SEED + epoch)


def epoch_order(
    labels: NDArray[np.int64], config: TrainConfig, generator: torch.Generator
) -> Iterator[Tensor]:
    """Places (n,) of each batch of one epoch.

    Balanced: rare classes are drawn more often, by a power of their count.
    """
    given = torch.from_numpy(labels)
    if config.balance:
        counts = torch.bincount(given).clamp(min=1).float()
        order = torch.multinomial(
            counts.pow(-config.balance)[given], len(given), replacement=True, generator=generator
        )
    else:
        order = torch.randperm(len(given), generator=generator)
    yield from torch.split(order, config.batch_size)


class Batches:
    """Makes the inputs of each step of a run."""

    def __init__(
        self,
        source: ViewSource,
        config: TrainConfig,
        class_count: int,
        outliers: NDArray[np.uint8] | None,
        replay: Replay | None,
        device: str,
        group: ProcessGroup,
        ask: AskTeachers = lambda crops: [],
        *,
        strong_views: bool = False,
        head_labels: NDArray[np.int64] | None = None,
    ) -> None:
        """``outliers`` (M, S, S, 3), ``replay``: see Trainer; used where their loss counts.

        ``head_labels`` (N, G): the targets of a student with a softmax for each class group.
        ``ask``: the teachers of mixed images, which ``source`` then has none of. ``strong_views``:
        the odd ones of ``source`` are strong, and labels are not to count for them.
        """
        self.labels = source.labels
        self._targets = source.labels if head_labels is None else head_labels
        self._source, self._config, self._class_count = source, config, class_count
        losses = config.losses
        self._outliers = (
            torch.from_numpy(outliers) if outliers is not None and losses.outlier_exposure else None
        )
        self._replay = replay if losses.replay else None
        self._device, self._group = device, group
        self._ask, self._strong_views = ask, strong_views
        self._normalise = Normalise(device)
        #: px that images are made smaller to, by area; None: as they are. Teachers have answered
        #: for the whole view.
        self.side: int | None = None

    def inputs(self, places: Tensor, generator: torch.Generator) -> StepInputs:
        """(n,) places of the whole batch -> this process's part of it."""
        views = torch.randint(self._source.views, (len(places),), generator=generator)
        # Before part(): what is asked last, the batch norms go by
        outliers = self._drawn_outliers(len(places), generator)
        mine, share = self._group.part(len(places))
        crops, targets, teachers = self._labelled(places[mine], views[mine], generator)
        images = self._images(crops)
        if outliers is not None:
            images = torch.cat([images, outliers])
        replayed = self._replayed(len(targets), generator)
        images = images.contiguous(memory_format=torch.channels_last)
        strong = is_strong(views[mine]).to(self._device) if self._strong_views else None
        return StepInputs(images, targets, teachers, replayed, share, strong)

    def _labelled(
        self, places: Tensor, views: Tensor, generator: torch.Generator
    ) -> tuple[Tensor, Tensor, list[TeacherView]]:
        """Crops, targets, and what each teacher says of these very crops."""
        crops, teachers = self._source.batch(places.numpy(), views.numpy())
        targets = torch.from_numpy(self._targets[places.numpy()])
        if self._config.mixup:
            shares = functional.one_hot(targets, self._class_count).float()
            blended, targets = mixed(crops.float(), shares, self._config.mixup, generator)
            crops = blended.round().byte()
            teachers = self._ask(crops)
        moved = [
            TeacherView(view.logits.to(self._device), view.features.to(self._device))
            for view in teachers
        ]
        return crops, targets.to(self._device), moved

    def _images(self, crops: Tensor) -> Tensor:
        smaller = resized_crops(crops, self.side).to(self._device)
        return self._normalise(smaller.permute(0, 3, 1, 2).float())

    def _drawn_outliers(self, batch: int, generator: torch.Generator) -> Tensor | None:
        if self._outliers is None:
            return None
        count = math.ceil(OUTLIER_SHARE * batch)
        drawn = torch.randint(len(self._outliers), (count,), generator=generator)
        mine, _ = self._group.part(count)
        return self._images(self._outliers[drawn][mine])

    def _replayed(self, count: int, generator: torch.Generator) -> ReplayBatch | None:
        replay = self._replay
        if replay is None:
            return None
        known = torch.nonzero(~replay.held_out)[:, 0]
        # As often of every class: what is rare here is forgotten first.
        counts = torch.bincount(replay.labels[known]).clamp(min=1).float()
        weights = 1 / counts[replay.labels[known]]
        drawn = known[torch.multinomial(weights, count, replacement=True, generator=generator)]
        batch = ReplayBatch(replay.latent(drawn), replay.labels[drawn], replay.logits[drawn])
        if replay.ask is not None:
            batch = joined(batch, mixed_latents(batch.latents, replay.ask, generator))
        if replay.told is not None:
            some = math.ceil(TOLD_SHARE * count)
            batch = joined(batch, _drawn(replay.told, some, len(replay.classes), generator))
        return ReplayBatch(*(part.to(self._device) for part in batch))


def mixed_latents(
    latents: Tensor, ask: Callable[[Tensor], Tensor], generator: torch.Generator
) -> ReplayBatch:
    """Each of (n, K, h, w) mixed with another by a share of its own, as ``ask`` knows it.

    Known images alone say little of what lies between them, where classes part (Beyer et al. 2022,
    "Knowledge distillation: A good teacher is patient and consistent", section 3.1).
    """
    share = torch.rand(len(latents), 1, 1, 1, generator=generator)
    other = torch.randperm(len(latents), generator=generator)
    between = share * latents + (1 - share) * latents[other]
    return ReplayBatch(between, torch.full((len(latents),), NO_LABEL), ask(between))


def _drawn(told: ToldLatents, count: int, classes: int, generator: torch.Generator) -> ReplayBatch:
    """``count`` rows of ``told``, as often of every class that its logits prefer."""
    logits = told.logits[:, :classes]
    preferred = logits.argmax(dim=1)
    counts = torch.bincount(preferred).clamp(min=1).float()
    drawn = torch.multinomial(1 / counts[preferred], count, replacement=True, generator=generator)
    return ReplayBatch(told.latent(drawn), torch.full((count,), NO_LABEL), logits[drawn])


def joined(batch: ReplayBatch, more: ReplayBatch) -> ReplayBatch:
    """Both, one after the other."""
    return ReplayBatch(*(torch.cat(parts) for parts in zip(batch, more, strict=True)))
