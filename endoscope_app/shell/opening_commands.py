"""What a procedure is chosen by: a file, a folder of stills, the demo, or one that was open
before.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog

from endoscope_app.base.paths import demo_clip
from endoscope_app.media.opening import VIDEO_SUFFIXES
from endoscope_app.shell.commands import OPEN_DEMO, OPEN_FILE, OPEN_FOLDER
from endoscope_app.shell.main_window import MainWindow
from endoscope_app.viewing.recent import RecentFiles


class Opening(QObject):
    """Asks, and hands the path on; whoever listens opens it."""

    chosen = Signal(object)  # Path

    def __init__(self, window: MainWindow, recent: RecentFiles) -> None:
        super().__init__(window)
        self._window, self._recent = window, recent
        window.recent_menu.aboutToShow.connect(self._fill_recent)
        window.action(OPEN_FILE).triggered.connect(self._on_file)
        window.action(OPEN_FOLDER).triggered.connect(self._on_folder)
        window.action(OPEN_DEMO).triggered.connect(lambda: self.chosen.emit(demo_clip()))

    def _on_file(self) -> None:
        patterns = " ".join(f"*{suffix} *{suffix.upper()}" for suffix in sorted(VIDEO_SUFFIXES))
        path, _ = QFileDialog.getOpenFileName(
            self._window, "Open a recorded procedure", "", f"Videos ({patterns});;All files (*)"
        )
        if path:
            self.chosen.emit(Path(path))

    def _on_folder(self) -> None:
        path = QFileDialog.getExistingDirectory(self._window, "Open a folder of stills")
        if path:
            self.chosen.emit(Path(path))

    def _fill_recent(self) -> None:
        menu = self._window.recent_menu
        menu.clear()
        for entry in self._recent.entries():
            path = Path(entry.path)
            menu.addAction(path.name).triggered.connect(
                lambda _=False, path=path: self.chosen.emit(path)
            )
        if menu.isEmpty():
            menu.addAction("Nothing yet").setEnabled(False)
