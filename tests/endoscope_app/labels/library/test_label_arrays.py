"""Arrays of labels that are kept while nobody writes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from endoscope_app.labels.library.label_arrays import KeptArrays

TABLE = """CREATE TABLE frame_labels
 (fingerprint TEXT, pts INTEGER, frame_index INTEGER, class_id INTEGER, kind TEXT, slot INTEGER)"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "labels.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(TABLE)
    connection.close()
    return path


@pytest.fixture
def connection(file: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(file, isolation_level=None)
    yield connection
    connection.close()


def label(connection: sqlite3.Connection, index: int, fingerprint: str = "a") -> None:
    row = (fingerprint, 40 * index, index, 1, "class", 0)
    connection.execute("INSERT INTO frame_labels VALUES (?, ?, ?, ?, ?, ?)", row)


def places(kept: KeptArrays, connection: sqlite3.Connection, fingerprint: str = "a") -> list[int]:
    read: list[int] = kept.read(connection, fingerprint).frame_index.tolist()
    return read


def test_they_are_read_once_while_nobody_writes(connection: sqlite3.Connection) -> None:
    label(connection, 3)
    kept = KeptArrays()
    assert kept.read(connection, "a") is kept.read(connection, "a")
    with pytest.raises(ValueError, match="read-only"):
        kept.read(connection, "a").pts[0] = 7  # another reader would see it


def test_what_anybody_writes_is_read(file: Path, connection: sqlite3.Connection) -> None:
    kept = KeptArrays()
    assert places(kept, connection) == []
    label(connection, 3)
    assert places(kept, connection) == [3]
    other = sqlite3.connect(file, isolation_level=None)
    label(other, 5)
    other.close()
    assert places(kept, connection) == [3, 5]
    assert places(kept, connection, "b") == []
    assert places(kept, connection) == [3, 5]


def test_what_is_taken_back_was_never_kept(connection: sqlite3.Connection) -> None:
    kept = KeptArrays()
    assert places(kept, connection) == []
    connection.execute("BEGIN")
    label(connection, 3)
    assert places(kept, connection) == [3]
    connection.execute("ROLLBACK")
    assert places(kept, connection) == []


def test_another_library_is_another(tmp_path: Path, connection: sqlite3.Connection) -> None:
    kept = KeptArrays()
    label(connection, 3)
    assert places(kept, connection) == [3]
    with sqlite3.connect(tmp_path / "restored.sqlite", isolation_level=None) as restored:
        restored.execute(TABLE)
        label(restored, 4)
        assert places(kept, restored) == [4]
    restored.close()
