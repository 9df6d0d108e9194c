"""Cohen's kappa with an interval that knows that neighbouring frames are not independent. No Qt."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DRAWS = 2000
FEWEST_RUNS = 10
"""Of fewer runs an interval would promise more than it knows."""
_AT_ONCE = 100
_UNDEFINED = 1e-12


@dataclass(frozen=True, slots=True)
class Kappa:
    """``value`` in -1..1; None where it is not defined, as all frames have one class.

    ``low`` to ``high``: the 95 % interval, None where there are too few runs for one.
    """

    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Runs:
    """R runs of frames within which neither reader changes what they say in one group.

    ``first``, ``second`` (R,) int64: codes 0..C-1 of what each says; ``frames`` (R,) int64;
    ``group`` (R,) int64: 0..G-1.
    """

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    frames: NDArray[np.int64]
    group: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.frames)

    def tables(self, codes: int) -> NDArray[np.int64]:
        """(G, C, C) frames by what the first (rows) and the second reader says in each group."""
        counts = np.zeros((int(self.group.max(initial=0)) + 1, codes, codes), np.int64)
        np.add.at(counts, (self.group, self.first, self.second), self.frames)
        return counts


def joined(parts: Sequence[Runs]) -> Runs:
    """The runs of several groups or procedures."""
    empty = np.empty(0, np.int64)
    return Runs(
        *(
            np.concatenate([empty, *(getattr(part, name) for part in parts)])
            for name in ("first", "second", "frames", "group")
        )
    )


def kappas(tables: NDArray[np.floating | np.integer]) -> NDArray[np.float64]:
    """Cohen's kappa of tables (..., G, C, C) of counts or shares; nan where it is not defined.

    What chance gives is counted within each group, as no reader takes a class of one group for one
    of another. Of one group: Cohen, A coefficient of agreement for nominal scales, Educ Psychol
    Meas 20 (1960), 37-46; of several as Barlow, Lai and Azen, A comparison of methods for
    calculating a stratified kappa, Stat Med 10 (1991), 1465-1472, with weights that make it what
    is beyond chance of all that could be.
    """
    counts = np.asarray(tables, np.float64)
    total = counts.sum(axis=(-2, -1))
    observed = np.trace(counts, axis1=-2, axis2=-1)
    both = (counts.sum(axis=-1) * counts.sum(axis=-2)).sum(axis=-1)
    expected = np.divide(both, total, out=np.zeros_like(both), where=total > 0)
    possible = (total - expected).sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        values: NDArray[np.float64] = (observed - expected).sum(axis=-1) / possible
    return np.where(possible > _UNDEFINED * total.sum(axis=-1), values, np.nan)


def of_one_class(tables: NDArray[np.floating | np.integer], code: int) -> NDArray[np.float64]:
    """(..., G, 2, 2): this class against all others of each group."""
    tables = np.asarray(tables, np.float64)
    both = tables[..., code, code]
    first, second = tables[..., code, :].sum(axis=-1), tables[..., :, code].sum(axis=-1)
    neither = tables.sum(axis=(-2, -1)) - first - second + both
    cells = np.stack([both, first - both, second - both, neither], axis=-1)
    return cells.reshape((*cells.shape[:-1], 2, 2))


def measured(runs: Runs, codes: int, seed: int = 0) -> tuple[Kappa, list[Kappa]]:
    """Kappa over all C ``codes``, and of each of them against the others of its group.

    The interval comes from drawing whole runs again with replacement (percentiles of DRAWS draws
    from ``seed``): frames within a run say the same, so that drawing frames would make it far too
    narrow.
    """
    tables = runs.tables(codes)
    drawn = _drawn(runs, codes, seed) if len(runs) >= FEWEST_RUNS else None
    overall = _kappa(kappas(tables), None if drawn is None else kappas(drawn))
    of_classes = [
        _kappa(
            kappas(of_one_class(tables, code)),
            None if drawn is None else kappas(of_one_class(drawn, code)),
        )
        for code in range(codes)
    ]
    return overall, of_classes


def _drawn(runs: Runs, codes: int, seed: int) -> NDArray[np.float64]:
    """(DRAWS, G, C, C) tables."""
    generator = np.random.default_rng(seed)
    shape = runs.tables(codes).shape
    cells = (runs.group * codes + runs.first) * codes + runs.second
    known, place = np.unique(cells, return_inverse=True)
    by_cell = np.zeros((len(runs), len(known)))
    by_cell[np.arange(len(runs)), place] = runs.frames
    even = np.full(len(runs), 1 / len(runs))
    tables = np.zeros((DRAWS, math.prod(shape)))
    for start in range(0, DRAWS, _AT_ONCE):
        picked = generator.multinomial(len(runs), even, size=_AT_ONCE)
        tables[start : start + _AT_ONCE, known] = picked @ by_cell
    return tables.reshape(DRAWS, *shape)


def _kappa(value: NDArray[np.float64], drawn: NDArray[np.float64] | None) -> Kappa:
    if np.isnan(value):
        return Kappa(None)
    known = np.empty(0) if drawn is None else drawn[~np.isnan(drawn)]
    if not len(known):
        return Kappa(float(value))
    low, high = np.percentile(known, (2.5, 97.5))
    return Kappa(float(value), float(low), float(high))
