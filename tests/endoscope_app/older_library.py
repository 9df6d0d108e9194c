"""A library taken back to an older version of its schema, for tests of the steps that follow."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from endoscope_app.labels.library.migrations import STEPS

#: By the version from which a step starts: what undoes it.
_BACK: dict[int, tuple[str, ...]] = {
    2: (
        "DROP TABLE segments",
        "DROP TABLE reviews",
        "DELETE FROM next_ids WHERE table_name = 'segments'",
    ),
    3: ("DROP TABLE worklist",),
    4: ("ALTER TABLE classes DROP COLUMN class_group",),
    5: ("DROP TABLE still_pairs", "DELETE FROM next_ids WHERE table_name = 'still_pairs'"),
    6: (
        "DROP TABLE second_readings",
        "DROP TABLE adjudications",
        "DROP TABLE procedure_uses",
        "DELETE FROM next_ids WHERE table_name = 'adjudications'",
    ),
    7: (
        "CREATE TABLE older AS SELECT * FROM frame_labels",
        "DROP TABLE frame_labels",
        """CREATE TABLE frame_labels (
            fingerprint TEXT NOT NULL REFERENCES procedures (fingerprint)
              DEFERRABLE INITIALLY DEFERRED,
            pts INTEGER NOT NULL, frame_index INTEGER NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('class', 'agreed', 'unusable')),
            class_id INTEGER REFERENCES classes (id) DEFERRABLE INITIALLY DEFERRED,
            png TEXT,
            PRIMARY KEY (fingerprint, pts), CHECK ((kind = 'unusable') = (class_id IS NULL))
        ) STRICT, WITHOUT ROWID""",
        "CREATE INDEX frame_labels_by_index ON frame_labels (fingerprint, frame_index)",
        "CREATE INDEX frame_labels_by_class ON frame_labels (class_id)",
        "INSERT INTO frame_labels SELECT fingerprint, pts, frame_index, kind, class_id, png"
        " FROM older",
        "DROP TABLE older",
    ),
    8: ("DROP TABLE reading_times",),
}


def take_back(path: Path, version: int) -> None:
    """Make the library file as version ``version`` would have it."""
    connection = sqlite3.connect(path)
    for step in sorted(STEPS, reverse=True):
        if step >= version:
            for statement in _BACK[step]:
                connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {version}")
    connection.commit()
    connection.close()
