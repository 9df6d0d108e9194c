"""The label library of one data folder: the only door through which a label is written."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, Self

from endoscope_app.base.errors import AppError
from endoscope_app.labels.library import backups, history, journal, opening_wording, wording
from endoscope_app.labels.library import library_files as files
from endoscope_app.labels.library.label_reader import LabelReader
from endoscope_app.labels.library.library_opening import Opened, open_library
from endoscope_app.labels.library.records import Act, Changes, Context, Procedure
from endoscope_app.labels.library.transaction import NotWritten, empty_log, one_transaction


def utc_now() -> datetime:
    return datetime.now(UTC)


class LabelStore:
    """labels.sqlite in ``folder``.

    When a call returns, what it wrote is on the disk with its journal entry; when it raises,
    nothing is.

    ``now`` is the clock, which orders nothing. For use by one thread.
    """

    def __init__(self, library: Path | Opened, now: Callable[[], datetime] = utc_now) -> None:
        """``library``: its folder, or one that is open. AppError: see open_library."""
        #: What can be asked of the library
        self.read = LabelReader(self._open_connection)
        self._now = now
        self._opened = library if isinstance(library, Opened) else open_library(library, now())
        self._connection: sqlite3.Connection | None = self._opened.connection
        self._file = None if isinstance(library, Opened) else library / files.NAME
        self._identity = None if self._file is None else files.identity(self._file)
        self._next_ids: dict[str, int] = {}
        self._resting: AppError | None = None

    @property
    def read_only_because(self) -> str:
        """Why nothing can be written, as a sentence; empty when it can."""
        return self._opened.read_only_because

    @property
    def opened_from_backup(self) -> str:
        """What became of a damaged or missing library, as sentences; empty when it was sound."""
        return self._opened.opened_from_backup

    @property
    def backup_failed(self) -> str:
        """Why the weekly backup could not be written, as a sentence; empty when it was, or was
        not due.
        """
        return self._opened.backup_failed

    def rest(self, reason: AppError | None) -> None:
        """Refuse acts with ``reason`` from now on, while a connection beside this one writes them
        (see acts_in_pieces); None: no longer.
        """
        self._resting = reason

    @property
    def rests_because(self) -> str:
        """Why acts are refused for a while, as a sentence; empty when they are not."""
        return "" if self._resting is None else str(self._resting)

    def apply(self, act: Act, context: Context) -> Changes:
        """Do an act: its rows and its journal entries, one per scope, in one transaction.

        AppError where it cannot be written; then nothing was.
        """
        return self._written(
            lambda connection: history.do(connection, act, context, self._now()), wording.THE_LABEL
        )

    def undo(self, context: Context, scope: str) -> Changes:
        """Put back exactly what was before the last act of this scope that stands; no rows where
        there is none.

        ``scope``: a procedure's fingerprint, or records.CLASSES_SCOPE. AppError as apply, and where
        later acts of another scope stand in the way.
        """
        return self._written(
            lambda connection: history.undo(connection, scope, context, self._now()),
            wording.THE_UNDO,
        )

    def redo(self, context: Context, scope: str) -> Changes:
        """Do again what was undone last in this scope; no rows where there is nothing.

        AppError as undo.
        """
        return self._written(
            lambda connection: history.redo(connection, scope, context, self._now()),
            wording.THE_REDO,
        )

    def note(self, procedure: Procedure, title: str, context: Context) -> None:
        """An entry of the history that changes nothing and that no undo takes back.

        AppError where it cannot be written.
        """
        self._written(
            lambda connection: history.note(connection, procedure, title, context, self._now()),
            wording.THE_HISTORY,
        )

    def new_id(
        self,
        table: Literal["classes", "range_labels", "segments", "still_pairs", "adjudications"],
    ) -> int:
        """An id for a row of this table to be built, never given out twice."""
        stored: int = (
            self._open_connection()
            .execute("SELECT next FROM next_ids WHERE table_name = ?", (table,))
            .fetchone()[0]
        )
        number = max(stored, self._next_ids.get(table, 1))
        self._next_ids[table] = number + 1
        return number

    def set_reader_name(self, name: str) -> None:
        """Keep the reader's name for the next start. AppError where it cannot be written."""
        tidy = " ".join(name.encode("utf-8", "replace").decode().split())
        connection = self._writable(wording.THE_NAME)
        with one_transaction(connection, wording.THE_NAME):
            connection.execute("INSERT OR REPLACE INTO settings VALUES ('reader', ?)", (tidy,))

    def reading(self) -> sqlite3.Connection:
        """For a table that is another room's, which is not journalled. AppError once closed."""
        return self._open_connection()

    @contextmanager
    def writing(self, what: str) -> Iterator[sqlite3.Connection]:
        """The same to write, as one transaction; ``what`` names the thing in an error.

        AppError where it cannot be written; then nothing was.
        """
        connection = self._writable(what)
        with one_transaction(connection, what):
            yield connection

    @contextmanager
    def erasing(self, what: str) -> Iterator[sqlite3.Connection]:
        """As ``writing``, and what is deleted is overwritten, in the file and in its log.

        AppError also where only the log cannot be emptied now: then all of it is to be done again.
        """
        connection = self._writable(what)
        connection.execute("PRAGMA secure_delete = ON")
        with one_transaction(connection, what):
            yield connection
        empty_log(connection, what)

    def back_up(self, path: Path) -> None:
        """One consistent file of the whole library, checked.

        AppError where it cannot be written.
        """
        backups.write(self._open_connection(), path)

    def export_history_csv(self, path: Path) -> None:
        """The whole history as CSV, see journal.export_csv. AppError where it cannot be written."""
        journal.export_csv(self._open_connection(), path)

    def close(self) -> None:
        """Let go of the file and of the right to write it; a second call does nothing."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._opened.lock is not None:
            self._opened.lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _written(self, write: Callable[[sqlite3.Connection], Changes], what: str) -> Changes:
        connection = self._writable(what)
        if self._resting is not None:
            raise self._resting
        with one_transaction(connection, what):
            return write(connection)

    def _writable(self, what: str) -> sqlite3.Connection:
        if self.read_only_because:
            raise AppError(self.read_only_because, self._opened.read_only_way_out)
        if self._file is not None and files.identity(self._file) != self._identity:
            # On Linux what is written into a file that was removed is kept until it is closed
            because, way_out = opening_wording.WRITE_VANISHED
            raise NotWritten(because, what, way_out, "")
        return self._open_connection()

    def _open_connection(self) -> sqlite3.Connection:
        if self._connection is None:
            raise AppError(*wording.LIBRARY_CLOSED)
        return self._connection
