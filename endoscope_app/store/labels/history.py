"""Doing, undoing and redoing inside one transaction. The journal is the stack: nothing of it is held in memory."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime

from endoscope_app.errors import AppError
from endoscope_app.store.labels import journal, rows
from endoscope_app.store.labels.records import Act, Changes, Context, RowChange

NOTHING = Changes(None, "", ())


def do(connection: sqlite3.Connection, act: Act, context: Context, when: datetime) -> Changes:
    """Write an act and its entry; what could be redone no longer can. An act that changes nothing writes nothing."""
    changes = tuple(change for change in act.rows if change.before != change.after)
    if not changes:
        return NOTHING
    for change in changes:
        if rows.current(connection, change) != change.before:
            raise _changed_meanwhile("the act was not done")
        rows.write(connection, change)
    tops = None if act.undoable else journal.top(connection)
    return Changes(journal.append(connection, None, "do", act.title, changes, context, when, tops), act.title, changes)


def undo(connection: sqlite3.Connection, context: Context, when: datetime) -> Changes:
    """Put back exactly the rows from before the act at the top of the stack."""
    act_id = journal.top(connection).undo
    if act_id is None:
        return NOTHING
    backwards = [RowChange(c.table, c.fingerprint, c.after, c.before) for c in reversed(journal.changes_of(connection, act_id))]
    tops = journal.Top(journal.top(connection, before=act_id).undo, act_id)
    return _again(connection, "undo", act_id, backwards, context, when, tops)


def redo(connection: sqlite3.Connection, context: Context, when: datetime) -> Changes:
    """Do again the act that was undone last."""
    act_id = journal.top(connection).redo
    if act_id is None:
        return NOTHING
    undone: int = connection.execute("SELECT max(sequence) FROM journal WHERE act_id = ? AND kind = 'undo'", (act_id,)).fetchone()[0]
    tops = journal.Top(act_id, journal.top(connection, before=undone).redo)
    return _again(connection, "redo", act_id, journal.changes_of(connection, act_id), context, when, tops)


def title(connection: sqlite3.Connection, act_id: int | None) -> str:
    """The title of an act, empty for none."""
    if act_id is None:
        return ""
    return str(connection.execute("SELECT title FROM journal WHERE sequence = ?", (act_id,)).fetchone()[0])


def _again(
    connection: sqlite3.Connection, kind: journal.EntryKind, act_id: int, changes: Sequence[RowChange],
    context: Context, when: datetime, tops: journal.Top,
) -> Changes:  # fmt: skip
    # where a file lies is a fact and no act: what was noted last stays
    labels = tuple(change for change in changes if change.table != "procedures")
    for change in labels:
        if rows.current(connection, change) != change.before:
            raise _changed_meanwhile(f"the {kind} was not done")
        rows.write(connection, change)
    name = title(connection, act_id)
    return Changes(journal.append(connection, act_id, kind, name, labels, context, when, tops), name, labels)


def _changed_meanwhile(what: str) -> AppError:
    return AppError(f"The labels have changed in the meantime, so {what}.", "Look at the labels as they are now and try again.")
