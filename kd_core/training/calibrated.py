"""The temperature of a trained model, fitted on validation, and its scores with that temperature."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import nn

from kd_core.datasets.labelled import DataSet, Part
from kd_core.predictor import softmax
from kd_core.scoring.calibration import fit_temperature
from kd_core.scoring.evaluate import scores
from kd_core.training.train import logits_of


def calibrated_scores(model: nn.Module, data: DataSet) -> tuple[float, dict[str, Any]]:
    """The temperature fitted on the validation part, and the scores of validation and (where there is one) test part with it."""
    logits = logits_of(model, data.val.squares)
    temperature = fit_temperature(logits, data.val.labels)
    results = {"validation": _scored(logits, data.val, data.classes, temperature)}
    if len(data.test.labels):
        results["test"] = _scored(logits_of(model, data.test.squares), data.test, data.classes, temperature)
    return temperature, results


def _scored(logits: NDArray[np.float32], part: Part, classes: tuple[str, ...], temperature: float) -> dict[str, Any]:
    return scores(softmax(logits / np.float32(temperature)), part.labels, classes)
