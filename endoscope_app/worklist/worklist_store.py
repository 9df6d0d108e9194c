"""The worklist in the label library: what is in it, and every change of it. No Qt.

Paths are kept here and nowhere else. Nothing of it is journalled: labels have their own history.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Collection, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.labels.library.second_reading_records import LearningUse
from endoscope_app.media.source import SourceInfo
from endoscope_app.worklist import wording
from endoscope_app.worklist.entry import STATES, Entry, State
from endoscope_app.worklist.folder_contents import Found, changed_at

_FIELDS = tuple(
    field.name
    for field in fields(Entry)
    if field.name not in ("is_missing", "side", "use", "parts", "parts_away", "reading_s")
)
#: Of a procedure that has labels the library knows the patient: by that it is learnt from.
_COLUMNS = ", ".join(_FIELDS).replace(
    "patient",
    "coalesce(nullif((SELECT patient FROM procedures WHERE fingerprint = worklist.fingerprint),"
    " ''), patient)",
)
_PAUSED = "worklist_paused"


class WorklistStore:
    """``library`` gives the open one. Every write raises AppError where it cannot be written."""

    def __init__(self, library: Callable[[], LabelStore]) -> None:
        self._library = library

    @property
    def read_only_because(self) -> str:
        """Why nothing can be written, as a sentence; empty when it can."""
        return self._library().read_only_because

    def entries(self) -> list[Entry]:
        """All of it, in the order in which they were added."""
        rows = self._library().reading().execute(f"SELECT {_COLUMNS} FROM worklist ORDER BY id")
        read = self._library().read.reading_seconds()
        entries = [_entry(row) for row in rows]
        return [replace(each, reading_s=read.get(each.fingerprint, 0.0)) for each in entries]

    def uses(self) -> dict[str, LearningUse]:
        """By fingerprint, what the reader allows of procedures."""
        return self._library().read.uses()

    def add(self, found: Sequence[Found], *, wanted: bool) -> int:
        """Put these at the end; how many are new. One that is there already is only wanted again.

        ``wanted``: the queue is to analyse them.
        """
        with self._library().writing(wording.THE_WORKLIST) as connection:
            before = connection.total_changes
            connection.executemany(
                "INSERT OR IGNORE INTO worklist (path, changed_at, wanted) VALUES (?, ?, ?)",
                [(os.fsencode(item.path), item.changed_at, int(wanted)) for item in found],
            )
            added = connection.total_changes - before
            if wanted:
                connection.executemany(
                    "UPDATE worklist SET wanted = 1, trouble = '' WHERE path = ?"
                    " AND state IN ('new', 'analysing')",
                    [(os.fsencode(item.path),) for item in found],
                )
        return added

    def note(self, info: SourceInfo) -> int:
        """What was found by opening this procedure; the id of its line, which is made where there
        is none.

        A file that was moved takes its old line along. A file with another content begins anew, of
        no known patient: recorders give the next patient's files the same names. Another video
        stream of the same file leaves its line as it is.
        """
        path = os.fsencode(info.path.absolute())
        with self._library().writing(wording.THE_WORKLIST) as connection:
            line, is_other_stream = _line_of(connection, path, info)
            if is_other_stream:
                return line
            connection.execute(
                "UPDATE worklist SET path = ?, changed_at = ?, kind = ?, length_ms = ?,"
                " frame_count = ?, fingerprint = ?, trouble = '' WHERE id = ?",
                (
                    path,
                    changed_at(info.parts[0].path if info.parts else info.path),
                    info.kind,
                    info.duration_ms,
                    info.frame_count,
                    info.fingerprint,
                    line,
                ),
            )
        return line

    def advance(self, fingerprint: str, state: State) -> bool:
        """An act led this procedure to ``state``; False where it was as far already."""
        before = STATES[: STATES.index(state)]
        marks = ", ".join("?" * len(before))
        with self._library().writing(wording.THE_WORKLIST) as connection:
            done = connection.execute(
                f"UPDATE worklist SET state = ? WHERE fingerprint = ? AND state IN ({marks})",
                (state, fingerprint, *before),
            )
        return done.rowcount > 0

    def keep_progress(self, fingerprint: str, analysed: int, model: str) -> None:
        """So many frames of this procedure are kept by this model."""
        self._set("analysed = ?, model = ? WHERE fingerprint = ?", analysed, model, fingerprint)

    def refuse(self, path: Path, sentence: str) -> bool:
        """It could not be read, or not to its end; False where the path is in no line."""
        return self._set(
            "trouble = ?, wanted = 0 WHERE path = ?", sentence, os.fsencode(path.absolute())
        )

    def want(self, ids: Collection[int], *, wanted: bool) -> None:
        """The queue is to analyse these, or is not any more."""
        with self._library().writing(wording.THE_WORKLIST) as connection:
            connection.executemany(
                "UPDATE worklist SET wanted = ?, trouble = iif(?, '', trouble) WHERE id = ?",
                [(int(wanted), int(wanted), line) for line in ids],
            )

    def name_patient(self, ids: Collection[int], patient: str) -> None:
        """The pseudonym of procedures that have no labels yet."""
        with self._library().writing(wording.THE_WORKLIST) as connection:
            connection.executemany(
                "UPDATE worklist SET patient = ? WHERE id = ?", [(patient, line) for line in ids]
            )

    def move(self, line: int, path: Path) -> None:
        """Its file lies there now; nothing changes where that has a line already."""
        self._set("path = ?, trouble = '' WHERE id = ?", os.fsencode(path.absolute()), line)

    def replace(self, path: Path, to: Path) -> None:
        """What lies at ``to`` is the procedure of this line; nothing changes where that has a line
        already.
        """
        self._set(
            "path = ?, trouble = '' WHERE path = ?",
            os.fsencode(to.absolute()),
            os.fsencode(path.absolute()),
        )

    def remove(self, ids: Collection[int]) -> None:
        """Take these out of the list; files, labels and analyses stay."""
        with self._library().writing(wording.THE_WORKLIST) as connection:
            connection.executemany("DELETE FROM worklist WHERE id = ?", [(line,) for line in ids])

    def follow_patient(self, fingerprint: str, patient: str) -> None:
        """The library has another pseudonym for this procedure."""
        self._set("patient = ? WHERE fingerprint = ?", patient, fingerprint)

    def patient_before_labels(self, fingerprint: str) -> str:
        """The pseudonym that was given here; empty where none was."""
        row = (
            self._library()
            .reading()
            .execute(
                "SELECT patient FROM worklist WHERE fingerprint = ? AND patient <> ''",
                (fingerprint,),
            )
            .fetchone()
        )
        return "" if row is None else str(row[0])

    @property
    def paused(self) -> bool:
        """Whether the reader has paused the queue, also before a restart."""
        row = (
            self._library()
            .reading()
            .execute("SELECT value FROM settings WHERE key = ?", (_PAUSED,))
        )
        return row.fetchone() is not None

    def pause(self, paused: bool) -> None:
        """Keep that for the next start."""
        with self._library().writing(wording.THE_WORKLIST) as connection:
            if paused:
                connection.execute("INSERT OR REPLACE INTO settings VALUES (?, '1')", (_PAUSED,))
            else:
                connection.execute("DELETE FROM settings WHERE key = ?", (_PAUSED,))

    def _set(self, change: str, *values: object) -> bool:
        with self._library().writing(wording.THE_WORKLIST) as connection:
            return (
                connection.execute(f"UPDATE OR IGNORE worklist SET {change}", values).rowcount > 0
            )


def _entry(row: tuple[Any, ...]) -> Entry:
    values = dict(zip(_FIELDS, row, strict=True))
    values["path"] = Path(os.fsdecode(values["path"]))
    values["wanted"] = bool(values["wanted"])
    return Entry(**values)


def _line_of(connection: sqlite3.Connection, path: bytes, info: SourceInfo) -> tuple[int, bool]:
    """The line of a procedure that was opened: the one of its path, or of its content where that
    was moved here, or a new one; and whether it is of another stream of the file.
    """
    here = connection.execute(
        "SELECT id, fingerprint FROM worklist WHERE path = ?", (path,)
    ).fetchone()
    for line, old in connection.execute(
        "SELECT id, path FROM worklist WHERE fingerprint = ? AND path <> ?",
        (info.fingerprint, path),
    ).fetchall():
        if not os.path.exists(os.fsdecode(old)):
            if here is not None:
                connection.execute("DELETE FROM worklist WHERE id = ?", (here[0],))
            return int(line), False
    if here is None:
        made = connection.execute("INSERT INTO worklist (path) VALUES (?)", (path,))
        return int(made.lastrowid or 0), False
    if here[1] in info.siblings:
        return int(here[0]), True
    if here[1] not in ("", info.fingerprint):
        connection.execute(
            "UPDATE worklist SET state = 'new', patient = '', analysed = 0, model = ''"
            " WHERE id = ?",
            (here[0],),
        )
    return int(here[0]), False
