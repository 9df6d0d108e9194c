"""The steps from older versions of labels.sqlite to the current one."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence

from endoscope_app.labels.library import class_keys as keys
from endoscope_app.labels.library import library_schema as schema
from endoscope_app.labels.library.pair_records import add_pairs
from endoscope_app.labels.library.reading_times import add_reading_times
from endoscope_app.labels.library.records import CLASSES_SCOPE
from endoscope_app.labels.library.second_reading_migration import add_second_readings
from endoscope_app.labels.library.segment_migration import add_segments
from endoscope_app.labels.library.worklist_schema import add_worklist
from kd_core.schema.class_groups import usual_group


def migrate(connection: sqlite3.Connection, version: int) -> None:
    """Bring a library of an older version to the current one, all steps in one transaction."""

    def steps() -> None:
        for step in range(version, schema.VERSION):
            STEPS[step](connection)

    schema.in_one_step(connection, steps, schema.VERSION)


def _to_version_2(connection: sqlite3.Connection) -> None:
    """Classes get their key, procedures a patient and what tells two of them apart, undo a
    stack per scope.
    """
    columns = (
        "classes ADD COLUMN key TEXT NOT NULL DEFAULT ''",
        "procedures ADD COLUMN patient TEXT NOT NULL DEFAULT ''",
        "procedures ADD COLUMN width INTEGER NOT NULL DEFAULT 0",
        "procedures ADD COLUMN height INTEGER NOT NULL DEFAULT 0",
        "procedures ADD COLUMN stamp_kind TEXT NOT NULL DEFAULT ''",
        "procedures ADD COLUMN first_image TEXT NOT NULL DEFAULT ''",
        "journal ADD COLUMN scope TEXT NOT NULL DEFAULT ''",
    )
    for column in columns:
        connection.execute(f"ALTER TABLE {column}")
    _name_classes(connection)
    connection.execute("CREATE UNIQUE INDEX classes_by_key ON classes (key)")
    _rebuild_ranges(connection)
    connection.execute("CREATE INDEX journal_by_scope ON journal (scope, sequence)")
    connection.execute("DROP TRIGGER journal_stays")
    _sort_into_scopes(connection)
    connection.execute(schema.JOURNAL_STAYS)


def _name_classes(connection: sqlite3.Connection) -> None:
    """The key of a class is its very first name; one that still has it gets the name that a
    clinician writes.
    """
    classes = connection.execute("SELECT id, name, merged_into FROM classes ORDER BY id").fetchall()
    taken: list[str] = []
    names = {name.casefold() for _, name, merged_into in classes if merged_into is None}
    for class_id, name, _ in classes:
        try:
            first = keys.first_name(connection, class_id)
        except KeyError:
            first = name
        key = keys.free_key(first, taken)
        taken.append(key)
        shown = keys.shown_name(name, key)
        if shown.casefold() in names:
            shown = name
        names.add(shown.casefold())
        connection.execute(
            "UPDATE classes SET key = ?, name = ? WHERE id = ?", (key, shown, class_id)
        )


def _rebuild_ranges(connection: sqlite3.Connection) -> None:
    """Ranges get another CHECK."""
    columns = "id, fingerprint, first_pts, last_pts, first_index, last_index, class_id"
    _rebuild(connection, "range_labels", schema.RANGES, columns)


def _rebuild(
    connection: sqlite3.Connection, table: str, statements: Sequence[str], columns: str
) -> None:
    """Only a new table can have another CHECK or key: ``statements`` make it and its indices, and
    ``columns`` are taken over.
    """
    connection.execute(f"ALTER TABLE {table} RENAME TO old_{table}")
    indices = connection.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL",
        (f"old_{table}",),
    ).fetchall()
    for (index,) in indices:
        connection.execute(f"DROP INDEX {index}")
    for statement in statements:
        connection.execute(statement)
    connection.execute(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM old_{table}")
    connection.execute(f"DROP TABLE old_{table}")


def _sort_into_scopes(connection: sqlite3.Connection) -> None:
    """Replay the one stack of version 1 as one stack per scope, and note in every entry the
    tops of its own.
    """
    scopes: dict[int, str] = {}
    stacks: dict[str, tuple[list[int], list[int]]] = {}
    touched = _touched(connection)
    entries = connection.execute(
        "SELECT sequence, act_id, kind, undo_top FROM journal ORDER BY sequence"
    ).fetchall()
    for sequence, act_id, kind, undo_top in entries:
        scope = scopes.setdefault(act_id, _scope(touched.get(sequence, [])))
        undo, redo = stacks.setdefault(scope, ([], []))
        if kind == "do" and undo_top == sequence:
            undo.append(sequence)
            redo.clear()
        elif kind != "do":
            source, target = (undo, redo) if kind == "undo" else (redo, undo)
            source.remove(act_id)
            target.append(act_id)
        if not scope:
            stacks.clear()
            undo, redo = [], []
        tops = (undo[-1] if undo else None, redo[-1] if redo else None)
        connection.execute(
            "UPDATE journal SET scope = ?, undo_top = ?, redo_top = ? WHERE sequence = ?",
            (scope, *tops, sequence),
        )


def _touched(connection: sqlite3.Connection) -> dict[int, list[tuple[str, str, int]]]:
    """Per entry: the tables and fingerprints of its rows, and 1 where something is there
    afterwards.
    """
    touched: dict[int, list[tuple[str, str, int]]] = {}
    query = (
        "SELECT sequence, table_name, fingerprint, max(after IS NOT NULL) FROM journal_rows GROUP"
        " BY 1, 2, 3 ORDER BY 1, min(place)"
    )
    for sequence, *row in connection.execute(query):
        touched.setdefault(sequence, []).append((row[0], row[1], row[2]))
    return touched


def _scope(touched: list[tuple[str, str, int]]) -> str:
    """Whose undo an act of version 1 belongs to; empty where it went over several procedures,
    which no scope can undo alone.
    """
    labels = [row for row in touched if row[0] in ("frame_labels", "range_labels")]
    if not labels:
        tables = {table for table, _, _ in touched}
        return (
            CLASSES_SCOPE
            if "classes" in tables
            else next((fingerprint for _, fingerprint, _ in touched), "")
        )
    # labels that were carried over are gone from their old procedure and belong to the new one
    standing = {fingerprint for _, fingerprint, stays in labels if stays}
    fingerprints = standing or {fingerprint for _, fingerprint, _ in labels}
    return fingerprints.pop() if len(fingerprints) == 1 else ""


def _group_classes(connection: sqlite3.Connection) -> None:
    """Every class gets the usual group of its key."""
    connection.execute("ALTER TABLE classes ADD COLUMN class_group TEXT NOT NULL DEFAULT ''")
    for class_id, key in connection.execute("SELECT id, key FROM classes").fetchall():
        connection.execute(
            "UPDATE classes SET class_group = ? WHERE id = ?", (usual_group(key).value, class_id)
        )


def _several_labels(connection: sqlite3.Connection) -> None:
    """A frame may have several labels: another key."""
    columns = "fingerprint, pts, frame_index, kind, class_id, png"
    _rebuild(connection, "frame_labels", schema.FRAMES, columns)


STEPS: dict[int, Callable[[sqlite3.Connection], None]] = {
    1: _to_version_2,
    2: add_segments,
    3: add_worklist,
    4: _group_classes,
    5: add_pairs,
    6: add_second_readings,
    7: _several_labels,
    8: add_reading_times,
}
"""From version n to n + 1, inside a transaction."""
