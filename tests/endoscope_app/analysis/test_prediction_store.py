"""Predictions and the recent list on disk: whole or absent, never a crash, never a name in a
file name.
"""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from endoscope_app.analysis.prediction_store import PredictionStore
from endoscope_app.base.errors import AppError
from endoscope_app.viewing.recent import MOST, RecentFiles

FINGERPRINT = "0123456789abcdef" * 4


def arrays(frames: int = 100, classes: int = 3) -> tuple[NDArray[Any], NDArray[Any]]:
    source = np.random.default_rng(1)
    known = source.random(frames) < 0.7
    return (source.random((frames, classes)) * known[:, None]).astype(np.float16), known


@pytest.fixture
def store(tmp_path: Path) -> PredictionStore:
    return PredictionStore(tmp_path / "predictions")


def test_comes_back_as_it_went(store: PredictionStore) -> None:
    raw, known = arrays()
    assert store.load(FINGERPRINT, "v1", 100, 3) is None
    store.save(FINGERPRINT, "v1", raw, known)
    loaded = store.load(FINGERPRINT, "v1", 100, 3)
    assert loaded is not None
    np.testing.assert_array_equal(loaded[0], raw)
    np.testing.assert_array_equal(loaded[1], known)
    loaded[0][0] = 1  # the analysis goes on filling it
    assert store.load(FINGERPRINT, "v2", 100, 3) is None
    assert [path.suffix for path in store.path(FINGERPRINT, "v1").parent.iterdir()] == [
        ".predictions"
    ]


def test_a_second_save_replaces_the_first(store: PredictionStore) -> None:
    raw, known = arrays()
    store.save(FINGERPRINT, "v1", raw, np.zeros_like(known))
    store.save(FINGERPRINT, "v1", raw, known)
    loaded = store.load(FINGERPRINT, "v1", 100, 3)
    assert loaded is not None
    assert loaded[1].sum() == known.sum()


def test_the_file_name_is_safe_and_keeps_versions_apart(store: PredictionStore) -> None:
    one, other = (
        store.path(FINGERPRINT, "../Müller, Hans/1"),
        store.path(FINGERPRINT, "../Müller? Hans/1"),
    )
    assert one != other
    assert one.parent == other.parent == store.path(FINGERPRINT, "").parent
    assert one.name.isascii()
    with pytest.raises(ValueError, match="hexadecimal"):
        store.path("Hans Mueller", "v1")


@pytest.mark.parametrize("where", [0, 9, 13, 20, 60, 85, -1])
def test_a_flipped_byte_is_noticed_and_the_file_moved_aside(
    store: PredictionStore, where: int
) -> None:
    store.save(FINGERPRINT, "v1", *arrays())
    path = store.path(FINGERPRINT, "v1")
    data = bytearray(path.read_bytes())
    data[where] ^= 0x10
    path.write_bytes(data)
    assert store.load(FINGERPRINT, "v1", 100, 3) is None
    assert not path.exists()
    (aside,) = path.parent.glob(f"{path.name}.damaged-*Z")
    assert aside.read_bytes() == bytes(data)


@pytest.mark.parametrize("size", [0, 1, 79, 80, 200])
def test_a_cut_file_is_ignored(store: PredictionStore, size: int) -> None:
    store.save(FINGERPRINT, "v1", *arrays())
    path = store.path(FINGERPRINT, "v1")
    path.write_bytes(path.read_bytes()[:size])
    assert store.load(FINGERPRINT, "v1", 100, 3) is None
    assert not path.exists()


@pytest.mark.parametrize(("frames", "classes"), [(99, 3), (100, 4), (101, 3)])
def test_other_counts_are_a_mismatch(store: PredictionStore, frames: int, classes: int) -> None:
    store.save(FINGERPRINT, "v1", *arrays())
    assert store.load(FINGERPRINT, "v1", frames, classes) is None


def test_another_recordings_file_under_this_name_is_a_mismatch(store: PredictionStore) -> None:
    store.save(FINGERPRINT, "v1", *arrays())
    other = "f" * 64
    os.replace(store.path(FINGERPRINT, "v1"), store.path(other, "v1"))
    assert store.load(other, "v1", 100, 3) is None


@pytest.mark.parametrize(
    ("number", "word"),
    [(errno.ENOSPC, "full"), (errno.EACCES, "writable"), (errno.EIO, "cannot be used")],
)
def test_a_failed_save_is_one_sentence_and_keeps_the_old_file(
    store: PredictionStore, monkeypatch: pytest.MonkeyPatch, number: int, word: str
) -> None:
    raw, known = arrays()
    store.save(FINGERPRINT, "v1", raw, known)

    def fail(_handle: int) -> None:
        raise OSError(number, "no")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fail)
        with pytest.raises(AppError, match=word):
            store.save(FINGERPRINT, "v1", raw, np.zeros_like(known))
    assert len(list(store.path(FINGERPRINT, "v1").parent.iterdir())) == 1  # no temporary file left
    loaded = store.load(FINGERPRINT, "v1", 100, 3)
    assert loaded is not None
    assert loaded[1].sum() == known.sum()


