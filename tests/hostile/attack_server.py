"""A process that has one reader loaded, and forks for every file that it is told of.

``python -m tests.hostile.attack_server READER``: a line in is a path, a line out the outcome as
JSON. The fork has limits of memory and time, may not open a socket nor write outside its own
folder, and is killed when it does not end.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import Any

from endoscope_app.base.errors import AppError
from kd_core.schema.errors import CoreError
from tests.hostile.readers import READERS, WRITERS, Reader

CPU_S, WALL_S = 20, 90
ADDRESSES = 6 << 30
_WRITES = ("w", "a", "+", "x")


def main() -> None:
    """Serve until the end of the input."""
    read = READERS[sys.argv[1]]
    scratch = tempfile.mkdtemp(prefix="attack-")
    read_end, write_end = os.pipe()
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            os.close(read_end)
            path = Path(line.rstrip("\n"))
            own = (scratch, str(path)) if sys.argv[1] in WRITERS else (scratch,)
            _attack(read, path, write_end, own)
        print(json.dumps(_outcome(child, read_end)), flush=True)


def _attack(read: Reader, path: Path, write_end: int, own: tuple[str, ...]) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, ADDRESSES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    tempfile.tempdir = own[0]
    forbidden: list[str] = []
    sys.addaudithook(lambda event, words: _watch(event, words, own, forbidden))
    try:
        said: dict[str, object] = {"how": "read", "text": read(path)}
    except (AppError, CoreError) as error:
        said = {"how": "refused", "text": error.sentence, "way_out": error.way_out}
    except BaseException as error:
        trace = "".join(traceback.format_exception(error))[-1500:]
        said = {"how": "fault", "text": f"{type(error).__name__}: {trace}"}
    if forbidden:
        said = {"how": "fault", "text": f"forbidden: {forbidden[:3]}"}
    os.write(write_end, json.dumps(said).encode()[:3000] + b"\n")
    os._exit(0)


def _watch(event: str, words: tuple[Any, ...], own: tuple[str, ...], forbidden: list[str]) -> None:
    """The network, and files that are opened to be written, as Python hears of them."""
    if event in ("socket.connect", "socket.bind", "socket.getaddrinfo"):
        forbidden.append(f"{event} {words[1:]}")
    if event == "open" and isinstance(words[0], str) and isinstance(words[1], str):
        is_own = words[0].startswith((*own, "/dev/"))
        if any(sign in words[1] for sign in _WRITES) and not is_own:
            forbidden.append(f"wrote {words[0]}")


def _outcome(child: int, read_end: int) -> dict[str, object]:
    end = time.monotonic() + WALL_S
    done, status, used = os.wait4(child, os.WNOHANG)
    while not done:
        if time.monotonic() > end:
            os.kill(child, signal.SIGKILL)
            os.wait4(child, 0)
            return {"how": "fault", "text": f"did not end in {WALL_S} s"}
        time.sleep(0.002)
        done, status, used = os.wait4(child, os.WNOHANG)
    if os.WIFSIGNALED(status):
        return {"how": "fault", "text": f"ended by {signal.Signals(os.WTERMSIG(status)).name}"}
    said: dict[str, object] = json.loads(os.read(read_end, 4096))
    return {**said, "memory_mb": used.ru_maxrss >> 10, "cpu_s": used.ru_utime + used.ru_stime}


if __name__ == "__main__":
    main()
