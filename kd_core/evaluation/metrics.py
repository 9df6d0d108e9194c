"""How good a classifier is, as numbers.

Every function is plain numpy; tests hold them against loops written from the definitions.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kd_core.evaluation.calibration import calibration_error
from kd_core.evaluation.intervals import area_under_curve, wilson


def confusion_matrix(
    truth: NDArray[np.integer[Any]], predicted: NDArray[np.integer[Any]], class_count: int
) -> NDArray[np.int64]:
    """(N,), (N,) class indices -> (C, C) counts, rows are the truth."""
    table = np.zeros((class_count, class_count), np.int64)
    np.add.at(table, (truth, predicted), 1)
    return table


def accuracy(confusion: NDArray[np.int64]) -> float:
    """(C, C) counts -> the share on the diagonal; 0 of nothing."""
    return float(np.trace(confusion) / max(1, confusion.sum()))


def macro_f1(confusion: NDArray[np.int64]) -> float:
    """(C, C) counts -> mean F1 of the classes that occur in the truth; 0 where none does."""
    support, called = confusion.sum(axis=1), confusion.sum(axis=0)
    present = support > 0
    if not present.any():
        return 0.0
    return float(np.mean(2 * confusion.diagonal()[present] / (support + called)[present]))


def matthews(confusion: NDArray[np.int64]) -> float:
    """Multiclass Matthews correlation R_K (Gorodkin 2004); 0 where it is undefined (all in one
    class).
    """
    counts = confusion.astype(np.float64)
    total, right = counts.sum(), np.trace(counts)
    true, predicted = counts.sum(axis=1), counts.sum(axis=0)
    below = np.sqrt((total**2 - (predicted**2).sum()) * (total**2 - (true**2).sum()))
    return float((right * total - (true * predicted).sum()) / below) if below > 0 else 0.0


def per_class(
    confusion: NDArray[np.int64], classes: tuple[str, ...]
) -> dict[str, dict[str, float]]:
    """Precision, recall, F1 and support; a ratio with nothing below is 0."""
    rows = {}
    for index, name in enumerate(classes):
        hit = float(confusion[index, index])
        called, support = float(confusion[:, index].sum()), float(confusion[index].sum())
        precision = hit / called if called else 0.0
        recall = hit / support if support else 0.0
        f1 = 2 * hit / (called + support) if called + support else 0.0
        rows[name] = {"precision": precision, "recall": recall, "f1": f1, "support": int(support)}
    return rows


def per_class_intervals(
    confusion: NDArray[np.int64], classes: tuple[str, ...]
) -> dict[str, dict[str, dict[str, float]]]:
    """Wilson's 95 % interval of each class's precision and recall, as value, low and high.

    It takes pictures for independent: where groups hold many pictures that resemble each other, the
    truth is less sure than this.
    """
    rows = {}
    for index, name in enumerate(classes):
        hit = int(confusion[index, index])
        precision, recall = (
            wilson(hit, int(confusion[:, index].sum())),
            wilson(hit, int(confusion[index].sum())),
        )
        rows[name] = {"precision": precision._asdict(), "recall": recall._asdict()}
    return rows


def one_versus_rest(
    probabilities: NDArray[np.floating[Any]],
    truth: NDArray[np.integer[Any]],
    classes: tuple[str, ...],
) -> dict[str, float | None]:
    """(N, C) probabilities, (N,) truth -> AUROC of each class against all others; None where
    one of the two kinds is missing.
    """
    areas = {
        name: area_under_curve(probabilities[:, index], truth == index)
        for index, name in enumerate(classes)
    }
    return {name: None if math.isnan(area) else area for name, area in areas.items()}


def scores(
    probabilities: NDArray[np.floating[Any]],
    truth: NDArray[np.integer[Any]],
    classes: tuple[str, ...],
) -> dict[str, Any]:
    """(N, C) probabilities and (N,) truth -> every score, ready for JSON.

    Macro means are over the classes that occur in the truth, that of AUROC over those with both
    kinds (None if there is none). With one label a picture, micro precision, recall and F1 all
    equal accuracy; they are given for tables that ask for them.
    """
    confusion = confusion_matrix(truth, probabilities.argmax(axis=1), len(classes))
    table = per_class(confusion, classes)
    present = [row for row in table.values() if row["support"]]
    areas = one_versus_rest(probabilities, truth, classes)
    known = [area for area in areas.values() if area is not None]
    return {
        "n": int(confusion.sum()),
        "accuracy": accuracy(confusion),
        "macro_f1": macro_f1(confusion),
        "macro_precision": float(np.mean([row["precision"] for row in present]))
        if present
        else 0.0,
        "macro_recall": float(np.mean([row["recall"] for row in present])) if present else 0.0,
        **_micro(confusion),
        "mcc": matthews(confusion),
        "ece": calibration_error(probabilities, truth),
        "macro_auroc": float(np.mean(known)) if known else None,
        "auroc": areas,
        "per_class": table,
        "per_class_intervals": per_class_intervals(confusion, classes),
        "confusion": confusion.tolist(),
    }


def _micro(confusion: NDArray[np.int64]) -> dict[str, float]:
    """Hits, false alarms and misses of all classes added up before dividing."""
    hits = int(np.trace(confusion))
    alarms = int((confusion.sum(axis=0) - confusion.diagonal()).sum())
    misses = int((confusion.sum(axis=1) - confusion.diagonal()).sum())
    return {
        "micro_precision": hits / max(1, hits + alarms),
        "micro_recall": hits / max(1, hits + misses),
        "micro_f1": 2 * hits / max(1, 2 * hits + alarms + misses),
    }
