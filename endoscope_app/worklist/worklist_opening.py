"""Opening procedures of the worklist: by their line, the next one, the last one, and one whose file
was moved.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject

from endoscope_app.base.errors import AppError
from endoscope_app.base.file_question import FileQuestion
from endoscope_app.base.window_port import WindowPort
from endoscope_app.media.folder_notes import NestedFolders
from endoscope_app.media.opening import DICOM_SUFFIXES, VIDEO_SUFFIXES, OpeningStopped
from endoscope_app.media.source import SourceInfo
from endoscope_app.viewing.commands import OPEN_DEMO, OPEN_FILE, OPEN_FOLDER
from endoscope_app.viewing.procedure_player import ProcedurePlayer
from endoscope_app.viewing.recent import RecentFiles
from endoscope_app.viewing.wording import file_patterns
from endoscope_app.worklist import wording
from endoscope_app.worklist.commands import (
    ADD_FOLDER,
    CONTINUE,
    NEXT_PROCEDURE,
    PREVIOUS_PROCEDURE,
)
from endoscope_app.worklist.joining import Joining
from endoscope_app.worklist.page_switch import PageSwitch
from endoscope_app.worklist.procedure_walk import neighbour
from endoscope_app.worklist.worklist_page import WorklistPage
from endoscope_app.worklist.worklist_store import WorklistStore
from endoscope_app.worklist.worklist_view import WorklistView


class WorklistOpening(QObject):
    """Whatever is opened, from wherever, has a line afterwards; what is refused says why there."""

    def __init__(
        self,
        window: WindowPort,
        page: WorklistPage,
        switch: PageSwitch,
        view: WorklistView,
        worklist: WorklistStore,
        player: ProcedurePlayer,
        recent: RecentFiles,
        files: FileQuestion,
        joining: Joining,
    ) -> None:
        super().__init__(window.as_widget())
        self._window, self._table, self._switch = window, page.table, switch
        self._view, self._worklist, self._files = view, worklist, files
        self._joining = joining
        self._player, self._recent = player, recent
        self._asked: Path | None = None  # is being opened, or was refused
        self._sought = ""  # the fingerprint of a missing one whose place the reader has given
        player.opened.connect(self._on_opened)
        player.refused.connect(self._on_refused)
        page.table.open_requested.connect(self._open_line)
        page.entry_bar.open_requested.connect(self._on_open)
        page.entry_bar.find_requested.connect(self._on_find)
        for command, step in ((NEXT_PROCEDURE, 1), (PREVIOUS_PROCEDURE, -1)):
            window.action(command).triggered.connect(lambda _=False, step=step: self._step(step))
        window.action(CONTINUE).triggered.connect(self._on_continue)
        for button, command in (
            (page.continue_button, CONTINUE),
            (page.video_button, OPEN_FILE),
            (page.stills_button, OPEN_FOLDER),
            (page.folder_button, ADD_FOLDER),
            (page.demo_button, OPEN_DEMO),
        ):
            button.clicked.connect(window.action(command).trigger)

    def _on_open(self) -> None:
        chosen = self._table.chosen()
        if chosen:
            self._open_line(chosen[0])

    def _open_line(self, line: int) -> None:
        entry = next((entry for entry in self._view.entries if entry.id == line), None)
        if entry is None:
            return
        info = self._player.info
        if info is not None and info.path.absolute() == entry.path:
            self._switch.show_procedure()
            return
        self._table.choose(line)
        self._asked = entry.path
        self._player.open(entry.path)

    def _step(self, by: int) -> None:
        shown = self._view.shown()
        there = neighbour(shown, self._here(), by)
        if there is not None:
            self._open_line(there.id)
        elif not any(entry.can_be_opened for entry in shown):
            self._window.banner.show_remark(wording.NO_PROCEDURES)
        else:
            end = wording.LAST_PROCEDURE if by > 0 else wording.FIRST_PROCEDURE
            self._window.banner.show_remark(end)

    def _here(self) -> int | None:
        """Id of the line from which one goes on: what was asked for last, else what is open."""
        info = self._player.info
        entry = self._view.entry_at(self._asked or (None if info is None else info.path.absolute()))
        return None if entry is None else entry.id

    def _on_continue(self) -> None:
        last = next(iter(self._recent.entries()), None)
        if self._player.info is not None:
            self._switch.show_procedure()
        elif last is not None:
            self._player.open(last.path)

    def _on_find(self) -> None:
        chosen = self._view.chosen()
        if len(chosen) != 1:
            return
        if chosen[0].parts:
            self._joining.find(chosen[0])
            return
        parent, patterns = (
            self._window.as_widget(),
            file_patterns(sorted(VIDEO_SUFFIXES | DICOM_SUFFIXES)),
        )
        path = (
            self._files.folder(parent, wording.FIND_TITLE)
            if chosen[0].kind == "folder"
            else self._files.open_file(parent, wording.FIND_TITLE, patterns)
        )
        if path is None:
            return
        self._sought = chosen[0].fingerprint
        if not self._sought:  # it was never looked into: nothing tells whether it is the same
            self._kept(lambda: self._worklist.move(chosen[0].id, path))
        self._player.open(path)

    def _on_opened(self, _generation: int, info: SourceInfo) -> None:
        self._asked = None
        sought, self._sought = self._sought, ""
        if self._view.can_write:
            self._kept(lambda: self._worklist.note(info))
        if sought and sought != info.fingerprint:
            self._window.banner.add_message(wording.NOT_THE_ONE)
        self._view.refresh()
        here = self._here()
        if here is not None:
            self._table.choose(here)

    def _on_refused(self, path: Path, error: AppError) -> None:
        self._sought = ""
        if isinstance(error, OpeningStopped | NestedFolders):
            self._asked = None
            return
        # The next one is meant by Ctrl+Page Down now, not this one again
        self._asked = path.absolute()
        if self._view.can_write and self._view.entry_at(self._asked) is not None:
            self._kept(lambda: self._worklist.refuse(path, str(error)))
            self._view.refresh()

    def _kept(self, write: Callable[[], object]) -> None:
        try:
            write()
        except AppError as error:
            self._window.banner.show_message(str(error))
