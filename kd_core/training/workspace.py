"""Where a run works."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kd_core.data.teacher_cache import DEFAULT_LIMIT


@dataclass(frozen=True)
class Workspace:
    """``out``: the run directory.

    ``cache`` None: nothing is stored and teachers are asked anew for every view (a GPU can afford
    it). ``command``: what started the run, for its card.
    """

    out: Path
    cache: Path | None = None
    cache_limit: int = DEFAULT_LIMIT
    device: str = "cpu"
    command: str = ""
