"""The plan of the labels as they are: counted, measured and planned; knows no dialog."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from endoscope_app.labels.exchange.training_selection import RangeSampling
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.retraining.plan import checking_set
from endoscope_app.retraining.plan.learning_plan import LearningPlan
from endoscope_app.retraining.plan.library_tally import LibraryTally
from endoscope_app.retraining.plan.plan_making import learning_plan
from endoscope_app.retraining.plan.plan_work import CostMeter, Failed, LabelCounter, Then
from endoscope_app.retraining.plan.training_choice import TrainingChoice
from endoscope_app.retraining.plan.training_cost import Cost
from endoscope_app.retraining.run_folders import RunFolders
from endoscope_app.retraining.starting_point import ShippedAssets, StartingModel


class PlanFlow(QObject):
    """Remembers the last plan that it made."""

    measured = Signal()  # what a run costs here

    def __init__(
        self,
        library: Path,
        runs: RunFolders,
        assets: ShippedAssets,
        sampling: Callable[[], RangeSampling],
        kept: Callable[[], Mapping[str, str]],
        parent: QObject | None = None,
    ) -> None:
        """``sampling`` and ``kept`` as LabelCounter has them."""
        super().__init__(parent)
        self._runs, self._assets = runs, assets
        self._meter = CostMeter(runs, self)
        self._counter = LabelCounter(library, runs, sampling, kept, self)
        self._tally: LibraryTally | None = None
        self._plan: LearningPlan | None = None
        self._meter.measured.connect(self.measured)

    def begin(self, model: StartingModel) -> LearningPlan:
        """Start to measure; what is planned before anything was counted."""
        self._meter.begin(model.folder)
        return LearningPlan(model.version, (), (), teachers=self._assets.teachers)

    def count(self, store: LabelStore, model: StartingModel, then: Then, failed: Failed) -> None:
        """The labels as they are now, at once or later. AppError where the library was closed."""
        self._counter.count(store, model, then, failed)

    def plan(
        self,
        tally: LibraryTally,
        model: StartingModel,
        choice: TrainingChoice,
        held_out: Collection[str] | None,
    ) -> LearningPlan:
        """``held_out``: fingerprints to keep for checking, None: as kd-core chooses.

        AppError where the sides of earlier runs cannot be read.
        """
        plan = learning_plan(tally, model, self._runs, self._assets.teachers, held_out)
        quick, thorough = self._meter.costs(plan, choice)
        plan = replace(plan, quick=quick, thorough=thorough)
        self._tally, self._plan = tally, plan
        return plan

    def plan_again(
        self, model: StartingModel, choice: TrainingChoice, held_out: Collection[str] | None
    ) -> LearningPlan | None:
        """Of the labels that were planned last; None before the first plan."""
        return None if self._tally is None else self.plan(self._tally, model, choice, held_out)

    def costs(self, choice: TrainingChoice) -> tuple[Cost | None, Cost | None]:
        """Of a quick and a thorough run of the last plan; None where nobody knows."""
        return (None, None) if self._plan is None else self._meter.costs(self._plan, choice)

    def release(self) -> None:
        """Take back the sides that no kept model depends on. AppError where it cannot be done."""
        if self._tally is not None:
            checking_set.release(self._runs.held_out, self._tally.releasable)
        self._counter.forget()

    def forget(self) -> None:
        """Runs are others now: count anew when asked next."""
        self._counter.forget()

    def close(self) -> None:
        """Wait for what is under way (only while closing)."""
        self._meter.close()
        self._counter.close()
