"""Retraining as the reader meets it: the plan, the choice, the run and its end.

And what an earlier session left behind.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from endoscope_app.base.errors import AppError
from endoscope_app.base.learning_packages import lacks_learning_packages
from endoscope_app.base.window_port import WindowPort
from endoscope_app.labels.exchange.training_selection import RangeSampling
from endoscope_app.labels.label_session import LabelSession
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.retraining import wording
from endoscope_app.retraining.label_changes import LabelChanges
from endoscope_app.retraining.plan.library_tally import LibraryTally
from endoscope_app.retraining.plan.plan_flow import PlanFlow
from endoscope_app.retraining.plan.training_choice import TrainingChoice
from endoscope_app.retraining.run import interrupted_run as interrupted
from endoscope_app.retraining.run import wording as run_wording
from endoscope_app.retraining.run.closing_question import ClosingQuestion
from endoscope_app.retraining.run.run_files import read_events
from endoscope_app.retraining.run.run_flow import RunFlow
from endoscope_app.retraining.run.run_start import RunStart
from endoscope_app.retraining.run.training_process import TrainingProcess
from endoscope_app.retraining.run.training_run import RunEnd
from endoscope_app.retraining.run_folders import RunFolders
from endoscope_app.retraining.starting_point import ShippedAssets, StartingModel
from endoscope_app.retraining.training_screen import TrainingScreen

if TYPE_CHECKING:
    from endoscope_app.retraining.training_dialog import TrainingDialog


class RetrainingFlow(QObject):
    """One run at a time.

    Its files are the truth: the dialog can be closed and opened again at any moment.
    """

    ended = Signal(str, object)  # outcome, run folder
    compare_requested = Signal(object)  # run folder
    patients_requested = Signal()

    def __init__(
        self,
        window: WindowPort,
        session: LabelSession,
        library: Path,
        runs: RunFolders,
        assets: ShippedAssets,
        *,
        deinterlace: Callable[[], bool] = lambda: False,
        sampling: Callable[[], RangeSampling] = RangeSampling,
        kept: Callable[[], Mapping[str, str]] = dict,
        process: TrainingProcess | None = None,
    ) -> None:
        """``library``: the folder of the label library, which the background opens for itself.

        ``sampling`` and ``kept`` as LabelCounter has them.
        """
        super().__init__(window.as_widget())
        self.screen = TrainingScreen(window, self)
        self.process = process or TrainingProcess()
        self.process.setParent(self)
        self.running = RunFlow(self.process, library, runs, assets.replay, self)
        self.closing = ClosingQuestion(self, window.as_widget())
        self._session, self._runs, self._assets = session, runs, assets
        self._starter = RunStart(self.process, self.running, runs, deinterlace)
        self._planning = PlanFlow(library, runs, assets, sampling, kept, self)
        self._changes = LabelChanges(self._planning, self._needed)
        self._model: StartingModel | None = None
        self._end: RunEnd | None = None  # one that no open dialog has shown
        self.running.event_came.connect(self.screen.take)
        self.running.noted.connect(self.screen.show_note)
        self.running.ended.connect(self._on_ended)
        self.process.line_logged.connect(self.screen.add_log_line)
        self.process.fell_silent.connect(self.screen.show_silence)
        self._planning.measured.connect(self._show_costs)

    @property
    def dialog(self) -> TrainingDialog | None:
        """The one that is open."""
        return self.screen.dialog

    @property
    def busy(self) -> bool:
        """Whether a run is under way."""
        return self.running.busy

    def use(self, model: StartingModel) -> None:
        """The model that the next run starts from.

        With the first, a run that an earlier session left behind is told of.
        """
        is_first, self._model = self._model is None, model
        left = interrupted.resumable(self._runs) if is_first and not self.busy else None
        if left is not None:
            self.screen.show_interrupted(f"{left.sentence()} {wording.PRESS_TO_RESUME}")

    def open(self) -> None:
        """Show the dialog: the plan, or how it goes, or how it ended while nobody looked."""
        if self.screen.bring_to_front():
            return
        try:
            _, model = self._needed()
        except AppError as error:
            self._refuse(error)
            return
        dialog = self.screen.open(self._planning.begin(model))
        dialog.start_requested.connect(self._on_start)
        dialog.resume_requested.connect(self._on_resume)
        dialog.discard_requested.connect(self._on_discard)
        dialog.held_out_changed.connect(self._on_held_out)
        dialog.release_requested.connect(self._on_release)
        dialog.patients_requested.connect(self.patients_requested)
        dialog.form.changed.connect(self._show_costs)
        dialog.stop_requested.connect(self.running.stop)
        dialog.cancel_requested.connect(self.running.cancel)
        dialog.compare_requested.connect(self._on_compare)
        run = self.running.run
        if run is not None and (self.busy or self._end):
            self.screen.show_running(read_events(run.folder))
            self.screen.show_note(run_wording.left_out(run.record.frames_without_image))
            if self._end is not None:
                dialog.show_end(self._end)
                self._end = None
        else:
            left = interrupted.resumable(self._runs)
            if left is not None:
                dialog.show_offer(left.offer(model.version), left.fits(model.version))
            if self._runs.last_compared() is not None:
                dialog.show_last()
        dialog.show()
        self.recount()

    def recount(self) -> None:
        """The open dialog shows the plan of the library as it is now."""
        if self.dialog is not None:
            self._attempt(partial(self._count, self._show_plan))

    def close(self) -> None:
        """End what runs and wait for it (only while closing).

        It can be resumed at the next start.
        """
        self._planning.close()
        self.running.close()

    def end_and_discard(self) -> None:
        """End what runs, wait for it and keep nothing (only while closing)."""
        self.close()
        if self.running.run is not None:
            interrupted.give_up(self._runs, self.running.run.folder)

    def _needed(self) -> tuple[LabelStore, StartingModel]:
        if lacks := lacks_learning_packages(wording.RETRAINING):
            raise AppError(lacks)
        if self._session.not_open_because:
            raise AppError(wording.NO_LIBRARY)
        if self._model is None:
            raise AppError(wording.NO_MODEL)
        return self._session.main, self._model

    def _ready(self) -> StartingModel:
        if self.busy:
            raise AppError(run_wording.BUSY, run_wording.BUSY_WAY_OUT)
        if not self._assets.replay.is_file():
            raise AppError(wording.NO_REPLAY, wording.NO_REPLAY_WAY_OUT)
        return self._needed()[1]

    def _count(self, then: Callable[[LibraryTally], None]) -> None:
        """The labels as they are now, at once or later; the dialog shows that it counts."""
        store, model = self._needed()
        self.screen.show_counting()

        def counted(tally: LibraryTally) -> None:
            self._attempt(partial(then, tally))

        self._planning.count(store, model, counted, self._refuse)

    def _show_plan(self, tally: LibraryTally) -> None:
        _, model = self._needed()
        self.screen.show_plan(self._planning.plan(tally, model, self.screen.choice, None))

    def _attempt(self, act: Callable[[], None]) -> None:
        try:
            act()
        except AppError as error:
            self._refuse(error)

    def _refuse(self, error: AppError) -> None:
        self.screen.show_refusal(str(error))

    def _on_start(self, choice: TrainingChoice) -> None:
        self._attempt(partial(self._start, choice))

    def _start(self, choice: TrainingChoice) -> None:
        model = self._ready()

        def start(tally: LibraryTally) -> None:
            plan = self._planning.plan(tally, model, choice, choice.held_out)
            self.screen.show_plan(plan)
            self._starter.start(choice, model, tally, plan, self._launched)

        self._count(start)

    def _on_resume(self) -> None:
        self._attempt(self._resume)

    def _resume(self) -> None:
        model = self._ready()
        left = self._starter.resumable(model)

        def resume(tally: LibraryTally | None) -> None:
            self._starter.resume(left, model, tally, self._names(), self._launched)

        if left.exported:
            resume(None)
        else:  # then it is a beginning: of the labels as they are now
            self._count(resume)

    def _names(self) -> dict[str, str]:
        procedures = self._session.main.read.procedures()
        return {procedure.fingerprint: procedure.name for procedure in procedures}

    def _launched(self) -> None:
        """A run is about to begin: what was said of another is true no more."""
        self._end = None
        self.screen.withdraw_interrupted()
        self.screen.show_running()

    def _on_discard(self) -> None:
        left = None if self.busy else interrupted.unfinished(self._runs)
        trouble = interrupted.give_up(self._runs, left.folder) if left is not None else ""
        self.screen.withdraw_interrupted()
        self._planning.forget()  # procedures may be free again
        self.recount()
        if trouble:
            self._refuse(AppError(trouble))

    def _on_release(self) -> None:
        self._attempt(self._release)

    def _release(self) -> None:
        with self._starter.claimed():
            self._planning.release()
        self.process.let_go()
        self.recount()

    def _on_held_out(self, chosen: tuple[str, ...] | None) -> None:
        self._attempt(partial(self._plan_again, chosen))

    def _plan_again(self, held_out: tuple[str, ...] | None) -> None:
        _, model = self._needed()
        plan = self._planning.plan_again(model, self.screen.choice, held_out)
        if plan is not None:
            self.screen.show_plan(plan)

    def _show_costs(self) -> None:
        """As what is chosen asks for."""
        self.screen.show_costs(*self._planning.costs(self.screen.choice))

    def _on_compare(self) -> None:
        folder = self._runs.last_compared()
        if folder is not None:
            self.compare_requested.emit(folder)

    def _on_ended(self, end: RunEnd) -> None:
        run = self.running.run
        if run is None:
            return

        def show(end: RunEnd) -> None:
            self._planning.forget()  # this run may have fixed procedures
            self._show_end(end, run.folder)

        self._changes.add(end, run, show)

    def _show_end(self, end: RunEnd, folder: Path) -> None:
        if not self.screen.show_end(end):
            self._end = end
        self.ended.emit(end.outcome, folder)
