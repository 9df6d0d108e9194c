"""How far a command is: a line that rewrites itself on a terminal, plain lines elsewhere."""

from __future__ import annotations

import threading
import time
from typing import TextIO

REPORT_EVERY_S = 0.5


class ProgressLine:
    """Frames done, speed and time left. Any thread may add."""

    def __init__(self, total: int, out: TextIO) -> None:
        self._total, self._out = total, out
        self._done = 0
        self._begun = self._reported = time.monotonic()
        self._lock = threading.Lock()
        self._rewrites = out.isatty()

    def add(self, frames: int) -> None:
        """So many more are done."""
        with self._lock:
            self._done += frames
            now = time.monotonic()
            if now - self._reported < REPORT_EVERY_S * (1 if self._rewrites else 10):
                return
            self._reported = now
            speed = self._done / (now - self._begun)
            left = (self._total - self._done) / speed
            done = f"{self._done:,} of {self._total:,} frames"
            text = f"{done}, {speed:.0f} frames/s, {left:.0f} s left"
            line, end = (f"\r{text}   ", "") if self._rewrites else (text, "\n")
            print(line, end=end, file=self._out, flush=True)

    def end(self) -> None:
        """The last line."""
        seconds = time.monotonic() - self._begun
        start = "\r" if self._rewrites else ""
        done = f"{self._done:,} of {self._total:,} frames analysed"
        print(f"{start}{done} in {seconds:.1f} s", file=self._out)
