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
from kd_core.evaluation.label_cases import case_scores, label_cases
from kd_core.evaluation.metrics import scores
from kd_core.schema.class_heads import NO_LABEL, ClassHead
from kd_core.schema.errors import DataError
from kd_core.schema.model_scores import PartScores
from kd_core.schema.naming_level import NamingLevel
from kd_core.training.validation import logits_of
from kd_core.vision.head_probabilities import (
    head_logits,
    head_probabilities,
    softmax,
    table_of_heads,
)


class Calibrated(NamedTuple):
    """What was fitted, and the scores with it.

    ``temperature`` and the ``note`` to it; ``naming``: from which probability on classes are named;
    ``results`` by part, ready for the card. ``heads``: with a temperature and a level of each,
    where a model has a softmax for each class group; the first three are then without meaning.
    """

    temperature: float
    note: str
    naming: NamingLevel | None
    results: dict[str, PartScores]
    heads: tuple[ClassHead, ...] = ()


def calibrated(model: nn.Module, data: DataSet) -> Calibrated:
    """Fit temperature and naming level on the validation part and score it with them.

    The test part stays closed: kd_core.api.card opens it.
    """
    logits = logits_of(model, data.val.crops)
    if data.heads and data.val.head_labels is not None:
        heads = calibrated_heads(logits, data.val.head_labels, data.classes, data.heads)
        table = table_of_heads(logits, data.classes, heads)
        cases = label_cases(table, data.val.head_labels, data.classes, heads)
        return Calibrated(1.0, "", None, {"validation": case_scores(cases, heads)}, heads)
    temperature = fit_temperature(logits, data.val.labels)
    probabilities = softmax(logits / np.float32(temperature))
    naming = naming_level(probabilities, data.val.labels)
    levels = np.full(len(data.classes), naming.level)
    results = {"validation": part_scores(probabilities, data.val.labels, levels, data.classes)}
    return Calibrated(temperature, temperature_note(temperature), naming, results)


def calibrated_heads(
    logits: NDArray[np.float32],
    labels: NDArray[np.int64],
    classes: tuple[str, ...],
    heads: tuple[ClassHead, ...],
) -> tuple[ClassHead, ...]:
    """``heads`` with the temperature and the naming level that their own known labels give.

    Raises DataError where nothing is known of a class group.
    """
    fitted = []
    for place, head in enumerate(heads):
        known = labels[:, place] != NO_LABEL
        if not known.any():
            raise DataError(
                f"No validation image has a label of the class group {head.group}.",
                "Give more labels of it, or use another split.",
            )
        truth = labels[known, place]
        temperature = fit_temperature(head_logits(logits[known], classes, head), truth)
        head = msgspec.structs.replace(
            head, temperature=temperature, calibration=temperature_note(temperature)
        )
        chances = head_probabilities(logits[known], classes, head)
        fitted.append(msgspec.structs.replace(head, naming=naming_level(chances, truth)))
    return tuple(fitted)


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
