"""The app with its window on a clip; how late its UI thread is, when something was painted
first, what it needs of memory.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication

from endoscope_app.app import App
from endoscope_app.base.freed_memory import share_one_heap
from endoscope_app.base.paths import APP_NAME, DataDir
from endoscope_app.base.settings import Settings, save_settings
from endoscope_app.viewing.inference_thread import ClassifiedFrame

TICK_MS = 5  # how often the UI thread is asked whether it is late
GIVE_UP_S = 120.0


class Lateness(QObject):
    """How many ms later than due a timer's turn comes on the UI thread."""

    def __init__(self) -> None:
        super().__init__()
        self.late_ms: list[float] = []
        self._due = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._on_tick)

    def start(self) -> None:
        """Begin to ask."""
        self._due = time.perf_counter() + TICK_MS / 1000
        self._timer.start(TICK_MS)

    def _on_tick(self) -> None:
        self.late_ms.append(max(0.0, (time.perf_counter() - self._due) * 1000))
        self.start()


class FirstPaint(QObject):
    """Notes when what it filters was painted first, or there the child of a widget of this type.

    Nothing is kept from the window.
    """

    at = 0.0

    def __init__(self, parent_type: type[QObject] = QObject) -> None:
        super().__init__()
        self._parent_type = parent_type

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Watch only."""
        if (
            not self.at
            and event.type() == QEvent.Type.Paint
            and isinstance(watched.parent(), self._parent_type)
        ):
            self.at = time.time()
        return False


class Session:
    """The app with its window on a clip, in a data folder of its own."""

    def __init__(self, clip: Path, model: Path, data: Path, *, analyse: bool) -> None:
        share_one_heap()
        folder = DataDir.open(str(data))
        save_settings(folder.settings_file, Settings(overlay_visible=True, analyse_on_open=analyse))
        self.application = QApplication([APP_NAME])
        self.app = App(folder, model)
        self.first_paint = FirstPaint()
        self.app.window.worklist.installEventFilter(self.first_paint)
        self.first_classified = 0.0
        self.from_decoded_ms: list[float] = []
        self.app.window.frame_view.frame_painted.connect(self._on_painted)
        self.app.start()
        self.app.open(clip)

    def _on_painted(self, token: object, _draw_ms: float) -> None:
        if not isinstance(token, ClassifiedFrame) or token.prediction is None:
            return
        self.first_classified = self.first_classified or time.time()
        if token.decoded.playing:
            self.from_decoded_ms.append((time.perf_counter() - token.decoded.decoded_at) * 1000)

    def wait(self, done: Callable[[], bool], seconds: float = GIVE_UP_S) -> bool:
        """Run the event loop until ``done`` or the time is up."""
        end = time.monotonic() + seconds
        while not done() and time.monotonic() < end:
            QCoreApplication.processEvents()
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
            time.sleep(0.001)
        return done()

    def run(self, seconds: float) -> None:
        """Let Qt's own event loop run, as in the real program (quit() of the application would
        close the window).
        """
        loop = QEventLoop()
        QTimer.singleShot(round(seconds * 1000), loop.quit)
        loop.exec()

    def ready(self) -> None:
        """Return when the first frame is on screen with its prediction."""
        if not self.wait(lambda: self.first_classified > 0):
            raise SystemExit("no frame was classified")


def peak_mib() -> float | None:
    """Largest resident memory of this process; None where the system does not tell.

    Linux is asked for VmHWM: ru_maxrss there also counts what the parent held when it forked.
    """
    if sys.platform == "linux":
        rows = Path("/proc/self/status").read_text().splitlines()
        return next(int(row.split()[1]) / 1024 for row in rows if row.startswith("VmHWM"))
    if sys.platform == "darwin":
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    return None
