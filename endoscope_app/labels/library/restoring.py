"""Going back to a backup: what it holds, what would change, and the change itself, in one step."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from endoscope_app.base.errors import AppError
from endoscope_app.labels.library import backups, journal, migrations
from endoscope_app.labels.library import library_files as files
from endoscope_app.labels.library import library_schema as schema
from endoscope_app.labels.library import restoring_wording as wording
from endoscope_app.labels.library.records import Context
from endoscope_app.labels.library.transaction import write_error

SCOPE = "Restored"
_LABELS = {
    "frame_labels": "fingerprint, pts, kind, class_id",
    "range_labels": "fingerprint, first_pts, last_pts, class_id",
}
Rows = dict[str, frozenset[tuple[object, ...]]]
"""What is labelled, by fingerprint; procedures without labels too."""


@dataclass(frozen=True, slots=True)
class KeptBackup:
    """``procedures`` and ``labels``: how many it holds; ``missing``: procedures known now that it
    does not know; ``differing``: how many others are labelled differently in it.
    """

    path: Path
    when: datetime
    procedures: int
    labels: int
    missing: int
    differing: int


def kept_backups(library: Path) -> list[KeptBackup]:
    """The good ones of the library in the folder, newest first. AppError where the library itself
    cannot be read.
    """
    try:
        with contextlib.closing(files.connect_read_only(library / files.NAME)) as connection:
            now = _labels_in(connection)
    except sqlite3.Error as error:
        raise write_error(error, wording.THE_LIBRARY) from error
    found = []
    folder = library / backups.FOLDER
    for path in (*backups.newest_first(folder), *backups.replaced(folder)):
        with contextlib.suppress(sqlite3.Error):
            with contextlib.closing(files.connect_read_only(path)) as connection:
                application, version = files.versions(connection)
                if application != schema.APPLICATION_ID or not 0 < version <= schema.VERSION:
                    continue
                then = _labels_in(connection)
            found.append(_compared(path, then, now))
    return sorted(found, key=lambda each: each.when, reverse=True)


def restore(library: Path, backup: Path, context: Context, when: datetime) -> None:
    """The library in the folder holds what the backup held, and an entry in the history about it.

    What it held before is kept as a backup first. Killed at any moment there is the one or the
    other. By whoever holds the library's lock, beside other connections of the same program.
    AppError where the backup is damaged or something cannot be written; then nothing changed.
    """
    try:
        with contextlib.closing(_copy_of(backup)) as copy:
            title = wording.journal_title(backups.written_at(backup))
            journal.append(copy, SCOPE, None, "do", title, (), context, when, None)
            with contextlib.closing(files.connect(library / files.NAME)) as live:
                files.make_safe(live)
                backups.write_replaced(live, library / backups.FOLDER, when)
                copy.backup(live)
                backups.stand_back(library / backups.FOLDER, journal.last_sequence(live))
    except sqlite3.Error as error:
        raise write_error(error, wording.THE_LIBRARY) from error


def _copy_of(backup: Path) -> sqlite3.Connection:
    """In memory, checked, as this version of the program has it."""
    copy = sqlite3.connect(":memory:", isolation_level=None)
    try:
        with contextlib.closing(files.connect_read_only(backup)) as source:
            source.backup(copy)
        application, version = files.versions(copy)
        if application != schema.APPLICATION_ID or not 0 < version <= schema.VERSION:
            raise AppError(*wording.NOT_USABLE)
        if not files.is_sound(copy):
            raise AppError(*wording.NOT_USABLE)
        if version < schema.VERSION:
            migrations.migrate(copy, version)
    except sqlite3.DatabaseError as error:
        copy.close()
        raise AppError(*wording.NOT_USABLE, error.sqlite_errorname) from error
    except BaseException:
        copy.close()
        raise
    return copy


def _labels_in(connection: sqlite3.Connection) -> Rows:
    found: dict[str, set[tuple[object, ...]]] = {
        fingerprint: set()
        for (fingerprint,) in connection.execute("SELECT fingerprint FROM procedures")
    }
    for table, columns in _LABELS.items():
        for row in connection.execute(f"SELECT {columns} FROM {table}"):
            found.setdefault(row[0], set()).add((table, *row[1:]))
    return {fingerprint: frozenset(rows) for fingerprint, rows in found.items()}


def _compared(path: Path, then: Rows, now: Rows) -> KeptBackup:
    both: Collection[str] = then.keys() & now.keys()
    return KeptBackup(
        path,
        backups.written_at(path),
        len(then),
        sum(map(len, then.values())),
        len(now.keys() - then.keys()),
        sum(then[each] != now[each] for each in both),
    )
