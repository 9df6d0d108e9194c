"""What a frame costs, and what a training costs, on this machine."""

from __future__ import annotations

from pathlib import Path

from kd_core.benchmarks.training import StepCost, WholeRunCost, step_cost, whole_run_cost
from kd_core.benchmarks.viewing import ViewingCost, viewing_cost


def benchmark(
    model: str | Path | None = None, *, runs: int = 5, training: bool = False, frames: int = 0
) -> ViewingCost | StepCost | WholeRunCost:
    """Medians of ``runs`` of viewing, of ``training``, or of a whole distillation.

    Viewing is with the student in ``model`` (an untrained one by default); a distillation has so
    many noise ``frames``.
    """
    if frames:
        return whole_run_cost(frames)
    if training:
        return step_cost(runs=max(1, runs))
    return viewing_cost(Path(model) if model else None, runs)
