"""How far a probability lies from the share of predictions that is right.

And the temperature that mends it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from kd_core.schema.model_scores import ReliabilityBin

ECE_BINS = 15
#: Where the search for a temperature ends.
COLDEST, HOTTEST = 0.25, 8.0
#: A temperature this near an end, as a share, is the end.
_AT_THE_END = 1e-3


def reliability(
    probabilities: NDArray[np.floating[Any]], truth: NDArray[np.integer[Any]], bins: int = ECE_BINS
) -> list[ReliabilityBin]:
    """(N, C) probabilities, (N,) truth -> the rows of a reliability diagram.

    Bins of equal width (Guo et al. 2017, section 2). A bin that no image falls into has no accuracy
    and is left out; the others are in rising order.
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
            ReliabilityBin(
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
        sum(row.images * abs(row.accuracy - row.confidence) for row in rows) / max(1, len(truth))
    )


def fit_temperature(logits: NDArray[np.floating[Any]], truth: NDArray[np.integer[Any]]) -> float:
    """(N, C) logits and (N,) truth -> the temperature T of logits / T, COLDEST to HOTTEST.

    It minimises the mean negative log-likelihood (Guo et al. 2017), by golden-section search on
    log T. Where the minimum lies outside, the nearer end: see ``temperature_note``.
    """

    def loss(log_temperature: float) -> float:
        scaled = logits.astype(np.float64) / np.exp(log_temperature)
        scaled -= scaled.max(axis=1, keepdims=True)
        return float(
            np.mean(np.log(np.exp(scaled).sum(axis=1)) - scaled[np.arange(len(truth)), truth])
        )

    low, high, ratio = float(np.log(COLDEST)), float(np.log(HOTTEST)), (5**0.5 - 1) / 2
    for _ in range(60):
        left, right = high - ratio * (high - low), low + ratio * (high - low)
        low, high = (low, right) if loss(left) < loss(right) else (left, high)
    return float(np.exp((low + high) / 2))


def temperature_note(temperature: float) -> str:
    """What is to be said of a fitted temperature: that the search ended at a bound; else nothing.

    >>> temperature_note(1.3)
    ''
    """
    if temperature < COLDEST * (1 + _AT_THE_END):
        return (
            f"the search for the temperature ended at its lower bound, {COLDEST:g}: its"
            " probabilities may still be too low"
        )
    if temperature > HOTTEST * (1 - _AT_THE_END):
        return (
            f"the search for the temperature ended at its upper bound, {HOTTEST:g}: its"
            " probabilities may still be too high"
        )
    return ""
