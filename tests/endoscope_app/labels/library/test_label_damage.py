"""A damaged label library: kept, replaced by the newest good backup, and said."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from endoscope_app.base.errors import AppError
from endoscope_app.base.lock import LibraryLock
from endoscope_app.labels.library import backups
from endoscope_app.labels.library import library_files as files
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.labels.library.records import Act, FrameLabel, RowChange
from tests.endoscope_app.label_library import (
    POLYPS,
    PROCEDURE,
    READER,
    Clock,
    label,
    labelled,
    library,
)


def damage(path: Path) -> bytes:
    """Overwrite the middle of the file and say what it is now."""
    data = bytearray(path.read_bytes())
    data[4096 : len(data) // 2] = b"\xa5" * (len(data) // 2 - 4096)
    path.write_bytes(data)
    return bytes(data)


@pytest.mark.parametrize("how", ["pages", "no database"])
def test_a_damaged_library_is_kept_and_the_newest_good_backup_opened(
    tmp_path: Path, how: str
) -> None:
    clock = Clock()
    with library(tmp_path, clock) as store:
        label(store, 1)
        old = backups.write_automatic(store._open_connection(), tmp_path / backups.FOLDER, clock())
        clock.move(days=-3)
        label(store, 2)
        new = backups.write_automatic(store._open_connection(), tmp_path / backups.FOLDER, clock())
        label(store, 3)
        bad = backups.write_automatic(store._open_connection(), tmp_path / backups.FOLDER, clock())
    damage(bad)
    path = tmp_path / files.NAME
    if how == "pages":
        kept = damage(path)
    else:
        kept = b"not a database at all" * 400
        path.write_bytes(kept)
    with LabelStore(tmp_path, clock) as store:
        assert store.opened_from_backup == (
            "The label library was damaged, so the backup of 2025-03-01 05:06 UTC was opened."
            " The damaged file is kept as labels.damaged-20250301T050607Z.sqlite."
        )
        assert labelled(store) == {1: POLYPS, 2: POLYPS}
        assert store.read.undo_title(PROCEDURE.fingerprint) == "polyps on 2"
        label(store, 4)
    assert (tmp_path / "labels.damaged-20250301T050607Z.sqlite").read_bytes() == kept
    assert bad.with_name(bad.name + ".damaged").exists()
    assert {old, new} <= set(backups.newest_first(tmp_path / backups.FOLDER))
    with LabelStore(tmp_path, clock) as store:
        assert store.opened_from_backup == ""
        assert labelled(store) == {1: POLYPS, 2: POLYPS, 4: POLYPS}


def test_a_library_damaged_in_a_crash_is_kept_as_it_was_found_with_what_was_not_yet_merged(
    tmp_path: Path,
) -> None:
    with library(tmp_path / "live") as store:
        for index in range(100):
            label(store, index)
        store._open_connection().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        label(store, 100)
        shutil.copytree(tmp_path / "live", tmp_path / "crashed")
    found = damage(tmp_path / "crashed" / files.NAME)
    wal = (tmp_path / "crashed" / "labels.sqlite-wal").read_bytes()
    assert len(wal) > 4096
    with LabelStore(tmp_path / "crashed", Clock()) as store:
        assert store.opened_from_backup
        assert list(store.read.journal_rows()) == []
    kept = tmp_path / "crashed" / "labels.damaged-20250304T050607Z.sqlite"
    assert kept.read_bytes() == found
    assert kept.with_name(kept.name + "-wal").read_bytes() == wal


def test_a_damaged_library_without_a_backup_starts_empty_and_says_so(tmp_path: Path) -> None:
    (tmp_path / files.NAME).write_bytes(b"\xff" * 5000)
    with LabelStore(tmp_path, Clock()) as store:
        assert "there is no good backup, so it starts empty" in store.opened_from_backup
        assert store.read.classes() == []
    assert (tmp_path / "labels.damaged-20250304T050607Z.sqlite").read_bytes() == b"\xff" * 5000


@pytest.mark.parametrize("left", [None, b""])
def test_a_crash_between_keeping_the_damaged_file_and_restoring_is_made_good(
    tmp_path: Path, left: bytes | None
) -> None:
    with library(tmp_path) as store:
        label(store, 1)
        backups.write_automatic(store._open_connection(), tmp_path / backups.FOLDER, Clock()())
        label(store, 2)
        wal = (tmp_path / "labels.sqlite-wal").read_bytes()
    (tmp_path / files.NAME).unlink()
    (tmp_path / "labels.sqlite-wal").write_bytes(wal)
    if left is not None:
        (tmp_path / files.NAME).write_bytes(left)
    with LabelStore(tmp_path, Clock()) as store:
        assert store.opened_from_backup.startswith(
            "The label library was missing, so the backup of 2025-03-04 05:06 UTC was opened."
        )
        assert labelled(store) == {1: POLYPS}
        assert files.is_sound(store._open_connection())


def test_damage_that_shows_while_working_is_told_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with library(tmp_path) as store:
        connection = store._open_connection()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        root = connection.execute(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'frame_labels'"
        ).fetchone()[0]
        connection.execute("PRAGMA cache_size = 0")
        with (tmp_path / files.NAME).open("rb+") as file:
            file.seek((root - 1) * 4096)
            file.write(b"\xa5" * 4096)
        connection.execute("PRAGMA shrink_memory")
        with pytest.raises(AppError, match="library is damaged, so the label was not saved"):
            store.apply(Act("x", _label_blindly()), READER)


def _label_blindly() -> tuple[RowChange, ...]:
    made = FrameLabel(0, 0, "class", POLYPS)
    return (RowChange("frame_labels", PROCEDURE.fingerprint, None, made),)


def test_a_damaged_library_that_may_not_be_mended_is_told_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / files.NAME).write_bytes(b"\xff" * 5000)
    lock = LibraryLock(tmp_path / "labels.lock")
    assert lock.take()
    with pytest.raises(AppError, match=r"The label library is damaged\. Start the program where"):
        LabelStore(tmp_path)
    lock.release()
    assert (tmp_path / files.NAME).read_bytes() == b"\xff" * 5000


def test_what_sqlite_had_no_memory_to_look_at_is_not_taken_for_damage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with library(tmp_path) as store:
        label(store, 1)
        before = labelled(store)
    answers = iter([False])  # no page could be read; with room to look all can
    sound = files._passes_check
    monkeypatch.setattr(
        files, "_passes_check", lambda connection: next(answers, None) is None and sound(connection)
    )
    with LabelStore(tmp_path, Clock()) as store:
        assert not store.opened_from_backup
        assert labelled(store) == before
    assert not list(tmp_path.glob("*damaged*"))


@pytest.mark.parametrize(
    ("trouble", "sentence"),
    [
        (MemoryError(), "There is not enough memory to open the label library"),
        (OSError(5, "a pulled drive"), "The label library cannot be opened."),
    ],
)
def test_a_check_that_fails_for_another_reason_is_no_damage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trouble: Exception, sentence: str
) -> None:
    """SQLite's check gives out a page that could not be read as a fault of the file: a sound
    library was moved aside, and labels of a week with it.
    """
    clock = Clock()
    with library(tmp_path, clock) as store:
        label(store, 1)
        backups.write_automatic(store._open_connection(), tmp_path / backups.FOLDER, clock())
        label(store, 2)

    def fails(_connection: object) -> None:
        raise trouble

    with monkeypatch.context() as patch:
        patch.setattr(files, "_passes_check", lambda _connection: False)
        patch.setattr(files, "prove_readable", fails)
        with pytest.raises(AppError, match=sentence):
            LabelStore(tmp_path, clock)
    with LabelStore(tmp_path, clock) as store:
        assert not store.opened_from_backup
        assert labelled(store) == {1: POLYPS, 2: POLYPS}
