"""The table of a reproduction: means and spread over seeds, and paired comparisons.

Over groups and seeds, corrected for how many they are.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence

import msgspec

from kd_core.evaluation.intervals import FEWEST_GROUPS, LEVEL
from kd_core.evaluation.many_comparisons import holm
from kd_core.evaluation.seed_comparison import SeedComparison, compare_over_seeds
from kd_core.reproduction.agreement import Agreement, agreement_of
from kd_core.reproduction.reproduce import Reproduction, Result
from kd_core.reproduction.rows import ALONE, AS_LONG
from kd_core.reproduction.spread import Spread, spread_of
from kd_core.schema.model_card import RESEARCH_USE
from kd_core.schema.model_origin import DataNotes, ParameterCounts

METRICS = ("accuracy", "macro_f1", "mcc")
#: (B, A): is B better than A? Where the table has no row for as long, the student alone is A.
PAIRS = (
    ("response", AS_LONG),
    ("feature", AS_LONG),
    ("relation, mean", AS_LONG),
    ("relation, attention", AS_LONG),
    ("relation, places", AS_LONG),
    ("relation, attention", "response"),
    ("relation, attention", "relation, mean"),
    ("relation, places", "response"),
    ("relation, places", "relation, attention"),
)


class TableRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A model over so many ``seeds``; ``minutes`` and ``epochs``: mean of a training.

    ``validation`` and ``test``: metric to its spread, empty where the part was not looked at.
    """

    seeds: int
    minutes: float
    epochs: float = 0.0
    parameters: ParameterCounts
    validation: dict[str, Spread] = {}
    test: dict[str, Spread] = {}


class PairComparison(msgspec.Struct, frozen=True, kw_only=True):
    """Macro-F1 of ``b`` minus that of ``a`` on the part compared, with its 95 % interval.

    Over groups and ``seeds``; of one seed over groups alone. ``chance``: two-sided, of such a
    difference if there is none; ``among_all``: among all comparisons of the table (Holm).
    """

    b: str
    a: str
    seeds: int
    difference: float
    low: float
    high: float
    chance: float
    among_all: float
    verdict: str


class ReproductionTable(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What table.json holds: ``rows`` by name.

    On the part that is ``compared`` ("validation" or "test"), ``comparisons`` and, with several
    teachers, ``agreement``.
    """

    notice: str
    data: DataNotes
    seeds: list[int]
    rows: dict[str, TableRow]
    compared: str = "test"
    comparisons: list[PairComparison] = []
    agreement: Agreement | None = None

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
    compared = len(reproduction.compared.labels) > 0
    return ReproductionTable(
        notice=RESEARCH_USE,
        data=reproduction.data.notes,
        seeds=list(reproduction.seeds),
        rows=rows,
        compared=reproduction.compared_part,
        comparisons=_pairs(reproduction) if compared else [],
        agreement=agreement_of(reproduction) if compared else None,
    )


def _row(results: Sequence[Result], *, open_test: bool) -> TableRow:
    return TableRow(
        seeds=len(results),
        minutes=statistics.mean(result.minutes for result in results),
        epochs=statistics.mean(result.epochs for result in results),
        parameters=results[0].parameters,
        validation=_spreads(results, "validation"),
        test=_spreads(results, "test") if open_test else {},
    )


def _spreads(results: Sequence[Result], part: str) -> dict[str, Spread]:
    if part not in results[0].scores:
        return {}
    return {
        metric: spread_of([float(getattr(result.scores[part], metric)) for result in results])
        for metric in METRICS
    }


def _pairs(reproduction: Reproduction) -> list[PairComparison]:
    """What is asked of the part compared, corrected for how many questions that are."""
    results, part = reproduction.results, reproduction.compared
    pairs, found = [], []
    for better, against in PAIRS:
        base = against if results.get(against) or against != AS_LONG else ALONE
        seeds = sorted(set(results.get(better, ())) & set(results.get(base, ())))
        if not seeds:
            continue
        by_base, by_better = (
            [reproduction.logits(name, seed).argmax(1) for seed in seeds] for name in (base, better)
        )
        pairs.append((better, base))
        classes = len(reproduction.data.classes)
        found.append(
            compare_over_seeds(part.labels, by_base, by_better, part.groups, classes, seed=0)
        )
    among_all = holm([one.chance for one in found])
    return [
        PairComparison(
            b=better,
            a=base,
            seeds=one.seeds,
            difference=one.difference.value,
            low=one.difference.low,
            high=one.difference.high,
            chance=one.chance,
            among_all=chance,
            verdict=verdict_of(one, chance),
        )
        for (better, base), one, chance in zip(pairs, found, among_all, strict=True)
    ]


def verdict_of(comparison: SeedComparison, among_all: float) -> str:
    """What may be said: proved only among all comparisons, and of groups enough to know a spread.

    ``among_all``: the chance of the difference, if there is none, by Holm. Of one seed the runs are
    compared, not the ways of training.
    """
    if comparison.groups < FEWEST_GROUPS or among_all > 1 - LEVEL:
        return "not proved"
    word = "better" if comparison.difference.value > 0 else "worse"
    return f"proved {word}" if comparison.seeds > 1 else f"{word} in this one run"
