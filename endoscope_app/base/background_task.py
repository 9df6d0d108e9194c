"""One-shot work off the UI thread: run a function in a pool, get its result or its error back
on the UI thread.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal

from endoscope_app.base import wording
from endoscope_app.base.errors import AppError
from endoscope_app.base.log import log_fault


class _Answer(QObject):
    done = Signal(object)
    failed = Signal(object)


class _Task(QRunnable):
    def __init__(self, work: Callable[[], Any], answer: _Answer) -> None:
        super().__init__()
        self._work = work
        self._answer = answer

    def run(self) -> None:
        try:
            result = self._work()
        except AppError as error:
            self._answer.failed.emit(error)
        except Exception as error:  # border of the pool: a bug is reported, not swallowed
            log_fault(error, "fault in a background task")
            detail = "".join(traceback.format_exception(error))
            self._answer.failed.emit(AppError(wording.TASK_FAULT, wording.PLEASE_REPORT, detail))
        else:
            self._answer.done.emit(result)


class Tasks(QObject):
    """Runs one-shots in a pool of its own, so that closing waits for exactly these."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._answers: set[_Answer] = set()
        self._closed = False

    def run(
        self,
        work: Callable[[], Any],
        on_done: Callable[[Any], None] | None = None,
        on_failed: Callable[[AppError], None] | None = None,
    ) -> None:
        """Queue ``work``; ``on_done(result)`` or ``on_failed(AppError)`` is called on the
        thread that owns this object.
        """
        answer = _Answer(self)
        self._answers.add(answer)
        answer.done.connect(lambda result: self._finish(answer, on_done, result))
        answer.failed.connect(lambda error: self._finish(answer, on_failed, error))
        self._pool.start(_Task(work, answer))

    def wait(self) -> None:
        """Block until everything queued has run; its answers come with the events that follow."""
        self._pool.waitForDone()

    def close(self) -> None:
        """Block until everything queued has run, and answer nobody any more: the widgets that
        asked may be gone by then.
        """
        self._closed = True
        self.wait()

    def _finish(
        self, answer: _Answer, callback: Callable[[Any], None] | None, value: object
    ) -> None:
        self._answers.discard(answer)
        answer.deleteLater()
        if callback is not None and not self._closed:
            callback(value)
