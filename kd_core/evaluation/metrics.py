"""How good a classifier is, as numbers.

Formulas are scikit-learn's; what is decided here is what counts where a class is absent. Tests hold
every function against loops written from the definitions.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn import metrics

from kd_core.evaluation.calibration import calibration_error
from kd_core.evaluation.intervals import wilson
from kd_core.schema.model_scores import Bounds, ClassBounds, ClassScores, PartScores

Counts = NDArray[np.int64]


def confusion_matrix(
    truth: NDArray[np.integer[Any]], predicted: NDArray[np.integer[Any]], class_count: int
) -> Counts:
    """(N,), (N,) class indices -> (C, C) counts, rows are the truth.

    >>> confusion_matrix(np.array([0, 0, 1]), np.array([0, 1, 1]), 3).tolist()
    [[1, 1, 0], [0, 1, 0], [0, 0, 0]]
    """
    if not len(truth):
        return np.zeros((class_count, class_count), np.int64)
    labels = np.arange(class_count)
    return np.asarray(metrics.confusion_matrix(truth, predicted, labels=labels), np.int64)


def accuracy(confusion: Counts) -> float:
    """(C, C) counts -> the share on the diagonal; 0 of nothing."""
    return float(np.trace(confusion) / max(1, confusion.sum()))


def macro_f1(confusion: Counts) -> float:
    """(C, C) counts -> mean F1 of the classes that occur in the truth; 0 where none does.

    >>> macro_f1(np.array([[2, 1, 0], [0, 1, 0], [0, 0, 0]]))  # (4 / 5 + 2 / 3) / 2
    0.7333333333333334
    """
    present = np.flatnonzero(confusion.sum(axis=1))
    if not len(present):
        return 0.0
    truth, predicted, counts = _cells(confusion)
    return float(
        metrics.f1_score(
            truth,
            predicted,
            labels=present,
            average="macro",
            sample_weight=counts,
            zero_division=0,
        )
    )


def macro_f1_over_all(confusion: Counts) -> float:
    """(C, C) counts -> mean F1 of all C classes; one that is neither shown nor called counts as 0.

    As scikit-learn's f1_score with ``labels`` of all classes. It falls with every class that the
    images do not show; ``macro_f1`` leaves those out.

    >>> round(macro_f1_over_all(np.array([[2, 1, 0], [0, 1, 0], [0, 0, 0]])), 4)
    0.4889
    """
    return float(
        np.mean(
            [
                row.f1
                for row in per_class(confusion, tuple(map(str, range(len(confusion))))).values()
            ]
        )
    )


def matthews(confusion: Counts) -> float:
    """Multiclass Matthews correlation R_K (Gorodkin 2004); 0 where it is undefined.

    That is where the truth or the predictions are all of one class.

    >>> matthews(np.array([[5, 0], [0, 0]]))
    0.0
    """
    if len(confusion) < 2 or not confusion.any():
        return 0.0
    truth, predicted, counts = _cells(confusion)
    return float(metrics.matthews_corrcoef(truth, predicted, sample_weight=counts))


def per_class(confusion: Counts, classes: tuple[str, ...]) -> dict[str, ClassScores]:
    """Precision, recall, F1 and support of each class; a ratio with nothing below is 0."""
    if not confusion.any():
        return dict.fromkeys(classes, ClassScores(0.0, 0.0, 0.0, 0))
    truth, predicted, counts = _cells(confusion)
    columns = metrics.precision_recall_fscore_support(
        truth,
        predicted,
        labels=np.arange(len(classes)),
        sample_weight=counts,
        zero_division=0,
    )
    return {
        name: ClassScores(float(precision), float(recall), float(f1), int(support))
        for name, precision, recall, f1, support in zip(classes, *columns, strict=True)
    }


def _cells(confusion: Counts) -> tuple[Counts, Counts, Counts]:
    """(C, C) -> the truth, the prediction and the count of each cell, (C * C,) each.

    They are what scikit-learn takes for weighted samples.
    """
    truth, predicted = np.indices(confusion.shape).reshape(2, -1)
    return truth, predicted, confusion.ravel()


def per_class_intervals(confusion: Counts, classes: tuple[str, ...]) -> dict[str, ClassBounds]:
    """Wilson's 95 % interval of each class's precision and recall.

    It takes images for independent: where groups hold many images that resemble each other, the
    truth is less sure than this.
    """
    rows = {}
    for index, name in enumerate(classes):
        hit = int(confusion[index, index])
        precision, recall = (
            wilson(hit, int(confusion[:, index].sum())),
            wilson(hit, int(confusion[index].sum())),
        )
        rows[name] = ClassBounds(Bounds(*precision), Bounds(*recall))
    return rows


def one_versus_rest(
    probabilities: NDArray[np.floating[Any]],
    truth: NDArray[np.integer[Any]],
    classes: tuple[str, ...],
) -> dict[str, float | None]:
    """(N, C) probabilities, (N,) truth -> AUROC of each class against all others.

    None where one of the two kinds is missing.
    """
    areas: dict[str, float | None] = {}
    for index, name in enumerate(classes):
        positive = truth == index
        both = bool(positive.any()) and not bool(positive.all())
        areas[name] = (
            float(metrics.roc_auc_score(positive, probabilities[:, index])) if both else None
        )
    return areas


def scores(
    probabilities: NDArray[np.floating[Any]],
    truth: NDArray[np.integer[Any]],
    classes: tuple[str, ...],
) -> PartScores:
    """(N, C) probabilities and (N,) truth -> every score that needs no resampling.

    Macro means are over the classes that occur in the truth (``macro_f1_over_all``: over all), that
    of AUROC over those with both kinds (None if there is none). With one label per image, micro
    precision, recall and F1 all equal accuracy; they are given for tables that ask for them.
    """
    confusion = confusion_matrix(truth, probabilities.argmax(axis=1), len(classes))
    table = per_class(confusion, classes)
    present = [row for row in table.values() if row.support]
    areas = one_versus_rest(probabilities, truth, classes)
    known = [area for area in areas.values() if area is not None]
    right = accuracy(confusion)
    return PartScores(
        n=int(confusion.sum()),
        accuracy=right,
        macro_f1=macro_f1(confusion),
        macro_f1_over_all=macro_f1_over_all(confusion),
        macro_precision=_mean([row.precision for row in present]) or 0.0,
        macro_recall=_mean([row.recall for row in present]) or 0.0,
        micro_precision=right,
        micro_recall=right,
        micro_f1=right,
        mcc=matthews(confusion),
        ece=calibration_error(probabilities, truth),
        macro_auroc=_mean(known),
        auroc=areas,
        per_class=table,
        per_class_intervals=per_class_intervals(confusion, classes),
        confusion=confusion.tolist(),
    )


def _mean(values: Sequence[float]) -> float | None:
    return float(np.mean(values)) if values else None
