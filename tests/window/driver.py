"""Drives the real program in its own process, with keys as a reader would, and prints what it saw
as one JSON line.

python -m tests.window.driver DATA_DIR SCREENSHOT.png
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from endoscope_app.app import App
from endoscope_app.base.paths import APP_NAME, DataDir, demo_clip, shipped_model
from endoscope_app.shell.shortcuts_dialog import ShortcutsDialog

STEP_S = 60.0
ANALYSIS_S = 150.0  # of a thousand frames, on a machine with other work
PLAY_MS = 1500


def wait(milliseconds: int) -> None:
    """Run Qt's loop. QTest.qWait would keep Python's lock and starve the threads that decode."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


class Reader:
    """Presses keys and waits for what must follow; a wait that ends without it is written down
    as a failure.
    """

    def __init__(self, app: App) -> None:
        self.app = app
        self.failures: list[str] = []

    def key(
        self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
    ) -> None:
        self.press(QApplication.focusWidget() or self.app.window, key, modifier)

    def press(
        self,
        widget: QWidget,
        key: Qt.Key,
        modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
    ) -> None:
        QTest.keyClick(widget, key, modifier)

    def answer(self, kind: type[QDialog], *keys: Qt.Key) -> None:
        """These keys to the question that comes next, as soon as it is there."""

        def look() -> None:
            asked = QApplication.activeModalWidget()
            if not isinstance(asked, kind):
                QTimer.singleShot(50, look)
                return
            for key in keys:
                self.press(asked.focusWidget() or asked, key)

        QTimer.singleShot(50, look)

    def in_front(self, window: QWidget) -> None:
        """A window manager would do it."""
        window.activateWindow()
        self.until("the window in front", window.isActiveWindow)

    def until(self, what: str, done: Callable[[], bool], limit_s: float = STEP_S) -> None:
        end = time.monotonic() + limit_s
        while not done():
            if time.monotonic() > end:
                self.failures.append(what)
                return
            wait(10)

    def on_screen(self) -> int:
        frame = self.app.prediction_view.frame
        return -1 if frame is None else frame.index


def look(reader: Reader, picture: Path) -> dict[str, Any]:
    """Open the demo, play, step, seek, heat map, findings, keys sheet; returns what was seen on
    the way.
    """
    app = reader.app
    seen: dict[str, Any] = {}
    window = app.window
    window.activateWindow()
    reader.until("the window becomes active", window.isActiveWindow)
    reader.until("a classified frame", lambda: app.prediction_view.prediction is not None)
    seen["title"], seen["caption"] = window.windowTitle(), window.frame_view._caption
    reader.key(Qt.Key.Key_Space)
    wait(PLAY_MS)
    reader.key(Qt.Key.Key_Space)
    reader.until("a pause", lambda: not app.player.playing)
    wait(100)
    seen["played_to"] = reader.on_screen()
    reader.key(Qt.Key.Key_Right)
    reader.until("one frame on", lambda: reader.on_screen() == seen["played_to"] + 1)
    reader.key(Qt.Key.Key_Home)
    reader.until("the first frame", lambda: reader.on_screen() == 0)
    before = window.frame_view.grab().toImage()
    reader.key(Qt.Key.Key_H)
    reader.until("no heat map", lambda: window.frame_view.grab().toImage() != before)
    reader.key(Qt.Key.Key_H)
    reader.until("the heat map again", lambda: window.frame_view.grab().toImage() == before)

    def analysed() -> bool:
        return app.analysis.timeline is not None and bool(app.analysis.timeline.known.all())

    reader.until("the analysis ends", analysed, ANALYSIS_S)
    reader.until("segments", lambda: window.segments.count() > 0)
    reader.key(Qt.Key.Key_PageDown)
    reader.until("the next finding", lambda: reader.on_screen() > 0)
    seen["finding_at"], seen["findings"] = (
        reader.on_screen(),
        [found.start for found in app.analysis_view.findings],
    )
    window.grab().save(str(picture))
    reader.key(Qt.Key.Key_F1)
    reader.until(
        "the sheet of keys",
        lambda: any(sheet.isVisible() for sheet in window.findChildren(ShortcutsDialog)),
    )
    # Without a window manager nobody gives it the keys
    for sheet in window.findChildren(ShortcutsDialog):
        QTest.keyClick(sheet, Qt.Key.Key_Escape)
    reader.until(
        "the sheet is gone",
        lambda: not any(sheet.isVisible() for sheet in window.findChildren(ShortcutsDialog)),
    )
    window.activateWindow()
    reader.until("the window is active again", window.isActiveWindow)
    return seen


def main() -> int:
    data, picture = Path(sys.argv[1]), Path(sys.argv[2])
    application = QApplication([APP_NAME])
    app = App(DataDir.open(str(data)), shipped_model())
    app.start()
    app.open(demo_clip())
    reader = Reader(app)
    seen = look(reader, picture)
    begun = time.monotonic()
    reader.key(Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier)
    reader.until("the window closes", lambda: not app.window.isVisible())
    app.close()
    seen |= {
        "platform": application.platformName(),
        "failures": reader.failures,
        "close_s": time.monotonic() - begun,
        "torch": sorted(
            name
            for name in sys.modules
            if name.split(".")[0] in ("torch", "torchvision", "pytorch_grad_cam")
        ),
        "threads_running": [
            thread.objectName()
            for thread in (app.pipeline.playback, app.pipeline.inference)
            if thread.isRunning()
        ],
    }
    print(json.dumps(seen))
    return 0


if __name__ == "__main__":
    sys.exit(main())
