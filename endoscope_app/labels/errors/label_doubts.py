"""Labels that are worth a second look: every model there is contradicts the reader, and each is
confident. Pure numpy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Suspects:
    """Frames whose label all models contradict, most confident contradiction first; every array
    (M,).

    ``confidence`` float64: mean over the models of the probability of the class that each of them
    names. ``rival`` int64: the class that most of them name, of several the one with the larger
    summed probability, then the smaller code.
    """

    frames: NDArray[np.int64]
    confidence: NDArray[np.float64]
    rival: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.frames)


def find_label_errors(
    labels: NDArray[np.integer[Any]],
    models: Sequence[NDArray[np.floating[Any]]],
    threshold: float = 0.8,
) -> Suspects:
    """labels (N,): the reader's class of every frame, negative for none; models: probabilities (N,
    C) of the student and of each teacher.

    A frame is suspect where every model's most probable class is another one than the label's and
    has at least ``threshold``. A model that has not seen a frame has NaN there, and says nothing
    against it. Ties in confidence go by time. Raises ValueError for shapes that do not fit
    together, for no model at all, and for a label beyond the classes.
    """
    if not models:
        raise ValueError("without a model nothing contradicts a label")
    shape = models[0].shape
    if (
        len(shape) != 2
        or shape[0] != len(labels)
        or shape[1] < 1
        or any(one.shape != shape for one in models)
    ):
        raise ValueError(f"{len(labels)} labels, but probabilities {[one.shape for one in models]}")
    if len(labels) and int(labels.max()) >= shape[1]:
        raise ValueError(f"label {int(labels.max())}, but {shape[1]} classes")
    frames = np.flatnonzero(labels >= 0)
    named = np.stack(
        [
            np.where(np.isnan(one[frames]), -1.0, one[frames].astype(np.float64)).argmax(axis=1)
            for one in models
        ]
    )
    height = np.stack(
        [one[frames, said].astype(np.float64) for one, said in zip(models, named, strict=True)]
    )
    # NaN is at least no threshold, and a frame with any NaN was not seen
    seen = np.all([~np.isnan(one[frames]).any(axis=1) for one in models], axis=0)
    against = seen & (named != labels[frames]).all(axis=0) & (height >= threshold).all(axis=0)
    frames, named, height = frames[against], named[:, against], height[:, against]
    confidence = height.mean(axis=0)
    order = np.argsort(-confidence, kind="stable")
    rival = _most_named(named, height, shape[1])
    return Suspects(frames[order].astype(np.int64), confidence[order], rival[order])


def _most_named(
    named: NDArray[np.int64], height: NDArray[np.float64], classes: int
) -> NDArray[np.int64]:
    """named and height (models, M); returns (M,)."""
    votes = np.zeros((named.shape[1], classes))
    weight = np.zeros((named.shape[1], classes))
    columns = np.arange(named.shape[1])
    for said, how_sure in zip(named, height, strict=True):
        votes[columns, said] += 1
        weight[columns, said] += how_sure
    # weight alone decides only among the classes with most votes
    leading = np.where(votes == votes.max(axis=1, keepdims=True), weight, -1.0)
    chosen: NDArray[np.int64] = leading.argmax(axis=1).astype(np.int64)
    return chosen
