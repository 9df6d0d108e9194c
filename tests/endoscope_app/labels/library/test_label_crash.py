"""kill -9 at 200 random moments of a stream of label acts: what was acknowledged is there,
nothing half is, and undo still works.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from endoscope_app.labels.library import library_files as files
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.labels.library.records import FrameLabel
from tests.endoscope_app.label_crash_child import last_number, plan
from tests.endoscope_app.label_library import PROCEDURE, READER, library
from tests.places import REPOSITORY

LIBRARIES = 8
CRASHES = 25
FIRST = 5
"""The entries that label_library.library writes before the stream."""

State = dict[int, FrameLabel]


class Expected:
    """A plain model of the stream: labels by pts, and what was before each act that can be
    undone.
    """

    def __init__(self) -> None:
        self.now: State = {}
        self._undo: list[State] = []
        self._redo: list[State] = []
        self.number = FIRST

    def step(self) -> None:
        """As label_crash_child.step, over plain dictionaries."""
        self.number += 1
        kind, frames, clear_from = plan(self.number)
        if kind == "undo" and self._undo:
            self.undo()
        elif kind == "redo" and self._redo:
            self.redo()
        elif kind == "clear" and any(pts >= clear_from for pts in self.now):
            self._do({pts: found for pts, found in self.now.items() if pts < clear_from})
        else:
            self._do({**self.now, **{frame.pts: frame for frame in frames}})

    def can_undo(self) -> bool:
        return bool(self._undo)

    def undo(self) -> None:
        self._redo.append(self.now)
        self.now = self._undo.pop()

    def redo(self) -> None:
        self._undo.append(self.now)
        self.now = self._redo.pop()

    def _do(self, state: State) -> None:
        self._undo.append(self.now)
        self._redo.clear()
        self.now = state


def crash(folder: Path, draw: random.Random) -> int | None:
    """Run the stream, kill it at a random moment, and say the last act that it acknowledged."""
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    command = [sys.executable, "-m", "tests.endoscope_app.label_crash_child", str(folder)]
    with subprocess.Popen(
        command, cwd=REPOSITORY, env=environment, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        first = b""
        if draw.random() < 0.85:
            first = process.stdout.readline()
            assert first, "the child ended by itself"
            time.sleep(draw.uniform(0.0, 0.03))
        else:
            # also while it starts, opens the library and mends what the last crash left
            time.sleep(draw.uniform(0.0, 0.2))
        assert process.poll() is None
        process.kill()
        lines = (first + process.stdout.read()).split(b"\n")
    return int(lines[-2]) if len(lines) > 1 else None


def check(folder: Path, acknowledged: int | None, expected: Expected) -> bool:
    """Hold the library against the model after a crash.

    True when an act was there that had not been acknowledged.
    """
    with LabelStore(folder) as store:
        assert store.opened_from_backup == ""
        assert store.read_only_because == ""
        number = last_number(store)
        told = expected.number if acknowledged is None else acknowledged
        assert told <= number <= told + 1
        while expected.number < number:
            expected.step()
        assert labels(store) == expected.now
        assert files.is_sound(store._open_connection())
        if expected.can_undo():
            store.undo(READER, PROCEDURE.fingerprint)
            expected.undo()
            assert labels(store) == expected.now
            store.redo(READER, PROCEDURE.fingerprint)
            expected.redo()
            assert labels(store) == expected.now
            expected.number += 2
    return number > told


def labels(store: LabelStore) -> State:
    return {label.pts: label for label in store.read.frame_labels(PROCEDURE.fingerprint)}


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is POSIX")
@pytest.mark.timeout(180)
@pytest.mark.parametrize("number", range(LIBRARIES))
def test_after_kill_9_every_acknowledged_act_is_there_and_no_half_one(
    tmp_path: Path, number: int
) -> None:
    draw = random.Random(number)
    expected = Expected()
    with library(tmp_path) as store:
        assert last_number(store) == FIRST
    for _ in range(CRASHES):
        check(tmp_path, crash(tmp_path, draw), expected)
    assert expected.number > CRASHES
