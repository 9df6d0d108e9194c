"""What procedures may be used for is said on the worklist by key and menu, kept with its history,
and undone there.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from endoscope_app.base.paths import DataDir
from endoscope_app.worklist.worklist_table import LEARNING, WorklistTable
from kd_core.schema.held_out import HeldOut, write_held_out
from tests.endoscope_app.app_session import Session, running
from tests.endoscope_app.clips import make_clip
from tests.endoscope_app.label_session import in_front, ready
from tests.model_factory import make_model_dir
from tests.present import present

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model_dir(tmp_path_factory.mktemp("model") / "m")


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clips") / "case.mp4", count=20)


@pytest.fixture
def session(qtbot: QtBot, tmp_path: Path, model: Path, clip: Path) -> Iterator[Session]:
    """The worklist with one procedure, which is chosen."""
    with running(tmp_path / "data", model) as session:
        ready(session, clip)
        session.press("Ctrl+Home")
        in_front(session, session.app.window)
        table(session).choose(session.app.worklist.view.entries[0].id)
        table(session).setFocus()
        yield session


def table(session: Session) -> WorklistTable:
    return session.app.window.worklist.table


def column(session: Session) -> str:
    """What the line says under "Learning"."""
    item = present(table(session).currentItem())
    return item.text(LEARNING)


def menu_key(session: Session, key: Qt.Key) -> None:
    """Ctrl+U, and a letter of the menu that comes."""
    session.press("Ctrl+U")
    session.until(lambda: QApplication.activePopupWidget() is not None, "the menu")
    QTest.keyClick(present(QApplication.activePopupWidget()), key)
    session.until(lambda: QApplication.activePopupWidget() is None, "the menu gone")


def uses(session: Session) -> list[str]:
    return list(session.app.labels.session.main.read.uses().values())


def titles(session: Session) -> list[tuple[str, str, str]]:
    """Reader, kind and title of the entries about uses."""
    return [
        (row.reader, row.kind, row.title)
        for row in session.app.labels.session.main.read.journal_rows()
        if row.table == "procedure_uses"
    ]


def test_by_its_key_a_procedure_is_excluded_and_by_ctrl_z_on_the_list_allowed_again(
    session: Session,
) -> None:
    menu_key(session, Qt.Key.Key_E)
    assert uses(session) == ["excluded"]
    assert column(session) == "Excluded"
    assert "case.mp4: excluded: the next model neither learns" in session.message()
    QTest.keyClick(table(session), Qt.Key.Key_Z, CONTROL)
    assert uses(session) == []
    assert column(session) == ""
    QTest.keyClick(table(session), Qt.Key.Key_Y, CONTROL)
    if uses(session) == []:  # where the platform's key is another one
        QTest.keyClick(table(session), Qt.Key.Key_Z, CONTROL | Qt.KeyboardModifier.ShiftModifier)
    assert uses(session) == ["excluded"]
    QTest.keyClick(table(session), Qt.Key.Key_Z, CONTROL)
    QTest.keyClick(table(session), Qt.Key.Key_Z, CONTROL)
    assert session.message() == "There is no change of use to undo."
    kinds = [(reader, kind) for reader, kind, _ in titles(session)]
    assert kinds == [("Dr. Test", kind) for kind in ("do", "undo", "redo", "undo")]
    assert titles(session)[0][2] == "exclude: case.mp4"


def test_kept_for_checking_stays_after_a_restart_and_the_context_menu_shows_it(
    session: Session, tmp_path: Path, model: Path
) -> None:
    menu_key(session, Qt.Key.Key_K)
    assert column(session) == "For checking"
    assert "no model learns from it, with all procedures of its patient" in session.message()
    session.app.window.close()
    with running(tmp_path / "data", model) as again:
        again.until(lambda: bool(again.app.worklist.view.entries), "the worklist")
        lines = table(again)
        lines.choose(again.app.worklist.view.entries[0].id)
        place = QPoint(20, 20)
        event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, lines.mapToGlobal(place))
        QApplication.sendEvent(lines.viewport(), event)
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        checked = [action.text() for action in menu.actions() if action.isChecked()]
        assert checked == ["&Keep for checking only"]
        assert "&Second reading, blind..." in [action.text() for action in menu.actions()]
        QTest.keyClick(menu, Qt.Key.Key_L)
        assert uses(again) == []


def test_what_a_model_has_learnt_from_is_not_kept_for_checking_and_that_is_said(
    session: Session, tmp_path: Path
) -> None:
    runs = DataDir.open(str(tmp_path / "data")).runs
    runs.mkdir(parents=True, exist_ok=True)
    fingerprint = session.app.worklist.view.entries[0].fingerprint
    held_out = session.app.retraining.flow._runs.held_out
    write_held_out(held_out, HeldOut((), (fingerprint,)))
    session.app.worklist.view.refresh()
    assert column(session) == "Learnt from"
    menu_key(session, Qt.Key.Key_K)
    assert uses(session) == []
    assert "A model has learnt from it already" in session.message()
    menu_key(session, Qt.Key.Key_E)
    assert column(session) == "Excluded"
