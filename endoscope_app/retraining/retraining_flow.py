"""Retraining as the reader meets it: what would be learnt, what is chosen, how it goes, and
what an earlier session left behind.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal

from endoscope_app.base.errors import AppError
from endoscope_app.labels.exchange.training_selection import RangeSampling
from endoscope_app.labels.label_session import LabelSession
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.retraining.plan import held_out_sides as sides
from endoscope_app.retraining.plan.cost_measurement import Measuring
from endoscope_app.retraining.plan.plan_counting import Counting
from endoscope_app.retraining.plan.plan_making import Active, Means, learning_plan
from endoscope_app.retraining.plan.training_choice import TrainingChoice
from endoscope_app.retraining.plan.training_tally import Tally
from endoscope_app.retraining.run import interrupted_run as interrupted
from endoscope_app.retraining.run.closing_question_flow import ClosingGuard
from endoscope_app.retraining.run.run_beginning import Beginning
from endoscope_app.retraining.run.run_claim import BUSY, WAY_OUT_BUSY
from endoscope_app.retraining.run.run_files import read_events
from endoscope_app.retraining.run.run_flow import End, Running, give_up
from endoscope_app.retraining.run.run_folders import RunFolders, RunRecord
from endoscope_app.retraining.run.training_images import left_out_sentence
from endoscope_app.retraining.run.training_process import TrainingProcess
from endoscope_app.shell.main_window import MainWindow
from kd_core.schema.events import RunEvent

if TYPE_CHECKING:
    from endoscope_app.retraining.plan.learning_plan import LearningPlan
    from endoscope_app.retraining.training_dialog import TrainingDialog

NO_LIBRARY = "The label library is not open, so there is nothing to learn from."
NO_MODEL = "There is no model in use to start from."
NO_REPLAY = "The replay set that ships with the program is missing."
NO_REPLAY_WAY_OUT = "Install the program again: without it a new model would forget what it knows."
PRESS = "Press Ctrl+T to resume it or to discard it."


class Retraining(QObject):
    """One run at a time.

    Its files are the truth: the dialog can be closed and opened again at any moment.
    """

    ended = Signal(str, object)  # outcome, run folder
    compare_requested = Signal(object)  # run folder
    patients_requested = Signal()

    def __init__(
        self,
        window: MainWindow,
        session: LabelSession,
        library: Path,
        runs: RunFolders,
        means: Means,
        *,
        deinterlace: Callable[[], bool] = lambda: False,
        sampling: Callable[[], RangeSampling] = RangeSampling,
        kept: Callable[[], Mapping[str, str]] = dict,
        process: TrainingProcess | None = None,
    ) -> None:
        """``library``: the folder of the label library, which the background opens for itself.
        ``sampling`` and ``kept`` as Counting has them.
        """
        super().__init__(window)
        self.dialog: TrainingDialog | None = None
        self.process = process or TrainingProcess()
        self.process.setParent(self)
        self.running = Running(self.process, library, runs, means.replay, self)
        self._window, self._session, self._runs, self._means = window, session, runs, means
        self._beginning = Beginning(self.process, self.running, runs, means, deinterlace)
        self._active: Active | None = None
        self._measuring = Measuring(runs, self)
        self._counting = Counting(library, runs, sampling, kept, self)
        self._plan: tuple[Tally, LearningPlan] | None = None  # what the open dialog shows
        # The window's word of an interrupted run; None: it was not looked for yet
        self._standing: str | None = None
        self._end: End | None = None  # one that no open dialog has shown
        self.guard = ClosingGuard(self, window)
        window.may_close.append(self.guard.may_close)
        self.running.told.connect(self._on_event)
        self.running.noted.connect(lambda words: self._show(lambda dialog: dialog.show_note(words)))
        self.running.ended.connect(self._on_ended)
        self.process.said.connect(lambda words: self._show(lambda dialog: dialog.show_words(words)))
        self.process.hangs.connect(self._on_hangs)
        self._measuring.measured.connect(self._tell_costs)

    @property
    def busy(self) -> bool:
        """Whether a run is under way."""
        return self.running.busy

    def use(self, active: Active) -> None:
        """The model that the next run starts from.

        With the first, a run that an earlier session left behind is told of.
        """
        self._active = active
        if self._standing is None:
            found = None if self.busy else interrupted.find(self._runs)
            self._standing = f"{found.sentence()} {PRESS}" if found is not None else ""
            if self._standing:
                self._window.show_standing_message(self._standing)

    def open(self) -> None:
        """Show the dialog: what would be learnt, or how it goes, or how it ended while nobody
        looked.
        """
        from endoscope_app.retraining.plan.learning_plan import LearningPlan

        # Its curves take a third of a second to load
        from endoscope_app.retraining.training_dialog import TrainingDialog

        if self.dialog is not None:
            self.dialog.raise_()
            self.dialog.activateWindow()
            return
        try:
            _, active = self._needed()
        except AppError as error:
            self._window.show_message(str(error))
            return
        self._measuring.begin(active.folder)
        nothing_yet = LearningPlan(active.version, (), (), teachers=self._means.teachers)
        dialog = self.dialog = TrainingDialog(nothing_yet, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.start_requested.connect(lambda choice: self._attempt(lambda: self._begin(choice)))
        dialog.go_on_requested.connect(lambda: self._attempt(self._go_on))
        dialog.discard_requested.connect(self._on_discard)
        dialog.held_out_changed.connect(self._on_held_out)
        dialog.release_requested.connect(lambda: self._attempt(self._on_release))
        dialog.patients_requested.connect(self.patients_requested)
        dialog.form.changed.connect(self._tell_costs)
        dialog.stop_requested.connect(self.running.stop)
        dialog.cancel_requested.connect(self.running.cancel)
        dialog.compare_requested.connect(self._on_compare)
        dialog.finished.connect(self._forget_dialog)
        self._catch_up(dialog)
        dialog.show()
        self.recount()

    def recount(self) -> None:
        """The open dialog shows the plan of the library as it is now."""
        if self.dialog is None:
            return

        def shown(tally: Tally) -> None:
            if self.dialog is not None and self._active is not None:
                self.dialog.set_plan(self._planned(tally, self._active, None))

        self._attempt(lambda: self._count(lambda tally: self._attempt(lambda: shown(tally))))

    def close(self) -> None:
        """End what runs and wait for it (only while closing).

        It can be resumed at the next start.
        """
        self._measuring.wait()
        self._counting.close()
        self.running.close()

    def end_and_discard(self) -> None:
        """End what runs, wait for it and keep nothing (only while closing)."""
        self.close()
        if self.running.run is not None:
            give_up(self._runs, self.running.run.folder)

    def _needed(self) -> tuple[LabelStore, Active]:
        if self._session.not_open_because:
            raise AppError(NO_LIBRARY)
        if self._active is None:
            raise AppError(NO_MODEL)
        return self._session.store, self._active

    def _count(self, then: Callable[[Tally], None]) -> None:
        """The labels as they are now, at once or later; the dialog shows that it counts."""
        store, active = self._needed()
        self._show(lambda dialog: dialog.show_counting())
        self._counting.count(store, active.version, then, lambda error: self._refuse(str(error)))

    def _planned(
        self, tally: Tally, active: Active, chosen: tuple[str, ...] | None
    ) -> LearningPlan:
        plan = learning_plan(tally, active, self._runs, self._means, chosen)
        choice = (
            self.dialog.choice
            if self.dialog is not None
            else TrainingChoice(teachers=tuple(folder for folder, _ in plan.teachers))
        )
        quick, thorough = self._measuring.costs(plan, choice)
        plan = replace(plan, quick=quick, thorough=thorough)
        self._plan = tally, plan
        return plan

    def _catch_up(self, dialog: TrainingDialog) -> None:
        run = self.running.run
        if run is None or not (self.busy or self._end):
            if (found := interrupted.find(self._runs)) is not None and self._active is not None:
                fits = found.fits(self._active.version)
                more = (
                    interrupted.GIVES_UP
                    if fits
                    else interrupted.OTHER_BASE.format(base=found.record.base)
                )
                dialog.show_offer(f"{found.sentence()} {more}", fits)
            if self._runs.last_compared() is not None:
                dialog.show_last()
            return
        dialog.show_running()
        dialog.show_note(left_out_sentence(run.record.frames_left_out or len(run.record.left_out)))
        for event in read_events(run.folder):
            dialog.take(event)
        if self._end is not None:
            dialog.show_end(
                self._end.outcome, self._end.sentence, self._end.can_compare, self._end.can_go_on
            )
            self._end = None

    def _forget_dialog(self) -> None:
        self.dialog = None

    def _show(self, what: Callable[[TrainingDialog], None]) -> None:
        if self.dialog is not None:
            what(self.dialog)

    def _attempt(self, what: Callable[[], None]) -> None:
        try:
            what()
        except AppError as error:
            self._refuse(str(error))

    def _refuse(self, sentence: str) -> None:
        if self.dialog is not None:
            self.dialog.show_refusal(sentence)
        else:
            self._window.show_message(sentence)

    def _ready(self) -> tuple[LabelStore, Active]:
        if self.busy:
            raise AppError(BUSY, WAY_OUT_BUSY)
        if not self._means.replay.is_file():
            raise AppError(NO_REPLAY, NO_REPLAY_WAY_OUT)
        return self._needed()

    def _begin(self, choice: TrainingChoice) -> None:
        _, active = self._ready()

        def counted(tally: Tally) -> None:
            plan = self._planned(tally, active, choice.held_out)
            self._show(lambda dialog: dialog.set_plan(plan))
            self._beginning.begin(choice, active, tally, plan, self._launched)

        self._count(lambda tally: self._attempt(lambda: counted(tally)))

    def _go_on(self) -> None:
        _, active = self._ready()
        left = self._beginning.resumable(active)
        if left.exported:
            self._beginning.resume(left, active, None, self._names(), self._launched)
            return
        # then it is a beginning: of the labels as they are now
        self._count(
            lambda tally: self._attempt(
                lambda: self._beginning.resume(left, active, tally, self._names(), self._launched)
            )
        )

    def _names(self) -> dict[str, str]:
        return {item.fingerprint: item.name for item in self._session.library.procedures()}

    def _launched(self) -> None:
        """A run is about to begin: what was said of another is true no more."""
        self._end = None
        self._withdraw()
        self._show(lambda dialog: dialog.show_running())

    def _withdraw(self) -> None:
        self._show(lambda dialog: dialog.show_offer(""))
        if self._standing:
            self._window.withdraw_message(self._standing)
            self._standing = ""

    def _on_discard(self) -> None:
        left = interrupted.unfinished(self._runs)
        trouble = give_up(self._runs, left.folder) if left is not None and not self.busy else ""
        self._withdraw()
        self._counting.forget()  # procedures may be free again
        self.recount()
        if trouble:
            self._refuse(trouble)

    def _on_release(self) -> None:
        if self._plan is None:
            return
        with self._beginning.claimed():
            sides.release(self._runs.held_out, self._plan[0].releasable)
        self.process.let_go()
        self._counting.forget()
        self.recount()

    def _on_held_out(self, chosen: tuple[str, ...] | None) -> None:
        if self._plan is not None and self._active is not None:
            tally, active = self._plan[0], self._active
            self._attempt(
                lambda: self._show(
                    lambda dialog: dialog.set_plan(self._planned(tally, active, chosen))
                )
            )

    def _tell_costs(self) -> None:
        """As what is chosen asks for."""
        if self._plan is not None and self.dialog is not None:
            self.dialog.show_costs(*self._measuring.costs(self._plan[1], self.dialog.choice))

    def _on_compare(self) -> None:
        folder = self._runs.last_compared()
        if folder is not None:
            self.compare_requested.emit(folder)

    def _on_event(self, event: RunEvent) -> None:
        self._show(lambda dialog: dialog.take(event))

    def _on_hangs(self, sentence: str) -> None:
        if self.dialog is not None:
            self.dialog.show_hang(sentence)
        else:
            self._window.show_message(sentence)

    def _on_ended(self, end: End) -> None:
        run = self.running.run
        if run is None:
            return
        folder, record = run.folder, run.record

        def told(changed: str = "") -> None:
            self._counting.forget()  # this run may have fixed procedures
            self._tell_end(
                replace(end, sentence=" ".join(word for word in (end.sentence, changed) if word)),
                folder,
            )

        if not end.can_compare:
            told()
            return
        try:
            store, active = self._needed()
            self._counting.count(
                store,
                active.version,
                lambda tally: told(_changed_since(record, tally)),
                lambda _: told(),
            )
        except AppError:  # the library was closed meanwhile
            told()

    def _tell_end(self, end: End, folder: Path) -> None:
        if self.dialog is not None:
            self.dialog.show_end(end.outcome, end.sentence, end.can_compare, end.can_go_on)
        else:
            self._end = end
            self._window.show_message(f"Retraining: {end.sentence}")
        self.ended.emit(end.outcome, folder)


def _changed_since(record: RunRecord, tally: Tally) -> str:
    count = len(set(tally.words) ^ set(record.labels))
    if not count:
        return ""
    changed = "1 label was" if count == 1 else f"{count:,} labels were"
    return (
        f"It learnt from the labels as they were on {interrupted.moment(record.begun)}: {changed}"
        " changed since."
    )
