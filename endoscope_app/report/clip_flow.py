"""A finding of the open video saved as a clip, in the background."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Qt

from endoscope_app.base.file_question import FileQuestion
from endoscope_app.base.wording import NO_PROCEDURE_OPEN
from endoscope_app.labels.label_desk import LabelDesk
from endoscope_app.report import wording
from endoscope_app.report.clip_dialog import ClipDialog
from endoscope_app.report.commands import SAVE_CLIP
from endoscope_app.report.dialog_work import DialogWork
from endoscope_app.report.gathering import OpenRecording, gather
from endoscope_app.report.report_values import Finding, ReportOptions


class ClipFlow(QObject):
    """``dialog`` while it is open."""

    def __init__(self, desk: LabelDesk, files: FileQuestion) -> None:
        super().__init__(desk.window.as_widget())
        self.dialog: ClipDialog | None = None
        self.files = files
        self._desk = desk
        self._findings: Sequence[Finding] = ()
        self._work = DialogWork(lambda: self.dialog, desk.window.banner, self)
        desk.window.action(SAVE_CLIP).triggered.connect(self.open)
        desk.player.opened.connect(self._on_procedure_opened)

    def open(self) -> None:
        """List the findings, or say why there is none to save."""
        desk = self._desk
        frames = desk.player.frames
        reason = desk.session.not_open_because or desk.procedure.withheld
        if frames is None or reason or frames.info.kind == "folder":
            desk.window.banner.show_message(
                NO_PROCEDURE_OPEN if frames is None else reason or wording.NO_CLIP_OF_STILLS
            )
            return
        if self.dialog is not None:
            self.dialog.raise_()
            self.dialog.activateWindow()
            return
        recording = OpenRecording(frames.info, desk.player.times)
        report = gather(desk.session.library, recording, None, ReportOptions())
        self._findings = report.findings
        if not self._findings:
            desk.window.banner.show_message(wording.NO_FINDING_TO_SAVE)
            return
        rows = [wording.heading(number, item) for number, item in enumerate(self._findings, 1)]
        dialog = self.dialog = ClipDialog(rows, self._here(), desk.window.as_widget())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.save_requested.connect(self._on_save)
        dialog.cancelled.connect(self._work.stop)
        dialog.finished.connect(self._forget)
        dialog.show()

    def close(self) -> None:
        """Stop what runs and wait for it (only while closing)."""
        self._work.close()

    def _here(self) -> int:
        """The finding around the frame on screen, or the first one."""
        index = self._desk.player.index
        around = (
            row for row, item in enumerate(self._findings) if item.first <= index <= item.last
        )
        return next(around, 0)

    def _on_save(self, row: int) -> None:
        dialog, player = self.dialog, self._desk.player
        if dialog is None or player.frames is None or not 0 <= row < len(self._findings):
            return
        path = self.files.save_file(dialog, wording.CLIP_TITLE, wording.clip_name(row + 1), "*.mp4")
        if path is None:
            return
        finding = self._findings[row]
        from endoscope_app.report.clip_work import ClipWork  # FFmpeg, which takes a while to load

        work = ClipWork(
            player.frames,
            player.times,
            finding.first,
            finding.last,
            path if path.suffix else path.with_suffix(".mp4"),
        )
        self._work.start(work.run, finding.last - finding.first + 1)

    def _on_procedure_opened(self) -> None:
        if self.dialog is not None:
            self.dialog.close()

    def _forget(self) -> None:
        self.dialog = None
