"""No stray key labels: with any dialog open, while text is typed, and while another window is
in front.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QDialog,
    QLineEdit,
    QSpinBox,
    QWidget,
)
from pytestqt.qtbot import QtBot

from endoscope_app.base.command import Command
from endoscope_app.base.file_question import FileQuestion
from endoscope_app.erasure.commands import FORGET_PATIENT
from endoscope_app.labels.commands import (
    BACK_UP_LABELS,
    CLASSES,
    EXPORT_HISTORY,
    EXPORT_LABELS,
    IMPORT_LABELS,
    RESTORE_LABELS,
    REVIEW_LIST,
    STATISTICS,
)
from endoscope_app.report.commands import SAVE_CLIP, SAVE_FRAME
from endoscope_app.retraining.commands import RETRAIN
from endoscope_app.second_reading.commands import (
    ADJUDICATE,
    AGREEMENT,
    IMPORT_SECOND,
    SECOND_READING,
)
from endoscope_app.shell.command_table import COMMANDS
from endoscope_app.shell.commands import SHORTCUTS
from endoscope_app.viewing.commands import LOOK, OPEN_FILE, OPEN_FOLDER, VIDEO_STREAM
from endoscope_app.worklist.commands import ADD_FOLDER, USE
from tests.endoscope_app.app_session import Session, running, spin
from tests.endoscope_app.clips import make_clip
from tests.endoscope_app.inner_widgets import class_row
from tests.endoscope_app.label_session import (
    Answers,
    go,
    in_front,
    labels,
    ready,
    rows_on_disk,
    type_keys,
)
from tests.model_factory import make_model_dir

STRAY = "123456789" + "0" + "RX" + "IO" + "\x7f" + "\r"
#: Commands whose text ends in dots, as every menu says that a dialog follows; beside the review
#: list and the sliders of the picture's look keys label too.
ASKING = [
    command
    for command in COMMANDS
    if command.text.endswith("...") and command not in (OPEN_FILE, OPEN_FOLDER, REVIEW_LIST, LOOK)
]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model_dir(tmp_path_factory.mktemp("model") / "m")


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clips") / "procedure.mp4", count=30)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def session(qtbot: QtBot, data: Path, model: Path, clip: Path) -> Iterator[Session]:
    with running(data, model) as session:
        yield ready(session, clip)


@pytest.fixture(autouse=True)
def _no_dialog_of_an_earlier_test(qtbot: QtBot) -> None:
    """What a test before this one left open is none of this window's."""
    for dialog in open_dialogs():
        dialog.hide()


def open_dialogs() -> list[QDialog]:
    return [
        widget
        for widget in QApplication.topLevelWidgets()
        if isinstance(widget, QDialog) and widget.isVisible()
    ]


def type_at_the_window(session: Session) -> None:
    """As it happens after a file dialog: the window in front has the keyboard, whatever else is
    open.
    """
    in_front(session, session.app.window)
    session.app.window.frame_view.setFocus()
    type_keys(session, STRAY)


def test_the_keys_do_label_while_nothing_is_open(session: Session, data: Path) -> None:
    go(session, 4)
    before = rows_on_disk(data)
    in_front(session, session.app.window)
    session.app.window.frame_view.setFocus()
    type_keys(session, "3")
    assert [label.frame_index for label in labels(session)] == [4]
    assert rows_on_disk(data) != before


