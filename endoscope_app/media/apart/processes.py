"""The program's side of its nursery and keepers."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from dataclasses import dataclass

import msgspec

from endoscope_app.base.errors import AppError
from endoscope_app.media.apart import wording
from endoscope_app.media.apart.channel import Channel, ChannelClosed, NoMessage
from endoscope_app.media.apart.messages import ANSWERS, MOST_BYTES, Answer, Finish, Finished, Fork
from endoscope_app.media.apart.patience import Patience

PROGRAM = ("-P", "-m", "endoscope_app.media.apart.nursery")
#: Of what an answer to Finish may take: the process waits for two seconds itself.
_ANSWER_S = 10.0
#: What a decoder has no use for.
_NOT_PASSED_ON = ("proxy", "ld_preload")


class Brood:
    """Processes that another one forks. Threads may share it."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._lock = threading.Lock()
        self._number = 0

    def fork(self) -> tuple[int, Channel]:
        """A new process by its number, and what is said with it. Raises ChannelClosed."""
        ours, theirs = socket.socketpair()
        channel = Channel(ours, MOST_BYTES, Patience.SLICE_S)
        try:
            with self._lock, theirs:
                self._number += 1
                self._channel.send(Fork(self._number), [theirs.fileno()])
                return self._number, channel
        except BaseException:
            channel.close()
            raise

    def finish(self, number: int, *, kill: bool) -> int | None:
        """How that process ended; None where it has not, or nobody knows."""
        try:
            with self._lock:
                self._channel.send(Finish(number, kill))
                answer = answer_of(self._channel, Patience(_ANSWER_S))
        except (ChannelClosed, NoMessage, TimeoutError):
            return None
        return answer.code if isinstance(answer, Finished) else None

    def close(self) -> None:
        """All of them end."""
        self._channel.close()


@dataclass(frozen=True, eq=False)
class Keeper:
    """``number``: of the process among ``parents``, the nursery's; ``readers``: what it forks."""

    parents: Brood
    number: int
    readers: Brood

    def close(self) -> None:
        """It ends with its readers as soon as it is not busy."""
        self.readers.close()

    def kill(self) -> None:
        """It ends with its readers now."""
        self.readers.close()
        self.parents.finish(self.number, kill=True)


def answer_of(channel: Channel, patience: Patience) -> Answer:
    """The next one. Raises ChannelClosed, NoMessage, and as ``patience`` does."""
    try:
        answer: Answer = ANSWERS.decode(channel.receive(patience))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise NoMessage("no answer") from error
    patience.heard()
    return answer


class Nursery:
    """One program that forks a keeper for each file. ``opener``: what keepers open it with, as
    "module:function"; only whoever starts the program can say.
    """

    def __init__(self, opener: str) -> None:
        """Raises AppError where it cannot be started."""
        ours, theirs = socket.socketpair()
        self.brood = Brood(Channel(ours, MOST_BYTES, Patience.SLICE_S))
        with theirs:
            theirs.set_inheritable(True)
            try:
                self._process = subprocess.Popen(
                    [sys.executable, *PROGRAM, str(theirs.fileno()), opener],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    env=_environment(),
                    pass_fds=[theirs.fileno()],
                )
            except OSError as error:
                self.brood.close()
                raise AppError(
                    wording.NOT_STARTED, wording.CLOSE_OTHERS, str(error.errno)
                ) from error

    @property
    def pid(self) -> int:
        """Of the program."""
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether it can be asked."""
        return self._process.poll() is None

    def close(self) -> None:
        """End it and every process below it."""
        self.brood.close()
        self._process.kill()
        self._process.wait()


def _environment() -> dict[str, str]:
    """This process's, without what leads to a network; modules are found where this one found
    them.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if not any(word in name.lower() for word in _NOT_PASSED_ON)
    }
    paths = [os.path.abspath(path) for path in sys.path if path]
    return {
        **kept,
        "PYTHONPATH": os.pathsep.join(paths),
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
    }
