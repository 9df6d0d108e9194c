"""One measurement in a fresh process with the real window; ``endoscope-app benchmark`` starts it and reads its JSON line.

Modes: ``live`` plays a clip with the heat map on; ``start`` only opens it; ``memory`` opens, plays and seeks with the analysis
running. Figures: seconds since the parent began (``--began``, seconds of the epoch), milliseconds, frames, MiB.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication

from endoscope_app.app import App
from endoscope_app.engine.inference_thread import ClassifiedFrame
from endoscope_app.paths import APP_NAME, DataDir
from endoscope_app.settings import Settings, save_settings

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
    """Notes when the window was painted first."""

    at = 0.0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Watch only; nothing is kept from the window."""
        if not self.at and event.type() == QEvent.Type.Paint:
            self.at = time.time()
        return False


class Session:
    """The app with its window on a clip, in a data folder of its own."""

    def __init__(self, clip: Path, model: Path, data: Path, *, analyse: bool) -> None:
        folder = DataDir.open(str(data))
        save_settings(folder.settings_file, Settings(overlay_visible=True, analyse_on_open=analyse))
        self.application = QApplication([APP_NAME])
        self.app = App(folder, model)
        self.first_paint = FirstPaint()
        self.app.window.frame_view.installEventFilter(self.first_paint)
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
        """Let Qt's own event loop run, as in the real program (quit() of the application would close the window)."""
        loop = QEventLoop()
        QTimer.singleShot(round(seconds * 1000), loop.quit)
        loop.exec()

    def ready(self) -> None:
        """Return when the first frame is on screen with its prediction."""
        if not self.wait(lambda: self.first_classified > 0):
            raise SystemExit("no frame was classified")


def start(session: Session, began: float) -> dict[str, Any]:
    """Seconds from the start of the process to the painted window and to the first classified frame."""
    session.ready()
    return {"window_s": session.first_paint.at - began, "first_classified_s": session.first_classified - began}


def live(session: Session, seconds: float) -> dict[str, Any]:
    """Play for ``seconds``: frames shown and dropped, lateness of the UI thread, milliseconds from decoded to painted."""
    import numpy as np

    session.ready()
    session.run(1.0)
    app, lateness = session.app, Lateness()
    shown, dropped = app.explaining.shown, app.explaining.dropped
    app.viewing.toggle_play()
    lateness.start()
    processor = time.process_time()
    session.run(seconds)
    processor = time.process_time() - processor
    return {
        "frames_shown": app.explaining.shown - shown,
        "frames_dropped": app.explaining.dropped - dropped,
        "ui_lateness_p99_ms": float(np.percentile(lateness.late_ms, 99)),
        "decoded_to_painted_p95_ms": float(np.percentile(session.from_decoded_ms, 95)),
        "cores_used": processor / seconds,
    }


def memory(session: Session, seconds: float) -> dict[str, Any]:
    """Play, seek to twenty places and analyse; the peak is read at the end."""
    session.ready()
    app = session.app
    app.viewing.toggle_play()
    session.run(seconds)
    app.viewing.pause()
    info = app.viewing.info
    assert info is not None
    for step in range(20):
        app.viewing.go_to(step * info.frame_count // 20)
        session.run(0.2)
    return {"frames": info.frame_count}


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


def main() -> int:
    """Measure once and print one JSON line."""
    parser = argparse.ArgumentParser(prog="python -m endoscope_app.window_benchmark", description=__doc__)
    parser.add_argument("mode", choices=("start", "live", "memory"))
    parser.add_argument("clip", type=Path)
    parser.add_argument("model", type=Path)
    parser.add_argument("--began", type=float, default=0.0)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--analyse", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="endoscope-benchmark-") as data:
        session = Session(options.clip, options.model, Path(data), analyse=options.analyse)
        if options.mode == "start":
            made = start(session, options.began)
        elif options.mode == "live":
            made = live(session, options.seconds)
        else:
            made = memory(session, options.seconds)
        session.app.window.close()
        session.app.close()
    made |= {"platform": QApplication.platformName(), "peak_mib": peak_mib()}
    print(json.dumps({name: round(value, 3) if isinstance(value, float) else value for name, value in made.items()}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
