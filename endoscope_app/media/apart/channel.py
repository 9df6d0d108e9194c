"""Messages through a socket between two processes of this machine, each with its length first."""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Callable, Sequence
from contextlib import suppress

import msgspec

_LENGTH = struct.Struct("!I")
_MOST_FDS = 4
# Bytes asked for at a time: several short messages, or much of a long one
_AT_ONCE, _MOST_AT_ONCE = 1 << 12, 1 << 20


class ChannelClosed(Exception):
    """Nobody listens at the other end."""


class NoMessage(Exception):
    """What the other end says is none."""


class Channel:
    """``most``: bytes of a message that is taken; ``slice_s``: how long is waited before it is
    asked whether to go on, 0 for ever. Two threads never share one.
    """

    def __init__(self, end: socket.socket, most: int, slice_s: float = 0.0) -> None:
        self._socket, self._most = end, most
        if slice_s:
            limit = struct.pack("@ll", int(slice_s), int(slice_s % 1 * 1e6))
            end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)
        self._came = bytearray()
        self._fds: list[int] = []

    def fileno(self) -> int:
        """Of the socket."""
        return self._socket.fileno()

    @property
    def is_waiting(self) -> bool:
        """Whether more has come than was received."""
        return bool(self._came)

    def send(self, message: msgspec.Struct, fds: Sequence[int] = ()) -> None:
        """Raises ChannelClosed, also where nobody takes it within a slice."""
        body = msgspec.msgpack.encode(message)
        data = memoryview(_LENGTH.pack(len(body)) + body)
        try:
            if fds:
                data = data[socket.send_fds(self._socket, [data], list(fds)) :]
            if data:
                self._socket.sendall(data)
        except (OSError, ValueError) as error:
            raise ChannelClosed from error

    def receive(self, on_quiet: Callable[[], None] = lambda: None, with_fds: bool = False) -> bytes:
        """One message; ``on_quiet`` is called whenever a slice is over without a word, and may
        raise. Raises ChannelClosed, NoMessage.
        """
        self._fill(_LENGTH.size, on_quiet, with_fds)
        (length,) = _LENGTH.unpack_from(self._came)
        if length > self._most:
            raise NoMessage(f"a message of {length} bytes")
        end = _LENGTH.size + length
        self._fill(end, on_quiet, with_fds)
        message = bytes(self._came[_LENGTH.size : end])
        del self._came[:end]
        return message

    def taken_fd(self) -> int | None:
        """A file that came with a message; whoever takes it closes it."""
        return self._fds.pop(0) if self._fds else None

    def close(self) -> None:
        """Safe to call twice."""
        for fd in self._fds:
            with suppress(OSError):
                os.close(fd)
        self._fds.clear()
        self._socket.close()

    def _fill(self, length: int, on_quiet: Callable[[], None], with_fds: bool) -> None:
        while len(self._came) < length:
            most = max(_AT_ONCE, min(length - len(self._came), _MOST_AT_ONCE))
            try:
                if with_fds:
                    data, fds, _, _ = socket.recv_fds(self._socket, most, _MOST_FDS)
                    self._fds += fds
                else:
                    data = self._socket.recv(most)
            except BlockingIOError:
                on_quiet()
                continue
            except (OSError, ValueError) as error:
                raise ChannelClosed from error
            if not data:
                raise ChannelClosed("the other end is gone")
            self._came += data
