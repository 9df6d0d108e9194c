"""What was forgotten does not come back with the labels of an older backup."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from endoscope_app.labels.commands import RESTORE_LABELS
from endoscope_app.labels.library import backups
from tests.endoscope_app.app_session import Session, running
from tests.endoscope_app.erasure.test_forget_patient import (
    NAME,
    OTHER,
    data,
    fingerprint,
    forget,
    forgotten,
    found,
    markers,
    model,
    yes,
)
from tests.endoscope_app.label_session import in_front

__all__ = ["data", "model", "yes"]


def restore_each(session: Session, folder: Path) -> int:
    """By keys every backup of the list, the oldest first; how many there were."""
    count, restored = 0, list[bool]()
    session.app.labels.restoring.restored.connect(lambda: restored.append(True))
    for row in range(99):
        session.app.window.action(RESTORE_LABELS).trigger()
        session.until(lambda: session.app.labels.restoring.dialog is not None, "the list")
        dialog = session.app.labels.restoring.dialog
        assert dialog is not None
        in_front(session, dialog)
        count = count or dialog.list.count()
        if row == count:
            QTest.keyClick(dialog, Qt.Key.Key_Escape)
            break
        QTest.keyClick(dialog.list, Qt.Key.Key_End)
        for _ in range(row):  # each restoring has put a newer one on top
            QTest.keyClick(dialog.list, Qt.Key.Key_Up)
        QTest.keyClick(dialog.list, Qt.Key.Key_Return)
        session.until(lambda wanted=row + 1: len(restored) == wanted, "restored")  # type: ignore[misc]
        assert session.message().startswith("The labels are those of")
        session.until(lambda: session.app.labels.restoring.dialog is None, "the list is gone")
        assert [entry.path.name for entry in session.app.worklist.view.entries] == [f"{OTHER}.mp4"]
        assert found(folder, *markers(NAME)) == 0
    return count


def test_no_backup_brings_a_forgotten_patient_back(
    data: Path, model: Path, yes: list[str], tmp_path: Path
) -> None:
    gone, kept = (fingerprint(data, name) for name in (NAME, OTHER))
    with running(data, model) as session:
        forget(session, NAME)
        forgotten(session, data)
        assert restore_each(session, data) >= 1
    assert found(data, *markers(NAME), gone, gone[:12]) == 0
    folder = data / "labels" / backups.FOLDER
    for path in (data / "labels/labels.sqlite", *folder.glob("*.sqlite")):
        with closing(sqlite3.connect(path)) as connection:
            rows = connection.execute("SELECT fingerprint FROM procedures").fetchall()
            assert rows == [(kept,)], path.name


@pytest.mark.parametrize("copy", ["replaced-000000000009-20260102T000000Z.sqlite"])
def test_neither_does_what_was_kept_before_a_restoring(
    data: Path, model: Path, yes: list[str], copy: str
) -> None:
    folder = data / "labels" / backups.FOLDER
    (before,) = backups.newest_first(folder)[:1]
    (folder / copy).write_bytes(before.read_bytes())
    with running(data, model) as session:
        forget(session, NAME)
        forgotten(session, data)
        assert restore_each(session, data) >= 2
    assert found(data, *markers(NAME)) == 0
