"""A clock that is set while the program writes: what is there is the same, and in order."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.hostile.attack import Figures
from tests.hostile.clock_jumps import JUMPS
from tests.places import REPOSITORY

SOURCE = Path(__file__).with_name("clock_jumps.c")
COMPILER = shutil.which("cc") if sys.platform == "linux" else None
pytestmark = [
    pytest.mark.timeout(300),
    pytest.mark.skipif(COMPILER is None, reason="needs Linux and a C compiler (cc)"),
]


def test_what_is_written_does_not_depend_on_the_clock(
    tmp_path: Path, judged: Callable[[Figures, int], None]
) -> None:
    shim = tmp_path / "clock_jumps.so"
    words = [str(COMPILER), "-shared", "-fPIC", "-O1", "-o", str(shim), str(SOURCE), "-ldl"]
    subprocess.run(words, check=True)
    done = subprocess.run(
        [sys.executable, "-m", "tests.hostile.clock_jumps", str(tmp_path / "places")],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), "LD_PRELOAD": str(shim)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["jump"] for row in rows] == [*JUMPS, "days backwards"]
    figures = Figures("clock set while the program writes")
    for row in rows:
        figures.faults += row["faults"]
        figures.counts["read"] += row["acts"]
    judged(figures, 20 * len(JUMPS))
