"""Retraining as the reader meets it: what would be learnt, what is chosen, how it goes, and what an earlier session left behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from PySide6.QtCore import QObject, Qt, Signal

from endoscope_app.engine.run_claim import BUSY, WAY_OUT_BUSY
from endoscope_app.engine.run_files import read_events
from endoscope_app.engine.training_choice import TrainingChoice
from endoscope_app.engine.training_cost import work
from endoscope_app.engine.training_process import TrainingProcess
from endoscope_app.errors import AppError
from endoscope_app.flows.retraining import held_out, interrupted
from endoscope_app.flows.retraining.closing import ClosingGuard
from endoscope_app.flows.retraining.exporting import left_out_sentence
from endoscope_app.flows.retraining.measuring import Measuring
from endoscope_app.flows.retraining.planning import Active, Means, label_words, learning_plan
from endoscope_app.flows.retraining.running import End, Run, Running, give_up
from endoscope_app.main_window import MainWindow
from endoscope_app.store.exchange.document import ExchangeDocument, collect
from endoscope_app.store.labels.label_store import LabelStore
from endoscope_app.store.run_folders import RunFolders, RunRecord
from kd_core.contract.events import RunEvent
from kd_core.contract.json_text import decode_json

if TYPE_CHECKING:
    from endoscope_app.dialogs.training.plan_view import LearningPlan
    from endoscope_app.dialogs.training_dialog import TrainingDialog

NO_LIBRARY = "The label library is not open, so there is nothing to learn from."
NO_MODEL = "There is no model in use to start from."
NO_REPLAY = "The replay set that ships with the program is missing."
NO_REPLAY_WAY_OUT = "Install the program again: without it a new model would forget what it knows."
PRESS = "Press Ctrl+T to go on with it or to discard it."
NOTHING_LEFT = "There is nothing to go on with any more."


class Retraining(QObject):
    """One run at a time. Its files are the truth: the dialog can be closed and opened again at any moment."""

    ended = Signal(str, object)  # outcome, run folder
    compare_requested = Signal(object)  # run folder

    def __init__(
        self, window: MainWindow, store: Callable[[], LabelStore | None], library: Path, runs: RunFolders, means: Means,
        deinterlace: Callable[[], bool] = lambda: False, process: TrainingProcess | None = None,
    ) -> None:  # fmt: skip
        """``store``: the open library, whose folder is ``library``, which the background opens for itself."""
        super().__init__(window)
        self.dialog: TrainingDialog | None = None
        self.process = process or TrainingProcess()
        self.process.setParent(self)
        self.running = Running(self.process, library, runs, means.replay, self)
        self._window, self._store, self._runs, self._means = window, store, runs, means
        self._deinterlace = deinterlace
        self._active: Active | None = None
        self._measuring = Measuring(runs, self)
        self._plan: tuple[ExchangeDocument, LearningPlan] | None = None  # what the open dialog shows
        self._standing: str | None = None  # the window's word of an interrupted run; None: it was not looked for yet
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
        """The model that the next run starts from. With the first, a run that an earlier session left behind is told of."""
        self._active = active
        if self._standing is None:
            found = None if self.busy else interrupted.find(self._runs)
            self._standing = f"{found.sentence()} {PRESS}" if found is not None else ""
            if self._standing:
                self._window.show_standing_message(self._standing)

    def open(self) -> None:
        """Show the dialog: what would be learnt, or how it goes, or how it ended while nobody looked."""
        from endoscope_app.dialogs.training_dialog import TrainingDialog  # its curves take a third of a second to load

        if self.dialog is not None:
            self.dialog.raise_()
            self.dialog.activateWindow()
            return
        try:
            store, active = self._needed()
            self._measuring.begin(active.folder)
            plan = self._planned(collect(store, None, "name", for_models=True), active)
        except AppError as error:
            self._window.show_message(str(error))
            return
        dialog = self.dialog = TrainingDialog(plan, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.start_requested.connect(lambda choice: self._attempt(lambda: self._begin(choice)))
        dialog.go_on_requested.connect(lambda: self._attempt(self._go_on))
        dialog.discard_requested.connect(self._on_discard)
        dialog.held_out_changed.connect(self._on_held_out)
        dialog.form.changed.connect(self._tell_costs)
        dialog.stop_requested.connect(self.running.stop)
        dialog.cancel_requested.connect(self.running.cancel)
        dialog.compare_requested.connect(self._on_compare)
        dialog.finished.connect(self._forget_dialog)
        self._catch_up(dialog)
        dialog.show()

    def close(self) -> None:
        """End what runs and wait for it (only while closing). It can be gone on with at the next start."""
        self._measuring.wait()
        self.running.close()

    def end_and_discard(self) -> None:
        """End what runs, wait for it and keep nothing (only while closing)."""
        self.close()
        if self.running.run is not None:
            give_up(self._runs, self.running.run.folder)

    def _needed(self) -> tuple[LabelStore, Active]:
        store, active = self._store(), self._active
        if store is None or active is None:
            raise AppError(NO_LIBRARY if store is None else NO_MODEL)
        return store, active

    def _planned(self, document: ExchangeDocument, active: Active, chosen: tuple[str, ...] | None = None) -> LearningPlan:
        plan = learning_plan(document, active, self._runs, self._means, chosen)
        choice = self.dialog.choice if self.dialog is not None else TrainingChoice(teachers=tuple(folder for folder, _ in plan.teachers))
        quick, thorough = self._measuring.costs(plan, choice)
        plan = replace(plan, quick=quick, thorough=thorough)
        self._plan = document, plan
        return plan

    def _catch_up(self, dialog: TrainingDialog) -> None:
        run = self.running.run
        if run is None or not (self.busy or self._end):
            if (found := interrupted.find(self._runs)) is not None and self._active is not None:
                fits = found.fits(self._active.version)
                more = interrupted.GIVES_UP if fits else interrupted.OTHER_BASE.format(base=found.record.base)
                dialog.show_offer(f"{found.sentence()} {more}", fits)
            if self._runs.last_compared() is not None:
                dialog.show_last()
            return
        dialog.show_running()
        dialog.show_note(left_out_sentence(len(run.record.left_out)))
        for event in read_events(run.folder):
            dialog.take(event)
        if self._end is not None:
            dialog.show_end(self._end.outcome, self._end.sentence, self._end.can_compare, self._end.can_go_on)
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
            words = str(error)
            self._show(lambda dialog: dialog.show_refusal(words))

    def _ready(self) -> tuple[LabelStore, Active]:
        if self.busy:
            raise AppError(BUSY, WAY_OUT_BUSY)
        if not self._means.replay.is_file():
            raise AppError(NO_REPLAY, NO_REPLAY_WAY_OUT)
        return self._needed()

    def _begin(self, choice: TrainingChoice) -> None:
        store, active = self._ready()
        left = interrupted.unfinished(self._runs)
        document = collect(store, for_models=True)
        plan = learning_plan(document, active, self._runs, self._means, choice.held_out)
        if plan.refusals:
            raise AppError(plan.refusals[0])
        settings = decode_json(msgspec.json.encode(choice), dict[str, Any])  # as the record will be read
        amount = work(plan.learnt, len(choice.teachers), thorough=choice.thorough, epochs=choice.epochs)
        record = RunRecord(active.version, settings, label_words(document), fixed_work=amount.fixed, training_work=amount.training)
        with self._claimed():
            if left is not None and left.record.same_work(record):
                self._launch(Run(left.folder, left.record, choice, active.folder, whole=False), document)
                return
            if left is not None:
                give_up(self._runs, left.folder)
            procedures = [one.fingerprint for one in plan.procedures]
            fixed = () if choice.held_out is None else held_out.fix(self._runs.held_out, procedures, choice.held_out)
            record = msgspec.structs.replace(record, fixed=fixed)
            folder = self._runs.new(record)
            self._launch(Run(folder, self._runs.record(folder) or record, choice, active.folder), document)

    def _go_on(self) -> None:
        store, active = self._ready()
        left = interrupted.unfinished(self._runs)
        if left is None:
            raise AppError(NOTHING_LEFT)
        if not left.fits(active.version):
            raise AppError(interrupted.OTHER_BASE.format(base=left.record.base))
        document, record = collect(store, for_models=True), left.record
        with self._claimed():
            if not left.exported:  # then it is a beginning: of the labels as they are now
                record = msgspec.structs.replace(record, labels=label_words(document))
                self._runs.write(left.folder, record)
            self._launch(Run(left.folder, record, left.choice, active.folder, whole=False), document)

    @contextmanager
    def _claimed(self) -> Iterator[None]:
        """Every other window is kept out until the run that is begun here has ended, or at once where it could not be begun."""
        self.process.claim(self._runs.root)
        try:
            yield
        except AppError:
            self.process.let_go()
            raise

    def _launch(self, run: Run, document: ExchangeDocument) -> None:
        self._end = None
        self._withdraw()
        self._show(lambda dialog: dialog.show_running())
        self.running.begin(run, document, deinterlace=self._deinterlace())

    def _withdraw(self) -> None:
        """What was said of an interrupted run is true no more."""
        self._show(lambda dialog: dialog.show_offer(""))
        if self._standing:
            self._window.withdraw_message(self._standing)
            self._standing = ""

    def _on_discard(self) -> None:
        left = interrupted.unfinished(self._runs)
        trouble = give_up(self._runs, left.folder) if left is not None and not self.busy else ""
        self._withdraw()
        if trouble:
            self._show(lambda dialog: dialog.show_refusal(trouble))
        self._on_held_out(None)  # procedures may be free again

    def _on_held_out(self, chosen: tuple[str, ...] | None) -> None:
        if self._plan is not None and self._active is not None:
            document, active = self._plan[0], self._active
            self._attempt(lambda: self._show(lambda dialog: dialog.set_plan(self._planned(document, active, chosen))))

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
        if end.can_compare:
            end = replace(end, sentence=" ".join(word for word in (end.sentence, self._changed_since(run.record)) if word))
        if self.dialog is not None:
            self.dialog.show_end(end.outcome, end.sentence, end.can_compare, end.can_go_on)
        else:
            self._end = end
            self._window.show_message(f"Retraining: {end.sentence}")
        self.ended.emit(end.outcome, run.folder)

    def _changed_since(self, record: RunRecord) -> str:
        store = self._store()
        count = len(set(label_words(collect(store, for_models=True))) ^ set(record.labels)) if store is not None else 0
        if not count:
            return ""
        changed = "1 label was" if count == 1 else f"{count:,} labels were"
        return f"It learnt from the labels as they were on {interrupted.moment(record.begun)}: {changed} changed since."
