"""The report of the open procedure: gathered anew whenever labels change, saved, copied, signed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication

from endoscope_app.analysis.procedure_analysis import ProcedureAnalysis
from endoscope_app.base.background_task import Tasks
from endoscope_app.base.current_settings import CurrentSettings
from endoscope_app.base.errors import AppError
from endoscope_app.base.file_question import FileQuestion
from endoscope_app.base.plain_text import ask
from endoscope_app.base.wording import NO_PROCEDURE_OPEN
from endoscope_app.labels.commands import READER
from endoscope_app.labels.label_desk import LabelDesk
from endoscope_app.report import wording
from endoscope_app.report.commands import REPORT
from endoscope_app.report.gathering import ModelAnswers, OpenRecording, gather
from endoscope_app.report.report_dialog import DRAFT, ReportDialog
from endoscope_app.report.report_values import ReportOptions
from endoscope_app.report.report_work import (
    Draft,
    make_draft,
    sign,
    write_draft,
    write_signed,
)
from endoscope_app.report.signed_reports import SignedReport, SignedReports
from endoscope_app.report.stills import HeatMaps, PictureMaker

Result = TypeVar("Result")


class ReportFlow(QObject):
    """``dialog`` while it is open. Has background tasks of its own: pictures of a long report must
    not keep labels waiting.
    """

    progressed = Signal(int, int)
    signed = Signal(str)  # the procedure's fingerprint

    def __init__(
        self,
        desk: LabelDesk,
        analysis: ProcedureAnalysis,
        settings: CurrentSettings,
        files: FileQuestion,
        folder: Path | None,
    ) -> None:
        """``folder``: of the signed reports; None where nothing can be kept."""
        super().__init__(desk.window.as_widget())
        self.dialog: ReportDialog | None = None
        self.files = files
        self._desk, self._analysis, self._settings = desk, analysis, settings
        self._signed = None if folder is None else SignedReports(folder)
        self._tasks = Tasks(self)
        self._stop = threading.Event()
        self._maker: PictureMaker | None = None
        self._draft: Draft | None = None
        self._versions: list[SignedReport] = []
        self._fingerprint = ""
        self._round = 0  # of the draft that was asked for last
        self._closed = False
        self.progressed.connect(self._on_progressed)
        desk.window.action(REPORT).triggered.connect(self.open)
        desk.session.changed.connect(self._on_labels_changed)
        desk.player.opened.connect(self._on_procedure_opened)

    def open(self) -> None:
        """Show the report, or bring it to the front; or say why there is none."""
        desk = self._desk
        reason = (
            NO_PROCEDURE_OPEN
            if desk.player.info is None
            else desk.session.not_open_because or desk.procedure.withheld
        )
        if desk.player.info is None or reason:
            desk.window.banner.show_message(reason)
            return
        if self.dialog is None:
            self._fingerprint = desk.procedure.fingerprint
            options = ReportOptions(single_frames=desk.player.info.kind == "folder")
            self.dialog = self._new_dialog(options)
            self._read_versions(DRAFT)
            self._make_draft()
        self.dialog.show()
        self.dialog.raise_()
        self.dialog.activateWindow()

    def close(self) -> None:
        """Stop what runs and wait for it (only while closing)."""
        self._closed = True
        self._stop.set()
        self._tasks.close()

    def _new_dialog(self, options: ReportOptions) -> ReportDialog:
        dialog = ReportDialog(options, self._desk.window.as_widget())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.options_changed.connect(self._make_draft)
        dialog.version_chosen.connect(self._on_version)
        dialog.save_requested.connect(self._on_save)
        dialog.copy_requested.connect(self._on_copy)
        dialog.sign_requested.connect(self._on_sign)
        dialog.cancelled.connect(self._on_cancelled)
        dialog.finished.connect(self._forget)
        return dialog

    def _forget(self) -> None:
        self._stop.set()
        self.dialog, self._maker, self._draft = None, None, None

    def _on_cancelled(self) -> None:
        self._stop.set()

    def _on_procedure_opened(self) -> None:
        if self.dialog is not None and self._desk.procedure.fingerprint != self._fingerprint:
            self.dialog.close()

    def _on_labels_changed(self) -> None:
        if self.dialog is not None and self.dialog.version == DRAFT:
            self._make_draft()

    # ---- The draft

    def _make_draft(self) -> None:
        dialog, frames = self.dialog, self._desk.player.frames
        if dialog is None or frames is None:
            return
        report = gather(
            self._desk.session.library,
            OpenRecording(frames.info, self._desk.player.times),
            self._model(),
            dialog.options,
            self._analysis.measures if self._analysis.is_of(frames.info) else None,
        )
        maker = self._maker
        classifier = self._analysis.classifier
        if maker is None or maker.frames is not frames or not maker.draws_with(classifier):
            maker = self._maker = PictureMaker(frames, self._heat_maps())
        self._stop.set()
        stop = self._stop = threading.Event()
        self._round += 1
        number = self._round
        dialog.say(wording.MAKING)
        dialog.show_step(0, len(report.findings))
        self._tasks.run(
            lambda: make_draft(report, maker, self.progressed.emit, stop.is_set),
            lambda draft: self._show_draft(draft, number),
            self._on_failed,
        )

    def _model(self) -> ModelAnswers | None:
        classifier, timeline = self._analysis.classifier, self._analysis.timeline
        if classifier is None or timeline is None:
            return None
        return ModelAnswers(classifier.version, classifier.classes, timeline.raw, timeline.known)

    def _heat_maps(self) -> HeatMaps | None:
        classifier, now = self._analysis.classifier, self._settings.now
        if classifier is None:
            return None
        return HeatMaps(classifier, now.colour_map, now.overlay_opacity)

    def _on_progressed(self, done: int, total: int) -> None:
        if self.dialog is not None and not self._stop.is_set():
            self.dialog.show_step(done, total)
            self.dialog.say(wording.step(done, total))

    def _show_draft(self, draft: Draft, number: int) -> None:
        dialog = self.dialog
        if dialog is None or number != self._round or dialog.version != DRAFT:
            return
        self._draft = draft
        because = self._why_not_signed(draft)
        dialog.show_report(draft.html, draft.images, signable=not because)
        dialog.say(because or wording.findings_of(len(draft.report.findings)))

    def _why_not_signed(self, draft: Draft) -> str:
        """A sentence; empty where the draft can be signed."""
        if not draft.whole:
            return wording.STOPPED
        if self._signed is None:
            return wording.NOT_KEPT_HERE
        if not draft.report.findings and not draft.report.pairs:
            return wording.NOTHING_TO_SIGN
        newest = self._versions[0].record.report if self._versions else ""
        return wording.SAME_AS_SIGNED if newest == draft.report.digest else ""

    # ---- Versions

    def _read_versions(self, chosen: int) -> None:
        self._versions = [] if self._signed is None else self._signed.versions(self._fingerprint)
        if self.dialog is not None:
            self.dialog.show_versions([item.signature for item in self._versions], chosen)

    def _chosen(self) -> SignedReport | None:
        """The signed report that is to be seen; None for the draft."""
        version = DRAFT if self.dialog is None else self.dialog.version
        return next((item for item in self._versions if item.record.version == version), None)

    def _on_version(self) -> None:
        signed = self._chosen()
        if signed is None:
            self._make_draft()
            return
        self._stop.set()
        self._work(
            lambda: signed.content("html").decode(),
            lambda html: self._show_signed(signed, html),
        )

    def _show_signed(self, signed: SignedReport, html: str) -> None:
        if self.dialog is not None and self._chosen() is signed:
            self.dialog.show_report(html, {}, signable=False)
            self.dialog.say(wording.frozen(signed.signature))

    # ---- What the buttons ask for

    def _on_save(self, suffix: str) -> None:
        dialog, draft, signed = self.dialog, self._draft, self._chosen()
        if dialog is None or (signed is None and draft is None):
            return
        path = self.files.save_file(dialog, wording.SAVE_TITLE, f"report.{suffix}", f"*.{suffix}")
        if path is None:
            return
        target = path if path.suffix else path.with_suffix(f".{suffix}")

        def write() -> str:
            if signed is not None:
                return write_signed(signed, suffix, target)
            assert draft is not None
            return write_draft(draft, suffix, target)

        self._work(write, lambda name: self._say(wording.saved(name)))

    def _on_copy(self) -> None:
        draft, signed = self._draft, self._chosen()
        if signed is not None:
            self._work(lambda: signed.content("txt").decode(), self._copied)
        elif draft is not None:
            self._copied(draft.text())

    def _copied(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)
        self._say(wording.COPIED)

    def _on_sign(self) -> None:
        dialog, draft, kept, fingerprint = (
            self.dialog,
            self._draft,
            self._signed,
            self._fingerprint,
        )
        if dialog is None or draft is None or kept is None:
            return
        name = self._desk.session.reader_name()
        if not name:
            dialog.say(wording.NAME_FIRST)
            self._desk.window.action(READER).trigger()
            return
        question = wording.sign_question(name, kept.next_version(fingerprint))
        if not ask(dialog, wording.SIGN_TITLE, question):
            return
        dialog.say(wording.SIGNING)
        self._work(
            lambda: sign(draft, fingerprint, name, kept),
            lambda signed: self._on_signed(signed, fingerprint),
        )

    def _on_signed(self, signed: SignedReport, fingerprint: str) -> None:
        self.signed.emit(fingerprint)
        self._read_versions(signed.record.version)
        self._on_version()

    # ---- Work beside the window

    def _work(self, work: Callable[[], Result], done: Callable[[Result], None]) -> None:
        if self.dialog is not None:
            self.dialog.show_busy()

        def finish(result: Result) -> None:
            if self.dialog is not None:
                self.dialog.show_end()
            done(result)

        self._tasks.run(work, finish, self._on_failed)

    def _on_failed(self, error: AppError) -> None:
        if self._closed:
            return
        if self.dialog is None:
            self._desk.window.banner.show_message(str(error))
            return
        self.dialog.show_end()
        self.dialog.say(str(error), problem=True)

    def _say(self, sentence: str) -> None:
        if self.dialog is not None:
            self.dialog.say(sentence)
        else:
            self._desk.window.banner.show_message(sentence)
