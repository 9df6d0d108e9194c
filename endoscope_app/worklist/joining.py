"""Videos that are one procedure: asked about, joined, opened without one of them, found again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Qt

from endoscope_app.base.errors import AppError
from endoscope_app.base.file_question import FileQuestion
from endoscope_app.base.plain_text import ask
from endoscope_app.base.window_port import WindowPort
from endoscope_app.media.opening import PartRefused
from endoscope_app.media.part_list import moved_list, read_part_list, write_part_list
from endoscope_app.viewing.procedure_player import ProcedurePlayer
from endoscope_app.worklist import joining_wording as wording
from endoscope_app.worklist.entry import Entry
from endoscope_app.worklist.folder_contents import look_like_parts
from endoscope_app.worklist.joining_dialog import JoiningDialog
from endoscope_app.worklist.worklist_store import WorklistStore


class Joining(QObject):
    """``folder``: where it is kept which videos belong together."""

    def __init__(
        self,
        window: WindowPort,
        worklist: WorklistStore,
        player: ProcedurePlayer,
        files: FileQuestion,
        folder: Path,
    ) -> None:
        super().__init__(window.as_widget())
        self._window, self._worklist, self._player = window, worklist, player
        self._files, self._folder = files, folder
        self.question: JoiningDialog | None = None
        player.refused.connect(self._on_refused)

    def ask(self, videos: Sequence[Path], separate: Callable[[list[Path]], None]) -> None:
        """One procedure, or several? ``separate`` takes those that are procedures of their own."""
        if self.question is not None:
            self.question.reject()
        dialog = self.question = JoiningDialog(
            videos, are_likely_one=look_like_parts(videos), parent=self._window.as_widget()
        )
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.joined.connect(self.join)
        dialog.separated.connect(separate)
        dialog.finished.connect(self._on_answered)
        dialog.open()

    def join(self, videos: list[Path]) -> None:
        """Open these as one procedure."""
        self._written(lambda: self._player.open(write_part_list(self._folder, videos)))

    def find(self, entry: Entry) -> None:
        """Ask where the parts of a procedure lie now; what is known of it comes along."""
        folder = self._files.folder(self._window.as_widget(), wording.FIND_FOLDER_TITLE)
        if folder is not None:
            self._written(lambda: self._find_in(folder, entry))

    def _find_in(self, folder: Path, entry: Entry) -> None:
        moved = moved_list(self._folder, entry.path, folder)
        if moved is None:
            self._window.banner.show_message(wording.not_found(list(entry.parts)))
            return
        self._worklist.move(entry.id, moved)
        self._player.open(moved)

    def _on_answered(self) -> None:
        self.question = None

    def _on_refused(self, path: Path, error: AppError) -> None:
        if isinstance(error, PartRefused):
            self._written(lambda: self._offer_without(path, error))

    def _offer_without(self, path: Path, error: PartRefused) -> None:
        others = [part for part in read_part_list(path) if part != error.part]
        question = wording.leave_out(error.sentence, len(others))
        if not others or not ask(self._window.as_widget(), wording.LEAVE_OUT_TITLE, question):
            return
        there = others[0] if len(others) == 1 else write_part_list(self._folder, others)
        self._worklist.replace(path, there)
        self._player.open(there)

    def _written(self, act: Callable[[], None]) -> None:
        try:
            act()
        except AppError as error:
            self._window.banner.show_message(str(error))
