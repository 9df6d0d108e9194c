"""Scores drawn again by group: how sure they are, and whether one model is better than another on the same pictures.

A draw is a confusion matrix: all scores of a draw come from one count, instead of from the pictures once a score.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kd_core.scoring.calibration import reliability
from kd_core.scoring.evaluate import accuracy, confusion_matrix, macro_f1, matthews, scores
from kd_core.scoring.intervals import FEWEST_GROUPS, RESAMPLES, Comparison, Interval, drawn_groups, judged, percentile_interval

Labels = NDArray[np.integer[Any]]
Table = NDArray[np.int64]
TableScore = Callable[[Table], float]


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
    """(N, C) probabilities, (N,) truth and groups -> 95 % intervals of accuracy, macro_f1 and mcc, as intervals.bootstrap gives them."""
    predicted = probabilities.argmax(axis=1)
    whole = confusion_matrix(truth, predicted, len(classes))
    scored: dict[str, TableScore] = {"accuracy": accuracy, "macro_f1": macro_f1, "mcc": matthews}
    drawn: dict[str, list[float]] = {name: [] for name in scored}
    for table in _drawn_tables(truth, predicted, groups, len(classes), seed, resamples):
        for name, score in scored.items():
            drawn[name].append(score(table))
    return {name: percentile_interval(score(whole), drawn[name]) for name, score in scored.items()}


def full_scores(
    probabilities: NDArray[np.floating[Any]], truth: Labels, groups: NDArray[Any], classes: tuple[str, ...], seed: int
) -> dict[str, Any]:
    """evaluate.scores with how sure they are: "groups", "intervals" by group and "reliability", ready for JSON."""
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
    """(N,) truth, both models' class indices and groups -> every score of B minus A on the same draws, as intervals.compare gives it.

    A draw without any picture of a class has no recall of it and does not count for that class. Fewer than FEWEST_GROUPS groups, for
    recall those that show the class, leave it undecided, from -1 to 1.
    """
    count = len(classes)
    scored: list[TableScore] = [accuracy, macro_f1, *(_recall(index) for index in range(count))]
    wholes = [confusion_matrix(truth, predicted, count) for predicted in (predicted_a, predicted_b)]
    # The same seed and groups: both models meet the same draws, so what is hard for both cancels out.
    draws_a, draws_b = (_drawn_tables(truth, predicted, groups, count, seed, resamples) for predicted in (predicted_a, predicted_b))
    differences = [[score(b) - score(a) for score in scored] for a, b in zip(draws_a, draws_b, strict=True)]
    made: list[ScoreOfTwo | None] = []
    group_counts = [len(set(groups.tolist()))] * 2 + [len(set(groups[truth == index].tolist())) for index in range(count)]
    for score, column, group_count in zip(scored, np.array(differences).T, group_counts, strict=True):
        a, b = (score(whole) for whole in wholes)
        known = column[~np.isnan(column)]
        made.append(None if math.isnan(a) else ScoreOfTwo(a, b, _judged(b - a, known, group_count)))
    first, second, *rest = made
    assert first is not None
    assert second is not None
    return PairedScores(first, second, {name: row for name, row in zip(classes, rest, strict=True) if row is not None})


def _judged(difference: float, drawn: NDArray[np.float64], groups: int) -> Comparison:
    """A difference of two shares; of so few groups that draws know no spread, nothing is known."""
    wide = Interval(difference, -1.0, 1.0)
    return judged(percentile_interval(difference, drawn) if groups >= FEWEST_GROUPS else wide, groups)


def _recall(index: int) -> TableScore:
    def score(table: Table) -> float:
        support = int(table[index].sum())
        return int(table[index, index]) / support if support else math.nan

    return score


def _drawn_tables(
    truth: Labels, predicted: Labels, groups: NDArray[Any], class_count: int, seed: int, resamples: int
) -> Iterator[Table]:
    """The (C, C) confusion matrix of every draw of whole groups."""
    _, place = np.unique(groups, return_inverse=True)
    group_count = int(place.max()) + 1
    cells = truth.astype(np.int64) * class_count + predicted
    for row in drawn_groups(group_count, seed, resamples):
        times = np.bincount(row, minlength=group_count)[place]
        counts = np.bincount(cells, weights=times, minlength=class_count**2)
        yield counts.astype(np.int64).reshape(class_count, class_count)
