"""Frames that were decoded apart are those that this process decodes, byte for byte, and their
processes and memory go with them.
"""

from __future__ import annotations

import gc
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from endoscope_app.base.errors import AppError
from endoscope_app.media.apart.apart_opening import Opening
from endoscope_app.media.apart.apart_source import ApartSource
from endoscope_app.media.apart.household import MOST_IDLE
from endoscope_app.media.opening import PartRefused, open_joined, open_source
from endoscope_app.media.opening_here import open_here
from endoscope_app.media.source import Frame, FrameSource
from tests.endoscope_app.clips import make_clip, read_number
from tests.endoscope_app.process_tree import below, wait_for_end
from tests.places import REPOSITORY

from .conftest import COUNT, named

Make = Callable[[Path], Path]


def _stills(folder: Path) -> Path:
    """Of several sizes, depths and kinds, one broken."""
    stills = folder / "stills"
    stills.mkdir()
    rng = np.random.default_rng(3)
    for number, (rows, columns) in enumerate([(90, 120), (200, 60), (64, 640), (300, 300)]):
        noise = rng.integers(0, 255, (rows, columns, 3), np.uint8)
        cv2.imwrite(str(stills / f"{number}.png"), noise)
    cv2.imwrite(str(stills / "deep.png"), rng.integers(0, 4095, (80, 90, 3)).astype(np.uint16))
    (stills / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 nothing")
    return stills


def _damaged(folder: Path) -> Path:
    path = make_clip(folder / "damaged.ts", COUNT, gop=8)
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 900] = bytes(900)
    path.write_bytes(data)
    return path


MAKES: dict[str, Make] = {
    "mp4": lambda folder: make_clip(folder / "a.mp4", COUNT, b_frames=2),
    "ts": lambda folder: make_clip(folder / "a.ts", COUNT, b_frames=2),
    "avi": lambda folder: make_clip(folder / "a.avi", COUNT, codec="mpeg4", b_frames=0),
    "mkv": lambda folder: make_clip(
        folder / "a.mkv", COUNT, codec="mjpeg", pix_fmt="yuvj420p", b_frames=0
    ),
    "mpg": lambda folder: make_clip(folder / "a.mpg", COUNT, codec="mpeg2video", b_frames=2),
    "interlaced": lambda folder: make_clip(
        folder / "a.mkv", COUNT, codec="mpeg2video", interlaced=True
    ),
    "deep": lambda folder: make_clip(folder / "a.mp4", COUNT, pix_fmt="yuv420p10le"),
    "damaged": _damaged,
    "stills": _stills,
    "demo": lambda folder: Path(
        shutil.copy(REPOSITORY / "resources" / "demo" / "phantom.mp4", folder)
    ),
}


@pytest.mark.parametrize("kind", MAKES)
def test_frames_and_all_that_is_known_of_them_are_the_same(tmp_path: Path, kind: str) -> None:
    path = MAKES[kind](tmp_path)
    with open_source(path) as apart, open_here(path) as here:
        assert isinstance(apart, ApartSource)
        assert replace(apart.info) == replace(here.info)
        frames = range(min(here.info.frame_count, 60))
        for index in [*frames, *reversed(frames)]:
            one, other = _read(apart, index), _read(here, index)
            if isinstance(other, str) or isinstance(one, str):
                assert one == other
                continue
            assert (one.index, one.time_ms, one.is_corrupt) == (
                other.index,
                other.time_ms,
                other.is_corrupt,
            )
            assert np.array_equal(one.image, other.image), index
            assert one.image.flags.c_contiguous
            assert one.image.flags.writeable
        assert_same_runs(apart, here)
        every = range(here.info.frame_count)
        assert [apart.stamp(index) for index in every] == [here.stamp(index) for index in every]
        assert [apart.name_of(index) for index in every] == [here.name_of(index) for index in every]
        for moment in (-5.0, 0.0, 39.9, 40.0, 333.0, 1e9):
            assert apart.index_at(moment) == here.index_at(moment)
        for parts in (1, 3, 7, 1000):
            assert apart.segments(parts) == here.segments(parts)
            assert apart.segments(parts, 5) == here.segments(parts, 5)
        assert apart.corrupt_frames() == here.corrupt_frames()


def _read(source: FrameSource, index: int) -> Frame | str:
    try:
        return source.read(index)
    except AppError as error:
        return f"{error} {error.detail}"


def assert_same_runs(apart: FrameSource, here: FrameSource) -> None:
    for start, stop, height in ((0, 30, 64), (5, 9, 64), (3, 20, 200), (0, 1, here.info.height)):
        # Held, all of them: an image stays what it is whatever is decoded after it
        got = list(apart.small_frames(start, stop, height))
        wanted = list(here.small_frames(start, stop, height))
        assert [index for index, _ in got] == [index for index, _ in wanted]
        for (_, one), (_, other) in zip(got, wanted, strict=True):
            assert np.array_equal(one, other)


