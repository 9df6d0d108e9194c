"""How a student does on frames of a new class that it has not learnt from.

Parts of the reader's frames are held back in turn.

The replay set holds no frame of a class that the reader teaches, and the held-out procedures stay
unseen till the comparison. So for each part the tail of the student is taught without it, from the
outputs of its frozen stem, and then asked about it: about two seconds of work each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from kd_core.artifacts.replay import Replay
from kd_core.data.augment import TURNS, Normalise, turned
from kd_core.data.labelled import Part
from kd_core.losses.grouped import own_logits
from kd_core.losses.tensors import NO_LABEL
from kd_core.models.student import Student, stem_of, tail_of
from kd_core.retraining.embeddings import TOGETHER, embeddings_of, replayed_embeddings
from kd_core.retraining.extended import extended_student
from kd_core.schema.class_heads import ClassHead
from kd_core.schema.config import TrainConfig
from kd_core.schemes.grouped import grouped_replay_loss
from kd_core.schemes.scheme import ReplayBatch, replay_loss
from kd_core.training.optimisation import warm_cosine

FOLDS, STEPS = 4, 120
#: Most frames of a class that take part: more would not make a threshold surer, and each takes 0.4
#: MB.
MOST_OF_CLASS = 120


class HeldBack(NamedTuple):
    """logits (N, C) of frames that were held back, and their classes (N,)."""

    logits: NDArray[np.float32]
    truth: NDArray[np.int64]


class Within(NamedTuple):
    """The softmax of one class group: ``places`` of its classes among all; ``none``: see ClassHead.

    ``labels`` (N,) of the frames in it; ``heads`` with their ``columns``: all softmaxes of the
    student; ``fresh``: crops of each class that it did not know, by its place among all.
    """

    places: list[int]
    none: bool
    labels: NDArray[np.int64]
    heads: Sequence[ClassHead]
    columns: Sequence[Sequence[int]]
    fresh: Mapping[int, NDArray[np.uint8]]

    def own(self, logits: Tensor) -> Tensor:
        """(N, C) -> (N, P) of the group."""
        return own_logits(logits, self.places, none=self.none)


def _frames_of(part: Part, place: int, within: Within | None) -> NDArray[np.uint8]:
    """Crops of a new class, of another group those that are not held back either."""
    if within is None:
        crops: NDArray[np.uint8] = part.crops[part.labels == place]
        return crops
    if place not in within.places:
        return within.fresh[place]
    shown = np.flatnonzero(part.labels == within.places.index(place))
    own: NDArray[np.uint8] = part.crops[shown] if len(shown) else within.fresh[place]
    return own


def held_back(
    base: Student,
    train: Part,
    units: NDArray[np.str_],
    count: int,
    replay: Replay,
    config: TrainConfig,
    place: int,
    should_stop: Callable[[], bool],
    within: Within | None = None,
) -> HeldBack | None:
    """Frames of ``train`` in the folds that hold frames of the class ``place`` out.

    There are ``count`` classes in all. ``units`` (N,): patients, or procedures. None where the
    frames of the class cannot be parted, or ``should_stop`` says so. ``within``: the softmax of the
    class's group, where a student has one of each; what is held back, and its logits, are then of
    that group, and classes are places in it.
    """
    if within is not None:
        known = np.flatnonzero(within.labels != NO_LABEL)
        train = Part(train.crops[known], within.labels[known], train.groups[known])
        units = units[known]
        place = within.places.index(place)
    chosen = _at_most(train.labels)
    part = Part(train.crops[chosen], train.labels[chosen], train.groups[chosen])
    keys = _folds(part, units[chosen], place)
    if not len(keys):
        return None
    latents = _latents(base, part)
    logits, truth = [], []
    for fold in range(int(keys.max()) + 1):
        if should_stop():
            return None
        out = keys == fold
        student = _taught(
            base,
            Part(part.crops[~out], part.labels[~out], part.groups[~out]),
            latents[~out],
            count,
            replay,
            config,
            within,
        )
        with torch.no_grad():
            said = tail_of(student, latents[out][:, 0]).logits
        logits.append((said if within is None else within.own(said)).numpy())
        truth.append(part.labels[out])
    return HeldBack(np.concatenate(logits), np.concatenate(truth))


def _at_most(labels: NDArray[np.int64]) -> NDArray[np.intp]:
    """Places, at most MOST_OF_CLASS of each class, spread evenly."""
    kept = []
    for index in np.unique(labels):
        own = np.flatnonzero(labels == index)
        kept.append(own[np.linspace(0, len(own) - 1, min(len(own), MOST_OF_CLASS)).astype(np.intp)])
    return np.sort(np.concatenate(kept))


def _folds(part: Part, units: NDArray[np.str_], place: int) -> NDArray[np.int64]:
    """(N,) the fold of each frame, -1 for those that are never held back.

    Empty where the class cannot be parted. Patients are parted; frames of one alone by runs of
    neighbours. The largest go first, each to the fold that holds the fewest.
    """
    own = part.labels == place
    keys = units if len(set(units[own])) > 1 else part.groups
    names, sizes = np.unique(keys[own], return_counts=True)
    if len(names) < 2:
        return np.zeros(0, np.int64)
    filled = [0] * min(FOLDS, len(names))
    folds = np.full(len(keys), -1, np.int64)
    for name, size in sorted(
        zip(names.tolist(), sizes.tolist(), strict=True), key=lambda row: (-row[1], row[0])
    ):
        fold = filled.index(min(filled))
        filled[fold] += size
        folds[keys == name] = fold
    return folds


@torch.no_grad()
def _latents(base: Student, part: Part) -> Tensor:
    """(N, 2, K, h, w): what the stem makes of each frame as it is, and turned.

    Turned in one of the ways that training turns frames.
    """
    base.eval()
    normalise = Normalise()
    generator = torch.Generator().manual_seed(0)
    latents = []
    for crops in torch.split(torch.from_numpy(part.crops), TOGETHER // 2):
        turns = torch.randint(1, TURNS, (len(crops),), generator=generator)
        whole = stem_of(base, normalise.crops(crops))
        other = stem_of(base, normalise(turned(crops.permute(0, 3, 1, 2), turns).float()))
        latents.append(torch.stack([whole, other], dim=1))
    return torch.cat(latents)


def _taught(
    base: Student,
    part: Part,
    latents: Tensor,
    count: int,
    replay: Replay,
    config: TrainConfig,
    within: Within | None,
) -> Student:
    """``base`` with ``count`` classes, its tail taught on ``latents``.

    They are of the frames of ``part``, beside the replay set.
    """
    fresh = range(base.head.out_features, count)
    student = extended_student(
        base,
        [embeddings_of(base, _frames_of(part, place, within)) for place in fresh],
        replayed_embeddings(base, replay),
    ).eval()
    generator = torch.Generator().manual_seed(config.seed)
    labels, known = torch.from_numpy(part.labels), torch.nonzero(~replay.held_out)[:, 0]
    odds = [
        1 / torch.bincount(which).clamp(min=1).float().pow(power)[which]
        for which, power in ((labels, config.balance), (replay.labels[known], 1.0))
    ]
    parameters = [tensor for tensor in student.parameters() if tensor.requires_grad]
    optimiser = torch.optim.AdamW(
        parameters, config.learning_rate, weight_decay=config.weight_decay
    )
    for step in range(STEPS):
        own, old = (
            torch.multinomial(row, config.batch_size, replacement=True, generator=generator)
            for row in odds
        )
        views = torch.randint(latents.shape[1], (config.batch_size,), generator=generator)
        logits = tail_of(student, latents[own, views]).logits
        logits = logits if within is None else within.own(logits)
        by_labels = functional.cross_entropy(
            logits, labels[own], label_smoothing=config.label_smoothing
        )
        place = known[old]
        old_rows = ReplayBatch(replay.latent(place), replay.labels[place], replay.logits[place])
        kept = (
            replay_loss(student, old_rows, config)
            if within is None
            else grouped_replay_loss(student, old_rows, config, within.heads, within.columns)
        )
        optimiser.zero_grad()
        (by_labels + config.losses.replay * kept).backward()
        for group in optimiser.param_groups:
            group["lr"] = config.learning_rate * warm_cosine(step, STEPS, STEPS // 10)
        optimiser.step()
    return student
