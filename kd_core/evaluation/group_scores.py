"""Scores drawn again by group.

How sure they are, and whether one model is better than another on the same images.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from typing import Any, NamedTuple, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from kd_core.evaluation.calibration import reliability
from kd_core.evaluation.intervals import (
    FEWEST_GROUPS,
    LEVEL,
    RESAMPLES,
    Comparison,
    Interval,
    judged,
    percentile_interval,
)
from kd_core.evaluation.many_comparisons import chance_of_none, holm
from kd_core.evaluation.metrics import scores
from kd_core.evaluation.table_scores import (
    Labels,
    Tables,
    draw_counts,
    group_tables,
    summed,
    table_scores,
)
from kd_core.schema.model_scores import Bounds, PartScores

Name = TypeVar("Name", bound=Hashable)
#: Ways to exchange groups that are tried; 2^12 are all of those of twelve groups.
SWAPS = 4096
#: Differences closer than this are equal: sums in another order round otherwise.
TIE = 1e-12


class ScoreOfTwo(NamedTuple):
    """One score of both models and what may be said of B against A, if nothing else is compared.

    ``chance``: two-sided, of such a difference if there is none; for ``many_comparisons.holm``.
    """

    a: float
    b: float
    comparison: Comparison
    chance: float = 1.0


class PairedScores(NamedTuple):
    """``recall`` and ``precision`` by class.

    A class without images has no recall; one that a model never calls has no precision.
    """

    accuracy: ScoreOfTwo
    macro_f1: ScoreOfTwo
    recall: dict[str, ScoreOfTwo]
    precision: dict[str, ScoreOfTwo]


def interval_scores(
    predicted: Labels,
    truth: Labels,
    groups: NDArray[Any],
    class_count: int,
    seed: int,
    resamples: int = RESAMPLES,
) -> dict[str, Interval]:
    """(N,) predictions, truth and groups -> 95 % intervals of accuracy, macro_f1 and mcc.

    They are those of ``intervals.bootstrap``.
    """
    tables = group_tables(truth, predicted, groups, class_count)
    whole = table_scores(tables.sum(axis=0)[None])
    drawn = table_scores(summed(draw_counts(len(tables), seed, resamples), tables))
    return {
        name: percentile_interval(float(getattr(whole, name)[0]), getattr(drawn, name), len(tables))
        for name in ("accuracy", "macro_f1", "mcc")
    }


def full_scores(
    probabilities: NDArray[np.floating[Any]],
    truth: Labels,
    groups: NDArray[Any],
    classes: tuple[str, ...],
    seed: int,
) -> PartScores:
    """``metrics.scores`` with how sure they are: groups, intervals by group and reliability."""
    intervals = interval_scores(probabilities.argmax(axis=1), truth, groups, len(classes), seed)
    return msgspec.structs.replace(
        scores(probabilities, truth, classes),
        groups=len(set(groups.tolist())),
        intervals={name: Bounds(*interval) for name, interval in intervals.items()},
        reliability=reliability(probabilities, truth),
    )


def compare_scores(
    truth: Labels,
    predicted_a: Labels,
    predicted_b: Labels,
    groups: NDArray[Any],
    classes: tuple[str, ...],
    seed: int,
    resamples: int = RESAMPLES,
) -> PairedScores:
    """(N,) truth, both models' class indices and groups -> every score of B minus A.

    Intervals come from the same draws. "better" or "worse" is said where the interval leaves 0 out
    and ``swap_test`` agrees: percentiles of few groups promise more than they hold, the test does
    not. A draw without any image of a class has no recall of it and does not count for that class;
    precision alike. Fewer than FEWEST_GROUPS groups, for recall those that show the class, for
    precision those of which a model calls it, leave it undecided, from -1 to 1.
    """
    count = len(classes)
    tables = [
        group_tables(truth, predicted, groups, count) for predicted in (predicted_a, predicted_b)
    ]
    wholes = [_compared(table.sum(axis=0)[None])[0] for table in tables]
    # The same draws for both models, so what is hard for both cancels out.
    times = draw_counts(len(tables[0]), seed, resamples)
    drawn_a, drawn_b = (_compared(summed(times, table)) for table in tables)
    luck = swap_test(tables[0], tables[1], seed)
    showing = (tables[0].sum(axis=2) > 0).sum(axis=0)
    calling = ((tables[0] + tables[1]).sum(axis=1) > 0).sum(axis=0)
    group_counts = [len(tables[0])] * 2 + showing.tolist() + calling.tolist()
    comparisons: list[ScoreOfTwo | None] = []
    for place, group_count in enumerate(group_counts):
        a, b = (float(whole[place]) for whole in wholes)
        column = drawn_b[:, place] - drawn_a[:, place]
        known = column[~np.isnan(column)]
        comparisons.append(
            None
            if math.isnan(a) or math.isnan(b)
            else ScoreOfTwo(a, b, *_judged(b - a, known, group_count, luck[place]))
        )
    first, second, *rest = comparisons
    assert first is not None
    assert second is not None
    return PairedScores(
        first,
        second,
        {name: row for name, row in zip(classes, rest[:count], strict=True) if row is not None},
        {name: row for name, row in zip(classes, rest[count:], strict=True) if row is not None},
    )


def among_all(rows: Mapping[Name, ScoreOfTwo]) -> dict[Name, ScoreOfTwo]:
    """The same with the chances among all of them (Holm), and verdicts that go by these.

    The more is compared, the more often one of many differs by luck.
    """
    chances = holm([row.chance for row in rows.values()])
    return {
        name: row._replace(
            chance=chance,
            comparison=row.comparison
            if chance <= 1 - LEVEL
            else row.comparison._replace(verdict="undecided"),
        )
        for (name, row), chance in zip(rows.items(), chances, strict=True)
    }


def swap_test(tables_a: Tables, tables_b: Tables, seed: int) -> list[float]:
    """(G, C, C) confusion matrices of both models by group -> the chance of such a difference.

    For accuracy, macro-F1, each recall and each precision. If the models do not differ, what both
    say of a group might as well be exchanged: the difference is compared with those of all ways to
    exchange groups (Fisher's randomisation test, exact for any number of groups), or of SWAPS
    random ones where there are more. The chance is that of a difference of the same sign and at
    least its size; NaN for a class that no group shows.
    """
    swaps = _swaps(len(tables_a), seed)
    change = summed(swaps, tables_b - tables_a)
    drawn = _compared(tables_b.sum(axis=0) - change) - _compared(tables_a.sum(axis=0) + change)
    seen = drawn[0]  # where nothing is exchanged
    return [
        float(np.mean(np.sign(value) * column[~np.isnan(column)] >= abs(value) - TIE))
        if not math.isnan(value)
        else math.nan
        for value, column in zip(seen.tolist(), drawn.T, strict=True)
    ]


def _swaps(groups: int, seed: int) -> Tables:
    """(F, G) of 0 and 1: all ways to exchange groups, or SWAPS random ones.

    The first of the random ones exchanges none.
    """
    if 2**groups <= SWAPS:
        every: Tables = (np.arange(2**groups)[:, None] >> np.arange(groups)) & 1
        return every
    swaps = np.random.default_rng(seed).integers(0, 2, (SWAPS, groups))
    swaps[0] = 0
    return swaps


def _judged(
    difference: float, drawn: NDArray[np.float64], groups: int, luck: float
) -> tuple[Comparison, float]:
    """What may be said of a difference of two shares, and the chance of it if there is none.

    Of so few groups that draws know no spread, nothing is known.
    """
    if groups < FEWEST_GROUPS:
        return Comparison(Interval(difference, -1.0, 1.0), "undecided"), 1.0
    comparison = judged(percentile_interval(difference, drawn, groups), groups)
    chance = max(chance_of_none(drawn, groups), min(1.0, 2 * luck))
    if luck > (1 - LEVEL) / 2:
        comparison = comparison._replace(verdict="undecided")
    return comparison, chance


def _compared(tables: Tables) -> NDArray[np.float64]:
    """(R, C, C) -> (R, 2 + 2 C): accuracy, macro-F1, each recall and each precision."""
    scored = table_scores(tables)
    return np.column_stack([scored.accuracy, scored.macro_f1, scored.recall, scored.precision])
