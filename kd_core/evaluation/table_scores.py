"""Scores of many draws at once: every draw is a confusion matrix, and all of them one array.

scikit-learn scores one sample at a time, which two thousand draws are too many for. A test holds
these against it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kd_core.evaluation.intervals import drawn_groups

Labels = NDArray[np.integer[Any]]
Tables = NDArray[np.int64]


class TableScores(NamedTuple):
    """Of R confusion matrices: (R,) each, ``recall`` and ``precision`` (R, C).

    NaN for the recall of a class without an image, the precision of one that is never called.
    """

    accuracy: NDArray[np.float64]
    macro_f1: NDArray[np.float64]
    mcc: NDArray[np.float64]
    recall: NDArray[np.float64]
    precision: NDArray[np.float64]


def group_tables(
    truth: Labels, predicted: Labels, groups: NDArray[Any], class_count: int
) -> Tables:
    """(N,) truth, predictions and groups -> (G, C, C), the confusion matrix of each group."""
    _, place = np.unique(groups, return_inverse=True)
    tables = np.zeros((int(place.max()) + 1, class_count, class_count), np.int64)
    np.add.at(tables, (place, truth, predicted), 1)
    return tables


def draw_counts(groups: int, seed: int, resamples: int) -> Tables:
    """(R, G): how often each group is in each draw."""
    rows = drawn_groups(groups, seed, resamples)
    counts = np.zeros((resamples, groups), np.int64)
    np.add.at(counts, (np.arange(resamples)[:, None], rows), 1)
    return counts


def summed(counts: Tables, tables: Tables) -> Tables:
    """(R, G) and (G, C, C) -> (R, C, C): each draw's confusion matrix."""
    # In floats, which the processor multiplies quickly; counts of images are exact in them.
    flat = counts.astype(np.float64) @ tables.reshape(len(tables), -1).astype(np.float64)
    sums: Tables = np.rint(flat).astype(np.int64).reshape(-1, *tables.shape[1:])
    return sums


def table_scores(tables: Tables) -> TableScores:
    """(R, C, C) confusion matrices -> their scores, as in kd_core.evaluation.metrics.

    >>> table_scores(np.array([[[3, 1], [0, 4]]])).recall.tolist()
    [[0.75, 1.0]]
    """
    support, called = tables.sum(axis=2), tables.sum(axis=1)
    right = np.diagonal(tables, axis1=1, axis2=2)
    present = support > 0
    f1 = np.where(present, 2 * right / np.maximum(1, support + called), 0.0)
    return TableScores(
        right.sum(axis=1) / np.maximum(1, support.sum(axis=1)),
        f1.sum(axis=1) / np.maximum(1, present.sum(axis=1)),
        _matthews(support, called, right),
        np.where(present, right / np.maximum(1, support), np.nan),
        np.where(called > 0, right / np.maximum(1, called), np.nan),
    )


def _matthews(support: Tables, called: Tables, right: Tables) -> NDArray[np.float64]:
    """(R, C) row sums, column sums and diagonals -> (R,) Matthews correlations, 0 if undefined."""
    true, predicted = support.astype(np.float64), called.astype(np.float64)
    total = true.sum(axis=1)
    above = right.sum(axis=1) * total - (true * predicted).sum(axis=1)
    below = np.sqrt((total**2 - (predicted**2).sum(axis=1)) * (total**2 - (true**2).sum(axis=1)))
    return np.where(below > 0, above / np.where(below > 0, below, 1.0), 0.0)
