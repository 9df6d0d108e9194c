"""kill -9 of the real window while it labels: whatever it said to be kept is there, and the library
opens.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from endoscope_app.labels.library import library_files
from endoscope_app.labels.library.label_store import LabelStore
from tests.hostile.attack import Figures
from tests.places import REPOSITORY

pytestmark = [
    pytest.mark.slow,
    pytest.mark.window,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Xvfb is for Linux"),
]
LONGEST_S = 0.6
LONG = [pytest.mark.long, pytest.mark.timeout(3600)]
State = dict[int, list[int | None]]


def kill(display: str, data: Path, number: int, after_s: float) -> list[dict[str, Any]]:
    """Label until ``after_s`` behind the first label; all that was said to be kept."""
    environment = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
    words = [sys.executable, "-m", "tests.hostile.labelling_window", str(data), str(number)]
    with subprocess.Popen(
        words, cwd=REPOSITORY, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            ready = process.stdout.readline()
            first = process.stdout.readline()
            assert first, process.stderr.read().decode()[-2000:]
            assert json.loads(ready) == {"ready": "xcb"}
            time.sleep(after_s)
            assert process.poll() is None, process.stderr.read().decode()[-2000:]
        finally:
            process.send_signal(signal.SIGKILL)
        whole = (first + process.stdout.read()).split(b"\n")[:-1]
    return [json.loads(line) for line in whole]


def there(data: Path) -> State:
    """What a new program finds, once it has been seen to be sound."""
    with LabelStore(data / "labels") as store:
        assert store.opened_from_backup == ""
        assert store.read_only_because == ""
        assert library_files.is_sound(store._open_connection())
        (where,) = store.read.labelled_procedures()
        found: State = {}
        for label in store.read.frame_labels(where):
            found.setdefault(label.frame_index, []).append(label.class_id)
    return found


@pytest.mark.parametrize(
    "kills",
    [pytest.param(3, marks=pytest.mark.timeout(400)), pytest.param(60, marks=LONG)],
)
def test_every_label_that_was_said_to_be_kept_is_there(
    kills: int, display: str, tmp_path: Path, judged: Callable[[Figures, int], None]
) -> None:
    draw, figures = random.Random(17), Figures("window killed while it labels")
    known: State = {}
    told = 0
    for number in range(kills):
        said = kill(display, tmp_path, number, draw.uniform(0.0, LONGEST_S))
        for line in said:
            assert "failures" not in line, line
            assert line["given"] is None or line["given"] in line["classes"]
            known[line["frame"]] = line["classes"]
        told += len(said)
        found = there(tmp_path)
        odd = {
            frame
            for frame in known.keys() | found.keys()
            if sorted(found.get(frame, []), key=str) != sorted(known.get(frame, []), key=str)
        }
        # one act may be on the disk that the window had not come to say
        if len(odd) > 1:
            figures.faults.append(f"kill {number}: frames {sorted(odd)} are not as they were said")
        figures.counts["read"] += 1
        known = found
    assert told >= kills
    judged(figures, kills)
