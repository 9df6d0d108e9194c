"""From a library without segments to one with them: tables of what readers decided about stretches
of a procedure, and of reviews that are finished.
"""

from __future__ import annotations

import sqlite3

TABLES: tuple[str, ...] = (
    """CREATE TABLE segments (
        id INTEGER PRIMARY KEY,
        fingerprint TEXT NOT NULL REFERENCES procedures (fingerprint) DEFERRABLE INITIALLY DEFERRED,
        first_pts INTEGER NOT NULL, last_pts INTEGER NOT NULL, first_index INTEGER NOT NULL,
        last_index INTEGER NOT NULL, first_s REAL NOT NULL, last_s REAL NOT NULL,
        peak_index INTEGER NOT NULL, class_key TEXT NOT NULL, model_class TEXT NOT NULL,
        model_version TEXT NOT NULL, probability REAL NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('open', 'accepted', 'corrected', 'rejected')),
        range_id INTEGER, kind TEXT NOT NULL CHECK (kind IN ('segment', 'bookmark')),
        text TEXT NOT NULL, size_mm REAL NOT NULL, paris TEXT NOT NULL, site TEXT NOT NULL,
        certainty TEXT NOT NULL, conference INTEGER NOT NULL CHECK (conference IN (0, 1)),
        CHECK (first_index <= last_index)
    ) STRICT""",
    "CREATE INDEX segments_by_place ON segments (fingerprint, first_index)",
    """CREATE TABLE reviews (
        fingerprint TEXT PRIMARY KEY
          REFERENCES procedures (fingerprint) DEFERRABLE INITIALLY DEFERRED,
        model_version TEXT NOT NULL, segments INTEGER NOT NULL, left_open INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID""",
)
FIRST_ID = "INSERT INTO next_ids VALUES ('segments', 1)"


def add_segments(connection: sqlite3.Connection) -> None:
    """The step itself, inside the caller's transaction."""
    for statement in (*TABLES, FIRST_ID):
        connection.execute(statement)
