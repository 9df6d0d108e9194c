"""The tray: the frames that Ctrl+D collected as small images beneath the picture, gone to, taken
away, saved and hidden by keys and by the mouse; it is remembered, and pushes nothing off the
screen.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from endoscope_app.base.settings import load_settings
from endoscope_app.segments import wording
from endoscope_app.segments.bookmark_tray import TrayList
from endoscope_app.segments.decided import read_segments
from endoscope_app.shell.commands import TRAY
from tests.endoscope_app.app_session import Session, running, spin
from tests.endoscope_app.clips import make_clip, read_number
from tests.endoscope_app.dialog_text import text_of
from tests.endoscope_app.in_sight import cut_words, out_of_sight
from tests.endoscope_app.label_session import go, in_front, ready, store
from tests.present import present

#: Logical pixels: 1366 x 768 with a task bar at 100 and at 150 %, and the smallest of the others.
SIZES = [(1366, 728), (911, 485), (1024, 700), (960, 480)]
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clip") / "procedure.mp4", count=60)


@pytest.fixture
def session(qtbot: QtBot, tmp_path: Path, model: Path, clip: Path) -> Iterator[Session]:
    with running(tmp_path / "data", model) as session:
        ready(session, clip)
        in_front(session, session.app.window)
        yield session


def tray(session: Session) -> TrayList:
    return session.app.window.tray.list


def marked(session: Session) -> list[int]:
    """The bookmarks of the library, in time."""
    where = session.app.labels.procedure.fingerprint
    items = read_segments(store(session).read, where)
    return sorted(item.first_index for item in items if item.kind == "bookmark")


def shown(session: Session) -> list[str]:
    return [tray(session).item(row).text() for row in range(tray(session).count())]


def bookmark(session: Session, *frames: int) -> None:
    for frame in frames:
        go(session, frame)
        session.press("Ctrl+D")


def key(
    session: Session, key: Qt.Key, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    """To whatever has the keyboard."""
    QTest.keyClick(present(QApplication.focusWidget()), key, held)


def in_tray(session: Session) -> TrayList:
    """By its key."""
    key(session, Qt.Key.Key_F6)
    assert tray(session).hasFocus()
    return tray(session)


def number_in(session: Session, row: int) -> int:
    """What a cell's image shows."""
    image = tray(session).item(row).icon().pixmap(QSize(320, 192)).toImage()
    image = image.convertToFormat(image.Format.Format_RGB888)
    rows = np.frombuffer(bytes(image.constBits()), np.uint8).reshape(image.height(), -1)
    pixels = rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3)
    return read_number(np.asarray(cv2.resize(pixels, (320, 192)), np.uint8))


def test_bookmarks_lie_in_time_with_their_images_and_take_no_room_while_there_is_none(
    session: Session,
) -> None:
    window = session.app.window
    assert not window.tray.isVisible()
    key(session, Qt.Key.Key_F6)
    assert window.banner.toast.text() == wording.TRAY_EMPTY
    assert not tray(session).hasFocus()
    bookmark(session, 30, 12)
    assert window.tray.isVisible()
    assert window.frame_view.hasFocus(), "a new bookmark takes no keyboard"
    assert shown(session) == ["0:00.4", "0:01.2"]
    session.until(lambda: [number_in(session, row) for row in (0, 1)] == [12, 30], "the images")
    session.press("Ctrl+Z")
    assert shown(session) == ["0:01.2"]
    session.press("Ctrl+Z")
    assert not window.tray.isVisible()


def test_by_keys_enter_goes_there_del_takes_away_and_esc_leaves(session: Session) -> None:
    bookmark(session, 10, 20, 30)
    in_tray(session)
    key(session, Qt.Key.Key_Home)
    key(session, Qt.Key.Key_Right)
    assert session.on_screen() == 30
    key(session, Qt.Key.Key_Return)
    session.until(lambda: session.on_screen() == 20, "the second bookmark")
    assert tray(session).hasFocus(), "the next one is a key away"
    key(session, Qt.Key.Key_Delete)
    assert marked(session) == [10, 30]
    assert len(shown(session)) == 2
    key(session, Qt.Key.Key_Return)
    session.until(lambda: session.on_screen() == 30, "the one that came in its place")
    key(session, Qt.Key.Key_Escape)
    assert session.app.window.frame_view.hasFocus()
    session.press("Ctrl+Z")
    assert marked(session) == [10, 20, 30]
    in_tray(session)
    for _ in range(3):
        key(session, Qt.Key.Key_Delete)
    assert marked(session) == []
    assert session.app.window.frame_view.hasFocus(), "nothing is left to have the keyboard"


