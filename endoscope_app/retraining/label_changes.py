"""What the reader labelled while a run was learning: said at its end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from endoscope_app.base.errors import AppError
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.retraining.plan.library_tally import LibraryTally
from endoscope_app.retraining.plan.plan_flow import PlanFlow
from endoscope_app.retraining.run.training_run import Run, RunEnd, changed_since
from endoscope_app.retraining.starting_point import StartingModel


class LabelChanges:
    """Counts the library once more when a run has ended."""

    def __init__(
        self, planning: PlanFlow, needed: Callable[[], tuple[LabelStore, StartingModel]]
    ) -> None:
        """``needed`` raises AppError where no library is open or no model is in use."""
        self._planning, self._needed = planning, needed

    def add(self, end: RunEnd, run: Run, then: Callable[[RunEnd], None]) -> None:
        """``then`` is given the end with what changed since the run began, at once or later; as it
        is where there is no new model to compare, or the library cannot be counted.
        """
        if not end.can_compare:
            then(end)
            return

        def counted(tally: LibraryTally) -> None:
            changed = changed_since(run.record, tally.label_ids)
            then(replace(end, sentence=" ".join(filter(None, (end.sentence, changed)))))

        def uncounted(_: AppError) -> None:
            then(end)

        try:
            store, model = self._needed()
            self._planning.count(store, model, counted, uncounted)
        except AppError:  # the library was closed meanwhile
            then(end)
