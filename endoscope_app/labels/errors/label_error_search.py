"""Finding label errors: the student sieves in the background, then every shipped teacher in a
process of its own, one after another.
"""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, Qt, Signal

from endoscope_app.analysis.analysis_flow import Analysing
from endoscope_app.base.background_task import Tasks
from endoscope_app.base.current_settings import CurrentSettings
from endoscope_app.base.errors import AppError
from endoscope_app.base.paths import shipped_teachers
from endoscope_app.base.scratch_folder import private_folder
from endoscope_app.base.window_port import WindowPort
from endoscope_app.base.wording import clock, counted, teacher_name
from endoscope_app.labels.commands import LABEL_ERRORS
from endoscope_app.labels.errors.label_errors_dialog import LabelErrorsDialog
from endoscope_app.labels.errors.predict_process import PredictProcess
from endoscope_app.labels.errors.student_doubts import Doubt, Doubts, DoubtWork, contradicts
from endoscope_app.labels.errors.suspect_labels import SuspectLabels, suspects_of
from endoscope_app.labels.label_session import LabelSession
from endoscope_app.labels.open_procedure import OpenProcedure
from endoscope_app.labels.review.review_flow import Reviewing
from endoscope_app.viewing.viewing_flow import Viewing
from kd_core.schema.errors import CoreError
from kd_core.schema.model_card import read_card

PREFIX = "label-errors-"
NO_TEACHERS = (
    "Finding label errors needs the teachers of the model, which this installation does not have."
)
MIN_FOR_TIME_LEFT = 3


