"""The question of cross_fit in a minute: students too small to learn images by heart.

    python -m tests.benchmarks.cross_fit_quick --data ../shared/data/hyperkvasir-lower-gi --out /q

What a frozen backbone sees of a few views of each image is kept. A teacher is a linear layer on all
of it, which knows its images by heart; a student is a linear layer on its first few principal
directions, which cannot. Taught by labels of weak views alone, or by half of those and half the
softened logits of the teacher of all images, or of the one that has not seen this image, over
several drawings of the folds. Scored on validation; the test part stays closed.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from torch import Tensor
from torch.nn import functional

from kd_core.artifacts.quick_teacher import QuickTeacherViews
from kd_core.data.augment import is_strong
from kd_core.data.labelled import DataSet
from kd_core.data.teacher_cache import CachedViews
from kd_core.data.views import MadeViews
from kd_core.evaluation.metrics import accuracy, confusion_matrix, macro_f1
from kd_core.losses.response import softened_kl
from kd_core.models.teacher import FrozenTeacher, Teacher
from kd_core.reproduction.spread import spread_of
from tests.benchmarks.cross_fit import (
    ALONE,
    SEEN,
    UNSEEN,
    folds_of,
    out_of_fold,
    said_of,
    view_crops,
)
from tests.benchmarks.short_training import covering, validation_data

Array = NDArray[np.float32]
TEMPERATURE, STEPS, RATE, DECAY = 2.0, 200, 0.05, 1e-3


def seen_by_backbone(data: DataSet, options: argparse.Namespace) -> tuple[Array, Array]:
    """(N, V, K) of the views of training images, (M, K) of validation images as they are."""
    stored = options.out / "seen.npz"
    if not stored.exists():
        torch.manual_seed(0)
        network = Teacher(options.backbone, len(data.classes)).eval()
        trunk, quick = FrozenTeacher(network, size=options.side), QuickTeacherViews()

        def embedded(crops: NDArray[np.uint8]) -> Array:
            return quick(trunk, torch.from_numpy(crops)).features.mean((2, 3)).numpy()

        train = data.train
        views = CachedViews(
            options.out / "cache",
            train.crops,
            train.labels,
            options.views,
            policy=covering(data),
        )
        made = said_of(embedded, views)
        val = MadeViews(data.val.crops, data.val.labels, 1, policy=_AsItIs())
        rows = [embedded(crops) for crops in view_crops(val, 0, np.arange(len(data.val.labels)))]
        options.out.mkdir(parents=True, exist_ok=True)
        np.savez(stored, train=made, val=np.concatenate(rows))
    kept = np.load(stored)
    return kept["train"], kept["val"]


class _AsItIs:
    """A crop without any change."""

    version = "as-it-is"

    def __call__(self, crop: NDArray[np.uint8], seed: int, /) -> NDArray[np.uint8]:
        return crop


def linear_teacher(seen: Array, labels: NDArray[np.int64], known: NDArray[np.bool_]) -> Array:
    """(N, V, C) logits of what learnt the first views of the images at which (N,) is true."""
    fitted = LogisticRegression(C=0.1, max_iter=200).fit(seen[known, 0], labels[known])
    flat = fitted.decision_function(seen.reshape(-1, seen.shape[2]))
    return np.asarray(flat, np.float32).reshape(*seen.shape[:2], -1)


def student(
    seen: Tensor, labels: Tensor, told: Tensor | None, classes: int
) -> tuple[Tensor, Tensor]:
    """(N, V, D), (N,) and (N, V, C) or None -> weight (C, D) and bias (C,) after STEPS steps."""
    weight = torch.zeros(classes, seen.shape[2], requires_grad=True)
    bias = torch.zeros(classes, requires_grad=True)
    optimiser = torch.optim.AdamW([weight, bias], RATE, weight_decay=DECAY)
    weak = [view for view in range(seen.shape[1]) if not is_strong(view)]
    for _ in range(STEPS):
        logits = seen @ weight.T + bias
        by_labels = functional.cross_entropy(
            logits[:, weak].flatten(0, 1), labels.repeat_interleave(len(weak)), label_smoothing=0.05
        )
        loss = by_labels
        if told is not None:
            by_teacher = softened_kl(logits.flatten(0, 1), told.flatten(0, 1), TEMPERATURE)
            loss = 0.5 * by_labels + 0.5 * by_teacher
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return weight.detach(), bias.detach()


def main() -> None:
    """Teachers of every drawing, then students of every width."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--backbone", default="efficientnet_lite0")
    parser.add_argument("--side", type=int, default=112, help="px")
    parser.add_argument("--folds", type=int, default=3)
    parser.add_argument("--views", type=int, default=4)
    parser.add_argument("--drawings", type=int, default=5)
    parser.add_argument("--widths", type=int, nargs="+", default=[16, 64])
    options = parser.parse_args()
    torch.set_num_threads(1)
    data = validation_data(options.data, options.side)
    seen, val = seen_by_backbone(data, options)
    print("what the backbone sees is kept", file=sys.stderr, flush=True)
    mean, scale = seen[:, 0].mean(0), seen[:, 0].std(0) + 1e-6
    seen, val = (seen - mean) / scale, (val - mean) / scale
    train, classes = data.train, len(data.classes)
    everyone = np.ones(len(train.labels), bool)
    told: dict[str, list[Array | None]] = {ALONE: [None], SEEN: [], UNSEEN: []}
    told[SEEN].append(linear_teacher(seen, train.labels, everyone))
    for drawing in range(options.drawings):
        folds = folds_of(train.labels, train.groups, options.folds, drawing)
        by_fold = [
            linear_teacher(seen, train.labels, folds != fold) for fold in range(options.folds)
        ]
        told[UNSEEN].append(out_of_fold(folds, by_fold))
    print(
        "| student sees | taught by | teacher right | accuracy | macro-F1 |\n|---|---|---|---|---|"
    )
    _, _, directions = np.linalg.svd(seen[:, 0], full_matrices=False)
    for width in options.widths:
        basis = directions[:width].T
        small = torch.from_numpy(seen @ basis).float()
        small_val = torch.from_numpy(val @ basis).float()
        for way, tellings in told.items():
            scores, right = [], ""
            for one in tellings:
                given = None if one is None else torch.from_numpy(one)
                weight, bias = student(small, torch.from_numpy(train.labels), given, classes)
                said = (small_val @ weight.T + bias).argmax(1).numpy()
                table = confusion_matrix(data.val.labels, said, classes)
                scores.append((accuracy(table), macro_f1(table)))
                if one is not None:
                    right = f"{(one[:, 0].argmax(1) == train.labels).mean():.3f}"
            shown = " | ".join(str(spread_of([row[at] for row in scores])) for at in (0, 1))
            print(f"| {width} numbers | {way} | {right} | {shown} |", flush=True)


if __name__ == "__main__":
    main()
