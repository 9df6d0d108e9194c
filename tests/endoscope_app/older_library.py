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
