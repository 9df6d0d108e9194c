"""What a program and all its children did to the network and to files, as the kernel saw it
(strace).
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.places import REPOSITORY

CALLS = (
    "socket,connect,sendto,sendmsg,openat,open,creat,mkdir,mkdirat,rename,renameat,renameat2,"
    "link,linkat,symlink,symlinkat"
)
#: Variables that would give a program another place to write than its home, hide that telemetry
#: is on, or have its coverage written.
DROPPED = (
    "COVERAGE_PROCESS_CONFIG",
    "COVERAGE_PROCESS_START",
    "ORT_DISABLE_TELEMETRY",
    "MPLCONFIGDIR",
    "TORCHINDUCTOR_CACHE_DIR",
    "XDG_CACHE_HOME",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "CI",
)
#: Devices, shared memory and the process's own files in /proc are not kept.
PASSING = ("/dev/", "/proc/")

_CALL = re.compile(r"^(\d+)\s+(.*)$")
_RESUMED = re.compile(r"^<\.\.\. \w+ resumed>(.*)$")
_QUOTED = re.compile(r'(?:(?:AT_FDCWD|\d+)(?:<([^>]*)>)?, )?"((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True)
class Traced:
    """``sockets``: successful or not, every call that made or used an internet socket.

    ``written``: files and folders that were made, opened to be written, or renamed to; absolute.
    """

    done: subprocess.CompletedProcess[str]
    sockets: tuple[str, ...]
    written: frozenset[Path]

    def written_outside(self, *places: Path) -> set[Path]:
        """What was written neither below one of ``places`` nor to a device."""
        return {
            path
            for path in self.written
            if not any(path == place or place in path.parents for place in places)
        }


def traced(
    words: Sequence[str],
    folder: Path,
    changes: Mapping[str, str] | None = None,
    *,
    seconds: float = 100,
) -> Traced:
    """Run ``python -m words`` with an empty home below ``folder``, from ``folder``.

    Skips where the kernel cannot be asked.
    """
    strace = _strace()
    home, temporary = folder / "home", folder / "tmp"
    home.mkdir()
    temporary.mkdir()
    kept = {name: value for name, value in os.environ.items() if name not in DROPPED}
    environment = {
        **kept,
        "HOME": str(home),
        "TMPDIR": str(temporary),
        "PYTHONPATH": str(REPOSITORY),
        "PYTHONDONTWRITEBYTECODE": "1",
        "QT_QPA_PLATFORM": "offscreen",
        "OMP_WAIT_POLICY": "PASSIVE",
        **(changes or {}),
    }
    log = folder / "strace.log"
    command = [
        *strace,
        "-f",
        "-y",
        "-s",
        "4096",
        "-e",
        f"trace={CALLS}",
        "-o",
        str(log),
        sys.executable,
        "-m",
        *words,
    ]
    done = _run(command, folder, environment, seconds)
    calls = list(_calls(log.read_text(encoding="utf-8", errors="replace")))
    internet = tuple(
        call
        for call in calls
        if "AF_INET" in call or re.match(r"(connect|send\w+)\(.*<(TCP|UDP)", call)
    )
    return Traced(
        done, internet, frozenset(path for call in calls for path in _written(call, folder))
    )


def _run(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], seconds: float
) -> subprocess.CompletedProcess[str]:
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdout=pipe,
        stderr=pipe,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            out, error = process.communicate(timeout=seconds)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)  # what it traces would go on without it
            raise
    return subprocess.CompletedProcess(command, process.returncode, out, error)


def _strace() -> list[str]:
    program = shutil.which("strace")
    if program is None:
        pytest.skip(
            "strace is not installed: what the program does to the network and to files was not"
            " looked at"
        )
    # The first stops a program for the traced calls alone: far quicker
    for words in ([program, "--seccomp-bpf"], [program]):
        if (
            subprocess.run(
                [*words, "-f", "-e", "trace=openat", "-o", os.devnull, "true"],
                capture_output=True,
                check=False,
            ).returncode
            == 0
        ):
            return words
    pytest.skip(
        "this system does not let strace look: what the program does to the network and to files"
        " was not looked at"
    )


def _calls(log: str) -> Iterator[str]:
    """Whole calls: one that another thread interrupted is put together again."""
    begun: dict[str, str] = {}
    for line in log.splitlines():
        found = _CALL.match(line)
        if not found:
            continue
        thread, text = found.groups()
        if text.endswith("<unfinished ...>"):
            begun[thread] = text.removesuffix("<unfinished ...>")
        elif resumed := _RESUMED.match(text):
            yield begun.pop(thread, "") + resumed[1]
        elif "(" in text:
            yield text


def _written(call: str, folder: Path) -> Iterator[Path]:
    name, _, rest = call.partition("(")
    arguments, _, result = rest.rpartition(" = ")
    if result.startswith("-1"):
        return
    if name in ("open", "openat") and not re.search(r"O_(WRONLY|RDWR|CREAT)", arguments):
        return
    if name in ("socket", "connect", "sendto", "sendmsg"):
        return
    base, path = _QUOTED.findall(arguments)[-1]
    whole = Path(os.path.normpath(Path(base or folder) / path))
    if not str(whole).startswith(PASSING):
        yield whole
