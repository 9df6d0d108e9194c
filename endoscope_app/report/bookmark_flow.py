"""The bookmarked frames of the open procedure saved as pictures, in the background."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Qt

from endoscope_app.base.file_question import FileQuestion
from endoscope_app.base.wording import NO_PROCEDURE_OPEN
from endoscope_app.labels.label_desk import LabelDesk
from endoscope_app.report import wording
from endoscope_app.report.bookmark_dialog import BookmarkDialog
from endoscope_app.report.bookmark_work import BookmarkWork
from endoscope_app.report.commands import SAVE_BOOKMARKED
from endoscope_app.report.dialog_work import DialogWork
from endoscope_app.segments.decided import DecidedSegment, read_segments


class BookmarkFlow(QObject):
    """``dialog`` while it is open."""

    def __init__(self, desk: LabelDesk, files: FileQuestion) -> None:
        super().__init__(desk.window.as_widget())
        self.dialog: BookmarkDialog | None = None
        self.files = files
        self._desk = desk
        self._marked: Sequence[DecidedSegment] = ()
        self._work = DialogWork(lambda: self.dialog, desk.window.banner, self)
        desk.window.action(SAVE_BOOKMARKED).triggered.connect(self.open)
        desk.player.opened.connect(self._on_procedure_opened)

    def open(self) -> None:
        """List the bookmarked frames, or say why there is none to save."""
        desk = self._desk
        reason = desk.session.not_open_because or desk.procedure.withheld
        if desk.player.frames is None or reason:
            desk.window.banner.show_message(reason or NO_PROCEDURE_OPEN)
            return
        if self.dialog is not None:
            self.dialog.raise_()
            self.dialog.activateWindow()
            return
        segments = read_segments(desk.session.library, desk.procedure.fingerprint)
        self._marked = [item for item in segments if item.kind == "bookmark"]
        if not self._marked:
            desk.window.banner.show_message(wording.NOTHING_BOOKMARKED)
            return
        places = desk.procedure.places
        rows = [
            wording.bookmark_row(places.at(item.first_index), item.fields.text)
            for item in self._marked
        ]
        dialog = self.dialog = BookmarkDialog(rows, desk.window.as_widget())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.save_requested.connect(self._on_save)
        dialog.cancelled.connect(self._work.stop)
        dialog.finished.connect(self._forget)
        dialog.show()

    def close(self) -> None:
        """Stop what runs and wait for it (only while closing)."""
        self._work.close()

    def _on_save(self, rows: list[int]) -> None:
        dialog, frames = self.dialog, self._desk.player.frames
        if dialog is None or frames is None or not rows:
            return
        folder = self.files.folder(dialog, wording.BOOKMARKED_TITLE)
        if folder is None:
            return
        work = BookmarkWork(frames, [self._marked[row].first_index for row in rows], folder)
        self._work.start(work.run, len(rows))

    def _on_procedure_opened(self) -> None:
        if self.dialog is not None:
            self.dialog.close()

    def _forget(self) -> None:
        self.dialog = None
