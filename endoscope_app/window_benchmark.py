"""One measurement in a fresh process with the real window; ``endoscope-app benchmark`` starts it and reads its JSON line.

Modes: ``live`` plays a clip with the heat map on; ``start`` only opens it; ``memory`` opens, plays and seeks with the analysis
running; ``labels`` presses keys over the label library of the data folder ``--data``. Figures: seconds since the parent began
(``--began``, seconds of the epoch), milliseconds, frames, MiB.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
import timeit
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication

from endoscope_app.app import App
from endoscope_app.engine.inference_thread import ClassifiedFrame
from endoscope_app.paths import APP_NAME, DataDir
from endoscope_app.settings import Settings, save_settings
from endoscope_app.store.labels.label_store import LabelStore
from endoscope_app.widgets.review.table import ReviewTable

TICK_MS = 5  # how often the UI thread is asked whether it is late
GIVE_UP_S = 120.0
ACTS = 120  # label acts, undos and jumps that are timed
WARM_UP = 3


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
    """Notes when what it filters was painted first, or there the child of a widget of this type. Nothing is kept from the window."""

    at = 0.0

    def __init__(self, parent_type: type[QObject] = QObject) -> None:
        super().__init__()
        self._parent_type = parent_type

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Watch only."""
        if not self.at and event.type() == QEvent.Type.Paint and isinstance(watched.parent(), self._parent_type):
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


class Keys:
    """Presses keys in the window and notes milliseconds by name; the first WARM_UP of each name are left out."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.spent: dict[str, list[float]] = {}

    def to_front(self) -> None:
        """Keys go to the active window only."""
        window = self.session.app.window
        window.activateWindow()
        if not self.session.wait(lambda: QApplication.activeWindow() is window, 10):
            raise SystemExit("the window did not become active, so it was given no keys")

    def on_screen(self) -> int:
        """The frame on screen, -1 before there is one."""
        frame = self.session.app.explaining.frame
        return -1 if frame is None else frame.index

    def go(self, index: int) -> None:
        """Until the frame is on screen."""
        self.session.app.viewing.go_to(index)
        self.session.wait(lambda: self.on_screen() == index)

    def press(self, name: str, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """From the press until it returns; ``_cpu``: of that, what this thread computed, which other programs do not change."""
        from PySide6.QtTest import QTest

        begun, computed = time.perf_counter(), time.thread_time()
        QTest.keyClick(QApplication.focusWidget() or self.session.app.window, key, modifier)
        self.note(name, time.perf_counter() - begun)
        self.note(f"{name}_cpu", time.thread_time() - computed)
        QCoreApplication.processEvents()

    def note(self, name: str, seconds: float) -> None:
        """One more figure."""
        self.spent.setdefault(name, []).append(1000 * seconds)

    def open_list(self, name: str) -> None:
        """From Ctrl+L until the rows of the review list are painted; then it is closed."""
        self.to_front()
        paint, application = FirstPaint(ReviewTable), self.session.application
        application.installEventFilter(paint)
        begun = time.time()
        self.press(f"{name}_press", Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
        self.session.wait(lambda: paint.at > 0, 10)
        application.removeEventFilter(paint)
        dialog = self.session.app.desk.reviewing.dialog
        if not paint.at or dialog is None:
            raise SystemExit("the review list was not shown")
        self.note(name, paint.at - begun)
        self.session.run(0.3)  # its thumbnails
        dialog.close()


def labels(session: Session) -> dict[str, Any]:
    """Milliseconds from key presses over a large library; every frame is labelled and classified already."""
    import numpy as np

    session.ready()
    app, keys = session.app, Keys(session)
    if not session.wait(lambda: app.analysing.timeline is not None and bool(app.analysing.timeline.known.all()), 30):
        raise SystemExit("the drawn predictions were not found")
    info, classes = app.viewing.info, len(app.labelling.panel_classes())
    assert info is not None
    for _ in range(6):
        keys.open_list("review_list")
    first, *again = keys.spent["review_list"]
    keys.spent.clear()
    keys.to_front()
    places = np.random.default_rng(2).permutation(info.frame_count)[:ACTS].tolist()
    for index in places:
        keys.go(index)
        another = int(app.label_views.states.label[index]) + 1  # the same class again would be no act
        keys.press("label_act", Qt.Key(Qt.Key.Key_1 + another % classes))
    for _ in places:
        keys.press("undo", Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    keys.go(0)
    for _ in range(min(ACTS, int(app.label_views.states.differing()[1:].sum()))):
        before, begun = keys.on_screen(), time.perf_counter()
        keys.press("next_disagreement", Qt.Key.Key_N)
        session.wait(lambda before=before: keys.on_screen() != before, 10)  # type: ignore[misc]
        keys.note("next_disagreement_on_screen", time.perf_counter() - begun)
    lists = {"frames": info.frame_count, "review_list_shown_ms": first, "review_list_again_ms": float(np.median(again))}
    parts = [(name, values[WARM_UP:] or values) for name, values in keys.spent.items()]
    return lists | {f"{name}_p{part}_ms": float(np.percentile(values, part)) for name, values in parts for part in (50, 95)}


def open_store(folder: Path) -> float:
    """Milliseconds to open the label library, the median of five times."""
    return 1000 * sorted(timeit.repeat(lambda: LabelStore(folder).close(), number=1, repeat=5))[2]


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
    parser.add_argument("mode", choices=("start", "live", "memory", "labels"))
    parser.add_argument("clip", type=Path)
    parser.add_argument("model", type=Path)
    parser.add_argument("--began", type=float, default=0.0)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--analyse", action="store_true")
    parser.add_argument("--data", type=Path, help="the data folder (default: a new one)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="endoscope-benchmark-") as empty:
        data = options.data or Path(empty)
        opening = open_store(DataDir.open(str(data)).labels) if options.mode == "labels" else 0.0
        session = Session(options.clip, options.model, data, analyse=options.analyse)
        if options.mode == "start":
            made = start(session, options.began)
        elif options.mode == "live":
            made = live(session, options.seconds)
        elif options.mode == "labels":
            made = {"store_opening_ms": opening} | labels(session)
        else:
            made = memory(session, options.seconds)
        session.app.window.close()
        session.app.close()
    made |= {"platform": QApplication.platformName(), "peak_mib": peak_mib()}
    print(json.dumps({name: round(value, 3) if isinstance(value, float) else value for name, value in made.items()}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
