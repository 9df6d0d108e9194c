"""The table of a reproduction: means and spread over seeds, and paired comparisons by group."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

import msgspec

from kd_core.evaluation.group_scores import compare_macro_f1
from kd_core.reproduction.reproduce import Reproduction, Result
from kd_core.schema.model_card import RESEARCH_USE
from kd_core.schema.model_origin import DataNotes, ParameterCounts

METRICS = ("accuracy", "macro_f1", "mcc")
#: (B, A): is B better than A?
PAIRS = (
    ("response", "student alone"),
    ("feature", "student alone"),
    ("relation, mean", "student alone"),
    ("relation, attention", "student alone"),
    ("relation, attention", "response"),
    ("relation, attention", "relation, mean"),
    ("relation, places", "response"),
    ("relation, places", "relation, attention"),
)
RESAMPLES = 1000


class Spread(msgspec.Struct, frozen=True):
    """One metric over seeds; ``sd``: standard deviation, None of a single seed."""

    mean: float
    sd: float | None
    values: list[float]


class TableRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A model over so many ``seeds``; ``minutes``: mean time of a training.

    ``validation`` and ``test``: metric to its spread, empty where the part was not looked at.
    """

    seeds: int
    minutes: float
    parameters: ParameterCounts
    validation: dict[str, Spread] = {}
    test: dict[str, Spread] = {}


class PairComparison(msgspec.Struct, frozen=True, kw_only=True):
    """Macro-F1 of ``b`` minus that of ``a`` on the test part, with its 95 % interval."""

    b: str
    a: str
    difference: float
    low: float
    high: float
    verdict: str


class ReproductionTable(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What table.json holds: ``rows`` by name, and ``comparisons`` where the test part is seen."""

    notice: str
    data: DataNotes
    seeds: list[int]
    rows: dict[str, TableRow]
    comparisons: list[PairComparison] = []

    @property
    def parts(self) -> tuple[str, ...]:
        """Those that any row has scores of."""
        return tuple(
            part
            for part in ("validation", "test")
            if any(getattr(row, part) for row in self.rows.values())
        )


def table(reproduction: Reproduction, *, open_test: bool = True) -> ReproductionTable:
    """Every row with results: mean and standard deviation over seeds, and the comparisons."""
    results = reproduction.results
    rows = {
        name: _row(list(by_seed.values()), open_test=open_test)
        for name, by_seed in results.items()
        if by_seed
    }
    compared = open_test and len(reproduction.data.test.labels) > 0
    return ReproductionTable(
        notice=RESEARCH_USE,
        data=reproduction.data.notes,
        seeds=list(reproduction.seeds),
        rows=rows,
        comparisons=[
            _pair(reproduction, b, a)
            for b, a in PAIRS
            if compared and results.get(a) and results.get(b)
        ],
    )


def _row(results: Sequence[Result], *, open_test: bool) -> TableRow:
    return TableRow(
        seeds=len(results),
        minutes=statistics.mean(result.minutes for result in results),
        parameters=results[0].parameters,
        validation=_spreads(results, "validation"),
        test=_spreads(results, "test") if open_test else {},
    )


def _spreads(results: Sequence[Result], part: str) -> dict[str, Spread]:
    if part not in results[0].scores:
        return {}
    return {
        metric: _spread([float(getattr(result.scores[part], metric)) for result in results])
        for metric in METRICS
    }


def _spread(values: list[float]) -> Spread:
    deviation = statistics.stdev(values) if len(values) > 1 else None
    return Spread(statistics.mean(values), deviation, values)


def _pair(reproduction: Reproduction, better: str, base: str) -> PairComparison:
    """Paired bootstrap by group of the mean over seeds of macro-F1 on the test part."""
    results, test = reproduction.results, reproduction.data.test
    seeds = sorted(set(results[better]) & set(results[base]))
    predicted = {
        name: [reproduction.logits(name, seed).argmax(1) for seed in seeds]
        for name in (better, base)
    }
    comparison = compare_macro_f1(
        test.labels,
        predicted[base],
        predicted[better],
        test.groups,
        len(reproduction.data.classes),
        seed=0,
        resamples=RESAMPLES,
    )
    value, low, high = comparison.difference
    return PairComparison(
        b=better, a=base, difference=value, low=low, high=high, verdict=comparison.verdict
    )
