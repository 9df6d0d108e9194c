"""What validation settles about a trained model: its temperature, from which probability on a
class is named, and its scores.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from torch import nn

from kd_core.data.labelled import DataSet, Part
from kd_core.evaluation.abstention import abstention_scores, class_thresholds
from kd_core.evaluation.calibration import fit_temperature
from kd_core.evaluation.metrics import scores
from kd_core.training.train import logits_of
from kd_core.vision.predictor import softmax


class Calibrated(NamedTuple):
    """``temperature``; ``thresholds``: a class is named from this probability on; ``results``
    by part, ready for the card.
    """

    temperature: float
    thresholds: dict[str, float]
    results: dict[str, Any]


def calibrated(model: nn.Module, data: DataSet, *, open_test: bool = True) -> Calibrated:
    """Fit both on the validation part; score it and, where there is one and it may be opened,
    the test part with them.
    """
    logits = logits_of(model, data.val.squares)
    temperature = fit_temperature(logits, data.val.labels)
    probabilities = softmax(logits / np.float32(temperature))
    levels = class_thresholds(probabilities, data.val.labels)
    results = {"validation": _scored(probabilities, data.val, data.classes, levels)}
    if open_test and len(data.test.labels):
        test = softmax(logits_of(model, data.test.squares) / np.float32(temperature))
        results["test"] = _scored(test, data.test, data.classes, levels)
    return Calibrated(temperature, dict(zip(data.classes, levels.tolist(), strict=True)), results)


def _scored(
    probabilities: NDArray[np.float32],
    part: Part,
    classes: tuple[str, ...],
    levels: NDArray[np.float64],
) -> dict[str, Any]:
    made = scores(probabilities, part.labels, classes)
    return {**made, "abstention": abstention_scores(probabilities, part.labels, levels, classes)}
