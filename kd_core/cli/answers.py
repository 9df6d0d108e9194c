"""What models say of labelled pictures, every picture read once for all of them, and how long
they took over it.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kd_core.data.image_files import one_thread, read_rgb
from kd_core.schema.errors import DataError
from kd_core.schema.manifest import Sample
from kd_core.schema.model_card import ModelCard
from kd_core.vision.predictor import PICTURES_A_RUN, Image


class _Said(Protocol):
    @property
    def probabilities(self) -> NDArray[np.float32]: ...


class Asked(Protocol):
    """What is asked of a model: a Predictor, or a teacher in its place."""

    @property
    def card(self) -> ModelCard: ...

    def predict(self, pictures: Sequence[Image]) -> Sequence[_Said]: ...


@dataclass(frozen=True)
class Answers:
    """``samples`` that could be read (N), their class indices ``truth`` (N,), and for each model
    ``probabilities`` (N, C) and ms.

    ``milliseconds`` is the median time a picture of Predictor.predict, preprocessing included,
    reading the file not; NaN without pictures. ``broken`` are the paths that could not be read.
    """

    samples: list[Sample]
    truth: NDArray[np.int64]
    probabilities: list[NDArray[np.float32]]
    milliseconds: list[float]
    broken: list[str]

    @property
    def groups(self) -> NDArray[np.str_]:
        """(N,) the group of every picture."""
        return np.array([sample.group for sample in self.samples], np.str_)


def answers(
    predictors: Sequence[Asked], samples: Sequence[Sample], classes: tuple[str, ...]
) -> Answers:
    """Ask every model about every sample; columns and truth are in the order of ``classes``.

    The models must know all of ``classes`` and the samples carry these labels: ValueError
    otherwise.
    """
    orders = [[predictor.card.classes.index(name) for name in classes] for predictor in predictors]
    rows: list[list[NDArray[np.float32]]] = [
        [np.empty((0, len(classes)), np.float32)] for _ in predictors
    ]
    taken: list[list[float]] = [[] for _ in predictors]
    kept: list[Sample] = []
    broken: list[str] = []
    with one_thread():
        for pictures, read in _pairs(samples, broken):
            kept += read
            # Models take turns on the same pictures, so that a slow minute of the machine meets all
            # of them.
            for place, predictor in enumerate(predictors):
                begun = time.perf_counter()
                made = predictor.predict(pictures)
                taken[place].append(1000.0 * (time.perf_counter() - begun) / len(pictures))
                rows[place].append(np.stack([one.probabilities for one in made])[:, orders[place]])
    truth = np.array([classes.index(sample.label) for sample in kept], np.int64)
    medians = [statistics.median(times) if times else float("nan") for times in taken]
    return Answers(kept, truth, [np.concatenate(made) for made in rows], medians, broken)


def _pairs(
    samples: Sequence[Sample], broken: list[str]
) -> Iterator[tuple[list[Image], list[Sample]]]:
    """As many pictures at a time as the predictor runs at once: they are read at full size."""
    pictures: list[Image] = []
    read: list[Sample] = []
    for sample in samples:
        try:
            pictures.append(read_rgb(Path(sample.path)))
        except DataError:
            broken.append(sample.path)
            continue
        read.append(sample)
        if len(pictures) == PICTURES_A_RUN:
            yield pictures, read
            pictures, read = [], []
    if pictures:
        yield pictures, read
