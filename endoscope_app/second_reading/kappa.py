"""Cohen's kappa with an interval that knows that neighbouring frames are not independent. No Qt."""

from __future__ import annotations

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
    """R runs of frames within which neither reader changes what they say.

    ``first``, ``second`` (R,) int64: codes 0..C-1 of what each says; ``frames`` (R,) int64.
    """

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    frames: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.frames)

    def table(self, codes: int) -> NDArray[np.int64]:
        """(C, C) frames by what the first (rows) and the second reader says."""
        counts = np.zeros((codes, codes), np.int64)
        np.add.at(counts, (self.first, self.second), self.frames)
        return counts


def joined(parts: list[Runs]) -> Runs:
    """The runs of several procedures."""
    empty = np.empty(0, np.int64)
    return Runs(
        *(
            np.concatenate([empty, *(getattr(part, name) for part in parts)])
            for name in ("first", "second", "frames")
        )
    )


def kappas(tables: NDArray[np.floating | np.integer]) -> NDArray[np.float64]:
    """Cohen's kappa of tables (..., C, C) of counts or shares; nan where it is not defined.

    Cohen, A coefficient of agreement for nominal scales, Educ Psychol Meas 20 (1960), 37-46.
    """
    shares = np.asarray(tables, np.float64)
    total = shares.sum(axis=(-2, -1), keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = shares / total
        observed = np.trace(shares, axis1=-2, axis2=-1)
        expected = (shares.sum(axis=-1) * shares.sum(axis=-2)).sum(axis=-1)
        values: NDArray[np.float64] = (observed - expected) / (1 - expected)
    return np.where(1 - expected > _UNDEFINED, values, np.nan)


def of_one_class(tables: NDArray[np.floating | np.integer], code: int) -> NDArray[np.float64]:
    """(..., 2, 2): this class against all others."""
    tables = np.asarray(tables, np.float64)
    both = tables[..., code, code]
    first, second = tables[..., code, :].sum(axis=-1), tables[..., :, code].sum(axis=-1)
    neither = tables.sum(axis=(-2, -1)) - first - second + both
    cells = np.stack([both, first - both, second - both, neither], axis=-1)
    return cells.reshape((*cells.shape[:-1], 2, 2))


def measured(runs: Runs, codes: int, seed: int = 0) -> tuple[Kappa, list[Kappa]]:
    """Kappa over all C ``codes``, and of each of them against the others.

    The interval comes from drawing whole runs again with replacement (percentiles of DRAWS draws
    from ``seed``): frames within a run say the same, so that drawing frames would make it far too
    narrow.
    """
    table = runs.table(codes)
    drawn = _drawn(runs, codes, seed) if len(runs) >= FEWEST_RUNS else None
    overall = _kappa(kappas(table), None if drawn is None else kappas(drawn))
    of_classes = [
        _kappa(
            kappas(of_one_class(table, code)),
            None if drawn is None else kappas(of_one_class(drawn, code)),
        )
        for code in range(codes)
    ]
    return overall, of_classes


def _drawn(runs: Runs, codes: int, seed: int) -> NDArray[np.float64]:
    """(DRAWS, C, C) tables."""
    generator = np.random.default_rng(seed)
    pairs, place = np.unique(runs.first * codes + runs.second, return_inverse=True)
    by_pair = np.zeros((len(runs), len(pairs)))
    by_pair[np.arange(len(runs)), place] = runs.frames
    even = np.full(len(runs), 1 / len(runs))
    tables = np.zeros((DRAWS, codes * codes))
    for start in range(0, DRAWS, _AT_ONCE):
        picked = generator.multinomial(len(runs), even, size=_AT_ONCE)
        tables[start : start + _AT_ONCE, pairs] = picked @ by_pair
    return tables.reshape(DRAWS, codes, codes)


def _kappa(value: NDArray[np.float64], drawn: NDArray[np.float64] | None) -> Kappa:
    if np.isnan(value):
        return Kappa(None)
    known = np.empty(0) if drawn is None else drawn[~np.isnan(drawn)]
    if not len(known):
        return Kappa(float(value))
    low, high = np.percentile(known, (2.5, 97.5))
    return Kappa(float(value), float(low), float(high))
