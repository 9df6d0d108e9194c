"""One retraining under way: its labels are exported in the background, then a process learns
from them, and its end is told in words.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, Signal

from endoscope_app.base.background_task import Tasks
from endoscope_app.base.errors import AppError
from endoscope_app.labels.exchange.training_selection import TrainingSelection
from endoscope_app.labels.exchange.training_set import MANIFEST, TrainingSet
from endoscope_app.retraining.plan.training_choice import RetrainFiles, TrainingChoice
from endoscope_app.retraining.run import interrupted_run as interrupted
from endoscope_app.retraining.run.run_claim import BUSY, WAY_OUT_BUSY
from endoscope_app.retraining.run.run_folders import (
    CANDIDATE_NAME,
    LABELS_NAME,
    RunFolders,
    RunRecord,
)
from endoscope_app.retraining.run.training_images import export_labels, left_out_sentence
from endoscope_app.retraining.run.training_process import CANCELLED, TrainingProcess
from kd_core.schema.errors import CoreError
from kd_core.schema.events import (
    EpochEnded,
    PartStarted,
    RunEnded,
    RunEvent,
    RunProgress,
    RunStarted,
)
from kd_core.schema.model_card import read_card
from kd_core.schema.run_files import SIDES_NAME

_FINGERPRINT = re.compile(r"\b[0-9a-f]{12,128}\b")


@dataclass(frozen=True)
class Run:
    """``base`` is the folder of the model that it starts from.

    ``whole``: from its beginning in one go, so that its time counts.
    """

    folder: Path
    record: RunRecord
    choice: TrainingChoice
    base: Path
    whole: bool = True


@dataclass(frozen=True)
class End:
    """'finished', 'stopped', 'failed' or 'cancelled', in a sentence; whether there is a
    candidate to compare, or a rest to resume.
    """

    outcome: str
    sentence: str
    can_compare: bool = False
    can_go_on: bool = False


@dataclass
class _Epochs:
    """How long those took that have ended: a run that was stopped had fewer than it was to have."""

    begun: float = 0.0
    seconds: float = 0.0
    planned: int = 0
    done: int = 0

    def take(self, event: RunEvent) -> None:
        """Look at the clock."""
        match event:
            case RunStarted():
                self.begun, self.planned = time.monotonic(), event.epochs
            case EpochEnded():
                self.seconds, self.done = time.monotonic() - self.begun, event.epoch

    @property
    def share(self) -> float:
        """Of those planned."""
        return self.done / self.planned if self.planned else 0.0


class Running(QObject):
    """At most one run. After ``close`` nothing is told any more."""

    told = Signal(object)  # RunEvent: of the process, and of the export before it
    noted = Signal(str)  # a sentence that stays true of the run
    ended = Signal(object)  # End

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
        self._epochs = _Epochs()
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

        The runs must be claimed. AppError while busy.

        ``names``: what the reader calls each procedure (fingerprint), for what the trainer says of
        it.
        """
        if self.busy:
            raise AppError(BUSY, WAY_OUT_BUSY)
        self.run, self._begun, self._epochs, self._names = run, time.monotonic(), _Epochs(), names
        stop = self._stop = threading.Event()
        self._exporting = True
        self.told.emit(PartStarted("reading images"))
        self.noted.emit(left_out_sentence(run.record.frames_left_out or len(run.record.left_out)))
        library, labels = self._library, run.folder / LABELS_NAME

        def export() -> TrainingSet | None:
            if selection is None or (labels / MANIFEST).is_file():
                return None
            return export_labels(
                selection,
                labels,
                library,
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
            self.told.emit(RunProgress(done, total, left))

    def _on_export_failed(self, error: AppError) -> None:
        self._exporting = False
        self._finish("failed", str(error))

    def _on_export_done(self, exported: TrainingSet | None) -> None:
        self._exporting = False
        run = self.run
        if self._closed or run is None:
            return
        if exported is not None and exported.stopped:
            self._finish("cancelled", CANCELLED)
            return
        folder, runs = run.folder, self._runs
        candidate, name = folder / CANDIDATE_NAME, candidate_name(run.record.begun)
        sides = folder / SIDES_NAME
        files = RetrainFiles(
            folder / LABELS_NAME,
            run.base,
            self._replay,
            runs.held_out,
            candidate,
            runs.cache,
            name,
            sides,
        )
        try:
            if exported is not None:
                self._note_left_out(run, exported)
            if self._stop.is_set():
                self._finish("cancelled", CANCELLED)
                return
            self.process.start(folder, run.choice.arguments(files))
        except AppError as error:
            self._finish("failed", str(error))

    def _note_left_out(self, run: Run, exported: TrainingSet) -> None:
        frames = exported.written + exported.missing
        record = msgspec.structs.replace(
            run.record, left_out=exported.lost, frames_left_out=exported.missing, frames=frames
        )
        if record != run.record:
            self._write(replace(run, record=record))
        self.noted.emit(left_out_sentence(exported.missing))

    def _write(self, run: Run) -> None:
        self._runs.write(run.folder, run.record)
        self.run = run

    def _on_event(self, event: RunEvent) -> None:
        self._epochs.take(event)
        self.told.emit(event)

    def _on_ended(self, outcome: str, sentence: str) -> None:
        run = self.run
        if run is None:
            return
        evidence = self._runs.evidence(run.folder) if outcome in ("finished", "stopped") else None
        if evidence is not None:
            sentence = evidence.sentence or sentence
            sentence = " ".join(word for word in (sentence, self._note_version(run)) if word)
        self._finish(outcome, sentence, evidence is not None)

    def _note_version(self, run: Run) -> str:
        """Write down what was made. Returns a sentence where that cannot be."""
        seconds = time.monotonic() - self._begun if run.whole else 0.0
        try:
            version = read_card(run.folder / CANDIDATE_NAME).version
            made = msgspec.structs.replace(
                run.record,
                version=version,
                seconds=seconds,
                peak_mb=self.process.peak_mb,
                training_seconds=self._epochs.seconds,
                training_work=run.record.training_work * self._epochs.share,
            )
            self._write(replace(run, record=made))
        except (AppError, CoreError) as error:
            return str(error)
        return ""

    def _finish(self, outcome: str, sentence: str, can_compare: bool = False) -> None:
        run = self.run
        if self._closed or run is None:
            return
        self.process.let_go()
        if outcome == "cancelled":
            sentence = " ".join(
                word for word in (sentence, give_up(self._runs, run.folder)) if word
            )
        elif outcome == "failed":
            interrupted.note_end(run.folder, RunEnded(outcome, sentence))
        sentence = named(sentence, self._names)
        left = interrupted.find(self._runs) if outcome == "failed" else None
        self.ended.emit(
            End(outcome, sentence, can_compare, left is not None and left.folder == run.folder)
        )


def named(sentence: str, names: Mapping[str, str]) -> str:
    """The sentence with procedures by their names instead of their fingerprints, which may be
    cut to their first digits.
    """

    def name(found: re.Match[str]) -> str:
        wanted = {
            name for fingerprint, name in names.items() if name and fingerprint.startswith(found[0])
        }
        return wanted.pop() if len(wanted) == 1 else found[0]

    return _FINGERPRINT.sub(name, sentence)


def candidate_name(begun: str) -> str:
    """ "student of 21 Nov 14:05" by this machine's clock, which tells it apart from the student
    that it was made from.
    """
    try:
        at = datetime.fromisoformat(begun).astimezone()
    except ValueError:  # a record of an earlier version does not say it
        at = datetime.now(UTC).astimezone()
    return f"student of {at.day} {at:%b %H:%M}"


def give_up(runs: RunFolders, folder: Path) -> str:
    """Keep nothing of a run. Returns a sentence where that was not wholly possible."""
    try:
        interrupted.give_up(runs, folder, CANCELLED)
    except AppError as error:
        return str(error)
    return ""
