"""What the lists of procedures in several files tell of a patient: the lists and their files. No
Qt.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import NamedTuple

from endoscope_app.base.errors import AppError
from endoscope_app.media import fingerprint
from endoscope_app.media.part_list import MEMORY_NAME, is_part_list, read_part_list
from endoscope_app.media.part_memory import recall


class JoinedList(NamedTuple):
    """``folder``: the name of the one that it lies in; ``parts``: fingerprints of the files, empty
    where one was never opened.
    """

    folder: str
    path: bytes
    files: frozenset[bytes]
    parts: tuple[str, ...]

    @property
    def fingerprint(self) -> str:
        """Of the procedure; empty where it was never opened."""
        return fingerprint.of_parts(self.parts) if self.parts else ""


class JoinedTraces(NamedTuple):
    """``folders``: of the lists, by name; ``fingerprints`` and ``paths`` of the files in them."""

    folders: set[str]
    fingerprints: set[str]
    paths: set[bytes]


def joined_traces(
    connection: sqlite3.Connection,
    joined: Path,
    fingerprints: Collection[str],
    paths: Collection[bytes],
) -> JoinedTraces:
    """Of the lists of these procedures, also of older ones; without files that are another
    patient's procedures by themselves.
    """
    lists = list(_lists(joined))
    # The next patient's files may be called the same, and then so is their list
    theirs = [
        item
        for item in lists
        if (item.fingerprint in fingerprints if item.parts else item.path in paths)
    ]
    files = frozenset[bytes]().union(*(item.files for item in theirs))
    listed = {path for (path,) in connection.execute("SELECT path FROM worklist")}
    # Written before one of the files was left out, and never opened
    theirs += [
        item for item in lists if not item.parts and item.path not in listed and item.files & files
    ]
    return JoinedTraces(
        {item.folder for item in theirs},
        {part for item in theirs for part in item.parts} - _of_others(connection, fingerprints),
        {path for item in theirs for path in item.files},
    )


def _lists(joined: Path) -> Iterator[JoinedList]:
    for path in sorted(joined.glob("*/*")):
        if path.name == MEMORY_NAME or not is_part_list(path):
            continue
        try:
            files = read_part_list(path)
        except AppError:
            files = []
        known = recall(path, len(files))
        parts = tuple(part.fingerprint for part in known if part is not None)
        yield JoinedList(
            path.parent.name,
            os.fsencode(path.absolute()),
            frozenset(map(os.fsencode, files)),
            parts if len(parts) == len(files) else (),
        )


def _of_others(connection: sqlite3.Connection, fingerprints: Collection[str]) -> set[str]:
    """Procedures that have another pseudonym than these."""
    patients: dict[str, set[str]] = {}
    for table in ("procedures", "worklist"):
        for key, patient in connection.execute(
            f"SELECT fingerprint, patient FROM {table} WHERE patient <> ''"
        ):
            patients.setdefault(key, set()).add(patient)
    own = set[str]().union(*(patients.get(key, set()) for key in fingerprints))
    return {key for key, names in patients.items() if not names <= own}
