"""Memory that does not reach, at every act: one sentence says so, nothing is lost, taken for
damaged or left half done, and with enough memory it is done.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.hostile.attack import Figures
from tests.hostile.memory_acts import MEMORY_ACTS
from tests.places import REPOSITORY

MEMORY = Path("/dev/shm")
#: Kilobytes that are left.
QUICK = [0, 48, 256, 1024, 4096]
ROOMS = [
    *(0, 8, 16, 32, 48, 64, 96, 128, 192, 256, 320, 384, 512, 640, 768, 1024, 1100, 1280, 1536),
    *(2048, 3072, 4096, 5000, 6000, 12_000, 16_384, 24_000, 32_768, 48_000, 131_072, 1 << 20),
]
QUICK_ACTS = (
    "opening the library",
    "restore labels",
    "export as folders",
    "import",
    "start of the window",
)
NAMES = [act.name for act in MEMORY_ACTS]
pytestmark = [
    pytest.mark.timeout(300),
    pytest.mark.skipif(sys.platform != "linux", reason="needs a limit of address space (Linux)"),
]
LONG = [pytest.mark.slow, pytest.mark.long, pytest.mark.timeout(1800)]


@pytest.fixture
def place() -> Iterator[Path]:
    """Where no disk is waited for, if there is such a place."""
    folder = tempfile.mkdtemp(prefix="scarce-", dir=MEMORY if MEMORY.is_dir() else None)
    yield Path(folder)
    shutil.rmtree(folder)


@pytest.mark.parametrize(
    ("names", "rooms"),
    [
        pytest.param(QUICK_ACTS, QUICK, id="quick"),
        pytest.param(NAMES, ROOMS, marks=LONG, id="long"),
    ],
)
def test_nothing_is_lost_for_want_of_memory(
    names: list[str], rooms: list[int], place: Path, judged: Callable[[Figures, int], None]
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.hostile.scarce_memory", place, json.dumps(rooms), *names],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert sorted(row["act"] for row in rows) == sorted(names)
    figures = Figures(f"no memory: {len(rows)} acts")
    for row in rows:
        figures.faults += row["faults"]
        figures.counts["refused"] += row["refused"] + row["fell"]
        figures.counts["read"] += row["tried"] - row["refused"] - row["fell"]
        assert row["refused"], f"{row['act']} needs no memory"
    judged(figures, len(rooms) * len(names))
