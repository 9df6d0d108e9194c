"""Keys that the reader changes: by real keys in the dialog, to what the command then does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton, QTableWidget
from pytestqt.qtbot import QtBot

from endoscope_app.base.settings import Settings, load_settings, save_settings
from endoscope_app.shell.command_table import COMMANDS
from endoscope_app.shell.commands import CHANGE_KEYS
from endoscope_app.shell.key_choices import keys_of, name_of, sound
from endoscope_app.shell.keys_dialog import KeysDialog
from endoscope_app.shell.shortcuts_dialog import ShortcutsDialog
from endoscope_app.viewing import commands as viewing
from tests.endoscope_app.app_session import Session, running
from tests.endoscope_app.clips import make_clip
from tests.endoscope_app.label_session import in_front, labels, ready
from tests.model_factory import make_model_dir
from tests.present import present

Key = Qt.Key
PLAIN, SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model_dir(tmp_path_factory.mktemp("model") / "m")


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clip") / "clip.mp4", count=60)


@pytest.fixture
def session(qtbot: QtBot, tmp_path: Path, model: Path, clip: Path) -> Iterator[Session]:
    with running(tmp_path / "data", model) as session:
        yield ready(session, clip)


def opened(session: Session) -> KeysDialog:
    session.app.window.action(CHANGE_KEYS).trigger()
    dialog = present(session.app.keys.dialog)
    in_front(session, dialog)
    return dialog


def give(dialog: KeysDialog, search: str, key: Qt.Key, modifier: Qt.KeyboardModifier) -> None:
    """As a reader does: search, Enter, Enter, the key."""
    field = present(dialog.findChild(QLineEdit))
    field.setFocus()
    field.clear()
    QTest.keyClicks(field, search)
    QTest.keyClick(field, Key.Key_Return)
    table = present(dialog.findChild(QTableWidget))
    assert table.hasFocus()
    QTest.keyClick(table, Key.Key_Return)
    QTest.keyClick(present(QApplication.focusWidget()), key, modifier)


def press(session: Session, key: Qt.Key, modifier: Qt.KeyboardModifier = PLAIN) -> None:
    window = session.app.window
    in_front(session, window)
    window.frame_view.setFocus()
    QTest.keyClick(window.frame_view, key, modifier)


def click(dialog: KeysDialog, text: str) -> None:
    button = next(
        one for one in dialog.findChildren(QPushButton) if one.text().replace("&", "") == text
    )
    assert button.isVisible()
    assert button.isEnabled()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_a_new_key_acts_at_once_and_after_a_restart(
    session: Session, tmp_path: Path, model: Path, clip: Path
) -> None:
    dialog = opened(session)
    give(dialog, "last frame", Key.Key_E, PLAIN)
    assert dialog.said() == "E is now the key of “Last frame”."
    press(session, Key.Key_End)
    press(session, Key.Key_Right)
    session.until(lambda: session.on_screen() == 1, "End does nothing any more")
    press(session, Key.Key_E)
    session.until(lambda: session.on_screen() == 59, "the last frame by E")
    stored, trouble = load_settings(tmp_path / "data" / "settings.json")
    assert (stored.keys, trouble) == ({"Play/Last frame": ("E",)}, ""), "kept before the end"
    with running(tmp_path / "data", model) as again:
        ready(again, clip)
        press(again, Key.Key_E)
        again.until(lambda: again.on_screen() == 59, "the last frame by E")


def test_a_key_that_another_command_has_is_swapped_or_taken_when_the_reader_says_so(
    session: Session,
) -> None:
    dialog = opened(session)
    give(dialog, "last frame", Key.Key_Home, PLAIN)
    assert "Home is the key of “First frame”" in dialog.said()
    press(session, Key.Key_End)
    session.until(lambda: session.on_screen() == 59, "nothing has changed yet")
    in_front(session, dialog)
    click(dialog, "Swap")
    assert dialog.said().endswith("“First frame” has End.")
    press(session, Key.Key_End)
    session.until(lambda: session.on_screen() == 0, "the first frame by End")
    press(session, Key.Key_Home)
    session.until(lambda: session.on_screen() == 59, "the last frame by Home")
    in_front(session, dialog)
    give(dialog, "go to frame", Key.Key_Home, PLAIN)
    click(dialog, "Take it")
    assert dialog.said().endswith("“Last frame” has no key.")
    in_front(session, dialog)
    click(dialog, "All as they came")
    assert session.app.settings.now.keys == {}
    press(session, Key.Key_Home)
    session.until(lambda: session.on_screen() == 0, "the first frame by Home")


def test_keys_that_label_are_refused_and_stay(session: Session) -> None:
    dialog = opened(session)
    for key, modifier in (
        (Key.Key_3, PLAIN),
        (Key.Key_X, PLAIN),
        (Key.Key_Return, PLAIN),
        (Key.Key_M, PLAIN),
        (Key.Key_Tab, PLAIN),
        (Key.Key_F, Qt.KeyboardModifier.AltModifier),
    ):
        give(dialog, "last frame", key, modifier)
        assert "Choose another key." in dialog.said(), key
    give(dialog, "last frame", Key.Key_Escape, PLAIN)
    assert dialog.isVisible(), "Esc leaves the key, not the dialog"
    assert session.app.settings.now.keys == {}
    field = present(dialog.findChild(QLineEdit))
    field.setText("class on key 3")
    fixed = next(one for one in dialog.findChildren(QPushButton) if "New key" in one.text())
    assert not fixed.isEnabled()
    assert dialog.said().startswith("This key stays")
    dialog.close()
    press(session, Key.Key_3)
    assert [label.frame_index for label in labels(session)] == [0]


def test_one_is_put_back_and_the_sheet_shows_what_holds(session: Session) -> None:
    dialog = opened(session)
    give(dialog, "last frame", Key.Key_E, CONTROL | SHIFT)
    assert "Ctrl+Shift+E is the key of “Explain this frame”" in dialog.said()
    give(dialog, "last frame", Key.Key_F9, PLAIN)
    assert "F9" in sheet(session)
    assert "End" not in sheet(session)
    in_front(session, dialog)
    click(dialog, "As it came")
    assert "“Last frame” has End, as it came." in dialog.said()
    assert "End" in sheet(session)


def sheet(session: Session) -> set[str]:
    """Every key on the sheet that F1 shows."""
    press(session, Key.Key_F1)
    shown = session.app.window.findChildren(ShortcutsDialog)[-1]
    words = {
        word
        for label in shown.findChildren(QLabel)
        for word in label.text().replace("  or  ", "|").split("|")
    }
    shown.close()
    return words


def test_what_a_file_cannot_mean_falls_back(qtbot: QtBot, tmp_path: Path, model: Path) -> None:
    first, last = name_of(viewing.FIRST), name_of(viewing.LAST)
    wrong: dict[str, tuple[str, ...]] = {
        first: ("F9",),
        last: ("F9",),  # twice
        name_of(viewing.GO_TO): ("3",),  # gives a class
        "Play/No such command": ("F8",),
        name_of(viewing.FIT): ("Ctrl+9",),
    }
    (tmp_path / "data").mkdir()
    save_settings(tmp_path / "data" / "settings.json", Settings(keys=wrong))
    assert sound(wrong) == {name_of(viewing.FIT): ("Ctrl+9",)}
    with running(tmp_path / "data", model) as session:
        shown = session.app.window.action(viewing.LAST).shortcuts()
        assert [one.toString() for one in shown] == ["End"]
        fit = session.app.window.action(viewing.FIT).shortcuts()
        assert [one.toString() for one in fit] == ["Ctrl+9"]


def test_every_command_has_a_name_of_its_own() -> None:
    names = [name_of(command) for command in COMMANDS]
    assert len(set(names)) == len(names)
    assert all(keys_of(command, {}) == command.keys for command in COMMANDS)