class ErrorFinding(QObject):
    """One search at a time.

    Pictures on their way to a teacher lie under ``scratch`` and are gone when the search has ended.
    """

    progressed = Signal(int, int)

    def __init__(
        self,
        window: WindowPort,
        viewing: Viewing,
        session: LabelSession,
        procedure: OpenProcedure,
        analysing: Analysing,
        reviewing: Reviewing,
        settings: CurrentSettings,
        library: Path,
        scratch: Path,
    ) -> None:
        super().__init__(window.as_widget())
        self.dialog: LabelErrorsDialog | None = None
        self.teachers: Callable[[], list[Path]] = shipped_teachers
        self._window, self._viewing, self._analysing = window, viewing, analysing
        self._session, self._procedure = session, procedure
        self._reviewing, self._settings, self._library, self._scratch = (
            reviewing,
            settings,
            library,
            scratch,
        )
        self._tasks = Tasks(self)
        self.process = PredictProcess(self)
        self._stop = threading.Event()
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._waiting: list[Path] = []  # teachers that were not asked yet
        self._models: list[str] = []
        self._doubts = Doubts([], 0, 0, 0)
        self._step, self._begun, self._sieving, self._closed = "", 0.0, False, False
        self.progressed.connect(self._show_progress)
        self.process.progressed.connect(self._show_progress)
        self.process.answered.connect(self._on_answered)
        self.process.failed.connect(self._on_failed)
        window.action(LABEL_ERRORS).triggered.connect(self.open)

    def open(self) -> None:
        """Ask what is meant, where it can be done at all."""
        teachers, not_open = self.teachers(), self._session.not_open_because
        if not teachers or not_open or self._analysing.classifier is None:
            missing = not_open or "No model is in use, so nothing contradicts a label."
            self._window.banner.show_message(missing if teachers else NO_TEACHERS)
            return
        if self.dialog is None:
            dialog = self.dialog = LabelErrorsDialog(
                len(teachers),
                bool(self._procedure.fingerprint),
                not self._settings.now.model_always_shown,
                self._window.as_widget(),
            )
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.requested.connect(self._start)
            dialog.cancelled.connect(self._cancel)
            dialog.procedure_chosen.connect(self._go_to)
            dialog.finished.connect(self._forget_dialog)
        self.dialog.show()
        self.dialog.raise_()
        self.dialog.activateWindow()

    def close(self) -> None:
        """Stop what runs and wait for it (only while closing)."""
        self._closed = True
        self._stop.set()
        self.process.close()
        self._tasks.close()
        self._remove_folder()

    def _forget_dialog(self) -> None:
        self.dialog = None

    def _start(self, everywhere: bool) -> None:
        classifier = self._analysing.classifier
        if classifier is None or self._folder is not None:
            return  # a search that was cancelled is about to end
        try:
            self._waiting = [
                self._fitting(folder, classifier.classes) for folder in self.teachers()
            ]
            self._folder = private_folder(self._scratch, PREFIX)
        except AppError as error:
            self._end(str(error), problem=True)
            return
        except OSError:
            self._end(
                "The search needs a data folder that can be written. Name one with --data-dir.",
                problem=True,
            )
            return
        self._models = ["Student"]
        fingerprint = "" if everywhere else self._procedure.fingerprint
        work = DoubtWork(
            self._library,
            classifier,
            fingerprint,
            self._settings.now.range_step,
            Path(self._folder.name),
            self._viewing.deinterlace,
        )
        stop = self._stop = threading.Event()
        self._sieving = True
        self._begin(f"Step 1 of {1 + len(self._waiting)}, the student: label")
        self._tasks.run(
            lambda: work.run(self.progressed.emit, stop.is_set), self._on_sieved, self._on_failed
        )

    @staticmethod
    def _fitting(folder: Path, classes: tuple[str, ...]) -> Path:
        """The folder of a teacher that knows these classes. AppError for any other."""
        try:
            card = read_card(folder)
        except CoreError as error:
            raise AppError(error.sentence, error.way_out) from error
        if set(card.classes) != set(classes):
            name = teacher_name(card.name)
            raise AppError(
                f"The teacher {name} was taught other classes than the model in use.",
                "Use the model that ships with it.",
            )
        return folder

    def _begin(self, step: str) -> None:
        self._step, self._begun = step, time.monotonic()
        self._show_progress(0, 0)

    def _show_progress(self, done: int, total: int) -> None:
        if self.dialog is None or self._folder is None or self._stop.is_set():
            return
        left = ""
        if MIN_FOR_TIME_LEFT <= done < total:
            seconds = (time.monotonic() - self._begun) / done * (total - done)
            left = f"about {clock(1000 * max(1.0, seconds))} left in this step"
        self.dialog.show_progress(self._step, done, total, left)

    def _cancel(self) -> None:
        self._stop.set()
        self.process.cancel()
        if not self._sieving:
            self._end("Stopped.")
        elif self.dialog is not None:  # the folder is in use until the other thread has noticed
            self.dialog.show_progress("Stopping…", 0, 0)

    def _on_sieved(self, doubts: Doubts) -> None:
        self._sieving = False
        self._doubts = doubts
        if self._stop.is_set():
            self._end("Stopped.")
        else:
            self._ask_next(doubts.found)

    def _ask_next(self, left: list[Doubt]) -> None:
        """The next teacher, about what all before it contradict; the end where nothing is left
        to ask, or nobody.
        """
        self._doubts = replace(self._doubts, found=left)
        if not left or not self._waiting or self._folder is None:
            self._finish()
            return
        folder = self._waiting.pop(0)
        self._models.append(teacher_name(read_card(folder).name))
        self._begin(
            f"Step {len(self._models)} of {len(self._models) + len(self._waiting)},"
            f" {self._models[-1]}: picture"
        )
        self.process.start(folder, [doubt.picture for doubt in left], Path(self._folder.name))

    def _on_answered(self, answers: list[dict[str, float] | None]) -> None:
        classifier = self._analysing.classifier
        if classifier is None:
            return
        left = []
        for doubt, answer in zip(self._doubts.found, answers, strict=True):
            said = np.array(
                [np.nan if answer is None else answer[name] for name in classifier.classes],
                np.float64,
            )
            if contradicts(said, doubt.label):
                left.append(replace(doubt, said=(*doubt.said, said)))
        self._ask_next(left)

    def _on_failed(self, error: AppError) -> None:
        self._sieving = False
        self._end(
            "Stopped." if self._stop.is_set() else str(error), problem=not self._stop.is_set()
        )

    def _finish(self) -> None:
        classifier = self._analysing.classifier
        if classifier is None:
            return
        shown = self._session.names.all(classifier.classes)
        found = suspects_of(self._doubts.found, shown, self._models)
        films = {one.fingerprint: one.name for one in self._session.library.procedures()}
        rows = [
            (one, f"{films.get(one, 'A procedure')}: {counted(len(those), 'label')}")
            for one, those in found.items()
        ]
        several = len(found) > 1 or self._procedure.fingerprint not in found
        self._end(self._in_words(found), rows if several else [], found=bool(found))
        if found and not self._closed:
            self._reviewing.show_suspects(found)

    def _in_words(self, found: dict[str, SuspectLabels]) -> str:
        number = sum(len(one) for one in found.values())
        teachers = len(self.teachers())
        who = (
            "the student and its teacher"
            if teachers == 1
            else f"the student and all {teachers} teachers"
        )
        words = [
            (
                f"None found: no label is contradicted by {who}."
                if not number
                else f"{counted(number, 'label')} contradicted by {who}."
            )
        ]
        words.append(f"Looked at: {counted(self._doubts.looked, 'label')}.")
        if self._doubts.unknown:
            words.append(
                f"Left out: {counted(self._doubts.unknown, 'label')} of classes that the models do"
                " not know."
            )
        if self._doubts.lost:
            words.append(
                f"Left out: {counted(self._doubts.lost, 'label')} without a kept picture whose"
                " recording is gone or has changed."
            )
        if number and self._procedure.fingerprint not in found:
            words.append("None of them is in the open procedure: choose one to open it.")
        return " ".join(words)

    def _go_to(self, fingerprint: str) -> None:
        film = self._session.library.procedure(fingerprint)
        if film is None:
            return
        if fingerprint != self._procedure.fingerprint:
            self._viewing.open(Path(film.path))
        self._reviewing.open()

    def _end(
        self,
        sentence: str,
        procedures: list[tuple[str, str]] | None = None,
        *,
        problem: bool = False,
        found: bool = False,
    ) -> None:
        self._remove_folder()
        if self._closed:
            return
        if self.dialog is not None:
            self.dialog.show_end(sentence, procedures or [], problem=problem, found=found)
        else:
            self._window.banner.show_message(sentence)

    def _remove_folder(self) -> None:
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None
