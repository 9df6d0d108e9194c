"""One retraining under way: images are exported in the background, then a process learns.

Its end is told in words.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, Signal

from endoscope_app.base.background_task import Tasks
from endoscope_app.base.errors import AppError
from endoscope_app.labels.exchange.training_selection import TrainingSelection
from endoscope_app.labels.exchange.training_set import MANIFEST, TrainingSet
from endoscope_app.retraining.plan import checking_set
from endoscope_app.retraining.plan.training_choice import RetrainFiles
from endoscope_app.retraining.recommendation import recommendation
from endoscope_app.retraining.run import interrupted_run as interrupted
from endoscope_app.retraining.run import wording
from endoscope_app.retraining.run.run_files import note_end
from endoscope_app.retraining.run.training_process import TrainingProcess
from endoscope_app.retraining.run.training_run import (
    EpochClock,
    Run,
    RunEnd,
    UnlabelledExport,
    export_images,
    named,
)
from endoscope_app.retraining.run_folders import (
    CANDIDATE_NAME,
    LABELS_NAME,
    UNLABELLED_FOLDER,
    RunFolders,
)
from kd_core.schema.errors import CoreError
from kd_core.schema.events import PartStarted, RunEnded, RunEvent, RunProgress
from kd_core.schema.model_card import read_card
from kd_core.schema.run_files import SIDES_NAME
from kd_core.schema.unlabelled import UNLABELLED_NAME


class RunFlow(QObject):
    """At most one run. After ``close`` nothing is told any more."""

    event_came = Signal(object)  # RunEvent: of the process, and of the export before it
    noted = Signal(str)  # a sentence that stays true of the run
    ended = Signal(object)  # RunEnd

    _exported = Signal(int, int)

    def __init__(
        self,
        process: TrainingProcess,
        library: Path,
        runs: RunFolders,
        replay: Path,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.process = process
        self.run: Run | None = None
        self._library, self._runs, self._replay = library, runs, replay
        self._tasks = Tasks(self)
        self._stop = threading.Event()
        self._exporting, self._closed = False, False
        self._begun = 0.0
        self._names: Mapping[str, str] = {}
        self._clock = EpochClock()
        process.event_came.connect(self._on_event)
        process.ended.connect(self._on_ended)
        self._exported.connect(self._on_exported)

    @property
    def busy(self) -> bool:
        """Whether a run is under way."""
        return self._exporting or self.process.running

    def begin(
        self,
        run: Run,
        selection: TrainingSelection | None,
        names: Mapping[str, str],
        *,
        deinterlace: bool,
    ) -> None:
        """Export ``selection``, None where that was done before, and learn from it.

        The runs must be claimed. AppError while busy. ``names``: what the reader calls each
        procedure (fingerprint), for what the trainer says of it.
        """
        if self.busy:
            raise AppError(wording.BUSY, wording.BUSY_WAY_OUT)
        self.run, self._begun, self._clock = run, time.monotonic(), EpochClock()
        self._names = names
        stop = self._stop = threading.Event()
        self._exporting = True
        self.event_came.emit(PartStarted("reading images"))
        self.noted.emit(wording.left_out(run.record.frames_without_image))
        library, labels = self._library, run.folder / LABELS_NAME

        def export() -> TrainingSet | None:
            if selection is None or (labels / MANIFEST).is_file():
                return None
            return export_images(
                selection,
                labels,
                library,
                besides=_besides(run),
                deinterlace=deinterlace,
                progress=self._exported.emit,
                should_stop=stop.is_set,
            )

        self._tasks.run(export, self._on_export_done, self._on_export_failed)

    def stop(self) -> None:
        """End soon, with the best so far."""
        self._stop.set()
        self.process.stop()

    def cancel(self) -> None:
        """End soon, with nothing."""
        self._stop.set()
        self.process.cancel()

    def close(self) -> None:
        """End what runs and wait for it (only while closing). It can be resumed."""
        self._closed = True
        self._stop.set()
        self._tasks.close()
        self.process.close()
        self.process.let_go()

    def _on_exported(self, done: int, total: int) -> None:
        if self._exporting:
            left = (time.monotonic() - self._begun) / max(1, done) * (total - done)
            self.event_came.emit(RunProgress(done, total, left))

    def _on_export_failed(self, error: AppError) -> None:
        self._exporting = False
        self._finish("failed", str(error))

    def _on_export_done(self, exported: TrainingSet | None) -> None:
        self._exporting = False
        run = self.run
        if self._closed or run is None:
            return
        if exported is not None and exported.stopped:
            self._finish("cancelled", wording.CANCELLED)
            return
        try:
            if exported is not None:
                self._note_left_out(run, exported)
            if self._stop.is_set():
                self._finish("cancelled", wording.CANCELLED)
                return
            self.process.start(run.folder, run.choice.arguments(self._files(run)))
        except AppError as error:
            self._finish("failed", str(error))

    def _files(self, run: Run) -> RetrainFiles:
        unlabelled = run.folder / UNLABELLED_FOLDER / UNLABELLED_NAME
        return RetrainFiles(
            labels=run.folder / LABELS_NAME,
            base=run.base,
            replay=self._replay,
            held_out=self._runs.held_out,
            out=run.folder / CANDIDATE_NAME,
            cache=self._runs.cache,
            name=wording.model_name(run.record.begun),
            sides=run.folder / SIDES_NAME,
            unlabelled=unlabelled if run.choice.unlabelled and unlabelled.is_file() else None,
        )

    def _note_left_out(self, run: Run, exported: TrainingSet) -> None:
        frames = exported.written + exported.missing
        record = msgspec.structs.replace(
            run.record, left_out=exported.lost, frames_left_out=exported.missing, frames=frames
        )
        if record != run.record:
            self._write(replace(run, record=record))
        self.noted.emit(wording.left_out(exported.missing))

    def _write(self, run: Run) -> None:
        self._runs.write(run.folder, run.record)
        self.run = run

    def _on_event(self, event: RunEvent) -> None:
        self._clock.take(event)
        self.event_came.emit(event)

    def _on_ended(self, outcome: str, sentence: str) -> None:
        run = self.run
        if run is None:
            return
        evidence = self._runs.evidence(run.folder) if outcome in ("finished", "stopped") else None
        if evidence is not None:
            parts = recommendation(evidence, {}), self._note_version(run)
            sentence = " ".join(filter(None, parts))
        self._finish(outcome, sentence, evidence is not None)

    def _note_version(self, run: Run) -> str:
        """Write down what came of it. Returns a sentence where that cannot be."""
        seconds = time.monotonic() - self._begun if run.whole else 0.0
        try:
            record = msgspec.structs.replace(
                run.record,
                version=read_card(run.folder / CANDIDATE_NAME).version,
                seconds=seconds,
                peak_mb=self.process.peak_mb,
                training_seconds=self._clock.seconds,
                training_work=run.record.training_work * self._clock.share,
            )
            self._write(replace(run, record=record))
        except (AppError, CoreError) as error:
            return str(error)
        return ""

    def _finish(self, outcome: str, sentence: str, can_compare: bool = False) -> None:
        run = self.run
        if self._closed or run is None:
            return
        self.process.let_go()
        if outcome == "cancelled":
            trouble = interrupted.give_up(self._runs, run.folder)
            sentence = " ".join(filter(None, (sentence, trouble)))
        elif outcome == "failed":
            note_end(run.folder, RunEnded(outcome, sentence))
        left = interrupted.resumable(self._runs) if outcome == "failed" else None
        can_resume = left is not None and left.folder == run.folder
        self.ended.emit(RunEnd(outcome, named(sentence, self._names), can_compare, can_resume))


def _besides(run: Run) -> UnlabelledExport | None:
    """Of the procedures that this run learns from; None where that was not chosen."""
    if not run.choice.unlabelled:
        return None
    sides = checking_set.read(run.folder / SIDES_NAME)
    return UnlabelledExport(run.folder / UNLABELLED_FOLDER, sides.learnt)
