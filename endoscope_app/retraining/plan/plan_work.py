"""What a plan needs of the background: the labels counted, and what a run costs here.

Each is done once: a count serves as long as nothing was labelled, a measurement for the session.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from endoscope_app.base.background_task import Tasks
from endoscope_app.base.errors import AppError
from endoscope_app.labels.exchange.training_selection import RangeSampling
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.retraining.plan.learning_plan import LearningPlan
from endoscope_app.retraining.plan.library_tally import (
    LibrarySelection,
    LibraryTally,
    select_library,
    tally_runs,
)
from endoscope_app.retraining.plan.training_choice import TrainingChoice
from endoscope_app.retraining.plan.training_cost import (
    Cost,
    cost,
    forward_seconds,
    is_measured,
    spare_cores,
    work,
)
from endoscope_app.retraining.run_folders import RunFolders, RunRecord
from endoscope_app.retraining.starting_point import StartingModel

Then = Callable[[LibraryTally], None]
Failed = Callable[[AppError], None]


@dataclass(frozen=True)
class _LabelState:
    """The library's last act, and how ranges are sampled."""

    sequence: int
    sampling: RangeSampling


@dataclass(frozen=True)
class _CountState:
    """What a count depends on: the labels, the model in use, and the models that are kept."""

    labels: _LabelState
    version: str
    all_groups: bool
    kept: tuple[tuple[str, str], ...]


class LabelCounter(QObject):
    """Counts in the background; the last count serves as long as it holds."""

    def __init__(
        self,
        library: Path,
        runs: RunFolders,
        sampling: Callable[[], RangeSampling],
        kept: Callable[[], Mapping[str, str]],
        parent: QObject | None = None,
    ) -> None:
        """``sampling``: how ranges are sampled now.

        ``kept``: version of every model of the reader to its parent's.
        """
        super().__init__(parent)
        self._library, self._runs, self._sampling, self._kept = library, runs, sampling, kept
        self._tasks = Tasks(self)
        self._last: tuple[_CountState, LibraryTally] | None = None
        #: Of the last count: it depends on the labels alone, and takes more than all the rest
        self._selected: tuple[_LabelState, LibrarySelection] | None = None
        self._waiting: list[tuple[_CountState, Then, Failed]] = []

    def count(self, store: LabelStore, model: StartingModel, then: Then, failed: Failed) -> None:
        """``then`` is called at once where nothing has changed since the last count, else later.

        AppError where the library was closed.
        """
        labels = _LabelState(store.read.last_sequence(), self._sampling())
        kept = tuple(sorted(self._kept().items()))
        state = _CountState(labels, model.version, model.tells_groups_apart, kept)
        if self._last is not None and self._last[0] == state:
            then(self._last[1])
            return
        self._waiting.append((state, then, failed))
        if len(self._waiting) == 1:
            self._begin(state)

    def forget(self) -> None:
        """Runs or sides of procedures are others now: count anew when asked next."""
        self._last = None

    def close(self) -> None:
        """Wait for what is under way and answer nobody any more (only while closing)."""
        self._tasks.close()

    def _begin(self, state: _CountState) -> None:
        selected = self._selected
        known = selected[1] if selected is not None and selected[0] == state.labels else None

        def count() -> tuple[LibrarySelection, LibraryTally]:
            selection = known or select_library(self._library, state.labels.sampling)
            kept, groups = dict(state.kept), state.all_groups
            return selection, tally_runs(
                selection, self._runs, state.version, kept, all_groups=groups
            )

        self._tasks.run(
            count,
            lambda counted: self._on_counted(state, *counted),
            lambda error: self._on_failed(state, error),
        )

    def _on_counted(
        self, state: _CountState, selection: LibrarySelection, tally: LibraryTally
    ) -> None:
        self._last, self._selected = (state, tally), (state.labels, selection)
        for _, then, _ in self._served(state):
            then(tally)

    def _on_failed(self, state: _CountState, error: AppError) -> None:
        for _, _, failed in self._served(state):
            failed(error)

    def _served(self, state: _CountState) -> list[tuple[_CountState, Then, Failed]]:
        served = [asked for asked in self._waiting if asked[0] == state]
        self._waiting = [asked for asked in self._waiting if asked[0] != state]
        if self._waiting:
            self._begin(self._waiting[0][0])
        return served


class CostMeter(QObject):
    """What a retraining takes on this machine: by the last one here, else by a short probe."""

    measured = Signal()

    def __init__(self, runs: RunFolders, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runs = runs
        self._tasks = Tasks(self)
        self._forward: float | None = None
        self._measuring = False
        self._before: RunRecord | None = None

    def begin(self, model_dir: Path) -> None:
        """Look for the last run here, and measure with this model if there is none.

        ``measured`` follows. What cannot be measured stays unknown.
        """
        if self._measuring:
            return
        self._measuring = True
        known = self._forward

        def measure() -> tuple[RunRecord | None, float | None]:
            before = self._runs.last_measured()
            if known is not None or is_measured(before):
                return before, known
            return before, forward_seconds(model_dir)

        self._tasks.run(measure, self._on_measured, lambda _: self._on_measured((None, None)))

    def costs(self, plan: LearningPlan, choice: TrainingChoice) -> tuple[Cost | None, Cost | None]:
        """Of a quick and a thorough run with these teachers and epochs; None until measured."""
        learnt = plan.learnt + plan.none_of_these[0]
        quick, thorough = (
            cost(
                work(learnt, len(choice.teachers), thorough=thorough, epochs=choice.epochs),
                plan.frames,
                self._before,
                self._forward,
                spare_cores(),
            )
            for thorough in (False, True)
        )
        return quick, thorough

    def close(self) -> None:
        """Block until it is measured, and tell nobody any more (only while closing)."""
        self._tasks.close()

    def _on_measured(self, measured: tuple[RunRecord | None, float | None]) -> None:
        self._measuring = False
        before, forward = measured
        self._before = before or self._before
        self._forward = forward if forward is not None else self._forward
        self.measured.emit()