def test_images_stay_what_they_are_whatever_is_read_after_them(
    hostile: Opening, clip: Path
) -> None:
    with open_source(clip) as source:
        held = [source.read(index).image for index in range(COUNT)]
        views = [source.read(index).image[:, ::2] for index in range(3)]
    pids = below(hostile.nursery().pid)
    del source
    gc.collect()
    assert wait_for_end(pids) == set()
    assert [read_number(image) for image in held] == list(range(COUNT))
    assert [read_number(image) for image in views] == [0, 1, 2]


def test_what_threads_share_outlives_the_source(hostile: Opening, clip: Path) -> None:
    source = open_source(clip)
    source.close()
    source.close()
    with pytest.raises(ValueError, match="closed"):
        source.read(0)
    assert [index for index, _ in source.small_frames(30, 40, 64)] == list(range(30, 40))


def test_processes_are_few_and_end_with_their_source(hostile: Opening, clip: Path) -> None:
    nursery = hostile.nursery().pid
    for _ in range(3):
        source = open_source(clip)
        source.read(0)
        runs = [source.small_frames(0, COUNT, 64) for _ in range(4)]
        for run in runs:
            next(run)
        alive = below(nursery)
        assert len(alive) == 1 + 1 + 4
        for run in runs:
            run.close()  # type: ignore[attr-defined]
        assert [index for index, _ in source.small_frames(0, 5, 64)] == list(range(5))
        kept = alive & below(nursery)
        assert len(kept) <= 1 + 1 + 4
        source.close()
        del source, run, runs
        gc.collect()
        assert wait_for_end(alive) == set()
    assert below(nursery) == set()


def test_a_run_after_another_takes_no_new_process(hostile: Opening, clip: Path) -> None:
    with open_source(clip) as source:
        next(source.small_frames(0, COUNT, 64))
        first = below(hostile.nursery().pid)
        for index in range(10):
            ((found, image),) = source.small_frames(index, index + 1, 192)
            assert (found, read_number(image)) == (index, index)
        assert below(hostile.nursery().pid) == first
        assert len(first) == 2
        assert MOST_IDLE >= 1


def test_runs_on_several_threads_get_each_its_own_frames(hostile: Opening, clip: Path) -> None:
    found: dict[int, list[int]] = {}
    with open_source(clip) as source:

        def run(start: int) -> None:
            found[start] = [
                read_number(image) for _, image in source.small_frames(start, start + 10, 192)
            ]

        threads = [threading.Thread(target=run, args=(start,)) for start in (0, 10, 20, 30)]
        for thread in threads:
            thread.start()
        reads = [read_number(source.read(index).image) for index in range(COUNT)]
        for thread in threads:
            thread.join()
    assert found == {start: list(range(start, start + 10)) for start in (0, 10, 20, 30)}
    assert reads == list(range(COUNT))


def test_a_part_that_falls_is_left_out_of_a_procedure_in_several_files(
    hostile: Opening, clip: Path, tmp_path: Path
) -> None:
    parts = [named(clip, tmp_path, "one"), named(clip, tmp_path, "open-crash")]
    with pytest.raises(PartRefused, match="made the decoder crash") as caught:
        open_joined(parts)
    assert caught.value.part == parts[1]
    with open_joined([parts[0], named(clip, tmp_path, "two")]) as source:
        assert [read_number(source.read(index).image) for index in (0, 45, 1)] == [0, 5, 1]
    del source
    gc.collect()


PARENT = """
import sys, time
from pathlib import Path
from endoscope_app.media.opening import open_source
from tests.endoscope_app.process_tree import below
import os
source = open_source(Path(sys.argv[1]))
source.read(0)
run = source.small_frames(0, 40, 64)
next(run)
print(*below(os.getpid()), flush=True)
time.sleep(600)
"""


def test_no_process_outlives_a_program_that_was_killed(clip: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, str(clip)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
    ) as program:
        assert program.stdout is not None
        pids = {int(word) for word in program.stdout.readline().split()}
        assert len(pids) == 4
        program.kill()
    assert wait_for_end(pids) == set()


def test_no_process_outlives_a_program_that_ends(clip: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PARENT.replace("time.sleep(600)", ""), str(clip)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        timeout=100,
        check=True,
    )
    assert done.stderr == ""
    assert wait_for_end({int(word) for word in done.stdout.split()}) == set()


def test_no_memory_and_no_file_is_left_open(hostile: Opening, clip: Path) -> None:
    def held() -> tuple[int, int]:
        gc.collect()
        maps = Path("/proc/self/maps").read_text()
        return len(os.listdir("/proc/self/fd")), maps.count("memfd:frames")

    with open_source(clip) as source:
        source.read(0)
    del source
    before = held()
    for _ in range(5):
        with open_source(clip) as source:
            frame = source.read(3)
            list(source.small_frames(0, 9, 64))
        del source, frame
    assert held() == before
