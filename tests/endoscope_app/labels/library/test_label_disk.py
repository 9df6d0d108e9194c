"""Backups of the label library, disks that are full, and folders and files that cannot be
written.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from endoscope_app.base.errors import AppError
from endoscope_app.base.lock import LibraryLock
from endoscope_app.labels.library import backups, edits, opening_wording
from endoscope_app.labels.library import library_files as files
from endoscope_app.labels.library.label_store import LabelStore
from tests.endoscope_app.label_library import (
    CECUM,
    LOOK,
    POLYPS,
    PROCEDURE,
    READER,
    Clock,
    child,
    label,
    labelled,
    library,
    moment,
    names,
)

NOBODY = 65534
FILL = """
import resource, sys
from pathlib import Path
from endoscope_app.base.errors import AppError
from endoscope_app.labels.library.label_store import LabelStore
from tests.endoscope_app.label_library import label
with LabelStore(Path(sys.argv[1])) as store:
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))
    done = 0
    try:
        for done in range(10_000):
            label(store, done)
    except AppError as error:
        print(error.sentence)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    print(done, len(list(store.read.journal_rows())))
    label(store, done)
"""


def test_a_backup_is_one_sound_file_that_opens_as_a_library(tmp_path: Path) -> None:
    target = tmp_path / "somewhere" / "labels.sqlite"
    with library(tmp_path / "data") as store:
        label(store, 1)
        store.back_up(target)
        store.back_up(target)
        label(store, 2)
    assert names(target.parent) == ["labels.sqlite"]
    with LabelStore(target.parent) as copy:
        assert labelled(copy) == {1: POLYPS}
        copy.undo(READER, PROCEDURE.fingerprint)
        assert labelled(copy) == {}


def test_a_backup_that_does_not_come_out_sound_does_not_replace_a_good_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "copies" / "labels.sqlite"
    with library(tmp_path / "data") as store:
        store.back_up(target)
        good = target.read_bytes()
        label(store, 1)
        monkeypatch.setattr(files, "is_sound", lambda connection: False)
        with pytest.raises(AppError, match="failed its check"):
            store.back_up(target)
    assert target.read_bytes() == good
    assert names(target.parent) == ["labels.sqlite"]


def test_a_backup_is_made_weekly_and_eight_are_kept_also_with_a_clock_that_jumps(
    tmp_path: Path,
) -> None:
    clock = Clock()
    folder = tmp_path / backups.FOLDER
    library(tmp_path, clock).close()
    counts: list[int] = []
    for days in (0, 1, 6, 3, 7, -3000, 2, 8, 8, 8, 8, 8, 8):
        clock.move(days=days)
        with LabelStore(tmp_path, clock) as store:
            label(store, len(counts))
            assert store.backup_failed == ""
        counts.append(len(backups.newest_first(folder)))
    assert counts == [1, 1, 2, 2, 3, 4, 4, 5, 6, 7, 8, 8, 8]
    with contextlib.closing(files.connect_read_only(backups.newest_first(folder)[0])) as newest:
        assert newest.execute("SELECT count(*) FROM frame_labels").fetchone() == (12,)


def test_a_weekly_backup_that_fails_keeps_the_library_open_and_is_told(tmp_path: Path) -> None:
    library(tmp_path).close()
    (tmp_path / backups.FOLDER).write_text("in the way")
    with LabelStore(tmp_path) as store:
        assert "backup of the labels could not be saved" in store.backup_failed
        label(store, 1)


def test_a_full_disk_is_told_in_words_and_nothing_half_is_written(tmp_path: Path) -> None:
    """The disk is simulated with SQLite's own limit on pages, which raises the same SQLITE_FULL."""
    with library(tmp_path) as store:
        connection = store._open_connection()
        label(store, 0)
        before = list(store.read.journal_rows())
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages + 2}")
        many = edits.label_frames(
            store.read, PROCEDURE.fingerprint, [moment(i) for i in range(2000)], CECUM
        )
        with pytest.raises(
            AppError, match=r"^The disk is full, so the label was not saved\. Free some space"
        ) as caught:
            store.apply(many, READER)
        assert caught.value.detail == "OperationalError SQLITE_FULL"
        assert labelled(store) == {0: POLYPS}
        assert list(store.read.journal_rows()) == before
        connection.execute("PRAGMA max_page_count = 1000000")
        store.apply(many, READER)
        assert len(labelled(store)) == 2000
        store.undo(READER, PROCEDURE.fingerprint)
        assert labelled(store) == {0: POLYPS}


