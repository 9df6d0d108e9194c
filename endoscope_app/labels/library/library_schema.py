"""The tables of labels.sqlite and their version; the steps from older versions are in
migrations.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from endoscope_app.labels.library import pair_records as pairs
from endoscope_app.labels.library import reading_times
from endoscope_app.labels.library import second_reading_migration as second_readings
from endoscope_app.labels.library import segment_migration as segments
from endoscope_app.labels.library.worklist_schema import WORKLIST

APPLICATION_ID = 0x454C4142
"""ASCII "ELAB", in the file's header: another program's database under our name is not taken
for a label library.
"""
VERSION = 9

_NEVER = "SELECT RAISE(ABORT, 'the journal is never edited'); END"

JOURNAL_STAYS = f"CREATE TRIGGER journal_stays BEFORE UPDATE ON journal BEGIN {_NEVER}"
FRAMES: tuple[str, ...] = (
    # SQLite 3.40 checks a key wrongly whose columns are not the first ones
    """CREATE TABLE frame_labels (
        fingerprint TEXT NOT NULL REFERENCES procedures (fingerprint) DEFERRABLE INITIALLY DEFERRED,
        pts INTEGER NOT NULL, slot INTEGER NOT NULL DEFAULT 0 CHECK (slot >= 0),
        frame_index INTEGER NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('class', 'agreed', 'unusable')),
        class_id INTEGER REFERENCES classes (id) DEFERRABLE INITIALLY DEFERRED,
        png TEXT,
        PRIMARY KEY (fingerprint, pts, slot), CHECK ((kind = 'unusable') = (class_id IS NULL))
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX frame_labels_by_index ON frame_labels (fingerprint, frame_index)",
    "CREATE INDEX frame_labels_by_class ON frame_labels (class_id)",
    "CREATE INDEX frame_labels_beside ON frame_labels (fingerprint, pts) WHERE slot > 0",
)
"""That a frame has one label of each group is held by history.py, which knows the groups."""
RANGES: tuple[str, ...] = (
    """CREATE TABLE range_labels (
        id INTEGER PRIMARY KEY,
        fingerprint TEXT NOT NULL REFERENCES procedures (fingerprint) DEFERRABLE INITIALLY DEFERRED,
        first_pts INTEGER NOT NULL, last_pts INTEGER NOT NULL, first_index INTEGER NOT NULL,
        last_index INTEGER NOT NULL,
        class_id INTEGER NOT NULL REFERENCES classes (id) DEFERRABLE INITIALLY DEFERRED,
        CHECK (first_index <= last_index)
    ) STRICT""",
    "CREATE INDEX range_labels_by_place ON range_labels (fingerprint, first_index)",
    "CREATE INDEX range_labels_by_class ON range_labels (class_id)",
)
CREATE: tuple[str, ...] = (
    """CREATE TABLE classes (
        id INTEGER PRIMARY KEY, name TEXT NOT NULL, colour TEXT NOT NULL, place INTEGER NOT NULL,
        retired INTEGER NOT NULL CHECK (retired IN (0, 1)),
        merged_into INTEGER REFERENCES classes (id) DEFERRABLE INITIALLY DEFERRED
          CHECK (merged_into <> id),
        key TEXT NOT NULL DEFAULT '', class_group TEXT NOT NULL DEFAULT ''
    ) STRICT""",
    "CREATE UNIQUE INDEX classes_by_key ON classes (key)",
    # name and path are bytes because a file name need not be valid UTF-8
    """CREATE TABLE procedures (
        fingerprint TEXT PRIMARY KEY, name BLOB NOT NULL, path BLOB NOT NULL,
        frame_count INTEGER NOT NULL, duration_s REAL NOT NULL,
        patient TEXT NOT NULL DEFAULT '', width INTEGER NOT NULL DEFAULT 0,
        height INTEGER NOT NULL DEFAULT 0,
        stamp_kind TEXT NOT NULL DEFAULT '', first_image TEXT NOT NULL DEFAULT ''
    ) STRICT, WITHOUT ROWID""",
    *FRAMES,
    *RANGES,
    *segments.TABLES,
    *second_readings.TABLES,
    # undo_top and redo_top: which act of the scope would be undone and redone next once this entry
    # is written, so that the journal is the stack of every scope
    """CREATE TABLE journal (
        sequence INTEGER PRIMARY KEY, act_id INTEGER NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('do', 'undo', 'redo')),
        title TEXT NOT NULL, when_utc TEXT NOT NULL, reader TEXT NOT NULL,
        ai_visible TEXT NOT NULL CHECK (ai_visible IN ('always', 'hidden', 'on request')),
        model_version TEXT, model_class TEXT, probability REAL, agrees INTEGER,
        seconds_spent REAL NOT NULL,
        undo_top INTEGER, redo_top INTEGER, scope TEXT NOT NULL DEFAULT ''
    ) STRICT""",
    "CREATE INDEX journal_by_scope ON journal (scope, sequence)",
    "CREATE INDEX journal_by_act ON journal (act_id, sequence)",
    "CREATE INDEX journal_compared ON journal (sequence) WHERE agrees IS NOT NULL",
    """CREATE TABLE journal_rows (
        sequence INTEGER NOT NULL REFERENCES journal (sequence), place INTEGER NOT NULL,
        table_name TEXT NOT NULL, fingerprint TEXT NOT NULL, key TEXT NOT NULL, before TEXT,
        after TEXT,
        PRIMARY KEY (sequence, place)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX journal_rows_of_classes ON journal_rows (key) WHERE table_name = 'classes'",
    JOURNAL_STAYS,
    f"CREATE TRIGGER journal_is_kept BEFORE DELETE ON journal BEGIN {_NEVER}",
    # INSERT OR REPLACE deletes without firing the trigger above, so a second entry of the same
    # number is stopped here
    f"""CREATE TRIGGER journal_goes_on BEFORE INSERT ON journal
        WHEN NEW.sequence IS NOT (SELECT coalesce(max(sequence), 0) + 1 FROM journal)
        BEGIN {_NEVER}""",
    f"CREATE TRIGGER journal_rows_stay BEFORE UPDATE ON journal_rows BEGIN {_NEVER}",
    f"CREATE TRIGGER journal_rows_are_kept BEFORE DELETE ON journal_rows BEGIN {_NEVER}",
    f"""CREATE TRIGGER journal_rows_go_on BEFORE INSERT ON journal_rows
        WHEN NEW.sequence IS NOT (SELECT max(sequence) FROM journal)
          OR EXISTS (SELECT 1 FROM journal_rows WHERE sequence = NEW.sequence AND place = NEW.place)
          BEGIN {_NEVER}""",
    # ids are never given twice, not even after the act that made them was undone
    (
        "CREATE TABLE next_ids (table_name TEXT PRIMARY KEY, next INTEGER NOT NULL) STRICT, WITHOUT"
        " ROWID"
    ),
    "INSERT INTO next_ids VALUES ('classes', 1), ('range_labels', 1)",
    segments.FIRST_ID,
    second_readings.FIRST_ID,
    "CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
    *WORKLIST,
    *pairs.TABLES,
    *reading_times.TABLES,
)


def create(connection: sqlite3.Connection) -> None:
    """Make an empty library of the current version, in one transaction."""

    def statements() -> None:
        for statement in (*CREATE, f"PRAGMA application_id = {APPLICATION_ID}"):
            connection.execute(statement)

    in_one_step(connection, statements, VERSION)


def in_one_step(connection: sqlite3.Connection, change: Callable[[], None], version: int) -> None:
    """Change the schema and note its version in one transaction: after a crash there is the old
    library or the new one.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        change()
        connection.execute(f"PRAGMA user_version = {version}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
