"""A disk that is full at any operation of an act: nothing that was there is lost, one sentence says
what was not done, and with room again it is done.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.hostile.attack import Figures
from tests.hostile.full_disk_acts import ACTS
from tests.places import REPOSITORY

MEMORY = Path("/dev/shm")
SOURCE = Path(__file__).with_name("full_disk.c")
COMPILER = shutil.which("cc") if sys.platform == "linux" else None
pytestmark = [
    pytest.mark.timeout(300),
    pytest.mark.skipif(COMPILER is None, reason="needs Linux and a C compiler (cc)"),
]
#: How much further the disk holds out each time, in percent: 0 tries every operation.
QUICK = {"labels": 60, "analysis": 60, "promotion": 60, "settings": 0, "export as folders": 100}
LONG = [pytest.mark.slow, pytest.mark.long, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What stands before the C library."""
    built = tmp_path_factory.mktemp("shim") / "full_disk.so"
    words = [str(COMPILER), "-shared", "-fPIC", "-O1", "-o", str(built), str(SOURCE), "-ldl"]
    subprocess.run(words, check=True)
    return built


@pytest.fixture
def place() -> Iterator[Path]:
    """Where no disk is waited for, if there is such a place."""
    folder = tempfile.mkdtemp(prefix="full-disk-", dir=MEMORY if MEMORY.is_dir() else None)
    yield Path(folder)
    shutil.rmtree(folder)


@pytest.mark.parametrize(
    ("acts", "stride"),
    [
        *(([name], stride) for name, stride in QUICK.items()),
        *(pytest.param([act.name], 15, marks=LONG, id=f"long {act.name}") for act in ACTS),
    ],
)
def test_nothing_is_lost_and_a_sentence_says_so(
    acts: list[str],
    stride: int,
    shim: Path,
    place: Path,
    judged: Callable[[Figures, int], None],
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.hostile.full_disk", str(place), str(stride), *acts],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), "LD_PRELOAD": str(shim)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["act"] for row in rows] == [act.name for act in ACTS if act.name in acts]
    figures = Figures(f"disk full: {acts[0] if len(acts) == 1 else f'{len(acts)} acts'}")
    for row in rows:
        figures.faults += row["faults"]
        figures.counts["refused"] += row["refused"]
        figures.counts["read"] += row["tried"] - row["refused"]
        assert row["refused"] > 2, f"{row['act']} writes nothing"
    judged(figures, 8 * len(acts))
