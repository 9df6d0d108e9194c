"""What a retraining takes on this machine: by the last one that was done here, else by a short
measurement in the background.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from endoscope_app.base.background_task import Tasks
from endoscope_app.retraining.plan.learning_plan import LearningPlan
from endoscope_app.retraining.plan.training_choice import TrainingChoice
from endoscope_app.retraining.plan.training_cost import (
    Cost,
    cost,
    forward_seconds,
    is_measured,
    work,
)
from endoscope_app.retraining.run.run_folders import RunFolders, RunRecord
from endoscope_app.retraining.run.training_process import spare_cores


class Measuring(QObject):
    """Measures once a session, and only where no run has told."""

    measured = Signal()

    def __init__(self, runs: RunFolders, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runs = runs
        self._tasks = Tasks(self)
        self._forward: float | None = None
        self._measuring = False
        self._before: RunRecord | None = None

    def begin(self, model_dir: Path) -> None:
        """Look for the last run here, and measure with this model if there is none; ``measured``
        follows. What cannot be measured stays unknown.
        """
        if self._measuring:
            return
        self._measuring = True
        known = self._forward

        def work() -> tuple[RunRecord | None, float | None]:
            before = self._runs.last_measured()
            return before, known if known is not None or is_measured(before) else forward_seconds(
                model_dir
            )

        self._tasks.run(work, self._on_done, lambda _: self._on_done((None, None)))

    def costs(self, plan: LearningPlan, choice: TrainingChoice) -> tuple[Cost | None, Cost | None]:
        """Of a quick and a thorough run with these teachers and epochs; None while it is
        measured.
        """
        learnt = plan.learnt + plan.none_of_these[0]
        quick, thorough = (
            cost(
                work(learnt, len(choice.teachers), thorough=long, epochs=choice.epochs),
                plan.frames,
                self._before,
                self._forward,
                spare_cores(),
            )
            for long in (False, True)
        )
        return quick, thorough

    def wait(self) -> None:
        """Block until it is measured (only while closing)."""
        self._tasks.close()

    def _on_done(self, found: tuple[RunRecord | None, float | None]) -> None:
        self._measuring = False
        before, forward = found
        self._before = before or self._before
        self._forward = forward if forward is not None else self._forward
        self.measured.emit()
