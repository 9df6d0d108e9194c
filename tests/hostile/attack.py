"""Files given to the program's own reader in a process of its own, and what is judged of it."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from tests.hostile.readers import WRITERS
from tests.places import REPOSITORY

LARGEST_MB = 1600
#: A sentence that a clinician reads.
_LONGEST_SENTENCE = 400
_DIGESTED = 64 << 20


@dataclass
class Figures:
    """What became of the files of one kind; ``faults`` are what must not be."""

    kind: str
    counts: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    memory_mb: int = 0
    cpu_s: float = 0.0

    def row(self) -> tuple[str, int, int, int, int, int, float]:
        """Kind, tried, refused, read, faults, most memory in MB, longest time in s."""
        refused, read = self.counts["refused"], self.counts["read"]
        tried = refused + read + len(self.faults)
        return (
            self.kind,
            tried,
            refused,
            read,
            len(self.faults),
            self.memory_mb,
            round(self.cpu_s, 1),
        )


class Attacker:
    """Gives files to a reader by its name in ``readers.READERS``."""

    def __init__(self, reader: str) -> None:
        environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "QT_QPA_PLATFORM": "offscreen"}
        self._server = subprocess.Popen(
            [sys.executable, "-m", "tests.hostile.attack_server", reader],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=REPOSITORY,
            env=environment,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.close()
        self._server.wait()
        self._server.stdout.close()

    def outcome(self, path: Path) -> dict[str, Any]:
        """What the server says of one file or folder."""
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        print(path, file=self._server.stdin, flush=True)
        said: dict[str, Any] = json.loads(self._server.stdout.readline())
        return said


def attack(
    kind: str,
    reader: str,
    cases: Iterable[tuple[str, Path]],
    forget: Callable[[Path], None],
    judge: Callable[[str], str] = lambda text: "",
) -> Figures:
    """Give every case (name, path) to the reader; ``forget`` is called behind each.

    ``judge``: why what it says must not be; empty where it may.
    """
    figures = Figures(kind)
    with ExitStack() as stack:
        attacker = stack.enter_context(Attacker(reader))
        for name, path in cases:
            before = digest(path)
            said = attacker.outcome(path)
            is_kept = reader in WRITERS or digest(path) == before
            why = _fault(said) or ("" if is_kept else "it changed the file") or judge(said["text"])
            if why:
                figures.faults.append(f"{kind}, {name}: {why}")
            else:
                figures.counts[said["how"]] += 1
            figures.memory_mb = max(figures.memory_mb, said.get("memory_mb", 0))
            figures.cpu_s = max(figures.cpu_s, said.get("cpu_s", 0.0))
            forget(path)
    return figures


def _fault(said: dict[str, Any]) -> str:
    """Why this outcome must not be; empty where it may."""
    if said["how"] == "fault":
        return str(said["text"])
    if said["memory_mb"] > LARGEST_MB:
        return f"it took {said['memory_mb']} MB"
    if said["how"] == "refused":
        sentence = str(said["text"])
        if not sentence.endswith(".") or "\n" in sentence or len(sentence) > _LONGEST_SENTENCE:
            return f"no sentence: {sentence!r}"
        if not said["way_out"]:
            return f"no way out: {sentence!r}"
    return ""


def digest(path: Path) -> str:
    """Of a file, or of all plain files of a folder; of a very large one by its size."""
    if path.is_symlink() or not path.exists():
        return "none"
    whole = hashlib.sha256()
    for one in [path] if path.is_file() else sorted(path.rglob("*")):
        if one.is_symlink() or not one.is_file():
            continue
        size = one.stat().st_size
        whole.update(f"{one.name!r} {size}".encode())
        if size <= _DIGESTED:
            whole.update(one.read_bytes())
    return whole.hexdigest()
