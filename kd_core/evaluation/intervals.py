"""How sure a score is, and whether a model is better than another.

Resampled by group, for frames of a patient resemble each other.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from statistics import NormalDist
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Score = Callable[[NDArray[np.intp]], float]
RESAMPLES = 2000
LEVEL = 0.95
#: With five groups even five of five in favour come by luck once in sixteen times (sign test, 2 /
#: 2^5 > 5 %): a bootstrap that draws from so few knows no spread, and its interval may be a single
#: point.
FEWEST_GROUPS = 6


class Interval(NamedTuple):
    """A score with the bounds of its confidence interval."""

    value: float
    low: float
    high: float


class Comparison(NamedTuple):
    """``difference`` of B minus A with its interval, and what may be said of it."""

    difference: Interval
    verdict: Literal["better", "worse", "undecided"]


def wilson(hits: int, total: int, z: float = 1.959963984540054) -> Interval:
    """Wilson's score interval (1927, eq. 6) of a share; (0, 0, 1) of nothing.

    Raises ValueError for hits outside 0..total.

    >>> wilson(8, 10).value
    0.8
    >>> [round(end, 2) for end in wilson(8, 10)[1:]]
    [0.49, 0.94]
    """
    if not 0 <= hits <= total:
        raise ValueError(f"{hits} of {total} is no share")
    if total == 0:
        return Interval(0.0, 0.0, 1.0)
    share, z2 = hits / total, z * z
    middle = (share + z2 / (2 * total)) / (1 + z2 / total)
    half = z / (1 + z2 / total) * math.sqrt(share * (1 - share) / total + z2 / (4 * total * total))
    return Interval(share, max(0.0, middle - half), min(1.0, middle + half))


def bootstrap(
    score: Score, groups: NDArray[Any], seed: int, resamples: int = RESAMPLES
) -> Interval:
    """Interval of ``score(rows)`` when whole groups (N,) are drawn with replacement.

    After Davison and Hinkley 1997, 3.8. ``rows`` are indices into the N samples, repeated as often
    as their group was drawn.
    """
    drawn = [score(rows) for rows in _draws(groups, seed, resamples)]
    return percentile_interval(score(np.arange(len(groups))), drawn, len(set(groups.tolist())))


def compare(
    score_a: Score, score_b: Score, groups: NDArray[Any], seed: int, resamples: int = RESAMPLES
) -> Comparison:
    """Paired bootstrap of B minus A.

    Both models are scored on the same draws, so what is hard for both cancels out.
    """
    difference = bootstrap(lambda rows: score_b(rows) - score_a(rows), groups, seed, resamples)
    return judged(difference, len(set(groups.tolist())))


def percentile_interval(
    value: float, drawn: Sequence[float] | NDArray[np.float64], groups: int
) -> Interval:
    """``value`` of all samples with the middle 95 % of what the draws gave.

    It is expanded for few ``groups``. Plain percentiles of few groups are too narrow, as a normal
    interval is that should be Student's and divides by n instead of n - 1: their levels are moved
    so that both are mended (Hesterberg 2015, "What teachers should know about the bootstrap", 5.4).
    """
    tail = (1 - LEVEL) / 2
    if groups > 1:
        tail = NormalDist().cdf(
            math.sqrt(groups / (groups - 1)) * student_quantile(tail, groups - 1)
        )
    low, high = np.quantile(drawn, [tail, 1 - tail])
    return Interval(value, float(low), float(high))


def student_quantile(share: float, freedom: int) -> float:
    """Quantile of Student's t by its expansion from the normal one.

    Abramowitz and Stegun 1964, 26.7.5: 1 % off at 4 degrees.
    """
    z = NormalDist().inv_cdf(share)
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
    )
    return float(z + sum(term / freedom ** (power + 1) for power, term in enumerate(terms)))


def judged(difference: Interval, groups: int) -> Comparison:
    """What may be said of B where ``difference`` is B minus A.

    Nothing as long as the interval touches 0, or for so few groups.
    """
    if groups < FEWEST_GROUPS:
        return Comparison(difference, "undecided")
    if difference.low > 0:
        return Comparison(difference, "better")
    return Comparison(difference, "worse" if difference.high < 0 else "undecided")


def drawn_groups(group_count: int, seed: int, resamples: int) -> NDArray[np.intp]:
    """(resamples, G) indices of groups, drawn with replacement."""
    return np.random.default_rng(seed).integers(
        0, group_count, (resamples, group_count), dtype=np.intp
    )


def _draws(groups: NDArray[Any], seed: int, resamples: int) -> list[NDArray[np.intp]]:
    _, place = np.unique(groups, return_inverse=True)
    members = [np.flatnonzero(place == group) for group in range(int(place.max()) + 1)]
    return [
        np.concatenate([members[group] for group in row])
        for row in drawn_groups(len(members), seed, resamples)
    ]
