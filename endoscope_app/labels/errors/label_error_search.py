"""Finding label errors: the model in use goes over the labels, then every reference model."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal

from endoscope_app.analysis.procedure_analysis import ProcedureAnalysis
from endoscope_app.base.background_task import Tasks
from endoscope_app.base.current_settings import CurrentSettings
from endoscope_app.base.errors import AppError
from endoscope_app.base.learning_packages import lacks_learning_packages
from endoscope_app.base.paths import shipped_teachers
from endoscope_app.base.scratch_folder import PrivateFolder
from endoscope_app.base.wording import clock
from endoscope_app.labels.commands import LABEL_ERRORS
from endoscope_app.labels.errors import wording
from endoscope_app.labels.errors.contradictions import Contradiction
from endoscope_app.labels.errors.first_pass import FirstPass, FirstPassWork
from endoscope_app.labels.errors.label_errors_dialog import LabelErrorsDialog
from endoscope_app.labels.errors.reference_models import ReferenceModel, reference_models
from endoscope_app.labels.errors.reference_pass import ReferencePass
from endoscope_app.labels.errors.suspects import suspects_of
from endoscope_app.labels.label_desk import LabelDesk, LabelFolders
from endoscope_app.labels.review.review_flow import ReviewFlow

PREFIX = "label-errors-"
MIN_FOR_TIME_LEFT = 3


class LabelErrorSearch(QObject):
    """One search at a time.

    Images on their way to a reference model lie under ``scratch`` and are gone when the search has
    ended.
    """

    progressed = Signal(int, int)

    def __init__(
        self,
        desk: LabelDesk,
        analysis: ProcedureAnalysis,
        review: ReviewFlow,
        settings: CurrentSettings,
        folders: LabelFolders,
    ) -> None:
        super().__init__(desk.window.as_widget())
        self.dialog: LabelErrorsDialog | None = None
        self.reference_folders: Callable[[], list[Path]] = shipped_teachers
        self.references = ReferencePass(self)
        self._window, self._player, self._analysis = desk.window, desk.player, analysis
        self._session, self._procedure, self._review = desk.session, desk.procedure, review
        self._settings = settings
        self._library, self._scratch = folders.library, folders.scratch
        self._tasks = Tasks(self)
        self._stop = threading.Event()
        self._folder: PrivateFolder | None = None
        self._models: list[ReferenceModel] = []
        self._first = FirstPass([])
        self._step, self._begun = "", 0.0
        self._in_first_pass = self._closed = False
        self.progressed.connect(self._show_progress)
        self.references.progressed.connect(self._show_progress)
        self.references.step_begun.connect(self._on_reference)
        self.references.ended.connect(self._on_ended)
        self.references.failed.connect(self._on_failed)
        desk.window.action(LABEL_ERRORS).triggered.connect(self.open)

    def open(self) -> None:
        """Ask what is meant, where it can be done at all."""
        folders = self.reference_folders()
        missing = lacks_learning_packages(wording.FINDING) or self._session.not_open_because
        if not folders:
            missing = wording.NO_REFERENCES
        elif not missing and self._analysis.classifier is None:
            missing = wording.NO_MODEL
        if missing:
            self._window.banner.show_message(missing)
            return
        if self.dialog is None:
            dialog = self.dialog = LabelErrorsDialog(
                len(folders),
                bool(self._procedure.fingerprint),
                not self._settings.now.model_always_shown,
                self._window.as_widget(),
            )
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.search_requested.connect(self._start)
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
        self.references.close()
        self._tasks.close()
        self._remove_folder()

    def _forget_dialog(self) -> None:
        self.dialog = None

    def _start(self, everywhere: bool) -> None:
        classifier = self._analysis.classifier
        if classifier is None or self._folder is not None:
            return  # a search that was cancelled is about to end
        try:
            self._models = reference_models(self.reference_folders(), classifier.classes)
            self._folder = PrivateFolder(self._scratch, PREFIX)
        except AppError as error:
            self._end(str(error), problem=True)
            return
        except OSError:
            self._end(wording.NO_FOLDER, problem=True)
            return
        work = FirstPassWork(
            self._library,
            classifier,
            "" if everywhere else self._procedure.fingerprint,
            self._settings.now.range_step,
            self._folder.path,
            self._player.deinterlace,
        )
        stop = self._stop = threading.Event()
        self._in_first_pass = True
        self._begin(wording.first_step(1 + len(self._models)))
        self._tasks.run(
            lambda: work.run(self.progressed.emit, stop.is_set),
            self._on_first_pass,
            self._on_failed,
        )

    def _begin(self, step: str) -> None:
        self._step, self._begun = step, time.monotonic()
        self._show_progress(0, 0)

    def _show_progress(self, done: int, total: int) -> None:
        if self.dialog is None or self._folder is None or self._stop.is_set():
            return
        left = ""
        if MIN_FOR_TIME_LEFT <= done < total:
            seconds = (time.monotonic() - self._begun) / done * (total - done)
            left = wording.time_left(clock(1000 * max(1.0, seconds)))
        self.dialog.show_progress(self._step, done, total, left)

    def _cancel(self) -> None:
        self._stop.set()
        self.references.cancel()
        if not self._in_first_pass:
            self._end(wording.STOPPED)
        elif self.dialog is not None:  # the folder is in use until the other thread has noticed
            self.dialog.show_progress(wording.STOPPING, 0, 0)

    def _on_first_pass(self, first: FirstPass) -> None:
        self._in_first_pass = False
        self._first = first
        classifier = self._analysis.classifier
        if self._stop.is_set():
            self._end(wording.STOPPED)
        elif classifier is not None and self._folder is not None:
            folder = self._folder.path
            self.references.start(self._models, first.contradictions, classifier.classes, folder)

    def _on_reference(self, number: int, name: str) -> None:
        self._begin(wording.reference_step(1 + number, 1 + len(self._models), name))

    def _on_failed(self, error: AppError) -> None:
        self._in_first_pass = False
        if self._stop.is_set():
            self._end(wording.STOPPED)
        else:
            self._end(str(error), problem=True)

    def _on_ended(self, contradictions: list[Contradiction]) -> None:
        classifier = self._analysis.classifier
        if classifier is None:
            return
        classes = self._session.names.all(classifier.classes)
        asked = [wording.MODEL, *self.references.asked]
        suspects = suspects_of(contradictions, classes, asked)
        is_here = self._procedure.fingerprint in suspects
        first, number = self._first, sum(len(labels) for labels in suspects.values())
        sentence = wording.result(
            number, len(self._models), first.looked, first.unknown, first.lost
        )
        if suspects and not is_here:
            sentence = f"{sentence} {wording.NOT_HERE}"
        names = {known.fingerprint: known.name for known in self._session.library.procedures()}
        rows = [
            (key, wording.procedure_line(names.get(key, wording.A_PROCEDURE), len(labels)))
            for key, labels in suspects.items()
        ]
        several = len(suspects) > 1 or not is_here
        self._end(sentence, rows if several else [], has_suspects=bool(suspects))
        if suspects and not self._closed:
            self._review.show_suspects(suspects)

    def _go_to(self, fingerprint: str) -> None:
        procedure = self._session.library.procedure(fingerprint)
        if procedure is None:
            return
        if fingerprint != self._procedure.fingerprint:
            self._player.open(Path(procedure.path))
        self._review.open()

    def _end(
        self,
        sentence: str,
        procedures: list[tuple[str, str]] | None = None,
        *,
        problem: bool = False,
        has_suspects: bool = False,
    ) -> None:
        self._remove_folder()
        if self._closed:
            return
        if self.dialog is not None:
            self.dialog.show_end(
                sentence, procedures or [], problem=problem, has_suspects=has_suspects
            )
        else:
            self._window.banner.show_message(sentence)

    def _remove_folder(self) -> None:
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None
