"""Scores drawn again by group: how sure they are, and whether one model is better than another on
the same pictures.

A draw is a confusion matrix: all scores of a draw come from one count, instead of from the pictures
once per score.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kd_core.evaluation.calibration import reliability
from kd_core.evaluation.intervals import (
    FEWEST_GROUPS,
    LEVEL,
    RESAMPLES,
    Comparison,
    Interval,
    drawn_groups,
    judged,
    percentile_interval,
)
from kd_core.evaluation.metrics import accuracy, confusion_matrix, macro_f1, matthews, scores

Labels = NDArray[np.integer[Any]]
Table = NDArray[np.int64]
TableScore = Callable[[Table], float]
#: Ways to exchange groups that are tried; 2^12 are all of those of twelve groups.
SWAPS = 4096
#: Differences closer than this are equal: sums in another order round otherwise.
TIE = 1e-12


class ScoreOfTwo(NamedTuple):
    """One score of both models and what may be said of B against A."""

    a: float
    b: float
    comparison: Comparison


class PairedScores(NamedTuple):
    """``recall`` by class; a class without pictures is not in it."""

    accuracy: ScoreOfTwo
    macro_f1: ScoreOfTwo
    recall: dict[str, ScoreOfTwo]


def interval_scores(
    probabilities: NDArray[np.floating[Any]],
    truth: Labels,
    groups: NDArray[Any],
    classes: tuple[str, ...],
    seed: int,
    resamples: int = RESAMPLES,
) -> dict[str, Interval]:
    """(N, C) probabilities, (N,) truth and groups -> 95 % intervals of accuracy, macro_f1 and
    mcc, as intervals.bootstrap gives them.
    """
    predicted = probabilities.argmax(axis=1)
    whole = confusion_matrix(truth, predicted, len(classes))
    scored: dict[str, TableScore] = {"accuracy": accuracy, "macro_f1": macro_f1, "mcc": matthews}
    drawn: dict[str, list[float]] = {name: [] for name in scored}
    tables = _group_tables(truth, predicted, groups, len(classes))
    for table in _summed(_times(len(tables), seed, resamples), tables):
        for name, score in scored.items():
            drawn[name].append(score(table))
    return {
        name: percentile_interval(score(whole), drawn[name], len(tables))
        for name, score in scored.items()
    }


def full_scores(
    probabilities: NDArray[np.floating[Any]],
    truth: Labels,
    groups: NDArray[Any],
    classes: tuple[str, ...],
    seed: int,
) -> dict[str, Any]:
    """evaluate.scores with how sure they are: "groups", "intervals" by group and "reliability",
    ready for JSON.
    """
    intervals = interval_scores(probabilities, truth, groups, classes, seed)
    return {
        "groups": len(set(groups.tolist())),
        **scores(probabilities, truth, classes),
        "intervals": {name: interval._asdict() for name, interval in intervals.items()},
        "reliability": [row._asdict() for row in reliability(probabilities, truth)],
    }


def compare_scores(
    truth: Labels,
    predicted_a: Labels,
    predicted_b: Labels,
    groups: NDArray[Any],
    classes: tuple[str, ...],
    seed: int,
    resamples: int = RESAMPLES,
) -> PairedScores:
    """(N,) truth, both models' class indices and groups -> every score of B minus A, with its
    interval from the same draws.

    "better" or "worse" is said where the interval leaves 0 out and ``swap_test`` agrees:
    percentiles of few groups promise more than they hold, the test does not. A draw without any
    picture of a class has no recall of it and does not count for that class. Fewer than
    FEWEST_GROUPS groups, for recall those that show the class, leave it undecided, from -1 to 1.
    """
    count = len(classes)
    tables = [
        _group_tables(truth, predicted, groups, count) for predicted in (predicted_a, predicted_b)
    ]
    wholes = [_scores(table.sum(axis=0)[None])[0] for table in tables]
    # The same draws for both models, so what is hard for both cancels out.
    times = _times(len(tables[0]), seed, resamples)
    drawn_a, drawn_b = (_scores(_summed(times, table)) for table in tables)
    luck = swap_test(tables[0], tables[1], seed)
    group_counts = [len(tables[0])] * 2 + [
        int((tables[0][:, index].sum(axis=1) > 0).sum()) for index in range(count)
    ]
    made: list[ScoreOfTwo | None] = []
    for place, group_count in enumerate(group_counts):
        a, b = (float(whole[place]) for whole in wholes)
        column = drawn_b[:, place] - drawn_a[:, place]
        known = column[~np.isnan(column)]
        made.append(
            None
            if math.isnan(a)
            else ScoreOfTwo(a, b, _judged(b - a, known, group_count, luck[place]))
        )
    first, second, *rest = made
    assert first is not None
    assert second is not None
    return PairedScores(
        first,
        second,
        {name: row for name, row in zip(classes, rest, strict=True) if row is not None},
    )


def swap_test(tables_a: Table, tables_b: Table, seed: int) -> list[float]:
    """(G, C, C) confusion matrices of both models by group -> for accuracy, macro-F1 and each
    recall the chance of such a difference.

    If the models do not differ, what both say of a group might as well be exchanged: the difference
    is compared with those of all ways to exchange groups (Fisher's randomisation test, exact for
    any number of groups), or of SWAPS random ones where there are more. The chance is that of a
    difference of the same sign and at least its size; NaN for a class that no group shows.
    """
    swaps = _swaps(len(tables_a), seed)
    change = _summed(swaps, tables_b - tables_a)
    drawn = _scores(tables_b.sum(axis=0) - change) - _scores(tables_a.sum(axis=0) + change)
    seen = drawn[0]  # where nothing is exchanged
    return [
        float(np.mean(np.sign(one) * column >= abs(one) - TIE)) if not math.isnan(one) else math.nan
        for one, column in zip(seen.tolist(), drawn.T, strict=True)
    ]


def _swaps(groups: int, seed: int) -> Table:
    """(F, G) of 0 and 1: all ways to exchange groups, or SWAPS random ones, of which the first
    exchanges none.
    """
    if 2**groups <= SWAPS:
        every: Table = (np.arange(2**groups)[:, None] >> np.arange(groups)) & 1
        return every
    made = np.random.default_rng(seed).integers(0, 2, (SWAPS, groups))
    made[0] = 0
    return made


def _judged(difference: float, drawn: NDArray[np.float64], groups: int, luck: float) -> Comparison:
    """A difference of two shares; of so few groups that draws know no spread, nothing is known."""
    if groups < FEWEST_GROUPS:
        return Comparison(Interval(difference, -1.0, 1.0), "undecided")
    made = judged(percentile_interval(difference, drawn, groups), groups)
    return made if luck <= (1 - LEVEL) / 2 else made._replace(verdict="undecided")


def _scores(tables: Table) -> NDArray[np.float64]:
    """(R, C, C) confusion matrices -> (R, 2 + C): accuracy, macro-F1 and each class's recall,
    NaN of a class without a picture.
    """
    support, called, right = (
        tables.sum(axis=2),
        tables.sum(axis=1),
        np.diagonal(tables, axis1=1, axis2=2),
    )
    present = support > 0
    f1 = np.where(present, 2 * right / np.maximum(1, support + called), 0.0)
    recall = np.where(present, right / np.maximum(1, support), np.nan)
    accuracies = right.sum(axis=1) / np.maximum(1, support.sum(axis=1))
    return np.column_stack(
        [accuracies, f1.sum(axis=1) / np.maximum(1, present.sum(axis=1)), recall]
    )


def _times(groups: int, seed: int, resamples: int) -> Table:
    """(R, G): how often each group is in each draw."""
    rows = drawn_groups(groups, seed, resamples)
    made = np.zeros((resamples, groups), np.int64)
    np.add.at(made, (np.arange(resamples)[:, None], rows), 1)
    return made


def _summed(times: Table, tables: Table) -> Table:
    """(R, G) and (G, C, C) -> (R, C, C)."""
    # In floats, which the processor multiplies quickly; counts of pictures are exact in them.
    flat = times.astype(np.float64) @ tables.reshape(len(tables), -1).astype(np.float64)
    made: Table = np.rint(flat).astype(np.int64).reshape(-1, *tables.shape[1:])
    return made


def _group_tables(
    truth: Labels, predicted: Labels, groups: NDArray[Any], class_count: int
) -> Table:
    """(G, C, C) confusion matrix of each group."""
    _, place = np.unique(groups, return_inverse=True)
    made = np.zeros((int(place.max()) + 1, class_count, class_count), np.int64)
    np.add.at(made, (place, truth, predicted), 1)
    return made
