"""Classes and statistics in their windows: every act from the keyboard, undone like any other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from endoscope_app.labels.classes_dialog import ClassesDialog
from endoscope_app.labels.commands import STATISTICS, UNDO_CLASSES
from endoscope_app.labels.library.records import CLASSES_SCOPE
from tests.endoscope_app.app_session import Session, running, spin
from tests.endoscope_app.clips import make_clip
from tests.endoscope_app.label_session import give, in_front, labels, ready, store
from tests.model_factory import make_model_dir
from tests.present import present


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model_dir(tmp_path_factory.mktemp("model") / "m")


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clips") / "procedure.mp4", count=20)


@pytest.fixture
def session(qtbot: QtBot, tmp_path: Path, model: Path, clip: Path) -> Iterator[Session]:
    with running(tmp_path / "data", model) as session:
        yield ready(session, clip)


def opened(session: Session) -> ClassesDialog:
    session.app.window.label_panel.classes_requested.emit()
    dialog = session.app.labels.classes.dialog
    assert dialog is not None
    in_front(session, dialog)
    return dialog


def names(session: Session) -> list[str]:
    return [label_class.name for label_class in session.app.labels.session.panel_classes()]


def column(dialog: ClassesDialog, place: int) -> list[str]:
    return [dialog.text(row, place) for row in range(dialog.table().rowCount())]


def button(dialog: ClassesDialog, text: str) -> QPushButton:
    return next(
        button
        for button in dialog.findChildren(QPushButton)
        if button.text().replace("&", "") == text
    )


def undo_classes(session: Session) -> None:
    session.app.window.action(UNDO_CLASSES).trigger()


def undo_title(session: Session) -> str:
    return store(session).read.undo_title(CLASSES_SCOPE)


def test_the_table_shows_classes_keys_and_counts(session: Session) -> None:
    give(session, {1: "2", 2: "2", 3: "1"})
    dialog = opened(session)
    assert column(dialog, 0) == names(session)
    assert column(dialog, 1) == list("123456")
    assert column(dialog, 2) == ["1", "2", "0", "0", "0", "0"]
    assert column(dialog, 4) == ["in use"] * 6
    give(session, {4: "1"})
    assert column(dialog, 2)[0] == "2"


def test_a_class_is_added_and_its_key_labels(session: Session) -> None:
    dialog = opened(session)
    field = dialog.findChild(QLineEdit)
    QTest.keyClicks(present(field), "retroflexion")
    QTest.keyClick(present(field), Qt.Key.Key_Return)
    assert names(session)[-1] == column(dialog, 0)[-1] == "retroflexion"
    assert dialog.isVisible()
    assert undo_title(session) == "add class retroflexion"
    assert (
        len({label_class.colour for label_class in session.app.labels.session.panel_classes()}) == 7
    )
    give(session, {3: "7"})
    assert column(dialog, 2)[-1] == "1"
    present(field).setText("Retroflexion")
    button(dialog, "Add").click()
    assert "already a class called retroflexion" in dialog.problem()
    session.press("Ctrl+Z")
    undo_classes(session)
    assert dialog.problem() == ""


def test_renaming_in_the_table_and_what_is_refused(session: Session) -> None:
    dialog = opened(session)
    before = names(session)
    table = dialog.table()
    dialog.choose(session.app.labels.session.panel_classes()[1].id)
    button(dialog, "Rename").click()
    editor = table.findChild(QLineEdit)
    present(editor).selectAll()
    QTest.keyClicks(present(editor), "caecum pole")
    QTest.keyClick(present(editor), Qt.Key.Key_Return)
    spin(10)  # the table takes a name up after the key
    assert names(session)[1] == column(dialog, 0)[1] == "caecum pole"
    present(table.item(2, 0)).setText("  ")
    assert "A class needs a name" in dialog.problem()
    assert column(dialog, 0)[2] == before[2]
    undo_classes(session)
    assert names(session) == before == column(dialog, 0)


def test_colour_merge_retire_and_order(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    give(session, {3: "1", 4: "2"})
    dialog = opened(session)
    classes = session.app.labels.session.panel_classes()
    monkeypatch.setattr(dialog, "ask_colour", lambda before: QColor("#123456"))
    dialog.choose(classes[0].id)
    button(dialog, "Colour…").click()
    assert session.app.labels.session.panel_classes()[0].colour == "#123456"
    monkeypatch.setattr(dialog, "ask_colour", lambda before: None)
    button(dialog, "Colour…").click()
    assert undo_title(session) == f"recolour {classes[0].name}"
    dialog._merge_menu.aboutToShow.emit()
    offered = [action.text() for action in dialog._merge_menu.actions()]
    assert offered == [label_class.name for label_class in classes[1:]]
    dialog._merge_menu.actions()[0].trigger()
    assert names(session) == [label_class.name for label_class in classes[1:]]
    assert column(dialog, 4)[0] == f"merged into {classes[1].name}"
    assert column(dialog, 2)[:2] == ["0", "2"]
    assert not button(dialog, "Retire").isEnabled()
    dialog.choose(classes[2].id)
    button(dialog, "Retire").click()
    assert classes[2].name not in names(session)
    assert column(dialog, 4)[2] == "retired"
    button(dialog, "Bring back").click()
    assert classes[2].name in names(session)
    order = names(session)
    QTest.keyClick(dialog.table(), Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    button(dialog, "Move down").click()
    assert names(session).index(classes[2].name) > order.index(classes[2].name)
    while undo_title(session):
        undo_classes(session)
    assert names(session) == [label_class.name for label_class in classes]


def test_a_class_is_put_into_another_group_and_undo_brings_it_back(session: Session) -> None:
    session.until(session.analysed, "the analysis")
    dialog = opened(session)
    assert column(dialog, 5)[:4] == ["Preparation", "Preparation", "Landmarks", "Preparation"]
    polyps = session.app.labels.session.panel_classes()[4]
    dialog.choose(polyps.id)
    dialog._group_menu.aboutToShow.emit()
    offered = dialog._group_menu.actions()
    assert [action.text() for action in offered] == [
        "Pathology",
        "Landmarks",
        "Preparation",
        "Other",
    ]
    assert [action.text() for action in offered if action.isChecked()] == ["Pathology"]
    offered[3].trigger()
    assert column(dialog, 5)[4] == store(session).read.label_class(polyps.id).class_group == "Other"
    assert undo_title(session) == f"put {polyps.name} into Other"
    undo_classes(session)
    assert column(dialog, 5)[4] == "Pathology"


def test_statistics_are_of_the_whole_library_and_stay_in_step(session: Session) -> None:
    session.until(session.analysed, "the analysis")
    give(session, {1: "R"})
    (label,) = labels(session)
    agreed = next(
        label_class
        for label_class in session.app.labels.session.classes
        if label_class.id == label.class_id
    )
    other = next(
        place
        for place, one in enumerate(session.app.labels.session.panel_classes())
        if one.id != agreed.id
    )
    give(session, {2: str(other + 1), 3: "X"})
    session.app.window.action(STATISTICS).trigger()
    dialog = session.app.labels.statistics.dialog
    assert dialog is not None
    session.until(lambda: "3 labelled frames" in dialog.summary(), "the numbers")
    rows = {
        dialog.panel.text(row, 0): [dialog.panel.text(row, place) for place in (1, 2, 3)]
        for row in range(dialog.panel.row_count())
    }
    assert rows[agreed.name] == ["1", "1", "100\xa0%  (1 of 1)"]
    assert rows["All"][:2] == ["3", "3"]
    assert rows["None of these, cleared, undone"][:2] == ["1", "1"]
    assert "On 1 frame you said" in dialog.summary()
    give(session, {9: str(other + 1)})
    session.until(
        lambda: "The library: 4 labelled frames in 1 procedure." in dialog.summary(),
        "the new label",
    )
    dialog.close()
    assert session.app.labels.statistics.dialog is None


def test_class_statistics_follow_merges_and_add_up(session: Session) -> None:
    give(session, {1: "1", 2: "2", 3: "2", 4: "3"})
    library = store(session)
    first, second = (
        label_class.id for label_class in session.app.labels.session.panel_classes()[:2]
    )
    opened(session).merged.emit(first, second)
    found, whole = library.read.class_statistics(), library.read.statistics()
    assert first not in found
    assert found[second].labelled == 3
    assert sum(value.compared for value in found.values()) == whole.compared == 4
    assert sum(value.agreeing for value in found.values()) == whole.agreeing
    assert 0 < sum(value.seconds_spent for value in found.values()) <= whole.seconds_spent
