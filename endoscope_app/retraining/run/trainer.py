"""The trainer as the system sees it: its command, its lines, its share of the machine, its end.

No Qt.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from endoscope_app.retraining.run import wording
from kd_core.schema.events import RunEnded

COMMAND = (sys.executable, "-m", "kd_core", "retrain")
NICENESS = 10
LARGEST_LINE = 1_000_000
_PROC = Path("/proc")


class LineReader:
    """Bytes of a pipe, in whatever pieces they come, as lines.

    Of a line longer than ``largest`` bytes only the beginning is kept, so that one without an end
    does not fill the memory.
    """

    def __init__(self, largest: int = LARGEST_LINE) -> None:
        self._largest = largest
        self._waiting = b""
        self._dropping = False

    def take(self, data: bytes) -> list[bytes]:
        """Complete lines without their ends; empty ones are left out."""
        *lines, self._waiting = (self._waiting + data).split(b"\n")
        if self._dropping and lines:
            lines, self._dropping = lines[1:], False
        if self._dropping:
            self._waiting = b""
        elif len(self._waiting) > self._largest:
            lines.append(self._waiting[: self._largest])
            self._waiting, self._dropping = b"", True
        return [line[: self._largest] for line in map(bytes.strip, lines) if line]

    def rest(self) -> list[bytes]:
        """The last line, which had no end."""
        return self.take(b"\n")


def end_of(code: int, *, crashed: bool, reported: RunEnded | None, log: str) -> tuple[str, str]:
    """What became of a trainer that was not cancelled: outcome and sentence.

    ``code`` and ``crashed`` as the system says; ``reported``: the end that it announced itself;
    ``log``: its last lines.
    """
    if not crashed and reported and (code in (0, 130)) == (reported.outcome != "failed"):
        return reported.outcome, reported.sentence
    if "MemoryError" in log or "out of memory" in log.lower() or "can't allocate memory" in log:
        return "failed", wording.OUT_OF_MEMORY
    if "No space left on device" in log:
        return "failed", wording.OUT_OF_DISK
    if crashed:
        return "failed", wording.KILLED
    return "failed", wording.fault(code) if code else wording.NO_RESULT


def lower_priority(process_id: int) -> None:
    """Where the system has niceness; threads that the child starts later inherit it."""
    if sys.platform != "win32":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, process_id, NICENESS)


def peak_mb(process_id: int, proc: Path = _PROC) -> float:
    """The most that a process had in memory at once so far, in MB.

    0 where nobody says: Windows, macOS, a process that is gone.
    """
    try:
        text = (proc / str(process_id) / "status").read_text(errors="replace")
    except OSError:
        return 0.0
    for line in text.splitlines():
        name, _, value = line.partition(":")
        fields: Sequence[str] = value.split()
        if name == "VmHWM" and fields and fields[0].isdigit():
            return int(fields[0]) * 1024 / 1e6
    return 0.0
