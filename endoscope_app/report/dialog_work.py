"""Long work that a dialog has started."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from endoscope_app.base.background_task import Tasks
from endoscope_app.base.errors import AppError
from endoscope_app.base.window_port import Banner

Progress = Callable[[int, int], None]
Work = Callable[[Progress, Callable[[], bool]], str]


class WorkDialog(Protocol):
    """What shows the work; see RunningDialog."""

    @property
    def running(self) -> bool: ...

    def show_progress(self, done: int, total: int) -> None: ...

    def show_end(self, sentence: str, problem: bool = False) -> None: ...


class DialogWork(QObject):
    """One work at a time, in the background. Its end is told in the dialog, or, where that is
    closed by then, over the image.
    """

    _progressed = Signal(int, int)

    def __init__(
        self, dialog: Callable[[], WorkDialog | None], banner: Banner, parent: QObject
    ) -> None:
        """``dialog`` gives the one that is open."""
        super().__init__(parent)
        self._dialog, self._banner = dialog, banner
        # Its own: it may take long
        self._tasks = Tasks(self)
        self._stop = threading.Event()
        self._closed = False
        self._progressed.connect(self._on_progressed)

    def start(self, work: Work, total: int) -> None:
        """``work(progress, should_stop)`` says how it ended; it may raise AppError."""
        stop = self._stop = threading.Event()
        self._on_progressed(0, total, begins=True)
        self._tasks.run(
            lambda: work(self._progressed.emit, stop.is_set), self._end, self._on_failed
        )

    def stop(self) -> None:
        """The reader has cancelled it."""
        self._stop.set()

    def close(self) -> None:
        """Stop it and wait for it (only while closing)."""
        self._closed = True
        self._stop.set()
        self._tasks.close()

    def _on_progressed(self, done: int, total: int, begins: bool = False) -> None:
        dialog = self._dialog()
        if dialog is not None and (begins or (dialog.running and not self._stop.is_set())):
            dialog.show_progress(done, total)

    def _on_failed(self, error: AppError) -> None:
        self._end(str(error), problem=True)

    def _end(self, sentence: str, problem: bool = False) -> None:
        if self._closed:
            return
        dialog = self._dialog()
        if dialog is not None and dialog.running:
            dialog.show_end(sentence, problem)
        else:
            self._banner.show_message(sentence)
