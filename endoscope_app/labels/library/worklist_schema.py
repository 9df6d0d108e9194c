"""The table of the worklist, which lies beside the labels, and the step that adds it to a library
of before.
"""

from __future__ import annotations

import sqlite3

WORKLIST: tuple[str, ...] = (
    # path is bytes because a file name need not be valid UTF-8; fingerprint is empty until the file
    # was opened once. changed_at: seconds since 1970 by the file system; wanted: the queue is to
    # analyse it; model: the version that did; trouble: why it could not be read, as a sentence
    """CREATE TABLE worklist (
        id INTEGER PRIMARY KEY, path BLOB NOT NULL UNIQUE,
        fingerprint TEXT NOT NULL DEFAULT '', patient TEXT NOT NULL DEFAULT '',
        kind TEXT NOT NULL DEFAULT '', changed_at REAL NOT NULL DEFAULT 0,
        length_ms REAL NOT NULL DEFAULT 0, frame_count INTEGER NOT NULL DEFAULT 0,
        state TEXT NOT NULL DEFAULT 'new' CHECK (state IN
          ('new', 'analysing', 'analysed', 'in review', 'reviewed', 'signed')),
        wanted INTEGER NOT NULL DEFAULT 0 CHECK (wanted IN (0, 1)),
        analysed INTEGER NOT NULL DEFAULT 0, model TEXT NOT NULL DEFAULT '',
        trouble TEXT NOT NULL DEFAULT ''
    ) STRICT""",
    "CREATE INDEX worklist_by_fingerprint ON worklist (fingerprint)",
)


def add_worklist(connection: sqlite3.Connection) -> None:
    """From a library without a worklist to one with an empty one."""
    for statement in WORKLIST:
        connection.execute(statement)
