"""What a keeper of the tests opens files with: a file does what its name says, as "read-crash-7".

Nothing but the tests can name it to a nursery.
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from endoscope_app.base.errors import AppError
from endoscope_app.media.opening_here import open_here
from endoscope_app.media.opening_watch import OpeningWatch
from endoscope_app.media.source import Frame, FrameSource, Image


def crash() -> None:
    """SIGSEGV."""
    ctypes.string_at(0)


def abort() -> None:
    """As a failed assertion of a library."""
    ctypes.CDLL(None).abort()


def loop() -> None:
    """For ever, in silence."""
    while True:
        time.sleep(0.01)


def bomb() -> None:
    """Memory without end."""
    held = []
    while True:
        held.append(np.empty(1 << 24, np.uint8))


def fault() -> None:
    """A fault of the program, whose message names somebody."""
    raise TypeError("Jane Doe")


def garbage() -> None:
    """Bytes that are no message, to whoever listens."""
    for fd in range(3, 64):
        try:
            socket.socket(fileno=os.dup(fd)).send(b"\0\0\0\x05junk\xff")
        except OSError:
            continue
    loop()


def endless() -> None:
    """The head of a message longer than any."""
    for fd in range(3, 64):
        try:
            socket.socket(fileno=os.dup(fd)).send(b"\xff" * 16)
        except OSError:
            continue
    loop()


ACTS: dict[str, Callable[[], None]] = {
    act.__name__: act for act in (crash, abort, loop, bomb, fault, garbage, endless)
}


def denied(path: Path) -> str:
    """What of all that is forbidden worked, by name."""
    beside = path.parent / "written"
    libc = ctypes.CDLL(None, use_errno=True)

    def exec_() -> None:
        if os.fork() == 0:
            try:
                os.execv("/bin/true", ["true"])
            finally:
                os._exit(99)
        if os.waitstatus_to_exitcode(os.wait()[1]) == 99:
            raise OSError

    def ptrace() -> None:
        if libc.ptrace(16, os.getppid(), 0, 0) != 0:
            raise OSError

    tried: dict[str, Callable[[], object]] = {
        "internet": lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM),
        "datagram": lambda: socket.socket(socket.AF_INET6, socket.SOCK_DGRAM),
        "local": lambda: socket.socket(socket.AF_UNIX),
        "write": lambda: beside.write_text("x"),
        "append": lambda: path.open("ab"),
        "update": lambda: path.open("r+b"),
        "truncate": lambda: os.truncate(path, 0),
        "remove": lambda: path.unlink(),
        "rename": lambda: path.rename(beside),
        "mkdir": lambda: beside.mkdir(),
        "link": lambda: os.link(path, beside),
        "symlink": lambda: beside.symlink_to(path),
        "chmod": lambda: path.chmod(0o777),
        "exec": exec_,
        "ptrace": ptrace,
        "kill": lambda: os.kill(os.getppid(), signal.SIGCONT),
        "limit": _raise_limit,
    }
    done = []
    for name, act in tried.items():
        try:
            act()
        except OSError:
            continue
        except ValueError:
            continue
        done.append(name)
    return ",".join(done)


def _raise_limit() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))


def made_hostile(source: FrameSource, when: str, act: Callable[[], None], at: int) -> FrameSource:
    """The source, which does something at one frame of ``read``, ``small_frames`` or
    ``key_images``.
    """
    read, small_frames, key_images = source.read, source.small_frames, source.key_images

    def hostile_read(index: int) -> Frame:
        if index == at:
            act()
        return read(index)

    def hostile_run(
        start: int, stop: int, height: int, threads: int = 2
    ) -> Iterator[tuple[int, Image]]:
        for index, image in small_frames(start, stop, height, threads):
            if index == at:
                act()
            yield index, image

    def hostile_keys(frames: Sequence[int], height: int) -> Iterator[tuple[int, Image]]:
        for index, image in key_images(frames, height):
            if index == at:
                act()
            yield index, image

    if when == "key":
        source.key_images = hostile_keys  # type: ignore[method-assign]
    elif when == "read":
        source.read = hostile_read  # type: ignore[method-assign]
    elif when == "small":
        source.small_frames = hostile_run  # type: ignore[method-assign]
    return source


def open_hostile(
    path: Path, deinterlace: bool, stream: int | None, watch: OpeningWatch
) -> FrameSource:
    """``when-act-frame``, or a file as it is."""
    when, _, rest = path.stem.partition("-")
    name, _, at = rest.partition("-")
    if when == "denied":
        raise AppError(f"It did: {denied(path)}.", "", "denied")
    if when == "open":
        ACTS[name]()
    source = open_here(path, deinterlace, stream, watch)
    if when == "lies":
        source.info = replace(source.info, **LIES[name])  # type: ignore[arg-type]
    return made_hostile(source, when, ACTS[name], int(at)) if at else source


#: By the name of a file: what is not true of it.
LIES: dict[str, dict[str, object]] = {
    "nan": {"fps": float("nan")},
    "endless": {"duration_ms": float("inf")},
    "wide": {"width": 1 << 30},
    "nameless": {"fingerprint": "../../etc"},
    "kind": {"stamp_kind": "pickle"},
    "notes": {"notes": ("x" * 100_000,) * 1000},
}
