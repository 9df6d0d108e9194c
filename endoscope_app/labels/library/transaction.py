"""One transaction, and what the database's refusals mean in the reader's words."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from endoscope_app.base.errors import AppError
from endoscope_app.labels.library import opening_wording as wording


@contextmanager
def refusals_in_words(what: str) -> Iterator[None]:
    """AppError where the world refused what the body writes; ``what`` names the thing in the
    sentence.
    """
    try:
        yield
    except MemoryError as error:  # what Python's module makes of SQLITE_NOMEM
        because, way_out = wording.WRITE_NO_MEMORY
        raise NotWritten(because, what, way_out, "MemoryError") from error
    except sqlite3.IntegrityError:
        raise
    except sqlite3.DatabaseError as error:
        if is_bug(error):
            raise
        raise write_error(error, what) from error


def empty_log(connection: sqlite3.Connection, what: str) -> None:
    """Write all of the log into the file and leave it with no bytes: what was deleted may still
    stand there. AppError where it cannot be done now, while somebody reads among others.
    """
    with refusals_in_words(what):
        (is_busy, *_) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if is_busy:
        because, way_out = wording.WRITE_BUSY
        raise NotWritten(because, what, way_out, "the log is read")


@contextmanager
def one_transaction(connection: sqlite3.Connection, what: str) -> Iterator[None]:
    """All of the body is written, or nothing.

    AppError where the world refused; ``what`` names the thing in the sentence.
    """
    with refusals_in_words(what):
        try:
            connection.execute("BEGIN IMMEDIATE")
            yield
            connection.execute("COMMIT")
        except BaseException:
            _roll_back(connection)
            raise


def _roll_back(connection: sqlite3.Connection) -> None:
    """SQLite ends the transaction by itself after some errors, a full disk among them."""
    if connection.in_transaction:
        connection.execute("ROLLBACK")


def is_bug(error: sqlite3.Error) -> bool:
    """True where the program asked something wrong, rather than the world having failed."""
    if isinstance(error, sqlite3.OperationalError):
        return code(error) == sqlite3.SQLITE_ERROR
    return code(error) not in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def code(error: sqlite3.Error) -> int:
    """SQLite's primary result code, SQLITE_ERROR where Python's module itself complains."""
    return int(getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)) & 0xFF


def is_damage(error: sqlite3.Error) -> bool:
    """True where the file is no sound database."""
    return code(error) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class NotWritten(AppError):
    """The world refused a write. ``because``: why, as the end of a sentence."""

    def __init__(self, because: str, what: str, way_out: str, detail: str) -> None:
        super().__init__(wording.not_saved(because, what), way_out, detail)
        self.because = because


def write_error(error: sqlite3.Error, what: str) -> NotWritten:
    """The sentence for a write that failed.

    Nothing of it was kept, and everything before it was.
    """
    detail = f"{type(error).__name__} {getattr(error, 'sqlite_errorname', 'without a code')}"
    if getattr(error, "sqlite_errorname", "") == "SQLITE_IOERR_NOMEM":
        because, way_out = wording.WRITE_NO_MEMORY
        return NotWritten(because, what, way_out, detail)
    match code(error):
        case sqlite3.SQLITE_FULL:
            refused = wording.WRITE_DISK_FULL
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            refused = wording.WRITE_BUSY
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM | sqlite3.SQLITE_CANTOPEN:
            refused = wording.WRITE_READ_ONLY
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            refused = wording.WRITE_DAMAGED
        case _:
            refused = wording.WRITE_REFUSED
    because, way_out = refused
    return NotWritten(because, what, way_out, detail)
