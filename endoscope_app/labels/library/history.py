"""Doing, undoing and redoing inside one transaction.

The journal is the stack of each scope: nothing of it is held in memory.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import combinations
from typing import cast

from endoscope_app.base.errors import AppError
from endoscope_app.labels.library import journal, wording
from endoscope_app.labels.library import library_rows as rows
from endoscope_app.labels.library.frame_slots import groups_of, is_rival
from endoscope_app.labels.library.library_statistics import resolved
from endoscope_app.labels.library.records import (
    Act,
    Changes,
    Context,
    FrameLabel,
    LabelClass,
    Procedure,
    RangeLabel,
    Record,
    RowChange,
    is_same_but_place,
)

NOTHING = Changes(None, "", ())
_FEW = 32


def do(connection: sqlite3.Connection, act: Act, context: Context, when: datetime) -> Changes:
    """Write an act and its entries; what could be redone in its scopes no longer can.

    An act that changes nothing writes nothing.
    """
    changes = tuple(change for change in act.rows if change.before != change.after)
    if not changes:
        return NOTHING
    for change in changes:
        if rows.current(connection, change) != change.before:
            raise changed_meanwhile(wording.ACT_NOT_DONE)
        rows.write(connection, change)
    check_frames(connection, changes)
    sequence = None
    scope = ""
    for part in replace(act, rows=changes).by_scope():
        scope = part.scope
        tops = None if act.undoable else journal.top(connection, scope)
        sequence = journal.append(
            connection, scope, None, "do", part.title, part.rows, context, when, tops
        )
        context = replace(context, seconds_spent=0.0)  # the reader's time is counted once
    return Changes(sequence, act.title, changes, scope)


def note(
    connection: sqlite3.Connection,
    procedure: Procedure,
    title: str,
    context: Context,
    when: datetime,
) -> Changes:
    """An entry about a procedure that changes nothing: its row says the same before and after."""
    scope = procedure.fingerprint
    row = RowChange("procedures", scope, procedure, procedure)
    tops = journal.top(connection, scope)
    sequence = journal.append(connection, scope, None, "do", title, (row,), context, when, tops)
    return Changes(sequence, title, (), scope)


def undo(connection: sqlite3.Connection, scope: str, context: Context, when: datetime) -> Changes:
    """Put back exactly the rows from before the act at the top of the scope's stack."""
    act_id = journal.top(connection, scope).undo
    if act_id is None:
        return NOTHING
    backwards = [
        RowChange(c.table, c.fingerprint, c.after, c.before)
        for c in reversed(journal.changes_of(connection, act_id))
    ]
    tops = journal.Top(journal.top(connection, scope, before=act_id).undo, act_id)
    return _again(connection, scope, "undo", act_id, backwards, context, when, tops)


def redo(connection: sqlite3.Connection, scope: str, context: Context, when: datetime) -> Changes:
    """Do again the act that was undone last in this scope."""
    act_id = journal.top(connection, scope).redo
    if act_id is None:
        return NOTHING
    undone: int = connection.execute(
        "SELECT max(sequence) FROM journal WHERE act_id = ? AND kind = 'undo'", (act_id,)
    ).fetchone()[0]
    tops = journal.Top(act_id, journal.top(connection, scope, before=undone).redo)
    return _again(
        connection,
        scope,
        "redo",
        act_id,
        journal.changes_of(connection, act_id),
        context,
        when,
        tops,
    )


def title(connection: sqlite3.Connection, act_id: int | None) -> str:
    """The title of an act, empty for none."""
    if act_id is None:
        return ""
    return str(
        connection.execute("SELECT title FROM journal WHERE sequence = ?", (act_id,)).fetchone()[0]
    )


def row_count(connection: sqlite3.Connection, act_id: int | None) -> int:
    """How many rows an act changed; 0 for none. Without going through them."""
    query = "SELECT coalesce(max(place) + 1, 0) FROM journal_rows WHERE sequence = ?"
    return int(connection.execute(query, (act_id,)).fetchone()[0])


def _again(
    connection: sqlite3.Connection,
    scope: str,
    kind: journal.EntryKind,
    act_id: int,
    changes: Sequence[RowChange],
    context: Context,
    when: datetime,
    tops: journal.Top,
) -> Changes:
    what = wording.not_done(kind)
    written = []
    for change in changes:
        again = _of_procedure(connection, change, what) if change.table == "procedures" else change
        if again is None:
            continue
        now = rows.current(connection, again)
        if now != again.before:
            again = _at_its_place(again, now)
            if again is None:
                raise changed_meanwhile(what)
        rows.write(connection, again)
        written.append(again)
    check_frames(connection, written)
    _check_classes(connection, written, what)
    name = title(connection, act_id)
    sequence = journal.append(
        connection, scope, act_id, kind, name, tuple(written), context, when, tops
    )
    return Changes(sequence, name, tuple(written), scope)


def _at_its_place(change: RowChange, now: Record | None) -> RowChange | None:
    """The same change of a label that stands at another index since; None where it says
    something else now.
    """
    before, after = change.before, change.after
    if not is_same_but_place(RowChange(change.table, change.fingerprint, before, now)):
        return None
    if isinstance(now, FrameLabel) and isinstance(after, FrameLabel):
        after = replace(after, frame_index=now.frame_index)
    elif (
        isinstance(now, RangeLabel)
        and isinstance(before, RangeLabel)
        and isinstance(after, RangeLabel)
    ):
        if (before.first_pts, before.last_pts) != (after.first_pts, after.last_pts):
            return None  # where its other end stands now is not known here
        after = replace(now, class_id=after.class_id)
    return RowChange(change.table, change.fingerprint, now, after)


