"""Whether a probability may be taken at its word: how far it lies from the share that is right,
and the temperature that mends it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

ECE_BINS = 15


class ReliabilityRow(NamedTuple):
    """So many ``pictures`` whose top probability lies in (low, high]: its mean, and the share
    of them that is right.
    """

    low: float
    high: float
    pictures: int
    confidence: float
    accuracy: float


def reliability(
    probabilities: NDArray[np.floating[Any]], truth: NDArray[np.integer[Any]], bins: int = ECE_BINS
) -> list[ReliabilityRow]:
    """(N, C) probabilities, (N,) truth -> the rows of a reliability diagram (Guo et al. 2017,
    section 2), bins of equal width.

    A bin that no picture falls into has no accuracy and is left out; the others are in rising
    order.
    """
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == truth
    place = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    rows = []
    for number in np.unique(place).tolist():
        here = place == number
        # In double precision: the mean of many float32 would carry their rounding.
        mean = float(confidence[here].mean(dtype=np.float64))
        rows.append(
            ReliabilityRow(
                number / bins, (number + 1) / bins, int(here.sum()), mean, float(right[here].mean())
            )
        )
    return rows


def calibration_error(
    probabilities: NDArray[np.floating[Any]], truth: NDArray[np.integer[Any]], bins: int = ECE_BINS
) -> float:
    """Expected calibration error of the top probability; 0 of nothing.

    Bins of equal width, the gap of each weighted by its share (Guo et al. 2017, eq. 3).

    >>> sure = np.array([[0.9, 0.1], [0.9, 0.1]])
    >>> round(calibration_error(sure, np.array([0, 1])), 2)
    0.4
    """
    rows = reliability(probabilities, truth, bins)
    return float(
        sum(row.pictures * abs(row.accuracy - row.confidence) for row in rows) / max(1, len(truth))
    )


def fit_temperature(logits: NDArray[np.floating[Any]], truth: NDArray[np.integer[Any]]) -> float:
    """The temperature in 0.25..8 that minimises the mean negative log-likelihood (Guo et al.
    2017), by golden-section search on log T.
    """

    def loss(log_temperature: float) -> float:
        scaled = logits.astype(np.float64) / np.exp(log_temperature)
        scaled -= scaled.max(axis=1, keepdims=True)
        return float(
            np.mean(np.log(np.exp(scaled).sum(axis=1)) - scaled[np.arange(len(truth)), truth])
        )

    low, high, ratio = float(np.log(0.25)), float(np.log(8.0)), (5**0.5 - 1) / 2
    for _ in range(60):
        left, right = high - ratio * (high - low), low + ratio * (high - low)
        low, high = (low, right) if loss(left) < loss(right) else (left, high)
    return float(np.exp((low + high) / 2))
