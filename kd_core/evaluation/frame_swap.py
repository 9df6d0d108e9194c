"""Whether a model reads the frame round the tissue: tissue of one class in a frame of another.

Border, burnt-in text and inset of an image of another class are laid over this one's tissue. A
model that looks at tissue alone answers as before.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from kd_core.data.fill import filled
from kd_core.evaluation.intervals import RESAMPLES, Interval, bootstrap
from kd_core.evaluation.metrics import confusion_matrix, macro_f1
from kd_core.schema.model_scores import Bounds
from kd_core.schema.shortcut_probes import FrameFall
from kd_core.vision.preprocess import crop_of
from kd_core.vision.tissue_mask import tissue_mask

Image = NDArray[np.uint8]
Labels = NDArray[np.int64]


class Fall(NamedTuple):
    """What the frame of another class costs, in accuracy and macro-F1; below 0 it costs nothing."""

    accuracy: Interval
    macro_f1: Interval


def swapped(images: Sequence[Image], labels: Labels, seed: int) -> list[Image]:
    """(H, W, 3) uint8 images, labels (N,) -> (S, S, 3): each in the frame of another class.

    The frame's image is drawn with ``seed``; where there is one class alone, frames of it.
    """
    random = np.random.default_rng(seed)
    made = []
    for image, label in zip(images, labels, strict=True):
        others = np.flatnonzero(labels != label)
        place = int(random.choice(others if len(others) else np.arange(len(labels))))
        made.append(in_frame_of(image, images[place]))
    return made


def in_frame_of(tissue: Image, frame: Image) -> Image:
    """The tissue of one image (H, W, 3) in all that is no tissue of another -> (S, S, 3)."""
    crop, other = crop_of(tissue)[0], crop_of(frame)[0]
    inside = tissue_mask(other)[:, :, None]
    return np.where(inside, filled(crop, tissue_mask(crop)), other)


def frame_fall(
    own: Labels,
    other: Labels,
    truth: Labels,
    groups: NDArray[Any],
    count: int,
    seed: int,
    resamples: int = RESAMPLES,
) -> Fall:
    """Predictions (N,) in their own and in another class's frame -> the fall between them.

    ``truth`` (N,), ``count`` classes; intervals at 95 % by resampled ``groups`` (N,).
    """

    def accuracy(rows: NDArray[np.int64]) -> float:
        right, moved = own[rows] == truth[rows], other[rows] == truth[rows]
        return float(right.mean() - moved.mean())

    def f1(rows: NDArray[np.int64]) -> float:
        before, after = (
            macro_f1(confusion_matrix(truth[rows], predicted[rows], count))
            for predicted in (own, other)
        )
        return before - after

    return Fall(
        bootstrap(accuracy, groups, seed, resamples), bootstrap(f1, groups, seed, resamples)
    )


def as_bounds(fall: Fall, count: int) -> FrameFall:
    """As cards and commands keep it; ``count``: of images."""
    accuracy, f1 = (msgspec.convert(interval._asdict(), Bounds) for interval in fall)
    return FrameFall(n=count, accuracy=accuracy, macro_f1=f1)
