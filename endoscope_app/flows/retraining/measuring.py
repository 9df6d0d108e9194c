"""What a retraining takes on this machine: by the last one that was done here, else by a short measurement in the background."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from endoscope_app.dialogs.training.plan_view import LearningPlan
from endoscope_app.engine.tasks import Tasks
from endoscope_app.engine.training_cost import Cost, cost, forward_seconds, work
from endoscope_app.engine.training_process import spare_cores
from endoscope_app.store.run_folders import RunFolders


class Measuring(QObject):
    """Measures once a session, and only where no run has told."""

    measured = Signal()

    def __init__(self, runs: RunFolders, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runs = runs
        self._tasks = Tasks(self)
        self._forward: float | None = None
        self._measuring = False

    def begin(self, model_dir: Path) -> None:
        """Measure with this model, if nothing is known yet; ``measured`` follows. What cannot be measured stays unknown."""
        if self._measuring or self._forward is not None or _usable(self._runs):
            return
        self._measuring = True
        self._tasks.run(lambda: forward_seconds(model_dir), self._on_done, lambda _: None)

    def costs(self, plan: LearningPlan) -> tuple[Cost | None, Cost | None]:
        """Of a quick and a thorough run with all teachers; None while it is measured."""
        frames = plan.learnt + sum(one.held_out for one in plan.classes)
        before, threads = self._runs.last_measured(), spare_cores()
        quick, thorough = (
            cost(work(plan.learnt, len(plan.teachers), thorough=long), frames, before, self._forward, threads) for long in (False, True)
        )
        return quick, thorough

    def wait(self) -> None:
        """Block until it is measured (only while closing)."""
        self._tasks.close()

    def _on_done(self, seconds: float) -> None:
        self._forward = seconds
        self.measured.emit()


def _usable(runs: RunFolders) -> bool:
    last = runs.last_measured()
    return last is not None and last.work > 0