@pytest.mark.skipif(sys.platform == "win32", reason="limits of a process are POSIX")
def test_a_write_that_the_system_refuses_midway_loses_only_its_own_act(tmp_path: Path) -> None:
    """RLIMIT_FSIZE in a child makes the write to the WAL itself fail, wherever in an act that
    comes.
    """
    library(tmp_path).close()
    process = child(FILL, tmp_path)
    assert process.returncode == 0, process.stderr
    sentence, counts = process.stdout.splitlines()
    done, rows = map(int, counts.split())
    assert sentence == "The disk refused the write, so the label was not saved."
    assert done > 5
    assert rows == done + 5
    with LabelStore(tmp_path) as store:
        assert labelled(store) == dict.fromkeys(range(done + 1), POLYPS)
        assert files.is_sound(store._open_connection())


@pytest.fixture
def open_to_all() -> Iterator[Path]:
    """A folder that another user can reach, which pytest's own cannot be."""
    folder = Path(tempfile.mkdtemp(prefix="labels-"))
    folder.chmod(0o755)
    yield folder
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755)
    shutil.rmtree(folder)


@pytest.mark.parametrize("crashed", [False, True])
@pytest.mark.skipif(sys.platform == "win32", reason="folders that cannot be written are POSIX here")
def test_a_folder_that_cannot_be_written_is_opened_read_only(
    open_to_all: Path, crashed: bool
) -> None:
    """Rights do not bind root: the child becomes another user then."""
    home = open_to_all / "data"
    with library(home) as store:
        label(store, 1)
        if crashed:
            shutil.copytree(home, open_to_all / "crashed")
            home = open_to_all / "crashed"
    for path in home.iterdir():
        path.chmod(0o444)
    home.chmod(0o555)
    process = child(LOOK, home, *([str(NOBODY)] if os.geteuid() == 0 else []))
    assert (process.stdout.splitlines(), process.stderr) == (
        [opening_wording.FOLDER_READ_ONLY, "1"],
        "",
    )
    assert stat.S_IMODE(home.stat().st_mode) == 0o555


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (errno.EROFS, opening_wording.FOLDER_READ_ONLY),
        (errno.ENOLCK, opening_wording.NO_LOCKS),
        (errno.ENOSPC, opening_wording.DISK_FULL),
    ],
)
def test_a_refused_lock_file_opens_read_only_and_a_missing_library_is_shown_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, sentence: str
) -> None:
    with library(tmp_path) as store:
        label(store, 1)

    def refuse(_: LibraryLock) -> bool:
        raise OSError(number, "refused")

    monkeypatch.setattr(LibraryLock, "take", refuse)
    with LabelStore(tmp_path) as store:
        assert store.read_only_because == sentence
        assert labelled(store) == {1: POLYPS}
        with pytest.raises(AppError, match="labels are shown without changing them"):
            label(store, 2)
    with LabelStore(tmp_path / "file" / "below") as store:
        assert store.read.classes() == []
        assert store.read.statistics().seconds_spent == 0.0


def test_a_file_that_cannot_be_written_is_opened_read_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """os.access is a fake: as root it never refuses."""
    with library(tmp_path) as store:
        label(store, 1)
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path).name != files.NAME)
    with LabelStore(tmp_path) as store:
        assert store.read_only_because == opening_wording.FILE_READ_ONLY
        assert labelled(store) == {1: POLYPS}
    lock = LibraryLock(tmp_path / "labels.lock")
    assert lock.take()
    lock.release()


def test_a_library_below_a_file_is_shown_empty_and_read_only(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with LabelStore(tmp_path / "file" / "below") as store:
        assert store.read_only_because == opening_wording.FOLDER_READ_ONLY
        assert store.read.procedures() == []
