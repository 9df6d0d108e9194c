"""The whole application without a screen, for tests: opened on a data folder of its own and
always closed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QApplication

from endoscope_app.app import App
from endoscope_app.base.paths import DataDir

#: Long, because everything waited for comes as an event: it only ends a wait for what never
#: happens, also on a busy machine.
LIMIT_S = 90.0


def spin(milliseconds: int) -> None:
    """Run Qt's loop without keeping Python's lock."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


class Session:
    """``app`` with words for what a reader does."""

    def __init__(self, app: App) -> None:
        self.app = app

    def until(self, done: Callable[[], bool], what: str = "", limit_s: float = LIMIT_S) -> None:
        """Wait for it; AssertionError after a while."""
        end = time.monotonic() + limit_s
        while not done():
            assert time.monotonic() < end, f"never happened: {what or done}"
            spin(10)

    def open(self, path: Path) -> None:
        """Open and wait for the first frame with its prediction."""
        self.app.open(path)
        generation = self.app.player.generation
        self.until(
            lambda: (
                self.app.prediction_view.prediction is not None
                and self._generation_on_screen() == generation
            ),
            f"a frame of {path.name}",
        )

    def _generation_on_screen(self) -> int:
        current = self.app.prediction_view._current
        return -1 if current is None else current.decoded.generation

    def on_screen(self) -> int:
        frame = self.app.prediction_view.frame
        return -1 if frame is None else frame.index

    def message(self) -> str:
        """What the banner says; empty where it is hidden."""
        banner = self.app.window.banner.label
        return "" if banner.isHidden() else banner.text()

    def analysed(self) -> bool:
        timeline = self.app.analysis.timeline
        return timeline is not None and bool(timeline.known.all())

    def press(self, keys: str) -> None:
        """Run the command that holds this shortcut (offscreen windows are not active, so keys
        do not reach them).
        """
        wanted = QKeySequence(keys)
        found = [action for action in self.app.window.actions() if wanted in action.shortcuts()]
        assert len(found) == 1, f"{keys} belongs to {len(found)} commands"
        found[0].trigger()


@contextmanager
def running(data: Path, model: Path, reader: str = "Dr. Test") -> Iterator[Session]:
    """The started application; closed in order whatever happens.

    Without a ``reader`` labels are those of an unnamed one.
    """
    assert QApplication.instance() is not None
    app = App(DataDir.open(str(data)), model, reader)
    app.start()
    try:
        yield Session(app)
    finally:
        app.window.close()
        app.close()
        app.window.deleteLater()
        # Qt holds what its signals are connected to, and with it all of the program, as long as it
        # lives
        app.deleteLater()
        spin(10)
