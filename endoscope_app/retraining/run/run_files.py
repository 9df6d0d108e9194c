"""What a run leaves in its folder: every event as a JSON line, which is the truth about the
run, and the trainer's words. No Qt.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import msgspec

from kd_core.schema.events import RunEnded, RunEvent
from kd_core.schema.json_text import JsonError, decode_json

EVENTS_NAME = "events.jsonl"
LOG_NAME = "log.txt"
LARGEST_LOG = 4_000_000


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
    """How a run ended; None for one that runs, or was torn away and can be resumed."""
    last = events[-1] if events else None
    return last if isinstance(last, RunEnded) else None


class RunFiles:
    """Both files open for appending.

    A disk that is full ends the writing and not the run: ``trouble`` then says so.
    """

    def __init__(self, run_dir: Path) -> None:
        """Raises OSError where the folder cannot be written."""
        run_dir.mkdir(parents=True, exist_ok=True)
        self.trouble = ""
        self._events: BinaryIO = (run_dir / EVENTS_NAME).open("ab")
        self._log: BinaryIO = (run_dir / LOG_NAME).open("ab")
        if self._events.tell() and not (run_dir / EVENTS_NAME).read_bytes().endswith(b"\n"):
            # What a crash tore must not swallow the first new event
            self._write(self._events, b"\n")

    def add_event(self, event: RunEvent) -> None:
        """On disk when this returns, as far as the system is concerned."""
        self._write(self._events, msgspec.json.encode(event) + b"\n")

    def add_words(self, line: str) -> None:
        """A line of the trainer; a log that has grown too long takes no more."""
        if self._log.tell() < LARGEST_LOG:
            self._write(self._log, line.encode(errors="replace") + b"\n")

    def close(self) -> None:
        """Close both."""
        for file in (self._events, self._log):
            with suppress(OSError):
                file.close()

    def _write(self, file: BinaryIO, line: bytes) -> None:
        try:
            file.write(line)
            file.flush()
        except OSError as error:
            self.trouble = f"The record of this run cannot be written: {error.strerror}."
