"""Opening a file or a folder in a process of its own."""

from __future__ import annotations

import atexit
import os
import signal
import threading
from contextlib import suppress
from pathlib import Path

from endoscope_app.base.errors import AppError
from endoscope_app.media import wording as media_wording
from endoscope_app.media.apart import wording
from endoscope_app.media.apart.apart_source import ApartSource, KnownCorrupt
from endoscope_app.media.apart.channel import Channel, ChannelClosed, NoMessage
from endoscope_app.media.apart.confinement import memory_allowed
from endoscope_app.media.apart.household import Household
from endoscope_app.media.apart.messages import (
    Alive,
    Fell,
    Open,
    Opened,
    Progress,
    Refused,
)
from endoscope_app.media.apart.opened_file import OpenedFile
from endoscope_app.media.apart.patience import Patience
from endoscope_app.media.apart.processes import Brood, Keeper, Nursery, answer_of
from endoscope_app.media.apart.reading import error_of, plain
from endoscope_app.media.apart.wording import Fall
from endoscope_app.media.folder_notes import NestedFolders
from endoscope_app.media.opening_watch import UNWATCHED, OpeningStopped, OpeningWatch
from endoscope_app.media.source import FrameSource

OPENER = "endoscope_app.media.opening_here:open_here"


class Opening:
    """How files are opened apart: by which nursery, and how long an answer is waited for.

    ``opening_s``, ``reading_s``: of silence of a process that opens a file, or reads frames, and
    does not even say that it goes on; ``memory``: bytes that decoding may take, None: by the
    machine.
    """

    def __init__(
        self,
        opener: str = OPENER,
        opening_s: float = 60.0,
        reading_s: float = 30.0,
        memory: int | None = None,
    ) -> None:
        self._opener, self._opening_s, self._reading_s = opener, opening_s, reading_s
        self.memory = memory_allowed() if memory is None else memory
        self._lock = threading.Lock()
        self._nursery: Nursery | None = None

    def nursery(self) -> Nursery:
        """The program that forks, started where it does not run. Raises AppError."""
        with self._lock:
            if self._nursery is None or not self._nursery.is_running:
                if self._nursery is not None:
                    self._nursery.close()
                self._nursery = Nursery(self._opener)
            return self._nursery

    def open(
        self, path: Path, deinterlace: bool, stream: int | None, watch: OpeningWatch
    ) -> FrameSource:
        """Raises AppError as ``opening_here``, and where the process falls."""
        wish = Open(os.fsencode(path), deinterlace, stream, self.memory)
        keeper, opened = self._kept(path, wish, watch)
        corrupt = KnownCorrupt(opened.info.frame_count, opened.corrupt)

        def renew() -> Keeper:
            again, found = self._kept(path, wish, UNWATCHED)
            if _identity(found) == _identity(opened):
                return again
            again.kill()
            raise AppError(
                media_wording.not_read(path.name), media_wording.FIND_AGAIN, "another file now"
            )

        household = Household(path.name, keeper, renew, corrupt.add, self._reading_s)
        return ApartSource(opened, corrupt, household)

    def close(self) -> None:
        """End every process."""
        with self._lock:
            if self._nursery is not None:
                self._nursery.close()
                self._nursery = None

    def _kept(self, path: Path, wish: Open, watch: OpeningWatch) -> tuple[Keeper, OpenedFile]:
        """A keeper that has opened the file. Raises AppError."""
        parents = self.nursery().brood
        try:
            number, channel = parents.fork()
        except (ChannelClosed, OSError) as error:
            raise AppError(wording.NOT_STARTED, wording.CLOSE_OTHERS, "no keeper") from error
        try:
            opened = OpenedFile.of(path, self._asked(path, channel, wish, watch))
        except ChannelClosed as error:
            code = parents.finish(number, kill=False)
            channel.close()
            parents.finish(number, kill=True)
            fall: Fall = "gone" if code in (None, -signal.SIGKILL) else "crash"
            raise _refusal(path, fall, f"ended with {code}") from error
        except (NoMessage, TimeoutError, ValueError, _Fallen) as error:
            channel.close()
            parents.finish(number, kill=True)
            raise _refusal(path, *_why(error)) from error
        except BaseException:
            channel.close()
            parents.finish(number, kill=True)
            raise
        return Keeper(parents, number, Brood(channel)), opened

    def _asked(self, path: Path, channel: Channel, wish: Open, watch: OpeningWatch) -> Opened:
        def ask() -> None:
            if watch.should_stop():
                raise OpeningStopped

        ask()
        channel.send(wish)
        patience = Patience(self._opening_s, ask)
        while True:
            answer = answer_of(channel, patience)
            match answer:
                case Opened():
                    return answer
                case Progress(share=share):
                    watch.tell(share)
                case Refused():
                    raise _as_it_was(path, answer)
                case Fell():
                    raise _Fallen(answer)
                case Alive():
                    pass
                case _:
                    raise ValueError("no answer to an opening")


class _Fallen(Exception):
    def __init__(self, fell: Fell) -> None:
        super().__init__()
        self.fell = fell


def _why(error: Exception) -> tuple[Fall, str]:
    """And a detail for the log."""
    if isinstance(error, TimeoutError):
        return "time", "silent for too long"
    if isinstance(error, _Fallen):
        return "memory" if error.fell.is_memory else "crash", plain(error.fell.place)
    return "crash", "no sensible answer"


def _refusal(path: Path, fall: Fall, detail: str) -> AppError:
    return AppError(wording.opening_fell(path.name, fall), wording.COPY_OR_EXPORT, detail)


def _as_it_was(path: Path, refused: Refused) -> AppError:
    """The error that the process met."""
    inner = [Path(os.fsdecode(folder)) for folder in refused.folders]
    if inner and not any(folder.is_absolute() or ".." in folder.parts for folder in inner):
        return NestedFolders(path, tuple(path / folder for folder in inner))
    return error_of(refused)


def _identity(opened: OpenedFile) -> tuple[str, int]:
    return opened.info.fingerprint, opened.info.frame_count


_OPENING = Opening()
atexit.register(_OPENING.close)


def prepare() -> None:
    """Begin to load what decoding needs."""
    with suppress(AppError):  # the first file that is opened says so
        _OPENING.nursery()


def open_apart(
    path: Path, deinterlace: bool, stream: int | None, watch: OpeningWatch
) -> FrameSource:
    """As ``opening_here.open_here``, in a process of its own. Raises AppError."""
    return _OPENING.open(path, deinterlace, stream, watch)
