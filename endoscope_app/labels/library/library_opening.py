"""Opening a library whatever state it is found in: new, current, older, newer, damaged, locked,
in a folder that cannot be written.
"""

from __future__ import annotations

import errno
import os
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from endoscope_app.base.errors import AppError
from endoscope_app.base.lock import LIBRARY_LOCK, LibraryLock
from endoscope_app.labels.library import backups, migrations
from endoscope_app.labels.library import library_files as files
from endoscope_app.labels.library import library_schema as schema
from endoscope_app.labels.library import opening_wording as wording
from endoscope_app.labels.library.transaction import is_damage, write_error


@dataclass(slots=True)
class Opened:
    """An open library and what the reader should be told about how it was opened; empty
    sentences where there is nothing to tell.
    """

    connection: sqlite3.Connection
    lock: LibraryLock | None
    read_only_because: str = ""
    read_only_way_out: str = wording.READ_ONLY_WAY_OUT
    opened_from_backup: str = ""
    backup_failed: str = ""


def open_library(folder: Path, when: datetime) -> Opened:
    """Open or make the library in ``folder``.

    AppError for a newer schema, another program's file, and damage that cannot be mended.
    """
    path = folder / files.NAME
    lock = LibraryLock(folder / LIBRARY_LOCK)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        taken = lock.take()
    except OSError as error:
        return _read_only(path, _why_no_lock(error))
    if not taken:
        return _read_only(path, wording.LOCKED)
    try:
        if path.exists() and not os.access(path, os.W_OK):
            lock.release()
            return _read_only(path, wording.FILE_READ_ONLY)
        opened = _writable(path, when)
    except sqlite3.OperationalError as error:
        lock.release()
        if (error.sqlite_errorcode & 0xFF) in (
            sqlite3.SQLITE_READONLY,
            sqlite3.SQLITE_CANTOPEN,
            sqlite3.SQLITE_PERM,
        ):
            return _read_only(path, wording.FOLDER_READ_ONLY)
        raise _unreadable(error) from error
    except sqlite3.Error as error:
        lock.release()
        raise _unreadable(error) from error
    except MemoryError as error:
        lock.release()
        raise AppError(*wording.NO_MEMORY_TO_OPEN) from error
    except OSError as error:
        lock.release()
        raise AppError(*wording.CANNOT_BE_OPENED, f"errno {error.errno}") from error
    except BaseException:
        lock.release()
        raise
    opened.lock = lock
    return opened


def no_library(reason: AppError) -> Opened:
    """An empty library that cannot be written, in place of one that could not be opened."""
    return Opened(files.connect_empty(), None, reason.sentence, reason.way_out)


def _writable(path: Path, when: datetime) -> Opened:
    from_backup = ""
    if (not path.exists() or path.stat().st_size == 0) and backups.newest_first(
        path.parent / backups.FOLDER
    ):
        from_backup = _from_backup(path, when, wording.WAS_MISSING, None)
    connection = files.connect(path)
    if not _is_sound(connection):
        from_backup = _from_backup(path, when, wording.WAS_DAMAGED, connection)
        connection = files.connect(path)
        if not _is_sound(connection):
            connection.close()
            raise AppError(*wording.DAMAGED_TWICE)
    try:
        version = _our_version(connection)
        if version == 0:
            schema.create(connection)
        elif version < schema.VERSION:
            backups.write_automatic(connection, path.parent / backups.FOLDER, when)
            migrations.migrate(connection, version)
        return Opened(
            connection,
            None,
            opened_from_backup=from_backup,
            backup_failed=_weekly(connection, path, when),
        )
    except BaseException:
        connection.close()
        raise


def _is_sound(connection: sqlite3.Connection) -> bool:
    """Make the connection safe and look; it is left open unless something else than damage
    stops it. A newer file counts as sound.
    """
    try:
        try:
            files.make_safe(connection)
            return files.versions(connection)[1] > schema.VERSION or files.is_sound(connection)
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            files.prove_readable(connection)
            return False
    except BaseException:
        connection.close()
        raise


def _close(connection: sqlite3.Connection | None) -> None:
    if connection is not None:
        connection.close()


def _our_version(connection: sqlite3.Connection) -> int:
    """The schema's version, 0 for an empty file; AppError where this program cannot read it."""
    if files.is_empty(connection):
        return 0
    application, version = files.versions(connection)
    if application != schema.APPLICATION_ID or version < 1:
        raise AppError(*wording.not_a_library(files.NAME))
    if version > schema.VERSION:
        raise AppError(*wording.NEWER)
    return version


def _from_backup(
    path: Path, when: datetime, what: str, connection: sqlite3.Connection | None
) -> str:
    """Move what is there aside, put the newest good backup in its place, and say so."""
    try:
        existed = path.exists()
        name = files.keep_and_close(path, when, connection)
    except OSError as error:
        raise AppError(*wording.NOT_MOVED_ASIDE, f"errno {error.errno}") from error
    backup = backups.restore_newest(path.parent / backups.FOLDER, path)
    if backup is None:
        sentence = wording.starts_empty(what)
    else:
        sentence = wording.from_backup(what, backups.written_at(backup))
    return f"{sentence} {wording.kept_as(name)}" if existed else sentence


def _weekly(connection: sqlite3.Connection, path: Path, when: datetime) -> str:
    """Back up if it is time and there is anything; a backup that fails must not keep the
    library shut.
    """
    folder = path.parent / backups.FOLDER
    if connection.execute("SELECT count(*) FROM (SELECT 1 FROM journal LIMIT 1)").fetchone()[
        0
    ] == 0 or not backups.is_due(folder, when):
        return ""
    try:
        backups.write_automatic(connection, folder, when)
    except AppError as error:
        return str(error)
    return ""


def _read_only(path: Path, because: str) -> Opened:
    """The library without the right to write; an empty one where there is none yet."""
    if not _there(path):
        return Opened(files.connect_empty(), None, because)
    connection: sqlite3.Connection | None = None
    try:
        connection = files.connect_read_only(path)
        version = _our_version(connection)
    except sqlite3.Error as error:
        _close(connection)
        raise _unreadable(error) from error
    except BaseException:
        _close(connection)
        raise
    if version == schema.VERSION:
        return Opened(connection, None, because)
    connection.close()
    if version == 0:
        return Opened(files.connect_empty(), None, because)
    raise AppError(*wording.OLDER_AND_READ_ONLY)


def _why_no_lock(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return wording.DISK_FULL
    return (
        wording.NO_LOCKS
        if error.errno in (errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS)
        else wording.FOLDER_READ_ONLY
    )


def _there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False


def _unreadable(error: sqlite3.Error) -> AppError:
    if is_damage(error):
        return AppError(*wording.DAMAGED_AND_READ_ONLY, error.sqlite_errorname)
    return AppError(*wording.CANNOT_BE_OPENED, write_error(error, "it").detail)
