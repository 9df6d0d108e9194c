"""Whole copies of the library: on request, weekly, and before every change of its schema."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

from endoscope_app.base.atomic_file import write_error as file_error
from endoscope_app.base.errors import AppError
from endoscope_app.base.unfinished import noted, remove
from endoscope_app.labels.library import journal, wording
from endoscope_app.labels.library import library_files as files
from endoscope_app.labels.library import library_schema as schema
from endoscope_app.labels.library.transaction import write_error
from kd_core.schema.atomic_file import sync_folder, temporary_beside

FOLDER = "backups"
KEPT = 8
EVERY = timedelta(days=7)
_OWN, _REPLACED = "labels-", "replaced-"
_NAME = re.compile(r"(labels|replaced)-(\d{12})-(\d{8}T\d{6})Z(-\d+)?\.sqlite")


def write(connection: sqlite3.Connection, path: Path) -> None:
    """One consistent file of the library as it is now, checked before it takes its name.

    AppError where that fails.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with noted(temporary := temporary_beside(path)):
            try:
                temporary.touch(mode=0o600, exist_ok=False)
                _copy(connection, temporary)
                os.replace(temporary, path)
                sync_folder(path.parent)
            finally:
                remove(temporary)
    except sqlite3.Error as error:
        raise write_error(error, wording.THE_BACKUP) from error
    except OSError as error:
        raise file_error(error, wording.THE_BACKUP) from error


def _copy(connection: sqlite3.Connection, path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as copy:
        connection.backup(copy)
        # a file by itself, without a WAL beside it that somebody could leave behind
        copy.execute("PRAGMA journal_mode = DELETE")
        if not files.is_sound(copy):
            raise AppError(*wording.BACKUP_UNSOUND)
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def write_automatic(connection: sqlite3.Connection, folder: Path, when: datetime) -> Path:
    """A backup among the library's own; the newest 8 stay. AppError where it cannot be written."""
    path = _write_named(connection, folder, _OWN, when)
    _keep_newest(newest_first(folder), path)
    return path


def write_replaced(connection: sqlite3.Connection, folder: Path, when: datetime) -> Path:
    """What the library holds before an older state of it takes its place; the newest 8 of these
    stay, and none is ever restored by itself. AppError where it cannot be written.
    """
    path = _write_named(connection, folder, _REPLACED, when)
    _keep_newest(replaced(folder), path)
    return path


def stand_back(folder: Path, sequence: int) -> None:
    """Backups whose journal goes further than ``sequence``, that of a restored library, are of
    another course of things: they are kept among the replaced ones.
    """
    for path in newest_first(folder):
        match = _NAME.fullmatch(path.name)
        if match is not None and int(match[2]) > sequence:
            with contextlib.suppress(OSError):
                os.replace(path, path.with_name(_REPLACED + path.name.removeprefix(_OWN)))


def _write_named(connection: sqlite3.Connection, folder: Path, prefix: str, when: datetime) -> Path:
    base = f"{prefix}{journal.last_sequence(connection):012d}-{when.astimezone(UTC):%Y%m%dT%H%M%S}Z"
    path = folder / f"{base}.sqlite"
    number = 1
    while path.exists():
        number += 1
        path = folder / f"{base}-{number}.sqlite"
    write(connection, path)
    return path


def _keep_newest(newest: list[Path], written: Path) -> None:
    for old in [kept for kept in newest if kept != written][KEPT - 1 :]:
        with contextlib.suppress(OSError):
            old.unlink()


def newest_first(folder: Path) -> list[Path]:
    """The automatic backups by how far their journal goes; the clock, which may have been set
    back, only breaks ties.
    """
    return sorted(_named(folder, _OWN), key=lambda path: path.name, reverse=True)


def replaced(folder: Path) -> list[Path]:
    """What was kept before a backup was restored, newest first."""
    return sorted(_named(folder, _REPLACED), key=written_at, reverse=True)


def _named(folder: Path, prefix: str) -> list[Path]:
    try:
        return [
            path
            for path in folder.iterdir()
            if path.name.startswith(prefix) and _NAME.fullmatch(path.name)
        ]
    except OSError as error:
        if error.errno == errno.ENOMEM:  # there may well be some
            raise MemoryError from error
        return []


def written_at(path: Path) -> datetime:
    """When a backup of the library's own was written, by its name."""
    match = _NAME.fullmatch(path.name)
    if match is None:
        raise ValueError("not the name of an automatic backup")
    return datetime.strptime(match[3], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)


def is_due(folder: Path, when: datetime) -> bool:
    """True when no backup is from the last seven days; one that seems to come from the future
    does not count.
    """
    ages = [when - written_at(path) for path in newest_first(folder)]
    return not any(-timedelta(days=1) < age < EVERY for age in ages)


def restore_newest(folder: Path, target: Path) -> Path | None:
    """Put a copy of the newest good backup at ``target`` and say which; None where there is no good
    one.

    A backup that is damaged itself is renamed, so that it is not counted among the newest 8.
    AppError where it cannot be copied.
    """
    for path in newest_first(folder):
        match _state(path):
            case "good":
                _place(path, target)
                return path
            case "damaged":
                with contextlib.suppress(OSError):
                    os.replace(path, path.with_name(path.name + ".damaged"))
    return None


def _place(backup: Path, target: Path) -> None:
    try:
        with noted(temporary := temporary_beside(target)):
            try:
                with temporary.open("xb") as file, backup.open("rb") as source:
                    shutil.copyfileobj(source, file)
                    file.flush()
                    os.fsync(file.fileno())
                os.replace(temporary, target)
                sync_folder(target.parent)
            finally:
                remove(temporary)
    except OSError as error:
        raise file_error(error, wording.THE_LIBRARY) from error


def _state(path: Path) -> str:
    """good, damaged, or other: a newer program's, or not readable just now."""
    try:
        with contextlib.closing(files.connect_read_only(path)) as connection:
            if not files.is_sound(connection):
                return "damaged"
            application, version = files.versions(connection)
            return (
                "good"
                if application == schema.APPLICATION_ID and 0 < version <= schema.VERSION
                else "other"
            )
    except (sqlite3.OperationalError, OSError):
        return "other"
    except sqlite3.DatabaseError:
        return "damaged"
