"""Undo and redo by their keys: of the procedure on screen alone, to the frame that changes, and
named by its time.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from pytestqt.qtbot import QtBot

from endoscope_app.labels.commands import UNDO_CLASSES
from endoscope_app.labels.library import class_edits
from endoscope_app.labels.library.label_store import LabelStore
from tests.endoscope_app.app_session import Session, running
from tests.endoscope_app.clips import make_clip
from tests.endoscope_app.label_session import go, in_front, labels, ready, store, type_keys
from tests.model_factory import make_model_dir

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model_dir(tmp_path_factory.mktemp("model") / "m")


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("clips")
    return make_clip(folder / "first.mp4", count=60), make_clip(
        folder / "second.mp4", count=40, gop=5
    )


@pytest.fixture
def session(
    qtbot: QtBot, tmp_path: Path, model: Path, clips: tuple[Path, Path]
) -> Iterator[Session]:
    with running(tmp_path / "data", model) as session:
        yield to_front(ready(session, clips[0]))


def to_front(session: Session) -> Session:
    in_front(session, session.app.window)
    session.app.window.frame_view.setFocus()
    return session


def undo(session: Session) -> None:
    type_keys(session, "Z", CONTROL)


def redo(session: Session) -> None:
    type_keys(session, "Z", CONTROL | SHIFT)


def edit_menu(session: Session) -> dict[str, QAction]:
    """Text without marks -> action, as the reader finds them under Edit."""
    menu = next(
        action for action in session.app.window.menuBar().actions() if action.text() == "&Edit"
    ).menu()
    return {action.text().replace("&", ""): action for action in menu.actions()}  # type: ignore[attr-defined]


def on_disk(data: Path) -> dict[str, list[int]]:
    """Labelled frames by the procedure's name, read by another library object."""
    with LabelStore(data / "labels") as library:
        return {
            procedure.name: [
                label.frame_index for label in library.read.frame_labels(procedure.fingerprint)
            ]
            for procedure in library.read.procedures()
        }


def test_undo_never_reaches_into_another_procedure(
    session: Session, tmp_path: Path, clips: tuple[Path, Path]
) -> None:
    go(session, 7)
    type_keys(session, "1")
    session.open(clips[1])
    undo(session)
    assert session.message() == "There is nothing to undo in this procedure."
    assert on_disk(tmp_path / "data")["first.mp4"] == [7]
    go(session, 3)
    type_keys(session, "2")
    undo(session)
    undo(session)
    assert on_disk(tmp_path / "data") == {"first.mp4": [7], "second.mp4": []}
    session.open(clips[0])
    name = session.app.labels.session.panel_classes()[0].name
    assert f"Undo: {name} at 0:00.2" in edit_menu(session)
    undo(session)
    assert on_disk(tmp_path / "data") == {"first.mp4": [], "second.mp4": []}
    assert session.message() == f"Undone at 0:00.2: {name}."


def test_undo_and_redo_pause_go_to_the_frame_and_name_it_by_time(session: Session) -> None:
    go(session, 12)
    type_keys(session, "1")
    name = session.app.labels.session.panel_classes()[0].name
    go(session, 40)
    type_keys(session, "L")
    session.until(lambda: session.app.player.playing, "playing")
    undo(session)
    session.until(lambda: session.on_screen() == 12, "the frame that changed")
    assert not session.app.player.playing
    assert labels(session) == []
    assert session.message() == f"Undone at 0:00.4: {name}."
    assert session.app.window.frame_view.echo.act() == f"Undone at 0:00.4: {name}."
    assert f"Redo: {name} at 0:00.4" in edit_menu(session)
    go(session, 0)
    redo(session)
    session.until(lambda: session.on_screen() == 12, "the frame that changed")
    assert [label.frame_index for label in labels(session)] == [12]
    assert session.message() == f"Done again at 0:00.4: {name}."
    redo(session)
    assert session.message() == "There is nothing to redo in this procedure."


def test_a_removed_range_is_put_back_where_it_was(session: Session) -> None:
    for frame, keys in ((20, "I"), (30, "O3"), (25, "\x7f")):
        go(session, frame)
        type_keys(session, keys)
    name = session.app.labels.session.panel_classes()[2].name
    assert store(session).read.ranges(session.app.labels.procedure.fingerprint) == []
    go(session, 0)
    undo(session)
    assert session.message() == f"Undone at 0:00.8–0:01.2: remove {name}."
    session.until(lambda: session.on_screen() == 20, "its first frame")
    (found,) = store(session).read.ranges(session.app.labels.procedure.fingerprint)
    assert (found.first_index, found.last_index) == (20, 30)


def test_on_the_first_start_undo_takes_no_class_away(
    qtbot: QtBot, tmp_path: Path, model: Path
) -> None:
    with running(tmp_path / "data", model) as session:
        session.until(
            lambda: len(session.app.labels.session.panel_classes()) == 6, "the model's classes"
        )
        to_front(session)
        before = session.app.labels.session.panel_classes()
        for _ in range(3):
            undo(session)
        assert session.message().startswith(
            "No procedure is open, so there is nothing to undo or redo."
        )
        edit_menu(session)["Undo class change"].trigger()
        assert session.message() == "There is no class change to undo."
        assert session.app.labels.session.panel_classes() == before
    with LabelStore(tmp_path / "data" / "labels") as library:
        assert library.read.classes() == before


def test_changes_of_classes_have_their_own_entry_and_say_so(session: Session) -> None:
    first = session.app.labels.session.panel_classes()[0]
    session.app.labels.writer.write(
        lambda library: class_edits.rename_class(library.read, first.id, "Lesion & scar")
    )
    go(session, 5)
    type_keys(session, "1")
    undo(session)
    undo(session)
    assert labels(session) == []
    assert session.app.labels.session.panel_classes()[0].name == "Lesion & scar"
    undo_action = session.app.window.action(UNDO_CLASSES)
    assert undo_action.text() == f"Undo &class change: rename {first.name} to Lesion && scar"
    undo_action.trigger()
    assert session.app.labels.session.panel_classes()[0].name == first.name
    assert session.message() == f"Class change undone: rename {first.name} to Lesion & scar."
    redo_text = next(text for text in edit_menu(session) if text.startswith("Redo class change: "))
    edit_menu(session)[redo_text].trigger()
    assert session.app.labels.session.panel_classes()[0].name == "Lesion & scar"
