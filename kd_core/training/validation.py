"""What a model says of crops and of stored latents, and the scores that choose an epoch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from kd_core.artifacts.replay import Replay
from kd_core.data.augment import Normalise
from kd_core.evaluation.metrics import accuracy, confusion_matrix, macro_f1, matthews
from kd_core.models.network import output_of
from kd_core.models.student import Student, tail_of
from kd_core.schema.class_heads import NO_LABEL, ClassHead
from kd_core.schema.errors import DataError
from kd_core.vision.head_probabilities import head_logits

_BATCH = 64


@dataclass(frozen=True)
class LabelledCrops:
    """crops (N, S, S, 3) uint8 and labels (N,) int64.

    For a student with a softmax for each class group: its ``heads`` and ``head_labels`` (N, G).
    """

    crops: NDArray[np.uint8]
    labels: NDArray[np.int64]
    heads: tuple[ClassHead, ...] = ()
    head_labels: NDArray[np.int64] | None = None


def validation_scores(
    model: nn.Module, data: LabelledCrops, classes: tuple[str, ...]
) -> dict[str, float]:
    """Accuracy, macro-F1 and MCC; of class groups their means.

    Raises DataError where the logits are not finite.
    """
    if data.heads and data.head_labels is not None:
        return _mean_scores(logits_of(model, data.crops), data.head_labels, classes, data.heads)
    confusion = _confusion(logits_of(model, data.crops), data.labels, classes)
    return {
        "accuracy": accuracy(confusion),
        "macro_f1": macro_f1(confusion),
        "mcc": matthews(confusion),
    }


def _mean_scores(
    logits: NDArray[np.float32],
    labels: NDArray[np.int64],
    classes: tuple[str, ...],
    heads: tuple[ClassHead, ...],
) -> dict[str, float]:
    rows = []
    for place, head in enumerate(heads):
        known = labels[:, place] != NO_LABEL
        if known.any():
            own = head_logits(logits[known], classes, head)
            confusion = _confusion(own, labels[known, place], head.names)
            rows.append((accuracy(confusion), macro_f1(confusion), matthews(confusion)))
    means = np.mean(rows, axis=0) if rows else np.zeros(3)
    return dict(zip(("accuracy", "macro_f1", "mcc"), map(float, means), strict=True))


def replay_scores(
    model: nn.Module, replay: Replay | None, classes: tuple[str, ...]
) -> dict[str, float]:
    """Scores on the held-out part of a replay set, of which nothing is learnt; none without one.

    Raises DataError where the logits are not finite.
    """
    if replay is None or not replay.held_out.any():
        return {}
    labels = replay.labels[replay.held_out].numpy()
    confusion = _confusion(replayed_logits(model, replay), labels, classes)
    return {"old_accuracy": accuracy(confusion), "old_macro_f1": macro_f1(confusion)}


def _confusion(
    logits: NDArray[np.float32], labels: NDArray[np.int64], classes: tuple[str, ...]
) -> NDArray[np.int64]:
    if not np.isfinite(logits).all():
        raise DataError(
            "The EMA weights no longer give finite numbers.", "Use a lower learning rate."
        )
    return confusion_matrix(labels, logits.argmax(axis=1), len(classes))


@torch.inference_mode()
def replayed_logits(model: nn.Module, replay: Replay) -> NDArray[np.float32]:
    """(N, C) of a student on the held-out part of a replay set, in eval mode and float32."""
    assert isinstance(model, Student)
    model.eval()
    device = next(model.parameters()).device
    places = torch.nonzero(replay.held_out)[:, 0]
    parts = [
        tail_of(model, replay.latent(part).to(device)).logits.float().cpu().numpy()
        for part in torch.split(places, _BATCH)
    ]
    result: NDArray[np.float32] = np.concatenate(parts)
    return result


@torch.inference_mode()
def logits_of(model: nn.Module, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(N, S, S, 3) uint8 -> logits (N, C) float32 of a student or teacher.

    Without augmentation, in eval mode.
    """
    model.eval()
    device = next(model.parameters()).device
    normalise = Normalise(device)
    parts = []
    for start in range(0, len(crops), _BATCH):
        images = torch.from_numpy(crops[start : start + _BATCH]).to(device)
        parts.append(output_of(model, normalise.crops(images)).logits.float().cpu().numpy())
    result: NDArray[np.float32] = np.concatenate(parts)
    return result
