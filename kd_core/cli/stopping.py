"""How a run is asked to stop: Ctrl+C, or a line "cancel" on standard input."""

from __future__ import annotations

import os
import signal
import stat
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress


@contextmanager
def stop_on_request(as_json: bool) -> Iterator[Callable[[], bool]]:
    """A function that returns True after the first Ctrl+C; the second interrupts at once.

    So does a line "cancel" on standard input where events are JSON lines, if that is a pipe.
    """
    requests: list[int] = []

    def on_signal(number: int, _: object) -> None:
        if requests:
            raise KeyboardInterrupt
        requests.append(number)

    before = signal.signal(signal.SIGINT, on_signal)
    cancelled = _stop_on_cancel() if as_json else threading.Event()
    try:
        yield lambda: bool(requests) or cancelled.is_set()
    finally:
        signal.signal(signal.SIGINT, before)


def _stop_on_cancel() -> threading.Event:
    """Set once a line "cancel" comes; never where standard input is no pipe.

    The end of input is no cancel.
    """
    cancelled = threading.Event()
    # No standard input, a closed one, or one that is no file
    with suppress(AttributeError, OSError, ValueError):
        source = sys.stdin.fileno()
        if stat.S_ISFIFO(os.fstat(source).st_mode):
            threading.Thread(
                target=_await_cancel,
                args=(source, cancelled),
                name="cancel on standard input",
                daemon=True,
            ).start()
    return cancelled


def _await_cancel(source: int, cancelled: threading.Event) -> None:
    # sys.stdin's own reading holds a lock that a daemon thread would still hold when the
    # interpreter ends, which aborts it
    line = b""
    with suppress(OSError):
        while read := os.read(source, 4096):
            *lines, line = (line + read).split(b"\n")
            line = line[-4096:]
            if any(word.strip() == b"cancel" for word in lines):
                cancelled.set()
                return
