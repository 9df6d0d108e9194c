"""The library in numbers: what is labelled, how often reader and model agree, the time it took."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from endoscope_app.labels.library.records import LabelClass

# an act stands unless its last entry is an undo; a frame that was labelled again counts as it was
# labelled last
_COMPARED = (
    "WITH latest AS (SELECT max(sequence) AS sequence FROM journal AS one JOIN journal_rows USING"
    " (sequence) WHERE agrees IS NOT NULL AND (SELECT kind FROM journal WHERE act_id = one.act_id"
    " ORDER BY sequence DESC LIMIT 1) <> 'undo' GROUP BY fingerprint, key)"
)
_STANDING = (
    "FROM latest JOIN journal USING (sequence) JOIN journal_rows USING (sequence) JOIN frame_labels"
    " AS label ON label.fingerprint = journal_rows.fingerprint AND label.pts = CAST(key AS INTEGER)"
    " AND label.slot = CAST(substr(key, instr(key || ':', ':') + 1) AS INTEGER)"
)


@dataclass(frozen=True, slots=True)
class Statistics:
    """The library in numbers; per class means with merged classes counted where they went."""

    frames_per_class: dict[int, int]
    ranges_per_class: dict[int, int]
    agreed: int
    unusable: int
    seconds_spent: float
    compared: int
    """Frames that still stand as labelled while the model's opinion was recorded."""
    agreeing: int
    """Of those, how many where the reader said what the model said."""


@dataclass(frozen=True, slots=True)
class ClassStatistics:
    """What became of one class, merged ones counted in: as in Statistics, of the labels that
    name it.
    """

    labelled: int = 0
    compared: int = 0
    agreeing: int = 0
    seconds_spent: float = 0.0


def counts(
    connection: sqlite3.Connection,
    table: Literal["frame_labels", "range_labels"],
    classes: Sequence[LabelClass],
    fingerprint: str | None = None,
) -> dict[int, int]:
    """Labels per class, merged classes counted where they went, once for each frame; of one
    procedure or of all.
    """
    known = {item.id: item for item in classes}
    where = "" if fingerprint is None else " AND fingerprint = ?"
    values = () if fingerprint is None else (fingerprint,)
    numbers: dict[int, int] = {}
    query = (
        f"SELECT class_id, count(*) FROM {table} WHERE class_id IS NOT NULL{where} GROUP BY"
        " class_id"
    )
    for class_id, number in connection.execute(query, values):
        target = resolved(known, class_id).id
        numbers[target] = numbers.get(target, 0) + number
    if table == "frame_labels" and any(item.merged_into is not None for item in classes):
        for target, number in _given_twice(connection, known, where, values).items():
            numbers[target] -= number
    return numbers


def _given_twice(
    connection: sqlite3.Connection,
    known: Mapping[int, LabelClass],
    where: str,
    values: tuple[str, ...],
) -> Counter[int]:
    """Labels beside another one of their frame whose class was merged with theirs, by class."""
    query = (
        f"SELECT fingerprint, pts, class_id FROM frame_labels WHERE class_id IS NOT NULL{where}"
        " AND (fingerprint, pts) IN (SELECT fingerprint, pts FROM frame_labels WHERE slot > 0)"
    )
    said = Counter(
        (fingerprint, pts, resolved(known, class_id).id)
        for fingerprint, pts, class_id in connection.execute(query, values)
    )
    twice: Counter[int] = Counter()
    for (_, _, target), number in said.items():
        twice[target] += number - 1
    return twice


def read_statistics(connection: sqlite3.Connection, classes: Sequence[LabelClass]) -> Statistics:
    """The whole library in numbers."""
    ask = connection.execute
    kinds = dict(ask("SELECT kind, count(*) FROM frame_labels GROUP BY kind").fetchall())
    spent = ask("SELECT coalesce(sum(seconds_spent), 0.0) FROM journal").fetchone()[0]
    compared, agreeing = ask(
        f"{_COMPARED} SELECT count(*), coalesce(sum(agrees), 0) {_STANDING}"
    ).fetchone()
    return Statistics(
        counts(connection, "frame_labels", classes),
        counts(connection, "range_labels", classes),
        kinds.get("agreed", 0),
        kinds.get("unusable", 0),
        spent,
        compared,
        agreeing,
    )


def read_class_statistics(
    connection: sqlite3.Connection, classes: Sequence[LabelClass]
) -> dict[int, ClassStatistics]:
    """The same, class by class; an act's time counts for the class that it gave.

    Classes without anything are left out.
    """
    ask = connection.execute
    known = {item.id: item for item in classes}
    compared: dict[int, tuple[int, int]] = {}
    for class_id, number, agreeing in ask(
        f"{_COMPARED} SELECT class_id, count(*), sum(agrees) {_STANDING} WHERE class_id IS NOT"
        " NULL GROUP BY class_id"
    ):
        target = resolved(known, class_id).id
        before = compared.get(target, (0, 0))
        compared[target] = (before[0] + number, before[1] + agreeing)
    spent: dict[int, float] = {}
    for class_id, seconds in ask(
        "SELECT json_extract(after, '$.class_id') AS class_id, sum(seconds_spent) FROM journal"
        " JOIN journal_rows USING (sequence) WHERE place = 0 AND table_name IN ('frame_labels',"
        " 'range_labels') AND after IS NOT NULL AND class_id IS NOT NULL GROUP BY class_id"
    ):
        target = resolved(known, class_id).id
        spent[target] = spent.get(target, 0.0) + seconds
    labelled = counts(connection, "frame_labels", classes)
    return {
        number: ClassStatistics(
            labelled.get(number, 0), *compared.get(number, (0, 0)), spent.get(number, 0.0)
        )
        for number in sorted({*labelled, *compared, *spent})
    }


def resolved(known: Mapping[int, LabelClass], class_id: int) -> LabelClass:
    """The class itself, or the one that it was merged into, however often."""
    item = known[class_id]
    seen = {class_id}
    while item.merged_into is not None and item.merged_into not in seen:
        seen.add(item.merged_into)
        item = known[item.merged_into]
    return item
