"""Two stills of a folder that the reader has put side by side, and their table."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

TABLES: tuple[str, ...] = (
    """CREATE TABLE still_pairs (
        id INTEGER PRIMARY KEY,
        fingerprint TEXT NOT NULL REFERENCES procedures (fingerprint) DEFERRABLE INITIALLY DEFERRED,
        before_pts INTEGER NOT NULL, before_index INTEGER NOT NULL,
        after_pts INTEGER NOT NULL, after_index INTEGER NOT NULL, text TEXT NOT NULL,
        CHECK (before_index <> after_index)
    ) STRICT""",
    "CREATE INDEX still_pairs_by_place ON still_pairs (fingerprint, before_index)",
    "INSERT INTO next_ids VALUES ('still_pairs', 1)",
)


@dataclass(frozen=True, slots=True)
class StillPair:
    """Kept for the report; ``text``: what its reader wrote below it."""

    id: int
    before_pts: int
    before_index: int
    after_pts: int
    after_index: int
    text: str = ""


def add_pairs(connection: sqlite3.Connection) -> None:
    """The step to a library with pairs, inside the caller's transaction."""
    for statement in TABLES:
        connection.execute(statement)
