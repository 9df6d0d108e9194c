"""A process that forks others on demand: the nursery its keepers, a keeper its readers.

It has one thread and reads nothing unknown while it serves, so that it outlives all that it forked.
"""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Callable
from contextlib import suppress

import msgspec

from endoscope_app.media.apart.channel import Channel, ChannelClosed, NoMessage
from endoscope_app.media.apart.confinement import end_with_parent
from endoscope_app.media.apart.messages import MOST_BYTES, ORDERS, Finish, Finished, Fork

#: A process that was killed, or whose socket is closed, has all but ended.
_LONGEST_S, _STEP_S = 2.0, 0.002
#: How a process ends that has met a fault of the program.
FAULT = 70


class Nest:
    """``work`` is called in each process that is forked, with its channel."""

    def __init__(self, orders: Channel, work: Callable[[Channel], None]) -> None:
        self._orders, self._work = orders, work
        self._pids: dict[int, int] = {}
        self._codes: dict[int, int] = {}

    def serve(self) -> None:
        """Until nobody asks any more."""
        signal.signal(signal.SIGCHLD, lambda *_: self._reap())
        while True:
            try:
                order = ORDERS.decode(self._orders.receive(with_fds=True))
            except (ChannelClosed, NoMessage, msgspec.DecodeError):
                return
            if isinstance(order, Fork) and (fd := self._orders.taken_fd()) is not None:
                self._fork(order.number, fd)
            elif isinstance(order, Finish):
                code = self._finished(order.number, kill=order.kill)
                with suppress(ChannelClosed):
                    self._orders.send(Finished(code))

    def _fork(self, number: int, fd: int) -> None:
        """Where the system has no room for another process the socket's other end sees it."""
        parent = os.getpid()
        try:
            pid = os.fork()
        except OSError:
            os.close(fd)
            return
        if pid:
            os.close(fd)
            self._codes.pop(pid, None)
            self._pids[number] = pid
            return
        code = FAULT
        try:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            end_with_parent(parent)
            self._orders.close()
            self._work(Channel(socket.socket(fileno=fd), MOST_BYTES))
            code = 0
        except ChannelClosed:
            code = 0
        finally:
            # Nothing that was copied from the parent is put in order again: it is not ours
            os._exit(code)

    def _reap(self) -> None:
        with suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if not pid:
                    return
                self._codes[pid] = os.waitstatus_to_exitcode(status)

    def _finished(self, number: int, *, kill: bool) -> int | None:
        """How it ended, negative for a signal; None where it has not."""
        pid = self._pids.get(number)
        if pid is None:
            return None
        end = time.monotonic() + _LONGEST_S
        while pid not in self._codes and time.monotonic() < end:
            if kill:
                with suppress(OSError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(_STEP_S)
        code = self._codes.pop(pid, None)
        if code is not None:
            del self._pids[number]
        return code
