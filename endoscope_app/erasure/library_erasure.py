"""Removing procedures from a label library, the open one or a backup. No Qt.

The journal is never edited but here: what it says of an erased procedure is the patient's too. Its
entries stay, so that the history has no gap, without a word of what they were.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable
from contextlib import closing, suppress
from pathlib import Path

from endoscope_app.erasure.kept_images import images_of, kept_image
from endoscope_app.erasure.traces import Traces
from endoscope_app.labels.library.transaction import code

ERASED = "Erased"
_BLANK = {"model_version": None, "model_class": None, "probability": None, "agrees": None}


def erase_rows(connection: sqlite3.Connection, traces: Traces) -> None:
    """Remove every row of these procedures; inside the caller's transaction.

    A table knows them by a column called fingerprint, or by one called path where it has no
    fingerprint, whichever tables there are: a backup may be of an older version of the program.
    """
    triggers = connection.execute(
        "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'"
    ).fetchall()
    for name, _ in triggers:
        connection.execute(f'DROP TRIGGER "{name}"')
    tables = [
        name
        for (name,) in connection.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        )
    ]
    if {"journal", "journal_rows"} <= set(tables):
        _empty_journal(connection, traces.fingerprints)
    for table in tables:
        columns = _columns(connection, table)
        if table == "journal" or not columns & {"fingerprint", "path"}:
            continue
        if "fingerprint" in columns:
            _delete(connection, table, "fingerprint", traces.fingerprints)
        if "path" in columns:
            never_opened = "AND fingerprint = ''" if "fingerprint" in columns else ""
            _delete(connection, table, "path", traces.paths, never_opened)
    for _, sql in triggers:
        connection.execute(sql)


def erase_from_library(path: Path, traces: Traces) -> None:
    """Remove these procedures from another library, or a copy, and the images that it alone kept.

    One that is damaged cannot be searched and is removed whole, for it may hold them. Raises
    OSError where it cannot be written just now.
    """
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute("BEGIN IMMEDIATE")
            images = images_of(connection, set(traces.fingerprints))
            erase_rows(connection, traces)
            connection.execute("COMMIT")
            connection.execute("PRAGMA journal_mode = DELETE")
            connection.execute("VACUUM")
    except sqlite3.Error as error:
        if code(error) not in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            raise OSError(f"SQLite refused: {code(error)}") from error
        path.unlink(missing_ok=True)
        images = set()
    for image in images:
        kept_image(path.parent, image).unlink(missing_ok=True)
    for part in ("-wal", "-shm", "-journal"):
        with suppress(OSError):
            path.with_name(path.name + part).unlink()


def _empty_journal(connection: sqlite3.Connection, fingerprints: Collection[str]) -> None:
    columns = _columns(connection, "journal")
    changes = [f"title = '{ERASED}'"]
    changes += [f"{name} = NULL" for name in _BLANK if name in columns]
    of_rows = "sequence IN (SELECT sequence FROM journal_rows WHERE fingerprint = ?)"
    blanked = f"UPDATE journal SET {', '.join(changes)}"
    for fingerprint in fingerprints:
        connection.execute(f"{blanked} WHERE {of_rows}", [fingerprint])
        if "scope" in columns:
            connection.execute(f"{blanked}, scope = '{ERASED}' WHERE scope = ?", [fingerprint])


def _columns(connection: sqlite3.Connection, table: str) -> set[str]:
    return {row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')}


def _delete(
    connection: sqlite3.Connection,
    table: str,
    column: str,
    values: Iterable[str | bytes],
    further: str = "",
) -> None:
    connection.executemany(
        f'DELETE FROM "{table}" WHERE "{column}" = ? {further}', [(value,) for value in values]
    )
