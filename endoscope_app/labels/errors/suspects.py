"""From contradicted labels to what the review list shows of them. No Qt."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from endoscope_app.labels.errors import wording
from endoscope_app.labels.errors.contradictions import CONFIDENT, Contradiction, find_label_errors
from endoscope_app.labels.review.suspect_labels import SuspectLabels


def suspects_of(
    contradictions: Sequence[Contradiction], classes: Sequence[str], models: Sequence[str]
) -> dict[str, SuspectLabels]:
    """By fingerprint. ``classes``: the reader's names of the model's classes, in its order.

    ``models`` names who was asked, the model in use first; every contradiction holds the
    probabilities of each.
    """
    if not contradictions:
        return {}
    labels = np.array([each.label for each in contradictions], np.int64)
    tables = [
        np.stack([each.probabilities[place] for each in contradictions])
        for place in range(len(models))
    ]
    by_procedure: dict[str, list[Contradiction]] = defaultdict(list)
    for place in find_label_errors(labels, tables, CONFIDENT).frames.tolist():
        by_procedure[contradictions[place].sample.fingerprint].append(contradictions[place])
    return {key: _labels(group, classes, models) for key, group in by_procedure.items()}


def _labels(
    contradictions: Sequence[Contradiction], classes: Sequence[str], models: Sequence[str]
) -> SuspectLabels:
    first = [each.probabilities[0] for each in contradictions]
    return SuspectLabels(
        np.array([each.sample.frame_index for each in contradictions], np.int64),
        tuple(classes[each.label] for each in contradictions),
        tuple(classes[int(probabilities.argmax())] for probabilities in first),
        np.array([probabilities.max() for probabilities in first], np.float32),
        tuple(_sentence(each, classes, models) for each in contradictions),
    )


def _sentence(contradiction: Contradiction, classes: Sequence[str], models: Sequence[str]) -> str:
    verdicts = [
        (name, classes[int(probabilities.argmax())], float(probabilities.max()))
        for name, probabilities in zip(models, contradiction.probabilities, strict=True)
    ]
    label = classes[contradiction.label]
    return wording.what_models_say(contradiction.sample.frame_index, label, verdicts)
