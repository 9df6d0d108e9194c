"""Opening the label library: locked, newer, older, or another program's."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest

from endoscope_app.base.errors import AppError
from endoscope_app.base.lock import LibraryLock
from endoscope_app.labels.library import backups, migrations, opening_wording
from endoscope_app.labels.library import library_files as files
from endoscope_app.labels.library import library_schema as schema
from endoscope_app.labels.library.label_store import LabelStore
from tests.endoscope_app.label_library import (
    LOOK,
    POLYPS,
    PROCEDURE,
    READER,
    Clock,
    child,
    label,
    labelled,
    library,
    names,
)

NOW = schema.VERSION


def next_version(patch: pytest.MonkeyPatch, *statements: str) -> None:
    """From now on there is a version after the current one, and these statements lead there."""

    def step(connection: sqlite3.Connection) -> None:
        for statement in statements:
            connection.execute(statement)

    patch.setattr(schema, "VERSION", NOW + 1)
    patch.setattr(migrations, "STEPS", {NOW: step})


def test_a_second_store_in_the_same_process_reads_what_the_first_writes_and_says_why(
    tmp_path: Path,
) -> None:
    with library(tmp_path) as first, LabelStore(tmp_path) as second:
        assert first.read_only_because == ""
        assert (
            second.read_only_because
            == "Another window has the labels open, so this one shows them without changing them."
        )
        label(first, 5)
        assert labelled(second) == {5: POLYPS}
        assert second.read.undo_title(PROCEDURE.fingerprint) == "polyps on 5"
        for write in (
            lambda: label(second, 6),
            lambda: second.undo(READER, PROCEDURE.fingerprint),
            lambda: second.redo(READER, PROCEDURE.fingerprint),
            lambda: second.set_reader_name("x"),
        ):
            with pytest.raises(AppError, match="Another window has the labels open") as caught:
                write()
            assert caught.value.way_out
        second.back_up(tmp_path / "copy.sqlite")
    with LabelStore(tmp_path) as third:
        assert third.read_only_because == ""
        assert labelled(third) == {5: POLYPS}


def test_a_second_store_in_another_process_reads_only_until_the_first_is_gone(
    tmp_path: Path,
) -> None:
    with library(tmp_path) as first:
        label(first, 5)
        seen = child(LOOK, tmp_path)
        assert (seen.stdout.splitlines(), seen.stderr) == ([opening_wording.LOCKED, "1"], "")
        label(first, 6)
    assert child(LOOK, tmp_path).stdout.splitlines() == ["", "2"]


def test_a_lock_whose_library_is_not_made_yet_shows_an_empty_one(tmp_path: Path) -> None:
    lock = LibraryLock(tmp_path / "labels.lock")
    assert lock.take()
    with LabelStore(tmp_path) as store:
        assert store.read_only_because == opening_wording.LOCKED
        assert store.read.classes() == []
    lock.release()
    assert names(tmp_path) == ["labels.lock"]


def test_another_programs_write_lock_is_told_and_the_store_stays_usable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "BUSY_SECONDS", 0.05)
    with library(tmp_path) as store:
        with contextlib.closing(
            sqlite3.connect(tmp_path / files.NAME, isolation_level=None)
        ) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(
                AppError,
                match="Another program is using the label library, so the label was not saved",
            ):
                label(store, 1)
            assert labelled(store) == {}
        label(store, 1)
        assert labelled(store) == {1: POLYPS}


def test_a_newer_schema_is_refused_in_words_and_not_touched(tmp_path: Path) -> None:
    library(tmp_path).close()
    with contextlib.closing(sqlite3.connect(tmp_path / files.NAME)) as other:
        other.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
    before = (tmp_path / files.NAME).read_bytes()
    for _ in range(2):
        with pytest.raises(AppError, match="made by a newer version of the program"):
            LabelStore(tmp_path)
    assert (tmp_path / files.NAME).read_bytes() == before
    assert names(tmp_path) == ["labels.lock", "labels.sqlite"]
    with contextlib.closing(sqlite3.connect(tmp_path / files.NAME)) as other:
        other.execute(f"PRAGMA user_version = {schema.VERSION}")
    LabelStore(tmp_path).close()


def test_an_older_schema_is_backed_up_and_then_brought_up_to_date(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with library(tmp_path) as store:
        label(store, 5)
    next_version(monkeypatch, "ALTER TABLE journal ADD COLUMN place_of_work TEXT")
    reader = LibraryLock(tmp_path / "labels.lock")
    assert reader.take()
    with pytest.raises(AppError, match="made by an older version of the program"):
        LabelStore(tmp_path)
    reader.release()
    with LabelStore(tmp_path, Clock()) as store:
        connection = store._open_connection()
        assert files.versions(connection) == (schema.APPLICATION_ID, NOW + 1)
        assert [row[1] for row in connection.execute("PRAGMA table_info(journal)")][
            -1
        ] == "place_of_work"
        assert labelled(store) == {5: POLYPS}
    backups_kept = backups.newest_first(tmp_path / backups.FOLDER)
    assert len(backups_kept) == 1
    with contextlib.closing(files.connect_read_only(backups_kept[0])) as copy:
        assert files.versions(copy) == (schema.APPLICATION_ID, NOW)


def test_a_schema_change_that_fails_leaves_the_library_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with library(tmp_path) as store:
        label(store, 5)
    with monkeypatch.context() as patched:
        next_version(
            patched, "ALTER TABLE classes ADD COLUMN more TEXT", "SELECT nothing FROM nowhere"
        )
        with pytest.raises(AppError, match="cannot be opened"):
            LabelStore(tmp_path)
    with LabelStore(tmp_path) as store:
        assert labelled(store) == {5: POLYPS}
        assert len(store.read.classes()) == 3


def test_no_schema_change_without_its_backup(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library(tmp_path).close()
    (tmp_path / backups.FOLDER).write_text("in the way")
    next_version(monkeypatch, "ALTER TABLE classes ADD COLUMN more TEXT")
    with pytest.raises(AppError, match="backup of the labels could not be saved"):
        LabelStore(tmp_path)
    with contextlib.closing(sqlite3.connect(tmp_path / files.NAME)) as other:
        assert files.versions(other) == (schema.APPLICATION_ID, NOW)


def test_another_programs_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    with contextlib.closing(sqlite3.connect(tmp_path / files.NAME)) as other:
        other.execute("CREATE TABLE theirs (x)")
    with pytest.raises(AppError, match="is not a label library"):
        LabelStore(tmp_path)
    with contextlib.closing(sqlite3.connect(tmp_path / files.NAME)) as other:
        assert other.execute("SELECT name FROM sqlite_schema").fetchall() == [("theirs",)]
