"""An act of very many rows, written piece by piece on a connection of its own.

A piece is a transaction with its rows of the act's one entry in the journal: whenever the program
is stopped or killed, what is on the disk is journalled, and one undo takes it back. Nobody else may
write an entry meanwhile: LabelStore.rest.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from endoscope_app.base.errors import AppError
from endoscope_app.labels.library import history, journal, wording
from endoscope_app.labels.library import library_files as files
from endoscope_app.labels.library import library_rows as rows
from endoscope_app.labels.library.records import Act, Changes, Context, FrameLabel, RowChange
from endoscope_app.labels.library.transaction import one_transaction

PIECE = 4_000
"""Rows of a piece: the window, which may want to write too, waits for one at most."""
Progressed = Callable[[int, int], None]


@dataclass(frozen=True)
class Written:
    """What became of it: ``done`` of ``total`` labels; the rest was not asked for any more, or was
    refused (``problem``).
    """

    changes: Changes
    done: int
    total: int
    problem: AppError | None = None


def write_in_pieces(
    folder: Path,
    act: Act,
    context: Context,
    when: datetime,
    progressed: Progressed,
    should_stop: Callable[[], bool],
) -> Written:
    """Write an act into the library in ``folder``, which a LabelStore holds open and that rests.

    AppError where nothing was written: the library is not as the act has it, or cannot be written.
    """
    with closing(files.connect(folder / files.NAME)) as connection:
        files.make_safe(connection)
        return _InPieces(connection, progressed, should_stop).write(act, context, when)


class _InPieces:
    def __init__(
        self,
        connection: sqlite3.Connection,
        progressed: Progressed,
        should_stop: Callable[[], bool],
    ) -> None:
        self._connection = connection
        self._progressed, self._should_stop = progressed, should_stop
        self._done = self._total = 0
        self._sequence: int | None = None
        self._scope = ""
        self._seen: dict[tuple[str, str], RowChange] = {}

    def write(self, act: Act, context: Context, when: datetime) -> Written:
        changes = tuple(change for change in act.rows if change.before != change.after)
        self._total = _labels(changes)
        self._compare(changes)
        problem: AppError | None = None
        try:
            for part in replace(act, rows=changes).by_scope() if changes else ():
                self._part(part, context, when)
                context = replace(context, seconds_spent=0.0)  # the reader's time is counted once
        except AppError as error:
            if self._sequence is None:
                raise
            problem = error
        seen = tuple(self._seen.values())
        told = Changes(self._sequence, act.title, seen, self._scope, are_many=True)
        return Written(told, self._done, self._total, problem)

    def _compare(self, changes: Sequence[RowChange]) -> None:
        """Before anything is written: what cannot be done whole is not begun."""
        for change in changes:
            if rows.current(self._connection, change) != change.before:
                raise history.changed_meanwhile(wording.ACT_NOT_DONE)

    def _part(self, part: Act, context: Context, when: datetime) -> None:
        start, connection = 0, self._connection
        for piece in _pieces(part.rows):
            if self._should_stop():
                return
            with one_transaction(connection, wording.THE_LABEL):
                for change in piece:
                    rows.write(connection, change)
                history.check_frames(connection, piece)
                if start == 0:
                    self._scope = part.scope
                    tops = None if part.undoable else journal.top(connection, part.scope)
                    self._sequence = journal.append(
                        connection, part.scope, None, "do", part.title, piece, context, when, tops
                    )
                elif self._sequence is not None:
                    journal.append_rows(connection, self._sequence, start, piece)
            start += len(piece)
            self._done += _labels(piece)
            for change in piece:
                self._seen.setdefault((change.table, change.fingerprint), change)
            self._progressed(self._done, self._total)


def _pieces(changes: Sequence[RowChange]) -> Iterator[tuple[RowChange, ...]]:
    """All rows of one frame in one piece: between two of them it may have a label too many."""
    start = 0
    while start < len(changes):
        stop = min(start + PIECE, len(changes))
        while stop < len(changes) and _are_of_one_frame(*changes[stop - 1 : stop + 1]):
            stop += 1
        yield tuple(changes[start:stop])
        start = stop


def _labels(changes: Sequence[RowChange]) -> int:
    return sum(change.table in ("frame_labels", "range_labels") for change in changes)


def _are_of_one_frame(one: RowChange, other: RowChange) -> bool:
    label, next_label = one.after or one.before, other.after or other.before
    return (
        isinstance(label, FrameLabel)
        and isinstance(next_label, FrameLabel)
        and (one.fingerprint, label.pts) == (other.fingerprint, next_label.pts)
    )
