"""A class has one name everywhere, and renaming it changes nothing but that name: the model
knows it by its key.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLineEdit
from pytestqt.qtbot import QtBot

from endoscope_app.labels.commands import CLASSES, UNDO_CLASSES
from endoscope_app.labels.library.records import CLASSES_SCOPE
from endoscope_app.viewing.commands import EXPLAIN
from endoscope_app.viewing.explain_dialog import ExplainDialog
from kd_core.schema.taxonomy import LOWER_GI, display_name
from tests.endoscope_app.app_session import Session, running, spin
from tests.endoscope_app.clips import make_clip
from tests.endoscope_app.label_session import give, go, in_front, labels, ready, store
from tests.model_factory import make_model_dir
from tests.present import present

SHOWN = [
    "Poor preparation (BBPS 0-1)",
    "Good preparation (BBPS 2-3)",
    "Caecum",
    "Impacted stool",
    "Polyp",
    "Ulcerative colitis",
]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model_dir(tmp_path_factory.mktemp("model") / "m")


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clips") / "procedure.mp4", count=20)


@pytest.fixture
def session(qtbot: QtBot, tmp_path: Path, model: Path, clip: Path) -> Iterator[Session]:
    with running(tmp_path / "data", model) as session:
        ready(session, clip)
        session.until(session.analysed, "the analysis")
        yield session


def rename(session: Session, class_id: int, name: str) -> None:
    """In the table of classes, by its keys."""
    session.app.window.action(CLASSES).trigger()
    dialog = session.app.labels.classes.dialog
    assert dialog is not None
    in_front(session, dialog)
    dialog.choose(class_id)
    dialog.table().editItem(present(dialog.table().item(dialog.table().currentRow(), 0)))
    editor = dialog.table().findChild(QLineEdit)
    present(editor).selectAll()
    QTest.keyClicks(present(editor), name)
    QTest.keyClick(present(editor), Qt.Key.Key_Return)
    spin(10)
    dialog.close()


def names_on_screen(session: Session) -> dict[str, list[str]]:
    """Every list of the model's classes that the window shows."""
    window = session.app.window
    target = next(
        box
        for box in window.heat_map_panel.findChildren(QComboBox)
        if box.findText("Most likely class") >= 0
    )
    return {
        "bars": list(window.bars._names),
        "heat map": [target.itemText(row) for row in range(1, target.count())],
        "timeline": list(window.timeline.display.scene.names),
        "panel": [label_class.name for label_class in session.app.labels.session.panel_classes()],
    }


def test_a_new_library_begins_with_what_a_clinician_writes(session: Session) -> None:
    assert [label_class.key for label_class in store(session).read.classes()] == list(LOWER_GI)
    assert (
        [label_class.name for label_class in store(session).read.classes()]
        == SHOWN
        == [display_name(key) for key in LOWER_GI]
    )
    assert set(map(tuple, names_on_screen(session).values())) == {tuple(SHOWN)}
    # what the reader did not do cannot be undone by them
    assert store(session).read.undo_title(CLASSES_SCOPE) == ""
    session.press("Ctrl+Z")
    session.app.window.action(UNDO_CLASSES).trigger()
    assert len(session.app.labels.session.panel_classes()) == 6


def test_a_renamed_class_is_the_models_class_all_the_same(session: Session) -> None:
    app = session.app
    go(session, 5)
    assert app.prediction_view.prediction is not None
    assert app.classifier is not None
    place = app.prediction_view.prediction.label
    label_class = store(session).read.class_of_key(app.classifier.classes[place])
    assert label_class is not None
    give(session, {5: "R"})
    rename(session, label_class.id, "Nach Hausregel")
    expected = [*SHOWN[:place], "Nach Hausregel", *SHOWN[place + 1 :]]
    assert set(map(tuple, names_on_screen(session).values())) == {tuple(expected)}
    assert "Nach Hausregel" in app.window.verdict.text()
    assert "You: Nach Hausregel (reviewed)" in app.window.label_panel.text()
    # the reader's own key for it agrees with the model: in the journal, on the timeline and in the
    # numbers
    give(session, {6: str(place + 1)})
    agreed = (
        store(session)
        ._open_connection()
        .execute("SELECT agrees FROM journal ORDER BY sequence DESC LIMIT 1")
        .fetchone()
    )
    prediction = app.prediction_view.prediction
    assert prediction is not None
    assert agreed == (int(prediction.label == place),)
    give(session, {7: "R"})
    assert not app.labels.procedure_labels.states.differing()[[5, 7]].any()
    assert [label.class_id for label in labels(session) if label.frame_index == 5] == [
        label_class.id
    ]
    explained = opened_explanation(session)
    box = next(
        box for box in explained.findChildren(QComboBox) if box.findText("Nach Hausregel") >= 0
    )
    assert [box.itemText(row) for row in range(box.count())] == expected
    explained.close()


def opened_explanation(session: Session) -> ExplainDialog:
    session.app.window.action(EXPLAIN).trigger()
    return session.app.window.findChildren(ExplainDialog)[-1]


def test_a_restart_adds_no_second_class_beside_a_renamed_one(
    qtbot: QtBot, tmp_path: Path, model: Path, clip: Path
) -> None:
    with running(tmp_path / "data", model) as session:
        ready(session, clip)
        rename(session, session.app.labels.session.panel_classes()[4].id, "Polypen")
    with running(tmp_path / "data", model) as session:
        ready(session, clip)
        assert [label_class.name for label_class in session.app.labels.session.panel_classes()] == [
            *SHOWN[:4],
            "Polypen",
            SHOWN[5],
        ]
        assert session.app.window.bars._names[4] == "Polypen"


def test_the_table_of_classes_undoes_and_redoes_its_own_changes(session: Session) -> None:
    give(session, {3: "1"})
    first = session.app.labels.session.panel_classes()[0]
    rename(session, first.id, "Schlecht vorbereitet")
    session.app.window.action(CLASSES).trigger()
    dialog = session.app.labels.classes.dialog
    assert dialog is not None
    in_front(session, dialog)
    QTest.keyClick(dialog.table(), Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert session.app.labels.session.panel_classes()[0].name == first.name
    assert session.message() == f"Class change undone: rename {first.name} to Schlecht vorbereitet."
    assert len(labels(session)) == 1
    QTest.keyClick(
        dialog.table(),
        Qt.Key.Key_Z,
        Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier,
    )
    assert session.app.labels.session.panel_classes()[0].name == "Schlecht vorbereitet"
    assert len(labels(session)) == 1
