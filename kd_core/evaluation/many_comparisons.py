"""How sure a difference is when it is one of many, and the chance that an interval's draws give."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kd_core.evaluation.intervals import student_quantile

_HALVINGS = 60


def holm(chances: Sequence[float]) -> list[float]:
    """Chances of single comparisons -> what they are among all of them, in the same order.

    Holm's step-down correction (1979): the smallest is multiplied by their number, the next by one
    less, and so on; none becomes smaller than one before it, nor larger than 1. Whatever is below
    .05 then is proved with 95 % for all of them together, however they hang together.

    >>> [round(chance, 3) for chance in holm([0.01, 0.04, 0.03])]
    [0.03, 0.06, 0.06]
    """
    corrected, largest = [1.0] * len(chances), 0.0
    order = sorted(range(len(chances)), key=lambda place: chances[place])
    for rank, place in enumerate(order):
        largest = max(largest, min(1.0, (len(chances) - rank) * chances[place]))
        corrected[place] = largest
    return corrected


def chance_of_none(drawn: Sequence[float] | NDArray[np.floating[Any]], groups: int) -> float:
    """The two-sided chance of a difference whose bootstrap gave ``drawn``, if there is none.

    The level at which ``intervals.percentile_interval`` of so many ``groups`` would just touch 0,
    so that both say the same. Never 0: of so many draws one more could have lain beyond.
    """
    values = np.asarray(drawn)
    beyond = min(int((values <= 0).sum()), int((values >= 0).sum()))
    tail = min(0.5, (beyond + 1) / (len(values) + 1))
    if groups > 1 and tail < 0.5:
        tail = _before_expansion(tail, groups)
    return min(1.0, 2 * tail)


def _before_expansion(tail: float, groups: int) -> float:
    """The tail that ``percentile_interval`` expands to ``tail``; larger, by halving."""
    wanted = NormalDist().inv_cdf(tail) / math.sqrt(groups / (groups - 1))
    low, high = tail, 0.5
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (
            (middle, high) if student_quantile(middle, groups - 1) < wanted else (low, middle)
        )
    return (low + high) / 2
