"""What validation settles about a trained model.

Its temperature, from which probability on classes are named, and its scores.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray
from torch import nn

from kd_core.data.labelled import DataSet
from kd_core.evaluation.abstention import abstention_scores, naming_level
from kd_core.evaluation.calibration import fit_temperature, temperature_note
from kd_core.evaluation.metrics import scores
from kd_core.schema.model_scores import PartScores
from kd_core.schema.naming_level import NamingLevel
from kd_core.training.validation import logits_of
from kd_core.vision.predictor import softmax


class Calibrated(NamedTuple):
    """What was fitted, and the scores with it.

    ``temperature`` and the ``note`` to it; ``naming``: from which probability on classes are named;
    ``results`` by part, ready for the card.
    """

    temperature: float
    note: str
    naming: NamingLevel
    results: dict[str, PartScores]


def calibrated(model: nn.Module, data: DataSet) -> Calibrated:
    """Fit temperature and naming level on the validation part and score it with them.

    The test part stays closed: kd_core.api.card opens it.
    """
    logits = logits_of(model, data.val.crops)
    temperature = fit_temperature(logits, data.val.labels)
    probabilities = softmax(logits / np.float32(temperature))
    naming = naming_level(probabilities, data.val.labels)
    levels = np.full(len(data.classes), naming.level)
    results = {"validation": part_scores(probabilities, data.val.labels, levels, data.classes)}
    return Calibrated(temperature, temperature_note(temperature), naming, results)


def part_scores(
    probabilities: NDArray[np.float32],
    truth: NDArray[np.int64],
    levels: NDArray[np.float64],
    classes: tuple[str, ...],
) -> PartScores:
    """(N, C) probabilities, (N,) truth -> all scores, and what thresholds (C,) make of them."""
    return msgspec.structs.replace(
        scores(probabilities, truth, classes),
        abstention=abstention_scores(probabilities, truth, levels, classes),
    )
