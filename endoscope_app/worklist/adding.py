"""How procedures come into the worklist: dropped, by a folder that is chosen, or left by the
command ``endoscope-app add``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from endoscope_app.base.background_task import Tasks
from endoscope_app.base.errors import AppError
from endoscope_app.base.file_question import FileQuestion
from endoscope_app.base.window_port import WindowPort
from endoscope_app.viewing.procedure_player import ProcedurePlayer
from endoscope_app.worklist import inbox, wording
from endoscope_app.worklist.commands import ADD_FOLDER
from endoscope_app.worklist.folder_contents import (
    Found,
    changed_at,
    procedures_in,
    videos_together,
)
from endoscope_app.worklist.joining import Joining
from endoscope_app.worklist.worklist_store import WorklistStore

INBOX_MS = 2000


class Adding(QObject):
    """Folders are looked through in the background. ``added``: there are new lines."""

    added = Signal()

    def __init__(
        self,
        window: WindowPort,
        worklist: WorklistStore,
        player: ProcedurePlayer,
        tasks: Tasks,
        files: FileQuestion,
        joining: Joining,
        inbox_folder: Path,
    ) -> None:
        super().__init__(window.as_widget())
        self._window, self._worklist, self._player = window, worklist, player
        self._tasks, self._files, self._inbox = tasks, files, inbox_folder
        self._joining = joining
        self._taking: set[Path] = set()
        window.action(ADD_FOLDER).triggered.connect(self._on_command)
        self._timer = QTimer(self)
        self._timer.setInterval(INBOX_MS)
        self._timer.timeout.connect(self._look_into_inbox)

    def start(self) -> None:
        """The library is open: take what was left meanwhile, and what comes."""
        self._look_into_inbox()
        self._timer.start()

    def close(self) -> None:
        """Take nothing more."""
        self._timer.stop()

    def take(self, paths: Sequence[Path]) -> None:
        """What was dropped: one procedure is opened, several are added; videos that may be one are
        asked about.
        """
        if len(paths) == 1 and not paths[0].is_dir():
            self._player.open(paths[0])
            return
        self._tasks.run(partial(_looked_through, paths), partial(self._on_dropped, paths))

    def open_folder(self, path: Path) -> None:
        """A folder of stills is opened; videos in it may be one procedure."""
        self._tasks.run(partial(videos_together, [path]), partial(self._on_folder, path))

    def _on_folder(self, path: Path, together: list[Path]) -> None:
        if together:
            self._joining.ask(together, self._add_separate)
        else:
            self._player.open(path)

    def _on_dropped(self, paths: Sequence[Path], contents: tuple[list[Path], list[Found]]) -> None:
        together, found = contents
        if together:
            self._joining.ask(together, self._add_separate)
            return
        if len(paths) == 1 and len(found) <= 1:
            # A folder of stills; of one that holds nothing, opening it says what it does hold
            self._player.open(found[0].path if found else paths[0])
            return
        self._add(found)

    def _on_command(self) -> None:
        folder = self._files.folder(self._window.as_widget(), wording.ADD_FOLDER_TITLE)
        if folder is not None:
            self._tasks.run(partial(procedures_in, [folder]), self._add)

    def _add_separate(self, videos: list[Path]) -> None:
        if len(videos) == 1:
            self._player.open(videos[0])
        else:
            self._add([Found(video.absolute(), changed_at(video)) for video in videos])

    def _add(self, found: list[Found]) -> None:
        count = self._written(lambda: self._worklist.add(found, wanted=True))
        if count is None:
            return
        self._window.banner.show_remark(wording.added(count) if count else wording.NOTHING_NEW)
        self.added.emit()

    def _look_into_inbox(self) -> None:
        if self._worklist.read_only_because:
            return
        for file in inbox.waiting(self._inbox):
            if file not in self._taking:
                self._taking.add(file)
                self._tasks.run(partial(_left, file), partial(self._on_left, file))

    def _on_left(self, file: Path, found: list[Found]) -> None:
        count = self._written(lambda: self._worklist.add(found, wanted=True))
        if count is None:
            return  # said, and tried again at the next start
        inbox.taken(file)
        self._taking.discard(file)
        if count:
            self._window.banner.show_remark(wording.added(count))
        self.added.emit()

    def _written(self, write: Callable[[], int]) -> int | None:
        try:
            return write()
        except AppError as error:
            self._window.banner.show_message(str(error))
            return None


def _looked_through(paths: Sequence[Path]) -> tuple[list[Path], list[Found]]:
    """Those that may be one procedure, and what each would be by itself."""
    return videos_together(paths), procedures_in(paths)


def _left(file: Path) -> list[Found]:
    return [Found(path, changed_at(path)) for path in inbox.paths_of(file)]
