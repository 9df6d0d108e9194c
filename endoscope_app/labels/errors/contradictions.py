"""Labels that are worth a second look: every model contradicts the reader, each with confidence.

No Qt.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from endoscope_app.labels.exchange.training_set import TrainingSample

CONFIDENT = 0.8
"""What every model must give its class to contradict a label."""


@dataclass(frozen=True)
class Contradiction:
    """A label that every model asked so far contradicts.

    ``label``: place in the model's classes; ``image``: the file that other models are shown;
    ``probabilities``: (C,) of each model asked; ``others``: places of the frame's classes of other
    groups.
    """

    sample: TrainingSample
    label: int
    image: Path
    probabilities: tuple[NDArray[np.float64], ...]
    others: tuple[int, ...] = ()


def contradicts(
    probabilities: NDArray[np.float64], label: int, others: Collection[int] = ()
) -> bool:
    """Whether (C,) probabilities name another class than any of the frame's with confidence.

    NaN is no prediction.
    """
    return (
        not bool(np.isnan(probabilities).any())
        and int(probabilities.argmax()) not in (label, *others)
        and float(probabilities.max()) >= CONFIDENT
    )


@dataclass(frozen=True)
class Suspects:
    """Frames whose label all models contradict, most confident first; every array (M,).

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
    threshold: float = CONFIDENT,
) -> Suspects:
    """Labels that all models contradict.

    labels (N,): the reader's class of every frame, negative for none; models: probabilities (N, C)
    of the model in use and of each reference model. A frame is suspect where every model's most
    probable class is another one than the label's and has at least ``threshold``. A model that has
    not seen a frame has NaN there, and says nothing against it. Ties in confidence go by time.
    Raises ValueError for shapes that do not fit together, for no model at all, and for a label
    beyond the classes.
    """
    if not models:
        raise ValueError("without a model nothing contradicts a label")
    shape = models[0].shape
    if (
        len(shape) != 2
        or shape[0] != len(labels)
        or shape[1] < 1
        or any(model.shape != shape for model in models)
    ):
        raise ValueError(
            f"{len(labels)} labels, but probabilities {[model.shape for model in models]}"
        )
    if len(labels) and int(labels.max()) >= shape[1]:
        raise ValueError(f"label {int(labels.max())}, but {shape[1]} classes")
    frames = np.flatnonzero(labels >= 0)
    named = np.stack(
        [
            np.where(np.isnan(model[frames]), -1.0, model[frames].astype(np.float64)).argmax(axis=1)
            for model in models
        ]
    )
    height = np.stack(
        [model[frames, code].astype(np.float64) for model, code in zip(models, named, strict=True)]
    )
    # NaN is at least no threshold, and a frame with any NaN was not seen
    seen = np.all([~np.isnan(model[frames]).any(axis=1) for model in models], axis=0)
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
    for codes, probability in zip(named, height, strict=True):
        votes[columns, codes] += 1
        weight[columns, codes] += probability
    # weight alone decides only among the classes with most votes
    leading = np.where(votes == votes.max(axis=1, keepdims=True), weight, -1.0)
    chosen: NDArray[np.int64] = leading.argmax(axis=1).astype(np.int64)
    return chosen
