"""The processes of one opened file: its keeper, readers, and a keeper anew where one had to be
ended.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from contextlib import suppress

from endoscope_app.base.errors import AppError
from endoscope_app.media.apart import wording
from endoscope_app.media.apart.channel import Channel, ChannelClosed
from endoscope_app.media.apart.processes import Keeper
from endoscope_app.media.apart.reading import Reader, ReaderFell
from endoscope_app.media.apart.wording import Fall

#: Readers that wait for the next run.
MOST_IDLE = 2
#: How often a file is looked through again because its keeper was ended.
MOST_RENEWED = 2


class Household:
    """Threads may share it. ``renew`` opens the file in a new keeper, and raises AppError."""

    def __init__(
        self,
        name: str,
        keeper: Keeper,
        renew: Callable[[], Keeper],
        on_corrupt: Callable[[bytes], None],
        silence_s: float,
    ) -> None:
        self._name, self._keeper, self._renew = name, keeper, renew
        self._on_corrupt, self._silence_s = on_corrupt, silence_s
        self._lock = threading.Lock()
        self._idle: list[Reader] = []
        self._busy: set[Reader] = set()
        self._is_lost = False
        self._renewed = 0
        self._last_fall: Fall = "gone"

    def reader(self, nice: int = 0) -> Reader:
        """One that waits, or a new one. Raises AppError where there can be none."""
        while (waiting := self._waiting(nice)) is not None:
            try:
                waiting.leave()
            except (ReaderFell, AppError):
                waiting.close()
            else:
                with self._lock:
                    self._busy.add(waiting)
                return waiting
        with self._lock:
            number, channel = self._forked()
            reader = Reader(number, channel, self._keeper, self._silence_s, self._on_corrupt)
            self._busy.add(reader)
            return reader

    def give_back(self, reader: Reader) -> None:
        """It may serve another run; one that is under way is stopped."""
        with suppress(ReaderFell):
            reader.stop()
        with self._lock:
            self._busy.discard(reader)
            if len(self._idle) < MOST_IDLE and reader.keeper is self._keeper:
                self._idle.append(reader)
                return
        reader.close()

    def fallen(self, reader: Reader, fell: ReaderFell) -> Fall | None:
        """Why a reader fell; None where it did not by itself, so that it may be tried again."""
        self.dismiss(reader)
        keeper = reader.keeper
        with self._lock:
            if self._is_lost or keeper is not self._keeper:
                return None
        if fell.fall is not None:
            if not fell.is_over:
                self._lose(keeper, fell.fall)
            return fell.fall
        code = keeper.readers.finish(reader.number, kill=False)
        if code is None:
            self._lose(keeper, "gone")
            return None
        return "gone" if code == -signal.SIGKILL else "crash"

    def dismiss(self, reader: Reader) -> None:
        """It is not wanted any more."""
        with self._lock:
            self._busy.discard(reader)
        reader.close()

    def close(self) -> None:
        """All processes end, as soon as they are not busy."""
        with self._lock:
            for reader in (*self._idle, *self._busy):
                reader.close()
            self._idle.clear()
            self._busy.clear()
            self._keeper.close()

    def _waiting(self, nice: int) -> Reader | None:
        with self._lock:
            for reader in self._idle:
                if reader.nice == nice:
                    self._idle.remove(reader)
                    return reader
        return None

    def _lose(self, keeper: Keeper, fall: Fall) -> None:
        """End a keeper, and with it its readers: the next reader takes a new one."""
        with self._lock:
            if self._is_lost or keeper is not self._keeper:
                return
            self._is_lost, self._last_fall = True, fall
            for reader in self._idle:
                reader.close()
            self._idle.clear()
        keeper.kill()

    def _forked(self) -> tuple[int, Channel]:
        if not self._is_lost:
            with suppress(ChannelClosed, OSError):
                return self._keeper.readers.fork()
        self._is_lost = True
        if self._renewed == MOST_RENEWED:
            raise AppError(
                wording.opening_fell(self._name, self._last_fall),
                wording.COPY_OR_EXPORT,
                f"given up: {self._last_fall}",
            )
        self._renewed += 1
        self._keeper.close()
        self._keeper = self._renew()
        self._is_lost = False
        try:
            return self._keeper.readers.fork()
        except (ChannelClosed, OSError) as error:
            raise AppError(wording.NOT_STARTED, wording.CLOSE_OTHERS, "no reader") from error