def _of_procedure(connection: sqlite3.Connection, change: RowChange, what: str) -> RowChange | None:
    """Where a file lies is a fact and no act: what was noted last stays.

    Only the patient is put back.
    """
    before, after, now = change.before, change.after, rows.current(connection, change)
    if (
        not isinstance(before, Procedure)
        or not isinstance(after, Procedure)
        or not isinstance(now, Procedure)
    ):
        return None
    if before.patient == after.patient:
        return None
    if now.patient != before.patient:
        raise changed_meanwhile(what)
    return RowChange("procedures", change.fingerprint, now, replace(now, patient=after.patient))


def check_frames(connection: sqlite3.Connection, written: Sequence[RowChange]) -> None:
    """A frame has one label of each group; AppError where one of these has more.

    A label under a stamp that is not the frame's could only come from outside.
    """
    frames: dict[str, set[int]] = {}
    for change in written:
        if isinstance(label := change.after, FrameLabel):
            frames.setdefault(change.fingerprint, set()).add(label.frame_index)
    for fingerprint, indices in frames.items():
        for index, stamps in _with_several(connection, fingerprint, indices):
            if stamps > 1 or _with_two_of_a_group(connection, (fingerprint, index)):
                raise AppError(*wording.second_label(index))
    if any(_regroups(change) for change in written):
        wrong = _with_two_of_a_group(connection)
        if wrong:
            raise AppError(*wording.two_of_a_group(wrong))


def _with_several(
    connection: sqlite3.Connection, fingerprint: str, frames: set[int]
) -> list[tuple[int, int]]:
    """Those of ``frames`` with more than one label, and the number of their stamps; many are looked
    for in one pass over the labels between them.
    """
    query = (
        "SELECT frame_index, count(DISTINCT pts) FROM frame_labels WHERE fingerprint = ? AND"
        " frame_index BETWEEN ? AND ? GROUP BY frame_index HAVING count(*) > 1"
    )
    between = [(min(frames), max(frames))]
    if len(frames) <= _FEW:
        between = [(index, index) for index in sorted(frames)]
    found: list[tuple[int, int]] = []
    for first, last in between:
        found += connection.execute(query, (fingerprint, first, last)).fetchall()
    return [(index, stamps) for index, stamps in found if index in frames]


def _regroups(change: RowChange) -> bool:
    before, after = change.before, change.after
    return (
        isinstance(before, LabelClass)
        and isinstance(after, LabelClass)
        and (before.class_group, before.merged_into) != (after.class_group, after.merged_into)
    )


def _with_two_of_a_group(
    connection: sqlite3.Connection, frame: tuple[str, int] | None = None
) -> int:
    """Frames with two labels that one frame cannot have: two classes of one group, or a class where
    it is unusable. Of this frame (fingerprint, index) alone, or of all.
    """
    labels = f"SELECT fingerprint, {rows.columns('frame_labels')} FROM frame_labels WHERE "
    if frame is not None:
        found = connection.execute(labels + "fingerprint = ? AND frame_index = ?", frame)
    else:
        several = "(SELECT fingerprint, pts FROM frame_labels WHERE slot > 0)"
        found = connection.execute(labels + f"(fingerprint, pts) IN {several}")
    frames: dict[tuple[str, int], list[FrameLabel]] = {}
    for fingerprint, *row in found.fetchall():
        label = FrameLabel(*row)
        frames.setdefault((fingerprint, label.pts), []).append(label)
    classes = [
        cast(LabelClass, rows.record("classes", row))
        for row in connection.execute(f"SELECT {rows.columns('classes')} FROM classes")
    ]
    known, groups = {item.id: item for item in classes}, groups_of(classes)
    count = 0
    for several_labels in frames.values():
        count += any(
            is_rival(one, other, groups) and not _says_the_same(one, other, known)
            for one, other in combinations(several_labels, 2)
        )
    return count


def _says_the_same(one: FrameLabel, other: FrameLabel, known: Mapping[int, LabelClass]) -> bool:
    """Two labels whose classes were merged."""
    if one.class_id is None or other.class_id is None:
        return False
    return resolved(known, one.class_id).id == resolved(known, other.class_id).id


def _check_classes(connection: sqlite3.Connection, written: Sequence[RowChange], what: str) -> None:
    """Acts of other scopes may need the class that is taken back here, or have taken back the
    one that is needed here.
    """
    for change in written:
        gone = change.before if change.after is None else None
        if isinstance(gone, LabelClass) and _is_used(connection, gone.id):
            raise AppError(*wording.class_in_use(gone.name, what))
    labels = [row.after for row in written if isinstance(row.after, FrameLabel | RangeLabel)]
    for class_id in {label.class_id for label in labels} - {None}:
        if connection.execute("SELECT 1 FROM classes WHERE id = ?", (class_id,)).fetchone() is None:
            raise AppError(*wording.class_gone(what))
    if any(change.table == "classes" for change in written):
        _check_names(connection, what)


def _check_names(connection: sqlite3.Connection, what: str) -> None:
    """A model's classes are added outside undo, so that a name that is put back may have been
    given anew.
    """
    used: set[str] = set()
    for (name,) in connection.execute("SELECT name FROM classes WHERE merged_into IS NULL"):
        if name.casefold() in used:
            raise AppError(*wording.name_given_anew(name, what))
        used.add(name.casefold())


def _is_used(connection: sqlite3.Connection, class_id: int) -> bool:
    queries = (
        "frame_labels WHERE class_id",
        "range_labels WHERE class_id",
        "classes WHERE merged_into",
    )
    return any(
        connection.execute(f"SELECT 1 FROM {query} = ? LIMIT 1", (class_id,)).fetchone()
        for query in queries
    )


def changed_meanwhile(what: str) -> AppError:
    """Somebody else wrote what this act would change."""
    return AppError(*wording.changed_meanwhile(what))
