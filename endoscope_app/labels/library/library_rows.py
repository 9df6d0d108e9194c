"""Records as rows of their tables and as JSON of the journal, one place for all kinds."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import fields as fields_of
from typing import Any

from endoscope_app.labels.library.pair_records import StillPair
from endoscope_app.labels.library.records import (
    FrameLabel,
    LabelClass,
    Procedure,
    RangeLabel,
    Record,
    RowChange,
    TableName,
)
from endoscope_app.labels.library.second_reading_records import (
    Adjudication,
    ProcedureUse,
    SecondReading,
)
from endoscope_app.labels.library.segment_records import ReviewRecord, SegmentRecord
from kd_core.schema.json_text import decode_any_json


@dataclass(frozen=True)
class _Table:
    """How a kind of record lies in its table; ``scoped`` tables have the procedure's
    fingerprint as a column of their own.
    """

    record: type[Record]
    fields: tuple[str, ...]
    scoped: bool
    select: str
    put: str
    delete: str


def _table(name: TableName, record: type[Record], key: tuple[str, ...], scoped: bool) -> _Table:
    fields = tuple(field.name for field in fields_of(record))
    columns = (*fields, "fingerprint") if scoped else fields
    where = " AND ".join(
        f"{column} = ?"
        for column in (key if "fingerprint" in key or not scoped else (*key, "fingerprint"))
    )
    marks = ", ".join("?" * len(columns))
    rest = ", ".join(f"{column} = excluded.{column}" for column in columns if column not in key)
    put = (
        f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({marks}) ON CONFLICT ({', '.join(key)})"
        f" DO UPDATE SET {rest}"
    )
    return _Table(
        record,
        fields,
        scoped,
        f"SELECT {', '.join(fields)} FROM {name} WHERE {where}",
        put,
        f"DELETE FROM {name} WHERE {where}",
    )


#: Made once: json.dumps would make another encoder for every row.
_AS_JSON = json.JSONEncoder(separators=(",", ":")).encode
_NUMBERED = LabelClass | RangeLabel | SegmentRecord | StillPair | Adjudication
TABLES: dict[TableName, _Table] = {
    "classes": _table("classes", LabelClass, ("id",), False),
    "procedures": _table("procedures", Procedure, ("fingerprint",), False),
    "frame_labels": _table("frame_labels", FrameLabel, ("pts", "slot", "fingerprint"), True),
    "range_labels": _table("range_labels", RangeLabel, ("id",), True),
    "segments": _table("segments", SegmentRecord, ("id",), True),
    "reviews": _table("reviews", ReviewRecord, ("fingerprint",), False),
    "still_pairs": _table("still_pairs", StillPair, ("id",), True),
    "second_readings": _table("second_readings", SecondReading, ("fingerprint",), False),
    "adjudications": _table("adjudications", Adjudication, ("id",), True),
    "procedure_uses": _table("procedure_uses", ProcedureUse, ("fingerprint",), False),
}


def columns(table: TableName) -> str:
    """The columns to select for ``record``, in its order."""
    return ", ".join(TABLES[table].fields)


def record(table: TableName, row: Sequence[Any]) -> Record:
    """The record of a row that was selected as ``columns``."""
    if table == "classes":
        return LabelClass(row[0], row[1], row[2], row[3], bool(row[4]), row[5], row[6], row[7])
    if table == "procedures":
        name, path = (bytes(value).decode("utf-8", "surrogatepass") for value in row[1:3])
        return Procedure(row[0], name, path, *row[3:])
    if table == "segments":
        values: list[Any] = [*row[:-1], bool(row[-1])]
        return SegmentRecord(*values)
    if table == "second_readings":
        return SecondReading(row[0], row[1], bool(row[2]), row[3])
    return TABLES[table].record(*row)


def current(connection: sqlite3.Connection, change: RowChange) -> Record | None:
    """The row that a change is about, as it is now."""
    row = connection.execute(TABLES[change.table].select, _key(change)).fetchone()
    return None if row is None else record(change.table, row)


def write(connection: sqlite3.Connection, change: RowChange) -> None:
    """Make the row be ``change.after``."""
    table = TABLES[change.table]
    if change.after is None:
        connection.execute(table.delete, _key(change))
        return
    values = [_plain(getattr(change.after, field)) for field in table.fields]
    if isinstance(change.after, Procedure):
        values[1:3] = [
            change.after.name.encode("utf-8", "surrogatepass"),
            change.after.path.encode("utf-8", "surrogatepass"),
        ]
    connection.execute(table.put, (*values, change.fingerprint) if table.scoped else values)
    if isinstance(change.after, _NUMBERED) and change.before is None:
        connection.execute(
            "UPDATE next_ids SET next = max(next, ?) WHERE table_name = ?",
            (change.after.id + 1, change.table),
        )


def to_json(table: TableName, value: Record | None) -> str | None:
    """A record for the journal; ASCII, so that file names that are no valid UTF-8 pass unharmed."""
    if value is None:
        return None
    return _AS_JSON({field: getattr(value, field) for field in TABLES[table].fields})


def from_json(table: TableName, text: str | None) -> Record | None:
    """The record that to_json wrote; what version 1 did not know yet is empty (a class's key:
    see journal.changes_of).
    """
    if text is None:
        return None
    return TABLES[table].record(**decode_any_json(text))


def _plain(value: object) -> object:
    return int(value) if isinstance(value, bool) else value


def _key(change: RowChange) -> tuple[str | int, ...]:
    if "fingerprint" in TABLES[change.table].fields:
        return (change.key,)
    if change.table == "classes":
        return (int(change.key),)
    if change.table == "frame_labels":
        pts, _, slot = change.key.partition(":")
        return (int(pts), int(slot or 0), change.fingerprint)
    return (int(change.key), change.fingerprint)
