"""What a killed program was writing, wherever it lies: gone after the next start."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from endoscope_app.base.atomic_file import write_file
from endoscope_app.base.leftovers import sweep
from endoscope_app.base.lock import LIBRARY_LOCK, LibraryLock
from endoscope_app.base.paths import DataDir
from endoscope_app.base.unfinished import NOTES, NOTES_VARIABLE, Note
from tests.endoscope_app.app_session import running
from tests.endoscope_app.leftover_child import WRITES
from tests.model_factory import make_model_dir
from tests.places import REPOSITORY

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="nothing is killed so on Windows")
#: What later versions make under another name, and what earlier ones left.
OF_OLDER_VERSIONS = (
    "labels/labels.sqlite.k3jd8_aq.tmp",
    "labels/labels.sqlite.k3jd8_aq.tmp-journal",
    "predictions/abab.predictions.0a1b2c3d.tmp",
    "reports/abab/.signing-qwertyui/report.pdf",
    "models/.endoscope-model-part-qwertyui/card.json",
    "runs/cache/ab/0123-t1.4711.part",
    "scratch/explain-qwertyui/frame.png",
)


def killed_writing(data: Path, outside: Path) -> dict[str, set[Path]]:
    """By what was written: the unfinished things that are left, with what they hold."""
    command = [sys.executable, "-m", "tests.endoscope_app.leftover_child", str(data), str(outside)]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    left = {}
    for line in done.stdout.splitlines():
        what, status, new = json.loads(line)
        assert status == -signal.SIGKILL, what
        left[what] = {
            path for path in map(Path, new) if any(map(is_unfinished, (path, *path.parents)))
        }
    return left


def is_unfinished(path: Path) -> bool:
    marks = (".tmp", ".writing-", ".signing-", "-part-")
    return any(mark in path.name for mark in marks) or (
        path.parent.name == "scratch" and path.name != NOTES
    )


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return make_model_dir(tmp_path / "model")


def test_whatever_a_kill_leaves_is_gone_after_the_next_start(
    tmp_path: Path, qtbot: QtBot, model: Path
) -> None:
    left = killed_writing(tmp_path / "data", tmp_path / "outside")
    assert list(left) == list(WRITES)
    assert [what for what, paths in left.items() if not paths] == []
    every = {path for paths in left.values() for path in paths}
    with running(tmp_path / "data", model) as session:
        session.until(lambda: not any(path.exists() for path in every), "they are swept")
        session.app.tasks.wait()
    assert list((tmp_path / "data" / "scratch" / NOTES).iterdir()) == []


def test_what_older_versions_left_goes_and_everything_else_stays(
    tmp_path: Path, qtbot: QtBot, model: Path
) -> None:
    root = tmp_path / "data"
    mine = [root / "notes.tmp", root / "labels" / "my.part", root / "runs" / "1" / "labels.csv"]
    for path in (*(root / name for name in OF_OLDER_VERSIONS), *mine):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"a patient")
    with running(root, model) as session:
        session.until(lambda: not any((root / name).exists() for name in OF_OLDER_VERSIONS))
        session.app.tasks.wait()
    assert all(path.read_bytes() == b"a patient" for path in mine)


def test_what_another_program_writes_now_stays_and_a_window_without_the_lock_sweeps_nothing(
    tmp_path: Path, qtbot: QtBot, model: Path
) -> None:
    data = DataDir.open(str(tmp_path / "data"))
    ours, theirs = data.scratch / "explain-1", data.labels / "a.png.0a1b2c3d.tmp"
    for path in (ours, theirs):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"a patient")
    note = Note(ours)
    with running(data.root, model) as first:
        first.until(lambda: not theirs.exists())
        first.app.tasks.wait()
        assert ours.exists()
        theirs.write_bytes(b"a patient")
        with running(data.root, model) as second:
            second.until(lambda: not second.app.labels.session.not_open_because, "the library")
            assert second.app.labels.session.read_only_because
            second.until(lambda: second.app.classifier is not None, "the model")
            second.app.tasks.wait()
            assert theirs.exists()
    note.done()
    assert sweep(data) == 1
    assert theirs.exists(), "begun since the first window took the lock"
    lock = LibraryLock(data.labels / LIBRARY_LOCK)
    assert lock.take()
    lock.release()
    assert sweep(data) == 1
    assert not ours.exists()
    assert not theirs.exists()


@pytest.mark.parametrize("set_back_s", [0, 3600])
def test_what_begins_after_the_lock_was_taken_is_never_swept_from_under_its_writer(
    tmp_path: Path, set_back_s: int
) -> None:
    data = DataDir.open(str(tmp_path / "data"))
    left = data.root / "models" / "m" / "card.json.0a1b2c3d.tmp"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"of a program that was killed")
    written = left.stat().st_mtime + set_back_s  # before the clock was set back
    os.utime(left, (written, written))
    data.labels.mkdir(exist_ok=True)
    lock = LibraryLock(data.labels / LIBRARY_LOCK)
    assert lock.take()
    begun = left.with_name("card.json.9f8e7d6c.tmp")
    begun.write_bytes(b"without a note: by the core")
    assert sweep(data) == 1
    assert begun.exists()
    assert not left.exists()
    lock.release()


def test_a_link_goes_and_what_it_leads_to_stays(tmp_path: Path) -> None:
    data = DataDir.open(str(tmp_path / "data"))
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "explain-1").mkdir(parents=True)
    (elsewhere / "a.0a1b2c3d.tmp").write_bytes(b"somebody's")
    (data.scratch / "explain-2").symlink_to(elsewhere)
    (data.root / "labels").symlink_to(elsewhere)
    (data.root / "b.0a1b2c3d.tmp").symlink_to(elsewhere / "a.0a1b2c3d.tmp")
    note = data.scratch / NOTES / "0123456789abcdef"
    note.write_bytes(os.fsencode(tmp_path / "link"))
    (tmp_path / "link").symlink_to(elsewhere)
    sweep(data)
    assert not (data.scratch / "explain-2").is_symlink()
    assert not (tmp_path / "link").is_symlink()
    assert sorted(path.name for path in elsewhere.iterdir()) == ["a.0a1b2c3d.tmp", "explain-1"]


def test_without_a_place_for_notes_things_are_saved_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = DataDir.open(str(tmp_path / "data"))
    shutil.rmtree(data.scratch)
    write_file(tmp_path / "a", b"1")
    monkeypatch.delenv(NOTES_VARIABLE)
    write_file(tmp_path / "b", b"2")
    assert (tmp_path / "a").read_bytes() + (tmp_path / "b").read_bytes() == b"12"
    assert not data.scratch.exists()
