"""One-shot work off the UI thread: run a function in a pool, get its result or its error back
on the UI thread.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, QRunnable, Qt, QThreadPool, Signal

from endoscope_app.base import wording
from endoscope_app.base.errors import AppError
from endoscope_app.base.faults import fault_in_words


@dataclass(slots=True, eq=False)
class _Asked:
    """One piece of work and whom it is for."""

    work: Callable[[], Any]
    on_done: Callable[[Any], None] | None
    on_failed: Callable[[AppError], None] | None

    def let_go(self) -> None:
        """Hold nothing of what asked any more: PySide keeps some runnables for ever, and with one
        everything that it can reach. On the thread that asked, for there may be widgets among it.
        """
        self.work, self.on_done, self.on_failed = _nothing, None, None


class _Task(QRunnable):
    def __init__(self, asked: _Asked, tasks: Tasks) -> None:
        super().__init__()
        self._asked = asked
        self._tasks: Tasks | None = tasks

    def run(self) -> None:
        tasks, self._tasks = self._tasks, None
        assert tasks is not None
        try:
            result = self._asked.work()
        except AppError as error:
            tasks.tell(self._asked, None, error)
        except Exception as error:  # border of the pool: a bug is reported, not swallowed
            fault = fault_in_words(error, wording.TASK_FAULT, "fault in a background task")
            tasks.tell(self._asked, None, fault)
        else:
            tasks.tell(self._asked, result, None)


class Tasks(QObject):
    """Runs one-shots in a pool of its own, so that closing waits for exactly these."""

    answered = Signal(object, object, object)  # _Asked, its result, AppError or None

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._open: set[_Asked] = set()
        self._closed = False
        self.answered.connect(self._on_answered, Qt.ConnectionType.QueuedConnection)

    def run(
        self,
        work: Callable[[], Any],
        on_done: Callable[[Any], None] | None = None,
        on_failed: Callable[[AppError], None] | None = None,
    ) -> None:
        """Queue ``work``; ``on_done(result)`` or ``on_failed(AppError)`` is called on the
        thread that owns this object.
        """
        asked = _Asked(work, on_done, on_failed)
        self._open.add(asked)
        self._pool.start(_Task(asked, self))

    def tell(self, asked: _Asked, result: object, error: AppError | None) -> None:
        """From the pool: what came of it."""
        with suppress(RuntimeError):  # deleted with its window, which waits for what runs
            self.answered.emit(asked, result, error)

    def wait(self) -> None:
        """Block until everything queued has run; its answers come with the events that follow."""
        self._pool.waitForDone()

    def close(self) -> None:
        """Block until everything queued has run, and answer nobody any more: the widgets that
        asked may be gone by then.
        """
        self._closed = True
        self.wait()
        for asked in self._open:
            asked.let_go()

    def _on_answered(self, asked: _Asked, result: object, error: AppError | None) -> None:
        on_done, on_failed = asked.on_done, asked.on_failed
        self._open.discard(asked)
        asked.let_go()
        if self._closed:
            return
        if error is not None and on_failed is not None:
            on_failed(error)
        elif error is None and on_done is not None:
            on_done(result)


def _nothing() -> None:
    """What is left of work that is done."""
