"""Which procedure the commands of two readings are about. No Qt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ChosenProcedure:
    """``fingerprint`` is empty while it was never opened."""

    path: Path
    fingerprint: str


WhichProcedure = Callable[[], ChosenProcedure | None]
"""The one that is chosen on the page in front; None where it is none or several."""
