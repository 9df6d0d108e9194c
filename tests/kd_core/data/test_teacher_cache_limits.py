"""The teacher cache and its disk: it keeps to its limit, throws away its own and only its own,
and says when it cannot write.
"""

from __future__ import annotations

import errno
import io
import os
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kd_core.data import teacher_cache
from kd_core.data.views import MadeViews
from kd_core.schema.errors import DataError
from tests.kd_core.cached import (
    ANSWER_BYTES,
    VIEW_BYTES,
    Counting,
    Image,
    cached,
    files,
    filled,
    same,
)
from tests.kd_core.tiny import coloured


@pytest.fixture
def crops() -> Image:
    return coloured(3).crops


def test_leftovers_of_killed_writers_are_swept_and_those_being_written_are_not(
    tmp_path: Path, crops: Image
) -> None:
    path = files(filled(tmp_path, crops)._folder)[0]
    old, fresh = (path.with_name(f"{path.name}.{number}.part") for number in (111, 222))
    for part, age in ((old, 120), (fresh, 10)):
        part.write_bytes(b"half a rec")
        os.utime(part, (time.time() - age,) * 2)
    cached(tmp_path, crops)
    assert not old.exists()
    assert fresh.exists()
    assert path.exists()


def test_strangers_files_are_never_deleted(tmp_path: Path, crops: Image) -> None:
    """Someone points --cache at a folder of their own that happens to hold two-letter folders."""
    strangers = [
        tmp_path / "ab" / "film.bin",
        tmp_path / "my" / "download.part",
        tmp_path / "notes.bin",
    ]
    for path in strangers:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(bytes(1000))
        os.utime(path, (0, 0))
    filled(tmp_path, crops, count=1, limit=3 * VIEW_BYTES)
    filled(tmp_path, 255 - crops, count=1, limit=3 * VIEW_BYTES)
    assert all(path.exists() for path in strangers)
    assert len(list(tmp_path.glob("*/*.bin"))) == 1 + 3


@pytest.mark.parametrize("count", [1, 4])
def test_what_does_not_fit_is_refused_and_never_made_smaller_in_silence(
    tmp_path: Path, crops: Image, count: int
) -> None:
    needed = 3 * count * (VIEW_BYTES + ANSWER_BYTES)
    with pytest.raises(DataError, match=f"{count} views of these 3 images need") as caught:
        cached(tmp_path / "cache", crops, [Counting()], count=count, limit=needed - 1)
    assert "--cache-gb" in caught.value.way_out
    assert not (tmp_path / "cache").exists()
    filled(tmp_path / "cache", crops, [Counting()], count=count, limit=needed)
    assert sum(path.stat().st_size for path in files(tmp_path / "cache")) == needed


def aged(folder: Path, age: float) -> list[Path]:
    """Everything in the folder that was used within the last minute, made to look ``age``
    seconds old.
    """
    recent = [path for path in files(folder) if time.time() - path.stat().st_mtime < 60]
    for path in recent:
        os.utime(path, (time.time() - age,) * 2)
    return recent


def test_what_was_used_longest_ago_goes_and_what_this_run_needs_stays(
    tmp_path: Path, crops: Image
) -> None:
    mine, older, newer, coming = (np.stack([crop]) for crop in (*crops, 255 - crops[0]))
    kept = filled(tmp_path, mine, count=1)
    before = kept.batch(np.array([0]), np.array([0]))
    mine_file = aged(tmp_path, 9000)  # the oldest of all
    filled(tmp_path, older, count=1)
    older_file = aged(tmp_path, 5000)
    filled(tmp_path, newer, count=1)
    newer_file = aged(tmp_path, 1000)
    filled(tmp_path, np.concatenate([mine, coming]), count=1, limit=3 * VIEW_BYTES)
    left = files(tmp_path)
    assert len(left) == 3
    assert set(mine_file + newer_file) < set(left)
    assert older_file[0] not in left
    assert same(kept.batch(np.array([0]), np.array([0])), before)


def test_what_a_run_uses_again_is_no_longer_old(tmp_path: Path, crops: Image) -> None:
    first, second, third = (crops[number : number + 1] for number in range(3))
    filled(tmp_path, first, count=1)
    first_file = aged(tmp_path, 5000)
    filled(tmp_path, second, count=1)
    second_file = aged(tmp_path, 1000)
    filled(tmp_path, first, count=1)
    filled(tmp_path, third, count=1, limit=2 * VIEW_BYTES)
    assert first_file[0].exists()
    assert not second_file[0].exists()


def test_the_limit_holds_for_files_of_a_run_that_took_more_views(
    tmp_path: Path, crops: Image
) -> None:
    filled(tmp_path, crops, count=4)
    limit = 8 * VIEW_BYTES
    source = filled(tmp_path, crops, count=1, limit=limit)
    assert sum(path.stat().st_size for path in files(tmp_path)) <= limit
    first, again = (
        made.batch(np.arange(3), np.zeros(3, np.int64))
        for made in (source, MadeViews(crops, source.labels, 1))
    )
    assert same(first, again)


def test_files_with_more_views_are_used_as_they_are_while_they_fit(
    tmp_path: Path, crops: Image
) -> None:
    filled(tmp_path, crops, [Counting()], count=3)
    teacher = Counting()
    filled(tmp_path, crops, [teacher], count=2, limit=9 * (VIEW_BYTES + ANSWER_BYTES))
    assert teacher.seen == 0


class _Full(io.BytesIO):
    """A file on a disk that is full."""

    def write(self, content: Any) -> int:
        """Raises ENOSPC."""
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("where", ["while writing", "while moving"])
def test_a_full_disk_is_said_and_leaves_nothing_behind(
    tmp_path: Path, crops: Image, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    source = cached(tmp_path, crops, [Counting()])

    def full_open(path: Path, mode: str) -> io.BytesIO:
        path.touch()
        return _Full()

    def full_replace(old: Path, new: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    if where == "while writing":
        monkeypatch.setattr(teacher_cache, "open", full_open, raising=False)
    else:
        monkeypatch.setattr(os, "replace", full_replace)
    with pytest.raises(DataError, match="No space left") as caught:
        list(source.fill())
    assert "--cache" in caught.value.way_out
    assert str(tmp_path) in caught.value.sentence
    assert not files(tmp_path)
    monkeypatch.undo()
    assert list(source.fill())[-1] == (3, 3)


def test_a_file_in_the_place_of_the_folder_is_said(tmp_path: Path, crops: Image) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match="cannot be used as teacher cache") as caught:
        cached(tmp_path / "file", crops)
    assert "--cache" in caught.value.way_out
    source = cached(tmp_path / "cache", crops)
    for start in range(256):
        (tmp_path / "cache" / f"{start:02x}").touch()
    with pytest.raises(DataError, match="cannot be written"):
        list(source.fill())
