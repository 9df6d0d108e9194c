"""How long each reader has read a procedure: a table beside the labels, not of their history."""

from __future__ import annotations

import sqlite3

TABLES: tuple[str, ...] = (
    """CREATE TABLE reading_times (
        fingerprint TEXT NOT NULL, reader TEXT NOT NULL, seconds REAL NOT NULL,
        PRIMARY KEY (fingerprint, reader)
    ) STRICT, WITHOUT ROWID""",
)


def add_reading_times(connection: sqlite3.Connection) -> None:
    """The step to a library with reading times, inside the caller's transaction."""
    for statement in TABLES:
        connection.execute(statement)


def add_seconds(
    connection: sqlite3.Connection, fingerprint: str, reader: str, seconds: float
) -> None:
    """This reader has read so much longer; inside the caller's transaction."""
    connection.execute(
        "INSERT INTO reading_times VALUES (?, ?, ?) ON CONFLICT (fingerprint, reader)"
        " DO UPDATE SET seconds = seconds + excluded.seconds",
        (fingerprint, reader, seconds),
    )


def seconds_by_reader(connection: sqlite3.Connection, fingerprint: str) -> dict[str, float]:
    """Of one procedure; empty where nobody has read it."""
    query = "SELECT reader, seconds FROM reading_times WHERE fingerprint = ? ORDER BY reader"
    return dict(connection.execute(query, (fingerprint,)).fetchall())


def seconds_by_procedure(connection: sqlite3.Connection) -> dict[str, float]:
    """Of all readers together, by fingerprint."""
    query = "SELECT fingerprint, sum(seconds) FROM reading_times GROUP BY fingerprint"
    return dict(connection.execute(query).fetchall())
