"""When a model should say "unsure": below a probability of each class.

From it on, predictions of the class were right often enough on validation.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kd_core.evaluation.intervals import wilson
from kd_core.schema.model_card import UNSURE_BELOW
from kd_core.schema.model_scores import Abstention, Bounds, NamedFrames

#: The share of named frames that should be right.
PRECISION = 0.95
#: Of a class that few frames show: with .95, two or three old frames that resemble it kept three of
#: four of its own from being named.
PRECISION_OF_NEW = 0.9
#: A class that is not the more probable half is never named, however often it was right below:
#: validation holds no frame of anything else, and those are what such predictions would be about.
LOWEST = UNSURE_BELOW
#: Of a class that never reached the precision: no probability gets here.
NEVER = 1.01
UNSURE = -1


def class_thresholds(
    probabilities: NDArray[np.floating[Any]],
    truth: NDArray[np.integer[Any]],
    precision: float = PRECISION,
) -> NDArray[np.float64]:
    """(N, C) calibrated probabilities and (N,) truth of validation -> (C,) thresholds.

    The lowest one at which the frames then named that class are right in ``precision`` of cases.
    With few frames of a class it is a rough number: what it gives on other frames belongs in the
    card.
    """
    top = probabilities.argmax(axis=1)
    thresholds = np.full(probabilities.shape[1], NEVER)
    for index in range(probabilities.shape[1]):
        called = top == index
        level = probabilities[called, index].astype(np.float64)
        order = np.argsort(-level, kind="stable")
        level, right = level[order], (truth[called] == index)[order]
        share = np.cumsum(right) / np.arange(1, len(right) + 1)
        # A cut between equal probabilities cannot be made.
        possible = np.append(level[1:] < level[:-1], True) if len(level) else np.zeros(0, np.bool_)
        enough = np.flatnonzero(possible & (share >= precision))
        if len(enough):
            thresholds[index] = max(LOWEST, float(level[enough[-1]]))
    return thresholds


def new_class_threshold(
    known: NDArray[np.floating[Any]],
    truth: NDArray[np.integer[Any]],
    own: NDArray[np.floating[Any]],
    index: int,
) -> float:
    """As ``class_thresholds``, of a class that few frames show.

    ``known``: (N, C) probabilities of frames of other classes, which are ``truth``; ``own``: (M, C)
    of its own, which count as much as the mean other class does: how many were labelled says
    nothing of how many come.

    NEVER where they are too few to say that such a prediction is mostly right: the lower end of
    Wilson's interval of its precision must reach UNSURE_BELOW, which takes four of four.
    """
    if not len(own):
        return NEVER
    often = max(1, round(len(truth) / max(1, len(np.unique(truth))) / len(own)))
    pool = np.concatenate([known, *[own] * often])
    level = float(
        class_thresholds(
            pool, np.concatenate([truth, np.full(often * len(own), index)]), PRECISION_OF_NEW
        )[index]
    )
    only = np.where(np.arange(known.shape[1]) == index, level, NEVER)
    right, wrong = (int((named(part, only) == index).sum()) for part in (own, known))
    return level if wilson(right, right + wrong).low >= UNSURE_BELOW else NEVER


def named(
    probabilities: NDArray[np.floating[Any]], thresholds: NDArray[np.float64]
) -> NDArray[np.int64]:
    """(N, C) probabilities, (C,) thresholds -> (N,) class indices, UNSURE below a threshold."""
    top = probabilities.argmax(axis=1)
    sure = probabilities[np.arange(len(top)), top] >= thresholds[top]
    return np.where(sure, top, UNSURE).astype(np.int64)


def abstention_scores(
    probabilities: NDArray[np.floating[Any]],
    truth: NDArray[np.integer[Any]],
    thresholds: NDArray[np.float64],
    classes: Sequence[str],
) -> Abstention:
    """What the thresholds (C,) do on (N, C) probabilities with (N,) truth.

    ``coverage``: share of frames that are named; ``precision``: share of those that is right (None
    of none); the same per class, where coverage is the share of the class's own frames that is
    named anything, and precision has Wilson's interval.
    """
    predicted = named(probabilities, thresholds)
    sure = predicted != UNSURE
    rows = {}
    for index, name in enumerate(classes):
        called, own = predicted == index, truth == index
        right = int((called & own).sum())
        rows[name] = NamedFrames(
            named=int(called.sum()),
            precision=Bounds(*wilson(right, int(called.sum()))) if called.any() else None,
            coverage=float(sure[own].mean()) if own.any() else None,
        )
    return Abstention(
        n=len(truth),
        coverage=float(sure.mean()) if len(truth) else 0.0,
        precision=float((predicted == truth)[sure].mean()) if sure.any() else None,
        per_class=rows,
    )
