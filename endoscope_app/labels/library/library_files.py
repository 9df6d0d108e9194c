"""The database file: connecting, looking whether it is sound, and moving it about without
mixing it with another one's WAL.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import sys
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from endoscope_app.labels.library import library_schema as schema

NAME = "labels.sqlite"
SECOND_FOLDER = "second"
"""Below the library's folder: the library of second readers."""
PARTS = ("", "-wal", "-shm")
"""What a database in WAL mode consists of; in the order in which they are moved aside."""
ROOM_TO_LOOK = 32 << 20
"""Bytes: the least that a check takes place with before damage is believed."""
BUSY_SECONDS = 1.0
"""Only another program can hold the library, and the window waits meanwhile."""


def identity(path: Path) -> tuple[int, int] | None:
    """Which file lies there: (device, number); None where none does."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def connect(path: Path) -> sqlite3.Connection:
    """A connection that may write, once it has been made safe."""
    return sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)


def make_safe(connection: sqlite3.Connection) -> None:
    """From now on every commit is on the disk when it returns. sqlite3.DatabaseError where the
    file is none.
    """
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")


def connect_read_only(path: Path) -> sqlite3.Connection:
    """A connection that only reads; also in a folder where SQLite cannot make its helper files,
    if no other window left any.
    """
    address = f"file:{quote(os.fspath(path.resolve()).encode('utf-8', 'surrogateescape'))}?mode=ro"
    wal = path.with_name(path.name + "-wal")
    try:
        return _readable(address)
    except sqlite3.OperationalError as error:
        refused = (error.sqlite_errorcode & 0xFF) in (
            sqlite3.SQLITE_CANTOPEN,
            sqlite3.SQLITE_READONLY,
        )
        if not refused or (wal.exists() and wal.stat().st_size > 0):
            raise
    # nobody can change a file in a folder that nobody can write, so it may be read without the
    # helper files
    return _readable(address + "&immutable=1")


def connect_empty() -> sqlite3.Connection:
    """A library with nothing in it that lies nowhere, for a folder that holds none and may not
    be written.
    """
    connection = sqlite3.connect(":memory:", isolation_level=None)
    schema.create(connection)
    connection.execute("PRAGMA query_only = ON")
    return connection


def _readable(address: str) -> sqlite3.Connection:
    connection = sqlite3.connect(address, uri=True, timeout=BUSY_SECONDS, isolation_level=None)
    try:
        connection.execute("PRAGMA query_only = ON")
        connection.execute("SELECT count(*) FROM sqlite_schema")
    except BaseException:
        connection.close()
        raise
    return connection


def versions(connection: sqlite3.Connection) -> tuple[int, int]:
    """(application_id, user_version) of the file's header."""
    application, version = (
        connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("application_id", "user_version")
    )
    return int(application), int(version)


def is_empty(connection: sqlite3.Connection) -> bool:
    return (
        versions(connection) == (0, 0)
        and connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0] == 0
    )


def is_sound(connection: sqlite3.Connection) -> bool:
    """SQLite's own full check of the pages, the indexes and the rows.

    Raises MemoryError and OSError where it is for want of memory, or of the drive, that a page
    cannot be read: the check gives that out as a fault of the file, and a sound library would go.
    """
    if _passes_check(connection):
        return True
    prove_readable(connection)
    return _passes_check(connection)


def prove_readable(connection: sqlite3.Connection) -> None:
    """Read the file, and take the memory that looking at it needs. Raises MemoryError, OSError."""
    bytearray(ROOM_TO_LOOK)
    for _, name, file in connection.execute("PRAGMA database_list"):
        for part in PARTS if name == "main" and file else ():
            with contextlib.suppress(FileNotFoundError), open(f"{file}{part}", "rb") as content:
                while content.read(1 << 20):
                    pass


def _passes_check(connection: sqlite3.Connection) -> bool:
    return bool(connection.execute("PRAGMA integrity_check(1)").fetchone()[0] == "ok")


def keep_and_close(path: Path, when: datetime, connection: sqlite3.Connection | None) -> str:
    """set_aside a database that may still be open, as it was found: closing one writes its WAL
    into it where it lies.
    """
    if connection is not None and sys.platform == "win32":
        connection.close()
    try:
        return set_aside(path, when)
    finally:
        if connection is not None:
            connection.close()


def set_aside(path: Path, when: datetime) -> str:
    """Rename the database and its helper files to labels.damaged-<utc>.sqlite and say that name;
    OSError where that fails.

    The database goes first: after a crash in between, the next opening finds none, and moves the
    rest before it restores one.
    """
    base = f"{path.stem}.damaged-{when:%Y%m%dT%H%M%SZ}"
    number = 1
    name = f"{base}{path.suffix}"
    while any(path.with_name(name + part).exists() for part in PARTS):
        number += 1
        name = f"{base}-{number}{path.suffix}"
    for part in PARTS:
        with contextlib.suppress(FileNotFoundError):
            os.replace(path.with_name(path.name + part), path.with_name(name + part))
    return name