def test_a_file_where_the_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "predictions").write_text("in the way")
    store = PredictionStore(tmp_path / "predictions")
    assert store.load(FINGERPRINT, "v1", 100, 3) is None
    with pytest.raises(AppError):
        store.save(FINGERPRINT, "v1", *arrays())


def test_unreadable_is_an_app_error(store: PredictionStore) -> None:
    store.path(FINGERPRINT, "v1").mkdir(parents=True)
    with pytest.raises(AppError, match="could not be read"):
        store.load(FINGERPRINT, "v1", 100, 3)


def test_only_old_temporary_files_are_cleared(store: PredictionStore) -> None:
    store.save(FINGERPRINT, "v1", *arrays())
    path = store.path(FINGERPRINT, "v1")
    old, young = path.with_name(path.name + ".aa.tmp"), path.with_name(path.name + ".bb.tmp")
    for left in (old, young):
        left.write_bytes(b"half")
    os.utime(old, (time.time() - 7200,) * 2)
    store.save(FINGERPRINT, "v1", *arrays())
    assert not old.exists()
    assert young.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_killed_while_saving_the_file_is_whole(tmp_path: Path) -> None:
    script = (
        "import sys, numpy as np; from pathlib import Path\n"
        "from endoscope_app.analysis.prediction_store import PredictionStore\n"
        "store = PredictionStore(Path(sys.argv[1])); raw = np.ones((60000, 8), np.float16); n = 0\n"
        "while True:\n"
        "    n += 1; known = np.zeros(60000, bool); known[:n] = True\n"
        f"    store.save('{FINGERPRINT}', 'v1', raw, known)\n"
        "    if n == 1: print('saved', flush=True)\n"
    )
    store = PredictionStore(tmp_path)
    for delay in (0.0, 0.013, 0.031):
        with subprocess.Popen(
            [sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE
        ) as child:
            assert child.stdout is not None
            assert child.stdout.readline() == b"saved\n"
            time.sleep(delay)
            child.send_signal(signal.SIGKILL)
        loaded = store.load(FINGERPRINT, "v1", 60000, 8)
        assert loaded is not None
        assert loaded[1].sum() >= 1


def test_recent_files_newest_first_and_at_most_twelve(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("endoscope_app.viewing.recent.REMEMBERED", 14)
    recent = RecentFiles(tmp_path / "a" / "recent.json")
    for number in range(15):
        recent.add(Path(f"/videos/{number} ä 🎥.mp4"), f"{number:08x}", number)
    again = RecentFiles(tmp_path / "a" / "recent.json")
    assert len(again.entries()) == MOST
    assert again.entries() == recent.entries()
    assert again.entries()[0].path == Path("/videos/14 ä 🎥.mp4")
    assert again.position("0000000e") == 14
    # More positions are kept than lines are shown, but not all
    assert again.position("00000001") == 1
    assert again.position("00000000") is None


def test_a_moved_or_replaced_recording_has_one_line(tmp_path: Path) -> None:
    recent = RecentFiles(tmp_path / "recent.json")
    recent.add(Path("/a.mp4"), "aa", 5)
    recent.add(Path("/b.mp4"), "aa", 7)
    assert [(str(entry.path), entry.frame_index) for entry in recent.entries()] == [
        (str(Path("/b.mp4")), 7)
    ]
    recent.add(Path("/b.mp4"), "bb", 1)
    assert [entry.fingerprint for entry in recent.entries()] == ["bb"]
    recent.forget(Path("/b.mp4"))
    assert RecentFiles(tmp_path / "recent.json").entries() == []


@pytest.mark.skipif(sys.platform == "win32", reason="names are always text there")
def test_a_name_that_is_no_utf8_survives(tmp_path: Path) -> None:
    odd = Path(os.fsdecode(b"/videos/\xff.mp4"))
    RecentFiles(tmp_path / "recent.json").add(odd, "aa", 1)
    assert RecentFiles(tmp_path / "recent.json").entries()[0].path == odd


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"{}", b"3", b"[" * 100_000])
def test_a_damaged_list_starts_empty_and_is_moved_aside(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "recent.json"
    path.write_bytes(content)
    recent = RecentFiles(path)
    assert recent.entries() == []
    (aside,) = tmp_path.glob("recent.json.damaged-*Z")
    assert aside.read_bytes() == content
    assert aside.name in recent.trouble
    recent.add(Path("/a"), "aa", 0)
    assert len(RecentFiles(path).entries()) == 1


def test_odd_lines_are_skipped(tmp_path: Path) -> None:
    good = {"path": "/a", "fingerprint": "aa", "frame_index": 3}
    odd = [
        1,
        None,
        {},
        {**good, "frame_index": "3"},
        {**good, "frame_index": True},
        {**good, "frame_index": -1},
        {**good, "path": ""},
    ]
    (tmp_path / "recent.json").write_text(json.dumps([*odd, good]))
    assert [entry.frame_index for entry in RecentFiles(tmp_path / "recent.json").entries()] == [3]
