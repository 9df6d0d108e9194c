"""Files opened apart, as the program does it, by a nursery of the test's own."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.endoscope_app.clips import make_clip
from tests.endoscope_app.process_tree import below, wait_for_end

if sys.platform == "linux":
    from endoscope_app.media.apart import apart_opening
    from endoscope_app.media.apart.apart_opening import Opening

COUNT, GOP = 40, 8
HOSTILE = "tests.endoscope_app.media.apart.hostile_opener:open_hostile"
#: Of silence, until a process is ended; and bytes that it may take.
SILENCE_S, MEMORY = 5.0, 1 << 29


# Processes are confined on Linux alone
collect_ignore_glob = [] if sys.platform == "linux" else ["test_*.py"]


@pytest.fixture(autouse=True)
def _decoded_here() -> None:
    """Not here: in the folder above it is for the other tests of the room."""


@pytest.fixture(scope="module")
def opening() -> Iterator[Opening]:
    opening = Opening(HOSTILE, SILENCE_S, SILENCE_S, MEMORY)
    yield opening
    opening.close()


@pytest.fixture
def hostile(opening: Opening, monkeypatch: pytest.MonkeyPatch) -> Opening:
    """The door opens files with what the tests have put behind it, and no process of a test before
    is left: an error keeps the source of its frame, and with it the process, until it is collected.
    """
    gc.collect()
    assert wait_for_end(below(opening.nursery().pid)) == set()
    monkeypatch.setattr(apart_opening, "_OPENING", opening)
    return opening


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clips") / "clip.mp4", COUNT, gop=GOP, b_frames=0)


def named(clip: Path, folder: Path, name: str) -> Path:
    """The same clip under a name that says what happens."""
    path = folder / f"{name}.mp4"
    path.write_bytes(clip.read_bytes())
    return path
