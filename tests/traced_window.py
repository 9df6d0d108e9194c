"""The real program, driven by its keys until it has analysed the demo, asked for a file and
explained a frame; then closed.

python -m tests.traced_window DATA_DIR
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import TypeVar

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog

import endoscope_app.run_window
from endoscope_app.__main__ import main
from endoscope_app.app import App
from endoscope_app.viewing.commands import EXPLAIN, OPEN_FILE
from endoscope_app.viewing.explain_dialog import ExplainDialog

LOOKS_MS = 50


Dialog = TypeVar("Dialog", bound=QDialog)


class Driven(App):
    """Each step waits for what the step before it asked for; a step that never comes true
    leaves the program to its caller's limit.
    """

    def start(self) -> None:
        super().start()
        self._steps = self._script()
        self._ready: Callable[[], bool] = lambda: True
        self._looking = QTimer(self)
        self._looking.timeout.connect(self._go_on)
        self._looking.start(LOOKS_MS)

    def _go_on(self) -> None:
        if self._ready():
            self._ready = next(self._steps, lambda: False)

    def _script(self) -> Iterator[Callable[[], bool]]:
        yield (
            lambda: self.analysis.timeline is not None and bool(self.analysis.timeline.known.all())
        )
        # The dialog is modal: what opens it returns when it is closed, so it is asked from a timer
        # of its own.
        QTimer.singleShot(0, self.window.action(OPEN_FILE).trigger)
        yield lambda: isinstance(QApplication.activeModalWidget(), QFileDialog)
        _dialog(QFileDialog).reject()
        yield lambda: QApplication.activeModalWidget() is None
        self.window.action(EXPLAIN).trigger()
        yield lambda: bool(self.window.findChildren(ExplainDialog))
        dialog = self.window.findChildren(ExplainDialog)[0]
        yield lambda: "Computing" not in dialog._state.text()
        print("explained", dialog._state.text())
        dialog.close()
        self.window.close()
        yield lambda: False


def _dialog(kind: type[Dialog]) -> Dialog:
    found = QApplication.activeModalWidget()
    assert isinstance(found, kind)
    return found


if __name__ == "__main__":
    endoscope_app.run_window.App = Driven  # type: ignore[attr-defined]
    sys.exit(main(["--demo", "--data-dir", sys.argv[1]]))
