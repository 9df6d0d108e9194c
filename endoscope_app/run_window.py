"""Start Qt, show the window, and turn what nobody caught into a report."""

from __future__ import annotations

import os
import signal
import sys
import threading
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QSettings, Qt, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from endoscope_app.app import App
from endoscope_app.base.fault_dialog import FaultDialog
from endoscope_app.base.freed_memory import share_one_heap
from endoscope_app.base.known_folders import has_vanished, remember, where
from endoscope_app.base.log import log_fault, start_logging, stop_logging
from endoscope_app.base.paths import APP_NAME, DataDir, asked_root, demo_clip, shipped_model
from endoscope_app.base.settings import Settings
from endoscope_app.base.theme import apply_theme
from endoscope_app.base.vanished_dialog import VanishedDialog

#: px that a title bar and the frame around a window may take of a screen's height.
FRAME_HEIGHT = 40


def run_window(
    paths: Sequence[Path], *, demo: bool, data_dir: str | None, model: Path | None
) -> int:
    """Open the window and return Qt's exit status once it is closed."""
    share_one_heap()
    root = _root(data_dir)
    if root is None:
        return 0
    data = DataDir.open(str(root))
    if data.writable:
        remember(data.root, asked_for=asked_root(data_dir))
    start_logging(data.log_file if data.writable else None)
    _keep_caches_in(data.cache.absolute())
    application = _application()
    app = App(data, shipped_model(), given=model.absolute() if model else None)
    _fit_screen(app.window)
    _report_uncaught(app)
    # A Python signal handler runs only when Python runs: the timer gives it a chance every quarter
    # of a second.
    signal.signal(signal.SIGINT, lambda *_: app.window.close())
    signal.signal(signal.SIGTERM, lambda *_: app.window.close())
    heartbeat = QTimer()
    heartbeat.timeout.connect(lambda: None)
    heartbeat.start(250)
    app.start()
    if paths:
        app.take(paths)
    elif demo:
        app.open(demo_clip())
    try:
        return int(application.exec())
    finally:
        app.close()
        stop_logging()


def _application() -> QApplication:
    """The one of this process, which a question before the window may have needed."""
    found = QApplication.instance()
    application = found if isinstance(found, QApplication) else QApplication([APP_NAME])
    application.setApplicationName(APP_NAME)
    return application


def _root(data_dir: str | None) -> Path | None:
    """The data folder to use; None where the reader quits, as the one of before has vanished."""
    root = where(asked_root(data_dir))
    if not has_vanished(root):
        return root
    application = _application()
    apply_theme(application, Settings().theme)
    dialog = VanishedDialog(root)
    dialog.exec()
    return dialog.folder


def _fit_screen(window: QWidget) -> None:
    """A laptop's 768 rows would otherwise cut the timeline off, or the title bar the status line:
    where a window with its frame would be larger than the screen it fills the screen.
    """
    room = window.screen().availableGeometry().size()
    if window.height() + FRAME_HEIGHT > room.height() or window.width() > room.width():
        window.resize(window.size().boundedTo(room))
        window.setWindowState(window.windowState() | Qt.WindowState.WindowMaximized)


def _keep_caches_in(folder: Path) -> None:
    """What Qt, fontconfig and the libraries of child processes would leave in the home folder goes
    here.

    Qt's own file dialog would otherwise remember the folders of procedures there, and with them
    names of patients.
    """
    for variable, name in (
        ("XDG_CACHE_HOME", ""),
        ("MPLCONFIGDIR", "matplotlib"),
        ("TORCHINDUCTOR_CACHE_DIR", "torch"),
    ):
        os.environ[variable] = str(folder / name)
    QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, str(folder))


def _report_uncaught(app: App) -> None:
    def report(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        text = "".join(traceback.format_exception(kind, error, trace))
        log_fault(error, "uncaught fault")
        FaultDialog(text, app.window).show()

    sys.excepthook = report
    threading.excepthook = log_thread_fault


def log_thread_fault(fault: threading.ExceptHookArgs) -> None:
    """The last word of a thread that is not Qt's: nobody else catches what it raises."""
    name = fault.thread.name if fault.thread is not None else "unknown"
    log_fault(fault.exc_value or fault.exc_type(), f"fault in the thread {name}")
