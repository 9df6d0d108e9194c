"""What models say of labelled images: each image is read once for all models."""

from __future__ import annotations

import statistics
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from kd_core.api.labelled_data import OnWarning, ignore
from kd_core.data.head_labels import first_classes
from kd_core.data.image_files import MOST_UNREADABLE, one_thread, read_rgb
from kd_core.data.parted import read_parted
from kd_core.schema.class_heads import ClassHead
from kd_core.schema.errors import DataError
from kd_core.schema.manifest import Sample
from kd_core.schema.model_card import ModelCard
from kd_core.vision.predictor import IMAGES_PER_RUN, Image

PartName = Literal["train", "val", "test"]


class _Prediction(Protocol):
    @property
    def probabilities(self) -> NDArray[np.float32]: ...


class Model(Protocol):
    """What is asked: a Predictor, or a LoadedModel."""

    @property
    def card(self) -> ModelCard: ...

    def predict(self, images: Sequence[Image], /) -> Sequence[_Prediction]: ...


@dataclass(frozen=True)
class Predictions:
    """The N ``samples`` that could be read, and what each model says of them.

    ``truth`` (N,): their class indices; for each model ``probabilities`` (N, C) and milliseconds.
    ``milliseconds`` is the median time per image of ``predict``, preprocessing included, reading
    the file not; NaN without images. ``broken`` are the paths that could not be read.
    """

    samples: list[Sample]
    truth: NDArray[np.int64]
    probabilities: list[NDArray[np.float32]]
    milliseconds: list[float]
    broken: list[str]

    @property
    def groups(self) -> NDArray[np.str_]:
        """(N,) the group of every image."""
        return np.array([sample.group for sample in self.samples], np.str_)


def chosen_samples(
    data: str | Path,
    classes: tuple[str, ...],
    split: str | Path | None,
    part: PartName,
    ignore_unknown: bool,
    heads: tuple[ClassHead, ...] = (),
) -> tuple[list[Sample], Counter[str]]:
    """The samples of ``data``, or of one part of ``split``, and how many were left out.

    They are labelled by the names of ``classes``; others are counted by label. ``heads``: of a
    model with a softmax for each class group, whose labels are then all read. Raises DataError
    where the data set or the split cannot be used, or the part is empty.
    """
    parted = read_parted(
        Path(data),
        classes,
        Path(split) if split else None,
        ignore_unknown=ignore_unknown,
        heads=heads,
    )
    samples = parted.part(part) if split else parted.samples
    if not samples:
        raise DataError(
            f"The {part} part of the split is empty.", "Choose another part, or another split."
        )
    return samples, parted.ignored


def predict_readable(
    models: Sequence[Model],
    samples: Sequence[Sample],
    classes: tuple[str, ...],
    on_warning: OnWarning = ignore,
) -> Predictions:
    """As ``predict_samples``; tells what cannot be read.

    Raises DataError where that is too much.
    """
    predictions = predict_samples(models, samples, classes)
    for path in predictions.broken:
        on_warning(f"{path} cannot be read and is left out.")
    broken = len(predictions.broken)
    if not predictions.samples or broken > MOST_UNREADABLE * len(samples):
        raise DataError(
            f"{broken} of {len(samples)} images cannot be read.",
            "Copy the data set again, or choose another part.",
        )
    return predictions


def predict_samples(
    models: Sequence[Model], samples: Sequence[Sample], classes: tuple[str, ...]
) -> Predictions:
    """Ask every model about every sample; columns and truth are in the order of ``classes``.

    The models must know all of ``classes``: ValueError otherwise. Where a sample shows none of
    them, its truth is their number.
    """
    orders = [[model.card.classes.index(name) for name in classes] for model in models]
    rows: list[list[NDArray[np.float32]]] = [
        [np.empty((0, len(classes)), np.float32)] for _ in models
    ]
    taken: list[list[float]] = [[] for _ in models]
    kept: list[Sample] = []
    broken: list[str] = []
    with one_thread():
        for images, read in _batches(samples, broken):
            kept += read
            # Models take turns on the same images, so that a slow minute of the machine meets all
            # of them.
            for place, model in enumerate(models):
                begun = time.perf_counter()
                batch = model.predict(images)
                taken[place].append(1000.0 * (time.perf_counter() - begun) / len(images))
                rows[place].append(np.stack([row.probabilities for row in batch])[:, orders[place]])
    truth = first_classes(kept, classes)
    medians = [statistics.median(times) if times else float("nan") for times in taken]
    return Predictions(kept, truth, [np.concatenate(part) for part in rows], medians, broken)


def _batches(
    samples: Sequence[Sample], broken: list[str]
) -> Iterator[tuple[list[Image], list[Sample]]]:
    """As many images at a time as the predictor runs at once: they are read at full size."""
    images: list[Image] = []
    read: list[Sample] = []
    for sample in samples:
        try:
            images.append(read_rgb(Path(sample.path)))
        except DataError:
            broken.append(sample.path)
            continue
        read.append(sample)
        if len(images) == IMAGES_PER_RUN:
            yield images, read
            images, read = [], []
    if images:
        yield images, read
