"""From a library of one reader to one with second readings, what was adjudicated between the two,
and what procedures may be used for.
"""

from __future__ import annotations

import sqlite3

TABLES: tuple[str, ...] = (
    # The second reader's labels are in a library of their own; this says that there are some
    """CREATE TABLE second_readings (
        fingerprint TEXT PRIMARY KEY
          REFERENCES procedures (fingerprint) DEFERRABLE INITIALLY DEFERRED,
        reader TEXT NOT NULL, hides_model INTEGER NOT NULL CHECK (hides_model IN (0, 1)),
        state TEXT NOT NULL CHECK (state IN ('reading', 'finished'))
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE adjudications (
        id INTEGER PRIMARY KEY,
        fingerprint TEXT NOT NULL REFERENCES procedures (fingerprint) DEFERRABLE INITIALLY DEFERRED,
        first_pts INTEGER NOT NULL, last_pts INTEGER NOT NULL, first_index INTEGER NOT NULL,
        last_index INTEGER NOT NULL, first_said TEXT NOT NULL, second_said TEXT NOT NULL,
        outcome TEXT NOT NULL, CHECK (first_index <= last_index)
    ) STRICT""",
    "CREATE INDEX adjudications_by_place ON adjudications (fingerprint, first_index)",
    # Also of procedures that have no label yet
    """CREATE TABLE procedure_uses (
        fingerprint TEXT PRIMARY KEY, use TEXT NOT NULL CHECK (use IN ('checking', 'excluded'))
    ) STRICT, WITHOUT ROWID""",
)
FIRST_ID = "INSERT INTO next_ids VALUES ('adjudications', 1)"


def add_second_readings(connection: sqlite3.Connection) -> None:
    """The step itself, inside the caller's transaction."""
    for statement in (*TABLES, FIRST_ID):
        connection.execute(statement)
