"""One number over seeds."""

from __future__ import annotations

import statistics

import msgspec


class Spread(msgspec.Struct, frozen=True):
    """One metric over seeds; ``sd``: standard deviation, None of a single seed."""

    mean: float
    sd: float | None
    values: list[float]

    def __str__(self) -> str:
        return f"{self.mean:.3f}" + (f" ± {self.sd:.3f}" if self.sd is not None else "")


def spread_of(values: list[float]) -> Spread:
    """Of one value or more."""
    deviation = statistics.stdev(values) if len(values) > 1 else None
    return Spread(statistics.mean(values), deviation, values)
