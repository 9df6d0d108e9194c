"""What the database's refusals mean in the reader's words."""

from __future__ import annotations

import sqlite3
from typing import Any, cast

import pytest

from endoscope_app.labels.library.transaction import NotWritten, empty_log, one_transaction


class Refusing:
    """A connection on which every statement that begins so fails."""

    in_transaction = False

    def __init__(self, begins: str, name: str) -> None:
        self._begins, self._name = begins, name

    def execute(self, statement: str) -> Refusing:
        if statement.startswith(self._begins):
            error = sqlite3.OperationalError("refused")
            error.sqlite_errorcode = getattr(sqlite3, self._name)
            error.sqlite_errorname = self._name
            raise error
        return self

    def fetchone(self) -> tuple[int, int, int]:
        return (0, 0, 0)


def erase(connection: Any) -> None:
    with one_transaction(connection, "the erasure"):
        pass
    empty_log(connection, "the erasure")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("SQLITE_FULL", "full"),
        ("SQLITE_BUSY", "nother program"),
        ("SQLITE_LOCKED", "nother program"),
        ("SQLITE_IOERR", "the erasure was not saved"),
        ("SQLITE_CORRUPT", "damaged"),
    ],
)
@pytest.mark.parametrize("begins", ["PRAGMA wal_checkpoint", "BEGIN", "COMMIT", ""])
def test_a_refusal_at_any_statement_is_said(name: str, words: str, begins: str) -> None:
    connection: Any = cast(Any, Refusing(begins, name))
    with pytest.raises(NotWritten, match=words) as caught:
        erase(connection)
    assert caught.value.way_out


def test_a_wrong_statement_is_a_bug_and_no_refusal() -> None:
    connection: Any = cast(Any, Refusing("PRAGMA", "SQLITE_ERROR"))
    with pytest.raises(sqlite3.OperationalError):
        empty_log(connection, "the erasure")
