"""Labels, Restore labels: by keys, from the list to the window that shows what was."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from endoscope_app.base.errors import AppError
from endoscope_app.labels.commands import RESTORE_LABELS
from endoscope_app.labels.library import backups
from endoscope_app.labels.restore_dialog import RestoreDialog
from tests.endoscope_app.app_session import Session, running
from tests.endoscope_app.clips import make_clip
from tests.endoscope_app.label_session import give, in_front, labels, ready, store
from tests.model_factory import make_model_dir

LONG_AGO = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


IMPORTED = AppError("Labels are being imported.", "Wait for the end.")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model_dir(tmp_path_factory.mktemp("model") / "m")


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clips") / "first.mp4", count=40)


@pytest.fixture
def session(qtbot: QtBot, tmp_path: Path, model: Path, clip: Path) -> Iterator[Session]:
    """Frame 3 is labelled, then a backup is made, then frame 7; a newer backup holds both."""
    with running(tmp_path / "data", model) as session:
        ready(session, clip)
        folder = tmp_path / "data" / "labels" / backups.FOLDER
        give(session, {3: "1"})
        backups.write_automatic(store(session).reading(), folder, LONG_AGO)
        give(session, {7: "2"})
        later = LONG_AGO + timedelta(days=7)
        backups.write_automatic(store(session).reading(), folder, later)
        yield session


def frames(session: Session) -> list[int]:
    return sorted(each.frame_index for each in labels(session))


def shown(session: Session) -> list[int]:
    states = session.app.labels.procedure_labels.states
    return [index for index in (3, 7) if len(states.label) > index and states.label[index] >= 0]


def opened(session: Session) -> RestoreDialog:
    session.app.window.action(RESTORE_LABELS).trigger()
    session.until(lambda: session.app.labels.restoring.dialog is not None, "the list")
    dialog = session.app.labels.restoring.dialog
    assert dialog is not None
    in_front(session, dialog)
    return dialog


def test_the_older_one_is_chosen_by_keys_and_the_window_shows_it(session: Session) -> None:
    dialog = opened(session)
    rows = [dialog.list.item(row).text() for row in range(dialog.list.count())]
    assert [row.split(": ")[1] for row in rows] == ["1 procedure, 2 labels", "1 procedure, 1 label"]
    assert "same labels" in dialog.changes.text()
    QTest.keyClick(dialog.list, Qt.Key.Key_Down)
    assert "The labels of 1 procedure become others." in dialog.changes.text()
    assert "kept as a backup first" in dialog.changes.text()
    QTest.keyClick(dialog.list, Qt.Key.Key_Return)
    session.until(lambda: session.app.labels.restoring.dialog is None, "it is restored")
    session.until(lambda: frames(session) == [3], "the window shows the labels of then")
    session.until(lambda: session.on_screen() >= 0, "the procedure is open again")
    assert session.message().startswith("The labels are those of 2026-01-02")
    session.until(lambda: shown(session) == [3], "the timeline and the panel show them")
    give(session, {9: "1"})
    session.until(lambda: frames(session) == [3, 9], "it is labelled on")


def test_the_way_back_is_in_the_list(session: Session) -> None:
    dialog = opened(session)
    QTest.keyClick(dialog.list, Qt.Key.Key_End)
    QTest.keyClick(dialog.list, Qt.Key.Key_Return)
    session.until(lambda: frames(session) == [3])
    session.until(lambda: session.app.labels.restoring.dialog is None)
    dialog = opened(session)
    assert dialog.list.item(0).text().endswith("1 procedure, 2 labels")
    QTest.keyClick(dialog.list, Qt.Key.Key_Return)
    session.until(lambda: frames(session) == [3, 7])


def test_esc_changes_nothing(session: Session) -> None:
    dialog = opened(session)
    QTest.keyClick(dialog.list, Qt.Key.Key_Down)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    session.until(lambda: session.app.labels.restoring.dialog is None)
    assert frames(session) == [3, 7]


def test_while_a_patient_is_erased_nothing_is_restored(session: Session) -> None:
    (session.app.erasure._data.root / "erasing.json").write_text(
        '{"fingerprints": [], "paths": []}'
    )
    session.app.window.action(RESTORE_LABELS).trigger()
    assert session.message() == "A patient is being erased. Wait for the end, then restore."
    assert session.app.labels.restoring.dialog is None


def test_while_labels_are_imported_nothing_is_restored(session: Session) -> None:
    session.app.labels.session.main.rest(IMPORTED)
    session.app.window.action(RESTORE_LABELS).trigger()
    assert session.message().startswith("Labels are being imported.")
    assert session.app.labels.restoring.dialog is None


def test_an_import_that_begins_while_the_list_is_open_is_not_restored_into(
    session: Session,
) -> None:
    dialog = opened(session)
    QTest.keyClick(dialog.list, Qt.Key.Key_Down)
    session.app.labels.session.main.rest(IMPORTED)
    QTest.keyClick(dialog.list, Qt.Key.Key_Return)
    session.until(lambda: session.app.labels.restoring.dialog is None, "it is refused")
    session.app.labels.restoring._tasks.wait()
    assert session.message().startswith("Labels are being imported.")
    assert frames(session) == [3, 7]


def test_without_a_backup_one_sentence_says_so(qtbot: QtBot, tmp_path: Path, model: Path) -> None:
    with running(tmp_path / "data", model) as session:
        session.until(lambda: not session.app.labels.session.not_open_because)
        session.app.window.action(RESTORE_LABELS).trigger()
        session.until(lambda: session.message().startswith("There is no backup yet."))
