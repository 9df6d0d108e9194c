"""The journal: who did what and when, before and after, beside which opinion of the model.

It only ever grows.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from endoscope_app.base.atomic_file import write_atomically
from endoscope_app.labels.library import class_keys as keys
from endoscope_app.labels.library import library_rows as row_shapes
from endoscope_app.labels.library import wording
from endoscope_app.labels.library.records import (
    Context,
    FrameLabel,
    LabelClass,
    Record,
    RowChange,
    TableName,
)
from kd_core.schema.csv_text import write_table
from kd_core.schema.json_text import decode_any_json

EntryKind = Literal["do", "undo", "redo"]
_LAST = 1 << 62
_WITH_CLASS: tuple[TableName, ...] = ("classes", "segments", "frame_labels", "range_labels")


@dataclass(frozen=True, slots=True)
class Top:
    """The acts that undo and redo would take next in one scope, by act id."""

    undo: int | None
    redo: int | None


@dataclass(frozen=True, slots=True)
class JournalRow:
    """One row of one entry as it is shown and exported.

    ``sequence`` alone says the order; the clock may have been set back.
    """

    sequence: int
    act_id: int
    kind: EntryKind
    title: str
    when_utc: str
    reader: str
    ai_visible: str
    model_version: str | None
    model_class: str | None
    probability: float | None
    seconds_spent: float
    table: TableName
    fingerprint: str
    key: str
    before: str | None
    after: str | None
    scope: str


def stamp(moment: datetime) -> str:
    """UTC, ISO 8601, milliseconds."""
    return (
        moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
    )


def top(connection: sqlite3.Connection, scope: str, before: int | None = None) -> Top:
    """The tops of undo and redo of a scope now, or as they were just before the entry ``before``.

    Acts of version 1 that went over several procedures have the scope "": no scope goes back beyond
    them.
    """
    if not scope:
        return Top(None, None)
    entry = "(SELECT coalesce(max(sequence), 0) FROM journal WHERE scope = {} AND sequence < ?2)"
    query = (
        f"SELECT undo_top, redo_top FROM journal WHERE sequence = max({entry.format('?1')},"
        f" {entry.format(chr(39) * 2)})"
    )
    row = connection.execute(query, (scope, _LAST if before is None else before)).fetchone()
    return Top(*row) if row is not None else Top(None, None)


def append(
    connection: sqlite3.Connection,
    scope: str,
    act_id: int | None,
    kind: EntryKind,
    title: str,
    changes: tuple[RowChange, ...],
    context: Context,
    when: datetime,
    tops: Top | None,
) -> int:
    """Write one entry with its rows, inside the caller's transaction.

    A new act has its own sequence as its id, and ``tops`` None.
    """
    sequence: int = connection.execute(
        "SELECT coalesce(max(sequence), 0) + 1 FROM journal"
    ).fetchone()[0]
    number = sequence if act_id is None else act_id
    left = Top(number, None) if tops is None else tops
    opinion = context.opinion
    opinion_values = (
        (None, None, None)
        if opinion is None
        else (opinion.model_version, opinion.class_name, float(opinion.probability))
    )
    agrees = _agrees(connection, changes, context) if kind == "do" else None
    # surrogates cannot be stored as text; a title or a name typed in never needs them
    texts = [text.encode("utf-8", "replace").decode() for text in (title, context.reader)]
    head = (sequence, number, kind, texts[0], stamp(when), texts[1], context.ai_visible)
    values = (
        *head,
        *opinion_values,
        agrees,
        float(context.seconds_spent),
        left.undo,
        left.redo,
        scope,
    )
    connection.execute(f"INSERT INTO journal VALUES ({', '.join('?' * 15)})", values)
    append_rows(connection, sequence, 0, changes)
    return sequence


def append_rows(
    connection: sqlite3.Connection, sequence: int, start: int, changes: Sequence[RowChange]
) -> None:
    """Write rows of the newest entry, of which the first has the place ``start``."""
    as_json = row_shapes.to_json
    lines = (
        (
            sequence,
            place,
            row.table,
            row.fingerprint,
            row.key,
            as_json(row.table, row.before),
            as_json(row.table, row.after),
        )
        for place, row in enumerate(changes, start)
    )
    connection.executemany("INSERT INTO journal_rows VALUES (?, ?, ?, ?, ?, ?, ?)", lines)


def _agrees(
    connection: sqlite3.Connection, changes: tuple[RowChange, ...], context: Context
) -> int | None:
    """1 or 0: the reader's class for the one frame of this act is the model's; None where there is
    nothing to compare, or where another label of the frame is the model's class: it names only one.

    Classes are compared by their key, which is what the model calls them, and merged ones count as
    the one they went into.
    """
    if (
        context.opinion is None
        or len(changes) != 1
        or not isinstance(label := changes[0].after, FrameLabel)
        or label.class_id is None
    ):
        return None
    if label.kind == "agreed":
        return 1
    into: dict[int, int | None] = {}
    model: int | None = None
    for class_id, key, merged_into in connection.execute(
        "SELECT id, key, merged_into FROM classes"
    ):
        into[class_id] = merged_into
        if key.casefold() == context.opinion.class_name.casefold():
            model = class_id
    if model is None:
        return 0
    if _root(into, model) == _root(into, label.class_id):
        return 1
    beside = connection.execute(
        "SELECT class_id FROM frame_labels WHERE fingerprint = ? AND pts = ? AND slot <> ?",
        (changes[0].fingerprint, label.pts, label.slot),
    )
    others = {_root(into, class_id) for (class_id,) in beside if class_id is not None}
    return None if _root(into, model) in others else 0


def _root(into: dict[int, int | None], class_id: int) -> int:
    while (target := into[class_id]) is not None:
        class_id = target
    return class_id


def changes_of(connection: sqlite3.Connection, sequence: int) -> list[RowChange]:
    """The row changes of one entry, in their order."""
    rows = connection.execute(
        "SELECT table_name, fingerprint, before, after FROM journal_rows WHERE sequence = ? ORDER"
        " BY place",
        (sequence,),
    )
    return [
        RowChange(table, fingerprint, *(_record(connection, table, text) for text in texts))
        for table, fingerprint, *texts in rows.fetchall()
    ]


def _record(connection: sqlite3.Connection, table: TableName, text: str | None) -> Record | None:
    """A record as it was; a class that version 1 wrote without its key is read as the migration
    made it.
    """
    record = row_shapes.from_json(table, text)
    if not isinstance(record, LabelClass) or text is None or "key" in decode_any_json(text):
        return record
    row = connection.execute("SELECT key FROM classes WHERE id = ?", (record.id,)).fetchone()
    key = (
        str(row[0])
        if row is not None
        else keys.free_key(keys.first_name(connection, record.id), keys.taken(connection))
    )
    named = replace(record, key=key, name=keys.shown_name(record.name, key))
    return replace(named, class_group="")  # the usual one of this key


def journal_rows(connection: sqlite3.Connection) -> Iterator[JournalRow]:
    """Every row of every entry, oldest first."""
    cursor = connection.execute(
        "SELECT sequence, act_id, kind, title, when_utc, reader, ai_visible, model_version,"
        " model_class, probability, seconds_spent, table_name, fingerprint, key, before, after,"
        " scope FROM journal JOIN journal_rows USING (sequence) ORDER BY sequence, place"
    )
    return (JournalRow(*row) for row in cursor)


def export_csv(connection: sqlite3.Connection, path: Path) -> None:
    """The history as CSV in UTF-8, one line a changed row, with the classes' names of that time
    beside the JSON. AppError on failure.
    """
    names: dict[int, str] = {}
    columns = [field.name for field in fields(JournalRow)]
    lines: list[list[object]] = [[*columns, "class_before", "class_after"]]
    for row in journal_rows(connection):
        class_names = [_class_name(row.table, value, names) for value in (row.before, row.after)]
        lines.append([*(getattr(row, column) for column in columns), *class_names])
    write_atomically(path, [write_table(lines)], wording.THE_HISTORY)


def _class_name(table: TableName, text: str | None, names: dict[int, str]) -> str:
    """The name of the class of a label at that time; a class as it is written down updates
    ``names``.
    """
    if text is None or table not in _WITH_CLASS:
        return ""
    plain = decode_any_json(text)
    if table == "classes":
        names[plain["id"]] = plain["name"]
        return ""
    if table == "segments":
        return str(plain["class_key"])
    return names.get(plain["class_id"], "")