def test_control_e_in_it_and_its_button_save_them_all_blanked(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bookmark(session, 7, 22)
    folder = tmp_path / "handed over"
    folder.mkdir()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    in_tray(session)
    key(session, Qt.Key.Key_E, CONTROL)
    dialog = present(session.app.bookmarked.dialog)
    assert dialog.ticked() == [0, 1]
    in_front(session, dialog)
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    session.until(lambda: "saved in" in text_of(dialog), "the pictures")
    assert len(list(folder.iterdir())) == 2
    dialog.close()
    session.until(lambda: session.app.bookmarked.dialog is None, "the dialog is gone")
    (save,) = session.app.window.tray.findChildren(QToolButton)
    QTest.mouseClick(save, Qt.MouseButton.LeftButton)
    assert session.app.bookmarked.dialog is not None


def test_by_the_mouse_a_click_goes_there_and_takes_no_keyboard(session: Session) -> None:
    bookmark(session, 10, 40)
    cell = tray(session).visualItemRect(tray(session).item(0)).center()
    QTest.mouseClick(tray(session).viewport(), Qt.MouseButton.LeftButton, pos=cell)
    session.until(lambda: session.on_screen() == 10, "the frame")
    assert session.app.window.frame_view.hasFocus()


def test_it_is_hidden_by_its_key_and_stays_so_after_a_restart(
    session: Session, tmp_path: Path, model: Path, clip: Path
) -> None:
    window = session.app.window
    bookmark(session, 10)
    assert window.action(TRAY).isChecked()
    in_tray(session)
    key(session, Qt.Key.Key_F6)
    assert not window.tray.isVisible()
    assert window.frame_view.hasFocus()
    assert not window.action(TRAY).isChecked()
    window.close()
    session.app.close()
    assert not load_settings(tmp_path / "data" / "settings.json")[0].window.tray_shown
    with running(tmp_path / "data", model) as again:
        ready(again, clip)
        in_front(again, again.app.window)
        again.until(lambda: len(again.app.window.tray.items) == 1, "the bookmark")
        assert not again.app.window.tray.isVisible()
        in_tray(again)
        assert again.app.window.tray.isVisible()


def is_of_size(window: QWidget, size: QSize) -> bool:
    return window.size() == size


def test_at_every_size_nothing_is_pushed_off_the_screen(session: Session) -> None:
    window = session.app.window
    bookmark(session, *range(2, 50, 4))
    for size in (QSize(*each) for each in SIZES):
        window.resize(size)
        session.until(partial(is_of_size, window, size), f"{size}")
        spin(20)
        QApplication.sendPostedEvents()
        assert window.tray.isVisible()
        assert out_of_sight(window) == []
        session.until(lambda: cut_words(window) == [], f"no cut word at {size}", 10)
        assert window.size() == size, "nothing pushed the window larger"
        assert window.frame_view.height() > 3 * window.tray.height(), "the picture comes first"
    # what does not fit is scrolled to by the keys
    in_tray(session)
    key(session, Qt.Key.Key_End)
    last = tray(session).item(tray(session).count() - 1)
    assert tray(session).viewport().rect().intersects(tray(session).visualItemRect(last))
    key(session, Qt.Key.Key_F11)
    session.until(lambda: not window.tray.isVisible(), "the picture is alone")
    key(session, Qt.Key.Key_F11)
    session.until(lambda: window.tray.isVisible(), "and is not")


def test_a_procedure_without_bookmarks_has_no_tray(
    session: Session, tmp_path: Path, clip: Path
) -> None:
    bookmark(session, 10)
    ready(session, make_clip(tmp_path / "other.mp4", count=20))
    assert not session.app.window.tray.isVisible()
    ready(session, clip)
    session.until(lambda: session.app.window.tray.isVisible(), "its bookmark again")
    assert shown(session) == ["0:00.4"]
    assert tray(session).mapTo(session.app.window, QPoint(0, 0)).y() > 0
