"""What a run at work holds in the folder of runs: the lock, its events and the trainer's log.

The events, one JSON line each, are the truth about a run. No Qt.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path
from typing import BinaryIO

import msgspec

from endoscope_app.base.errors import AppError
from endoscope_app.base.lock import LibraryLock
from endoscope_app.retraining.run import wording
from kd_core.schema.events import RunEnded, RunEvent
from kd_core.schema.json_text import JsonError, decode_json

EVENTS_NAME, LOG_NAME, LOCK_NAME = "events.jsonl", "log.txt", "training.lock"
LARGEST_LOG = 4_000_000


class RunClaim:
    """The right to train: one run at a time for all programs that share a folder of runs.

    The lock dies with those who hold it. The trainer holds it too: one that outlives a program that
    was killed is not joined by a second.
    """

    def __init__(self) -> None:
        self._lock: LibraryLock | None = None

    def take(self, runs: Path) -> None:
        """Keep all others out of this folder; may be asked twice.

        AppError where another is at work, or nothing can be written.
        """
        if self._lock is not None:
            return
        lock = LibraryLock(runs / LOCK_NAME)
        try:
            runs.mkdir(parents=True, exist_ok=True)
            taken = lock.take()
        except OSError as error:
            raise not_writable(error) from error
        if not taken:
            raise AppError(wording.BUSY, wording.BUSY_WAY_OUT)
        self._lock = lock

    def lent(self) -> AbstractContextManager[None]:
        """A child that is started meanwhile holds it too."""
        return self._lock.lent() if self._lock is not None else nullcontext()

    def release(self) -> None:
        """Let others in."""
        if self._lock is not None:
            self._lock.release()
            self._lock = None


def claimed_elsewhere(runs: Path) -> bool:
    """Whether a training of another program, or one that outlived its own, is at work there."""
    if not (runs / LOCK_NAME).is_file():
        return False
    lock = LibraryLock(runs / LOCK_NAME)
    try:
        if not lock.take():
            return True
    except OSError:
        return False
    lock.release()
    return False


class RunFiles:
    """Events and log open for appending.

    A disk that is full ends the writing and not the run: ``trouble`` then says so.
    """

    def __init__(self, run_dir: Path) -> None:
        """Raises OSError where the folder cannot be written."""
        run_dir.mkdir(parents=True, exist_ok=True)
        self.trouble = ""
        # Whoever shall find a fault is sent these files, and a folder often bears a name
        self._places = {
            str(run_dir): ".",
            str(run_dir.parent.parent): "(data folder)",
            str(Path.home()): "~",
        }
        self._events: BinaryIO = (run_dir / EVENTS_NAME).open("ab")
        self._log: BinaryIO = (run_dir / LOG_NAME).open("ab")
        if self._events.tell() and not (run_dir / EVENTS_NAME).read_bytes().endswith(b"\n"):
            # What a crash tore must not swallow the first new event
            self._write(self._events, b"\n")

    def add_event(self, event: RunEvent) -> None:
        """On disk when this returns, as far as the system is concerned; without where folders
        lie.
        """
        if isinstance(event, RunEnded):
            said, kept = self._without_places(event.sentence), self._without_places(event.model_dir)
            event = msgspec.structs.replace(event, sentence=said, model_dir=kept)
        self._write(self._events, msgspec.json.encode(event) + b"\n")

    def add_line(self, line: str) -> None:
        """A line of the trainer, without where folders lie; a log that has grown too long takes no
        more.
        """
        if self._log.tell() < LARGEST_LOG:
            self._write(self._log, self._without_places(line).encode(errors="replace") + b"\n")

    def close(self) -> None:
        """Close both."""
        for file in (self._events, self._log):
            with suppress(OSError):
                file.close()

    def _without_places(self, text: str) -> str:
        for place, sign in self._places.items():
            text = text.replace(place, sign)
        return text

    def _write(self, file: BinaryIO, line: bytes) -> None:
        try:
            file.write(line)
            file.flush()
        except OSError as error:
            self.trouble = wording.record_trouble(error.strerror or "")


def parse_event(line: bytes) -> RunEvent | None:
    """The event that a line says; None for a line that says none."""
    try:
        event: RunEvent = decode_json(line, RunEvent)  # type: ignore[arg-type]  # a union
        return event
    except JsonError:
        return None


def read_events(run_dir: Path) -> list[RunEvent]:
    """All events of a run so far, from its first start; a line that a crash tore is passed over.

    Empty where there are none.
    """
    try:
        lines = (run_dir / EVENTS_NAME).read_bytes().splitlines()
    except OSError:
        return []
    return [event for event in map(parse_event, lines) if event is not None]


def ending(events: list[RunEvent]) -> RunEnded | None:
    """How a run ended; None for one that runs, or was interrupted and can be resumed."""
    last = events[-1] if events else None
    return last if isinstance(last, RunEnded) else None


def note_end(run_dir: Path, end: RunEnded) -> None:
    """The events are the truth, so an end that no trainer reported stands among them too.

    A disk that is full leaves them as they are.
    """
    with suppress(OSError):
        if ending(read_events(run_dir)) != end:
            files = RunFiles(run_dir)
            files.add_event(end)
            files.close()


def not_writable(error: OSError) -> AppError:
    """What the reader is told of a folder of runs that takes nothing."""
    return AppError(wording.NOT_WRITABLE, wording.NOT_WRITABLE_WAY_OUT, str(error))
