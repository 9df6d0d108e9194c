"""What a frame costs, and what a training costs, on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from kd_core.benchmarks.training import training_cost
from kd_core.benchmarks.viewing import ViewingCost, viewing_cost


class TrainingCost(dict[str, Any]):
    """Numbers by name; ``print`` shows them as JSON for people."""

    def __str__(self) -> str:
        return msgspec.json.format(msgspec.json.encode(dict(self)), indent=1).decode()


def benchmark(
    model: str | Path | None = None, *, runs: int = 5, training: bool = False, frames: int = 0
) -> ViewingCost | TrainingCost:
    """Medians of ``runs``: of viewing with the student in ``model`` (an untrained one by default),
    of ``training``, or of a whole distillation of so many noise ``frames``.
    """
    if training or frames:
        return TrainingCost(training_cost(frames, max(1, runs)))
    return viewing_cost(Path(model) if model else None, runs)
