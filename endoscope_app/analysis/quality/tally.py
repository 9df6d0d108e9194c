"""How many of a procedure's frames can be judged, and what keeps the others from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from endoscope_app.analysis.quality.kinds import FAULTS, Kind, Kinds


@dataclass(frozen=True)
class QualityTally:
    """``counts`` of frames by kind, those that occur; NOT_MEASURED is not among them."""

    measured: int
    total: int
    counts: tuple[tuple[Kind, int], ...]

    @classmethod
    def of(cls, kinds: Kinds) -> QualityTally:
        """Usable first, then what is wrong as it is listed."""
        found = {kind: int(np.count_nonzero(kinds == kind)) for kind in (Kind.USABLE, *FAULTS)}
        counts = tuple((kind, count) for kind, count in found.items() if count)
        return cls(sum(found.values()), len(kinds), counts)

    @property
    def usable_share(self) -> float:
        """0..1 of what is measured; 0 where nothing is."""
        return self.share(Kind.USABLE)

    def share(self, kind: Kind) -> float:
        """0..1 of what is measured."""
        return dict(self.counts).get(kind, 0) / self.measured if self.measured else 0.0
