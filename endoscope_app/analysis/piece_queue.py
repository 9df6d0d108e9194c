"""Pieces of work for threads that hand each other what is left, and give way while the reader
plays. No Qt.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import Generic, TypeVar

#: Background work gives way to what the reader is looking at.
BACKGROUND_NICE = 10
GIVE_WAY_POLL_S = 0.2

Piece = TypeVar("Piece")


class PieceQueue(Generic[Piece]):
    """Pieces in their order. Worker 0 goes on while the others give way."""

    def __init__(self) -> None:
        self._pieces: list[Piece] = []
        self._stop = threading.Event()
        self._full_speed = threading.Event()
        self._full_speed.set()
        self._lock = threading.Lock()

    def fill(self, pieces: Sequence[Piece]) -> None:
        """What there is to do."""
        with self._lock:
            self._pieces = list(pieces)

    def stop(self) -> None:
        """No piece is handed out any more."""
        self._stop.set()
        self._full_speed.set()

    @property
    def stopped(self) -> bool:
        """Whether ``stop`` was called."""
        return self._stop.is_set()

    def give_way(self, yes: bool) -> None:
        """While the reader plays, all workers but one wait."""
        if yes:
            self._full_speed.clear()
        # Asked last: a stop from another thread must not leave a worker waiting
        if not yes or self.stopped:
            self._full_speed.set()

    def gives_way(self, worker: int) -> bool:
        """Whether this worker leaves off: kept in its hands a piece would stay undone for as long
        as the reader plays.
        """
        return worker > 0 and not self._full_speed.is_set()

    def put_back(self, piece: Piece) -> None:
        """The next one to be handed out."""
        with self._lock:
            self._pieces.insert(0, piece)

    def next(self, worker: int) -> Piece | None:
        """The next one in order; a worker that gives way waits for its turn as long as there is
        anything to do.
        """
        while worker and not self._full_speed.wait(GIVE_WAY_POLL_S):
            with self._lock:
                if not self._pieces:
                    return None
        with self._lock:
            return None if self.stopped or not self._pieces else self._pieces.pop(0)


def lower_priority() -> None:
    """On Linux a thread has its own niceness, and the decoder threads it starts inherit it;
    elsewhere nothing is changed.
    """
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), BACKGROUND_NICE)