@pytest.mark.timeout(300)
def test_no_key_labels_while_any_dialog_is_open_and_they_do_again_after_it(
    session: Session, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = session.app
    # Whatever room asks for a file: a native dialog has the keyboard to itself
    for name in ("open_file", "save_file", "folder"):
        monkeypatch.setattr(FileQuestion, name, lambda *_, **__: None)
    app.labels.exports.files = app.labels.imports.files = Answers(None)  # type: ignore[assignment]
    app.labels.errors.reference_folders = lambda: [tmp_path]
    go(session, 4)
    session.press("Ctrl+D")  # a bookmark, which can be saved
    opened = [command for command in ASKING if asked(session, data, command)]
    # the rest asks by a file dialog alone, where a file has several streams, where a line of the
    # worklist is chosen, where there is a backup, or where a procedure is read twice
    assert set(ASKING) - set(opened) <= {
        VIDEO_STREAM,
        IMPORT_LABELS,
        EXPORT_HISTORY,
        BACK_UP_LABELS,
        RESTORE_LABELS,
        ADD_FOLDER,
        FORGET_PATIENT,
        USE,
        SECOND_READING,
        AGREEMENT,
        ADJUDICATE,
        IMPORT_SECOND,
        SAVE_CLIP,
        SAVE_FRAME,
    }


def asked(session: Session, data: Path, command: Command) -> bool:
    """Whether the command opens a dialog; if so no key labels while it is open, and one does
    after it.
    """
    app = session.app
    in_front(session, app.window)
    app.window.frame_view.setFocus()
    app.labels.frames.clear()
    before = rows_on_disk(data)
    if not app.window.action(command).isEnabled():
        return False
    app.window.action(command).trigger()
    spin(20)
    if not open_dialogs():
        return False
    type_at_the_window(session)
    assert rows_on_disk(data) == before, command.text
    assert app.labels.marks.mark == (None, None), command.text
    # A modal one lets no key through to be answered
    modal = any(dialog.isModal() for dialog in open_dialogs())
    assert modal or "Keys label nothing while" in app.window.frame_view.echo.act(), command.text
    for dialog in [open_dialog for open_dialog in open_dialogs() if not open_dialog.isModal()]:
        in_front(session, dialog)  # and at the dialog itself, wherever it lets the keys go
        type_keys(session, "3RX")
        assert rows_on_disk(data) == before, command.text
    for dialog in open_dialogs():
        dialog.done(0)
    session.until(lambda: not open_dialogs(), f"no dialog after {command.text}")
    in_front(session, app.window)
    app.window.frame_view.setFocus()
    type_keys(session, "3")
    assert rows_on_disk(data) != before, command.text
    return True


def test_a_file_dialog_inside_the_export_gives_no_letter_to_the_window(
    session: Session, data: Path
) -> None:
    """The file dialog has closed, the export's own is still open, and the keyboard has fallen
    to the window.
    """
    app = session.app
    go(session, 4)
    in_front(session, app.window)
    type_keys(session, "1")
    before = rows_on_disk(data)
    app.labels.exports.files = Answers(None)  # type: ignore[assignment]
    app.window.action(EXPORT_LABELS).trigger()
    assert app.labels.exports.dialog is not None
    app.labels.exports.dialog.export_requested.emit(app.labels.exports.dialog.choice)
    type_at_the_window(session)
    assert rows_on_disk(data) == before


def test_no_key_labels_while_text_is_typed_or_a_list_searched(session: Session, data: Path) -> None:
    go(session, 4)
    before = rows_on_disk(data)
    in_front(session, session.app.window)
    for kind in (QLineEdit, QSpinBox, QComboBox):
        field = kind(session.app.window.centralWidget())
        field.show()
        field.setFocus()
        assert field.hasFocus()
        type_keys(session, STRAY)
        assert rows_on_disk(data) == before, kind


def test_an_empty_list_of_segments_leaves_letters_to_the_window(
    session: Session, data: Path
) -> None:
    """There is nothing to decide or to search in it, so a digit labels the frame on screen."""
    go(session, 6)
    in_front(session, session.app.window)
    session.app.window.segments.list.setFocus()
    type_keys(session, "R3")
    assert [label.frame_index for label in labels(session)] == [6]


def test_no_key_decides_a_segment_while_a_dialog_is_open(session: Session, data: Path) -> None:
    app = session.app
    session.until(session.analysed, "the analysis")
    app.settings.take(replace(app.settings.now, minimum_finding_s=0.0))
    session.until(lambda: app.window.segments.count() > 0, "segments")
    in_front(session, app.window)
    type_keys(session, "N")
    before = rows_on_disk(data)
    app.window.action(STATISTICS).trigger()
    in_front(session, app.window)
    app.window.segments.list.setFocus()
    type_keys(session, "3RX\r\x7f")
    assert rows_on_disk(data) == before
    for dialog in open_dialogs():
        dialog.done(0)
    in_front(session, app.window)
    app.window.segments.list.setFocus()
    type_keys(session, "X")
    assert rows_on_disk(data) != before


def test_no_key_labels_while_another_window_is_in_front(
    session: Session, data: Path, qtbot: QtBot
) -> None:
    go(session, 4)
    before = rows_on_disk(data)
    other = QWidget()
    qtbot.addWidget(other)
    other.show()
    in_front(session, other)
    type_keys(session, STRAY)
    for key in (Qt.Key.Key_3, Qt.Key.Key_X):
        qtbot.keyClick(session.app.window, key)
    assert rows_on_disk(data) == before


def test_keys_of_the_panel_and_the_timeline_are_guarded_too(session: Session, data: Path) -> None:
    app = session.app
    go(session, 4)
    in_front(session, app.window)
    type_keys(session, "I")
    go(session, 9)
    type_keys(session, "O1")
    app.window.timeline.ranges.select(1)
    before = rows_on_disk(data)
    app.window.action(STATISTICS).trigger()
    in_front(session, app.window)
    app.window.timeline.setFocus()
    type_keys(session, "\x7fS")
    type_keys(session, "%'", Qt.KeyboardModifier.AltModifier)
    first = app.labels.session.panel_classes()[1].id
    row = class_row(app.window.label_panel, first)
    row.setFocus()
    assert row.hasFocus()
    type_keys(session, "\r ")
    assert rows_on_disk(data) == before
    assert len(app.labels.session.library.ranges(app.labels.procedure.fingerprint)) == 1


def test_the_review_list_labels_by_keys(session: Session, data: Path) -> None:
    session.app.window.action(REVIEW_LIST).trigger()
    dialog = session.app.labels.review.dialog
    assert dialog is not None
    go(session, 4)
    in_front(session, dialog)
    type_keys(session, "2")
    assert [label.frame_index for label in labels(session)] == [4]
    in_front(session, session.app.window)
    session.app.window.frame_view.setFocus()
    type_keys(session, "1")  # of the same group: it takes the place of the other
    assert len(labels(session)) == 1
    assert labels(session)[0].class_id == session.app.labels.session.panel_classes()[0].id


@pytest.mark.parametrize("command", [REVIEW_LIST, STATISTICS, CLASSES, RETRAIN, SHORTCUTS])
def test_the_program_closes_by_its_key_in_every_window_of_it(
    session: Session, command: Command
) -> None:
    session.app.window.action(command).trigger()
    session.until(lambda: bool(open_dialogs()), command.text)
    in_front(session, open_dialogs()[0])
    type_keys(session, "q", Qt.KeyboardModifier.ControlModifier)
    session.until(lambda: not session.app.window.isVisible(), "the window is closed")
