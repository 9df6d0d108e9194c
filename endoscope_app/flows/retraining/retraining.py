"""Retraining from the press of the key to the candidate: plan, export of the labels, the process, and its end in words."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QObject, Qt, Signal

from endoscope_app.engine.run_files import ending, read_events
from endoscope_app.engine.tasks import Tasks
from endoscope_app.engine.training_choice import RetrainFiles, TrainingChoice
from endoscope_app.engine.training_process import BUSY, CANCELLED, WAY_OUT_BUSY, TrainingProcess
from endoscope_app.errors import AppError
from endoscope_app.flows.labels.recordings import LabelledPictures, Recordings
from endoscope_app.flows.retraining.planning import Active, Means, label_words, learning_plan
from endoscope_app.main_window import MainWindow
from endoscope_app.store.exchange import class_folders
from endoscope_app.store.exchange.document import collect
from endoscope_app.store.labels.frame_pngs import FramePngs
from endoscope_app.store.labels.label_store import LabelStore
from endoscope_app.store.run_folders import CANDIDATE_NAME, LABELS_NAME, RunFolders, RunRecord
from kd_core.contract.errors import CoreError
from kd_core.contract.events import PartStarted, RunEvent, RunProgress
from kd_core.contract.model_card import read_card

if TYPE_CHECKING:
    from endoscope_app.dialogs.training_dialog import TrainingDialog

NO_LIBRARY = "The label library is not open, so there is nothing to learn from."
NO_MODEL = "There is no model in use to start from."
NO_REPLAY = "The replay set that ships with the program is missing."
NO_REPLAY_WAY_OUT = "Install the program again: without it a new model would forget what it knows."


class Retraining(QObject):
    """One run at a time. Its files are the truth: the dialog can be closed and opened again at any moment."""

    ended = Signal(str, object)  # outcome, run folder
    compare_requested = Signal(object)  # run folder
    _exported = Signal(int, int)

    def __init__(
        self, window: MainWindow, store: Callable[[], LabelStore | None], library: Path, runs: RunFolders, means: Means,
        deinterlace: Callable[[], bool] = lambda: False, process: TrainingProcess | None = None,
    ) -> None:  # fmt: skip
        """``store``: the open library, whose folder is ``library``, which the background opens for itself."""
        super().__init__(window)
        self.dialog: TrainingDialog | None = None
        self.process = process or TrainingProcess()
        self.process.setParent(self)
        self._window, self._store, self._library, self._runs, self._means = window, store, library, runs, means
        self._deinterlace = deinterlace
        self._active: Active | None = None
        self._tasks = Tasks(self)
        self._stop = threading.Event()
        self._exporting, self._closed = False, False
        self._folder: Path | None = None
        self._begun = 0.0
        self._end: tuple[str, str, bool] | None = None  # an end that no open dialog has shown
        self.process.event_came.connect(self._on_event)
        self.process.said.connect(self._on_said)
        self.process.hangs.connect(self._on_hangs)
        self.process.ended.connect(self._on_ended)
        self._exported.connect(self._on_exported)

    @property
    def busy(self) -> bool:
        """Whether a run is under way."""
        return self._exporting or self.process.running

    def use(self, active: Active) -> None:
        """The model that the next run starts from."""
        self._active = active

    def open(self) -> None:
        """Show the dialog: what would be learnt, or how it goes, or how it ended while nobody looked."""
        from endoscope_app.dialogs.training_dialog import TrainingDialog  # its curves take a third of a second to load

        if self.dialog is not None:
            self.dialog.raise_()
            self.dialog.activateWindow()
            return
        store, active = self._store(), self._active
        if store is None or active is None:
            self._window.show_message(NO_LIBRARY if store is None else NO_MODEL)
            return
        try:
            plan = learning_plan(collect(store, None, "name"), active, self._runs, self._means)
        except AppError as error:
            self._window.show_message(str(error))
            return
        dialog = self.dialog = TrainingDialog(plan, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.start_requested.connect(self._on_start)
        dialog.stop_requested.connect(self._on_stop)
        dialog.cancel_requested.connect(self._on_cancel)
        dialog.compare_requested.connect(lambda: self.compare_requested.emit(self._folder))
        dialog.finished.connect(self._forget_dialog)
        self._catch_up(dialog)
        dialog.show()

    def close(self) -> None:
        """End what runs and wait for it (only while closing). It can be gone on with at the next start."""
        self._closed = True
        self._stop.set()
        self._tasks.wait()
        self.process.close()

    def _catch_up(self, dialog: TrainingDialog) -> None:
        if self._folder is None or not (self.busy or self._end):
            return
        dialog.show_running()
        for event in read_events(self._folder):
            dialog.take(event)
        if self._end is not None:
            dialog.show_end(*self._end)
            self._end = None

    def _forget_dialog(self) -> None:
        self.dialog = None

    def _on_start(self, choice: TrainingChoice) -> None:
        try:
            self._begin(choice)
        except AppError as error:
            if self.dialog is not None:
                self.dialog.show_refusal(str(error))

    def _begin(self, choice: TrainingChoice) -> None:
        store, active = self._store(), self._active
        if self.busy:
            raise AppError(BUSY, WAY_OUT_BUSY)
        if store is None or active is None:
            raise AppError(NO_LIBRARY if store is None else NO_MODEL)
        if not self._means.replay.is_file():
            raise AppError(NO_REPLAY, NO_REPLAY_WAY_OUT)
        document = collect(store)
        record = RunRecord(active.version, msgspec.json.decode(msgspec.json.encode(choice), type=dict), label_words(document))
        folder, exported = self._folder_for(record)
        self._folder, self._end, self._begun = folder, None, time.monotonic()
        if self.dialog is not None:
            self.dialog.show_running()
            self.dialog.take(PartStarted("reading images"))
        stop = self._stop = threading.Event()
        self._exporting = True
        library, deinterlace = self._library, self._deinterlace()

        def export() -> bool:
            """Whether it was done to its end."""
            if exported:
                return True
            with LabelStore(library) as own, Recordings(own, deinterlace=deinterlace) as recordings:
                pictures = LabelledPictures(own, FramePngs(library / "frames", 0), recordings)
                # unblanked: it stays in the data folder, and the student must learn from what it will see
                made = class_folders.write(
                    document, folder / LABELS_NAME, pictures.of, blank=lambda rgb: rgb,
                    progress=self._exported.emit, should_stop=stop.is_set,
                )  # fmt: skip
            return not made.stopped

        self._tasks.run(export, lambda done: self._on_export_done(done, choice, active), self._on_export_failed)

    def _folder_for(self, record: RunRecord) -> tuple[Path, bool]:
        """The last run's folder where that was torn away from the same work and can be gone on with, else a new one."""
        runs = self._runs.all()
        if runs and runs[-1][1].same_work(record) and not runs[-1][1].version:
            folder = runs[-1][0]
            end = ending(read_events(folder))
            if (end is None or end.outcome == "failed") and self._runs.can_go_on(folder):
                return folder, (folder / LABELS_NAME / class_folders.MANIFEST).is_file()
        return self._runs.new(record), False

    def _on_exported(self, done: int, total: int) -> None:
        if self.dialog is not None and self._exporting:
            left = (time.monotonic() - self._begun) / max(1, done) * (total - done)
            self.dialog.take(RunProgress(done, total, left))

    def _on_export_failed(self, error: AppError) -> None:
        self._exporting = False
        self._finish("failed", str(error))

    def _on_export_done(self, done: bool, choice: TrainingChoice, active: Active) -> None:
        self._exporting = False
        if self._closed or self._folder is None:
            return
        if not done:
            self._finish("cancelled", CANCELLED)
            return
        folder, runs = self._folder, self._runs
        files = RetrainFiles(
            folder / LABELS_NAME, active.folder, self._means.replay, runs.held_out, folder / CANDIDATE_NAME, runs.cache
        )
        try:
            self.process.start(folder, choice.arguments(files))
        except AppError as error:
            self._finish("failed", str(error))

    def _on_stop(self) -> None:
        if self._exporting:
            self._stop.set()
        self.process.stop()

    def _on_cancel(self) -> None:
        self._stop.set()
        self.process.cancel()

    def _on_event(self, event: RunEvent) -> None:
        if self.dialog is not None:
            self.dialog.take(event)

    def _on_said(self, words: str) -> None:
        if self.dialog is not None:
            self.dialog.show_words(words)

    def _on_hangs(self, sentence: str) -> None:
        if self.dialog is not None:
            self.dialog.show_hang(sentence)
        else:
            self._window.show_message(sentence)

    def _on_ended(self, outcome: str, sentence: str) -> None:
        folder = self._folder
        if folder is None:
            return
        proof = self._runs.proof(folder) if outcome in ("finished", "stopped") else None
        if proof is not None:
            sentence = str(proof.get("sentence", sentence))
            self._note_version(folder)
        self._finish(outcome, sentence, proof is not None)

    def _note_version(self, folder: Path) -> None:
        record = next((one for place, one in self._runs.all() if place == folder), None)
        if record is None:
            return
        try:
            version = read_card(folder / CANDIDATE_NAME).version
            self._runs.write(folder, msgspec.structs.replace(record, version=version, seconds=time.monotonic() - self._begun))
        except (AppError, CoreError) as error:
            self._window.show_message(str(error))

    def _finish(self, outcome: str, sentence: str, can_compare: bool = False) -> None:
        folder = self._folder
        if self._closed or folder is None:
            return
        if outcome == "cancelled":
            self._runs.discard(folder)
        if self.dialog is not None:
            self.dialog.show_end(outcome, sentence, can_compare)
        else:
            self._end = (outcome, sentence, can_compare)
            self._window.show_message(f"Retraining: {sentence}")
        self.ended.emit(outcome, folder)
