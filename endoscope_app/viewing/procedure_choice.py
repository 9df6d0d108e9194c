"""What a procedure is chosen by: a file, a folder of stills, the demo, or a recent one."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QMenu

from endoscope_app.base.paths import demo_clip
from endoscope_app.base.window_port import WindowPort
from endoscope_app.media.opening import DICOM_SUFFIXES, VIDEO_SUFFIXES
from endoscope_app.viewing import wording
from endoscope_app.viewing.commands import OPEN_DEMO, OPEN_FILE, OPEN_FOLDER
from endoscope_app.viewing.recent import RecentFiles


class ProcedureChoice(QObject):
    """Asks, and hands the path on; whoever listens opens it."""

    chosen = Signal(object)  # Path
    several_chosen = Signal(list)  # of Path: videos
    folder_chosen = Signal(object)  # Path

    def __init__(self, window: WindowPort, recent: RecentFiles, *, recent_menu: QMenu) -> None:
        super().__init__(window.as_widget())
        self._parent, self._recent, self._menu = window.as_widget(), recent, recent_menu
        recent_menu.aboutToShow.connect(self._fill_recent)
        window.action(OPEN_FILE).triggered.connect(self._on_file)
        window.action(OPEN_FOLDER).triggered.connect(self._on_folder)
        window.action(OPEN_DEMO).triggered.connect(lambda: self.chosen.emit(demo_clip()))

    def _on_file(self) -> None:
        paths, _ = QFileDialog.getOpenFileNames(
            self._parent,
            wording.OPEN_FILE_TITLE,
            "",
            wording.file_patterns(sorted(VIDEO_SUFFIXES | DICOM_SUFFIXES)),
        )
        if len(paths) == 1:
            self.chosen.emit(Path(paths[0]))
        elif paths:
            self.several_chosen.emit([Path(path) for path in paths])

    def _on_folder(self) -> None:
        path = QFileDialog.getExistingDirectory(self._parent, wording.OPEN_FOLDER_TITLE)
        if path:
            self.folder_chosen.emit(Path(path))

    def _fill_recent(self) -> None:
        self._menu.clear()
        for entry in self._recent.entries():
            path = Path(entry.path)
            self._menu.addAction(path.name).triggered.connect(
                lambda _=False, path=path: self.chosen.emit(path)
            )
        if self._menu.isEmpty():
            self._menu.addAction(wording.NOTHING_RECENT).setEnabled(False)
