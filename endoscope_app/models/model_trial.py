"""A model from elsewhere is tried in a process of its own before anything here loads it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, QTimer

from endoscope_app.base.child_process import KILL_AFTER_MS, environment, let_go
from endoscope_app.base.errors import AppError
from endoscope_app.models import wording

#: What Python runs, before the folder.
COMMAND: tuple[str, ...] = ("-m", "kd_core.vision.trial")
#: Of the clock, beside the child's own limits on memory and processor time.
LONGEST_MS = 60_000
REFUSED = 2


class ModelTrial(QObject):
    """One trial at a time. Nothing waits for it: it can be stopped, and closing ends it."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process: QProcess | None = None
        self._done: Callable[[], None] = lambda: None
        self._failed: Callable[[AppError], None] = lambda _error: None
        self._limit = QTimer(self, singleShot=True, interval=LONGEST_MS)
        self._limit.timeout.connect(self._on_too_long)

    @property
    def running(self) -> bool:
        """Whether a model is being tried."""
        return self._process is not None

    def start(
        self, folder: Path, done: Callable[[], None], failed: Callable[[AppError], None]
    ) -> None:
        """``done()`` where the model answers, else ``failed`` with the reason."""
        self.cancel()
        self._done, self._failed = done, failed
        process = self._process = QProcess(self)
        process.setProcessEnvironment(environment())
        process.finished.connect(self._on_finished)
        process.errorOccurred.connect(self._on_error)
        process.start(sys.executable, [*COMMAND, str(folder)])
        self._limit.start()

    def cancel(self) -> None:
        """End it; nothing is reported."""
        process = self._taken()
        if process is not None:
            let_go(process)

    def close(self) -> None:
        """End the child at once (only while closing)."""
        process = self._taken()
        if process is not None:
            process.kill()
            process.waitForFinished(KILL_AFTER_MS)

    def _taken(self) -> QProcess | None:
        process, self._process = self._process, None
        self._limit.stop()
        if process is not None:
            process.finished.disconnect(self._on_finished)
            process.errorOccurred.disconnect(self._on_error)
        return process

    def _on_too_long(self) -> None:
        self.cancel()
        self._failed(wording.trial_fell("too long"))

    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self._taken()
            self._failed(wording.trial_fell("the process did not start"))

    def _on_finished(self, code: int, status: QProcess.ExitStatus) -> None:
        process = self._taken()
        if process is None:
            return
        process.deleteLater()
        text = bytes(process.readAllStandardError().data()).decode(errors="replace").strip()
        if status == QProcess.ExitStatus.NormalExit and code == 0:
            self._done()
        elif status == QProcess.ExitStatus.NormalExit and code == REFUSED and text:
            sentence, _, way_out = text.partition("\n")
            self._failed(AppError(sentence.removeprefix("kd-core: "), way_out))
        else:
            self._failed(wording.trial_fell(text))
