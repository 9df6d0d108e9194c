"""Picture first: at every size that people work at each control is on the screen and each word is
read whole; panels give way to the picture, and all of it is remembered.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from endoscope_app.base.settings import load_settings
from endoscope_app.run_window import FRAME_HEIGHT, _fit_screen
from endoscope_app.shell.rail_button import RailButton
from endoscope_app.shell.window_layout import CLOSED_BELOW, NARROW_BELOW
from kd_core.schema.model_card import RESEARCH_USE
from tests.endoscope_app.app_session import Session, running, spin
from tests.endoscope_app.clips import make_clip
from tests.endoscope_app.held_analysis import analysis_held
from tests.endoscope_app.in_sight import cut_words, out_of_sight, overlapping
from tests.endoscope_app.label_session import give, in_front, ready
from tests.model_factory import make_model_dir
from tests.present import present

#: Logical pixels: 1024 x 700; 1366 x 768 with a task bar at 100 and 150 %; 1920 x 1080 with a
#: title bar and a task bar at 150, 175 and 200 %.
SIZES = [(1024, 700), (1366, 728), (911, 485), (1280, 660), (1097, 557), (960, 480)]
SENTENCE = "A sentence that says what has happened, and what can be done about it. "


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clip") / "procedure.mp4", count=200)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model_dir(tmp_path_factory.mktemp("model") / "m")


@pytest.fixture
def session(qtbot: QtBot, tmp_path: Path, model: Path, clip: Path) -> Iterator[Session]:
    """With the analysis held in its middle: the bar that counts and Cancel are on screen."""
    with analysis_held(clip), running(tmp_path / "data", model) as session:
        ready(session, clip)
        session.until(lambda: session.app.window.progress.text() != "", "the analysis begins")
        in_front(session, session.app.window)
        yield session


def sized(session: Session, width: int, height: int) -> None:
    window = session.app.window
    window.resize(width, height)
    session.until(lambda: window.size() == QSize(width, height), f"{width} x {height}")
    spin(20)


def key(session: Session, key: Qt.Key) -> None:
    QTest.keyClick(session.app.window, key)
    spin(20)


def test_at_every_size_every_control_is_on_the_screen_and_no_word_is_cut(
    session: Session,
) -> None:
    window = session.app.window
    give(session, {2: "1", 5: "2"})
    window.banner.show_standing_message("The labels are read only. " * 4)
    for width, height in SIZES:
        sized(session, width, height)
        window.banner.show_message(SENTENCE * 2)
        assert present(window.progress.findChild(QPushButton)).isVisible(), "Cancel"
        for opened in (Qt.Key.Key_F2, Qt.Key.Key_F3, Qt.Key.Key_F4, Qt.Key.Key_F4):
            wrong_at(session, width, height)
            key(session, opened)
        wrong_at(session, width, height)
        key(session, Qt.Key.Key_F3)
        key(session, Qt.Key.Key_F2)


def wrong_at(session: Session, width: int, height: int) -> None:
    window = session.app.window
    QApplication.sendPostedEvents()
    assert out_of_sight(window) == []
    # A count that has grown meanwhile gets its room a moment later
    session.until(lambda: cut_words(window) == [], f"no cut word at {width} x {height}", 10)
    assert window.size() == QSize(width, height), "nothing pushed the window larger"
    panels = [panel.width() for panel in (window.label_panel, window.bars) if panel.isVisible()]
    assert window.frame_view.width() > 1.2 * max(panels, default=0), "the picture comes first"
    assert not overlapping(window, window.timeline, window.statusBar())


def test_no_verdict_is_read_without_the_line_about_research_use(session: Session) -> None:
    window = session.app.window
    for width, height in SIZES:
        sized(session, width, height)
        lines = [line for line in window.findChildren(QLabel) if line.text() == RESEARCH_USE]
        shown = [line for line in lines if line.isVisible() and line.window() is window]
        assert shown, f"{width} x {height}"
        assert window.verdict.isVisible()


def test_the_picture_is_alone_with_the_timeline_and_back(session: Session) -> None:
    window = session.app.window
    for width, height in SIZES[:3]:
        sized(session, width, height)
        before = window.frame_view.size()
        key(session, Qt.Key.Key_F11)
        assert window.isFullScreen()
        hidden = (window.menuBar(), window.transport, window.label_panel, window.bars)
        assert [widget for widget in (*hidden, window.statusBar()) if widget.isVisible()] == []
        assert window.frame_view.isVisible()
        assert window.panels.timeline_open
        assert out_of_sight(window) == []
        assert "F11" in window.banner.toast.text()
        key(session, Qt.Key.Key_F11)
        assert not window.isFullScreen()
        sized(session, width, height)
        assert window.frame_view.size() == before
        assert window.menuBar().isVisible()
        assert window.statusBar().isVisible()


def test_a_narrow_window_opens_one_panel_at_a_time_by_its_rail(session: Session) -> None:
    window = session.app.window
    sized(session, NARROW_BELOW - 50, 600)
    assert (window.label_panel.isVisible(), window.bars.isVisible()) == (True, False)
    sized(session, CLOSED_BELOW - 50, 600)
    assert not window.label_panel.isVisible()
    assert not window.bars.isVisible()
    left, right = sorted(
        window.findChildren(RailButton), key=lambda rail: rail.mapTo(window, rail.pos()).x()
    )
    QTest.mouseClick(left, Qt.MouseButton.LeftButton)
    assert (window.label_panel.isVisible(), window.bars.isVisible()) == (True, False)
    QTest.mouseClick(right, Qt.MouseButton.LeftButton)
    assert (window.label_panel.isVisible(), window.bars.isVisible()) == (False, True)
    QTest.mouseClick(right, Qt.MouseButton.LeftButton)
    assert not window.bars.isVisible()
    sized(session, NARROW_BELOW + 200, 600)
    assert (window.label_panel.isVisible(), window.bars.isVisible()) == (True, True)


def test_what_was_hidden_and_resized_is_so_again_after_a_restart(
    session: Session, tmp_path: Path, model: Path
) -> None:
    window = session.app.window
    sized(session, 1230, 777)
    key(session, Qt.Key.Key_F2)
    assert not window.label_panel.isVisible()
    handle = present(window.panels._across.handle(2))
    width = window.bars.width()
    QTest.mousePress(handle, Qt.MouseButton.LeftButton, pos=handle.rect().center())
    QTest.mouseMove(handle, handle.rect().center() + QPoint(-60, 0))
    QTest.mouseRelease(handle, Qt.MouseButton.LeftButton, pos=handle.rect().center())
    assert window.bars.width() > width
    wider = window.panels.place().model_width
    window.close()
    session.app.close()
    place = load_settings(tmp_path / "data" / "settings.json")[0].window
    assert (place.labels_shown, place.model_shown, place.timeline_shown) == (False, True, True)
    with running(tmp_path / "data", model) as again:
        window = again.app.window
        spin(20)
        assert window.size() == QSize(1230, 777)
        assert not window.label_panel.isVisible()
        assert window.panels.place().model_width == wider
        # And the panel is as wide, but for a scroll bar
        assert abs(window.bars.width() - wider) < 30
        assert window.panels.timeline_open


def test_a_window_that_would_be_larger_than_the_screen_fills_it(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    room = window.screen().availableGeometry()
    window.resize(room.width() - 200, room.height() - FRAME_HEIGHT)
    _fit_screen(window)
    assert not window.isMaximized()
    # It would fit, but not with the title bar over it
    window.resize(room.width() - 200, room.height() - FRAME_HEIGHT + 1)
    _fit_screen(window)
    assert window.isMaximized()


def test_a_window_left_on_a_screen_that_is_gone_comes_back_in_sight(
    qtbot: QtBot, tmp_path: Path, model: Path
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "settings.json").write_text(
        '{"window": {"frame": [9000, 9000, 1100, 700]}}'
    )
    with running(tmp_path / "data", model) as session:
        window = session.app.window
        assert window.screen().availableGeometry().intersects(window.geometry())


def test_the_menu_says_what_is_shown(session: Session) -> None:
    window = session.app.window
    sized(session, 1200, 700)
    entries = {action.text().replace("&", ""): action for action in window.actions()}
    names = ["Labels panel", "Model panel", "Timeline", "Picture alone"]
    assert [entries[name].isChecked() for name in names] == [True, True, True, False]
    for name in names[:3]:
        entries[name].trigger()
    assert [entries[name].isChecked() for name in names] == [False, False, False, False]
    assert not window.timeline.isVisible()
    assert not window.label_panel.isVisible()


def test_the_card_over_the_picture_covers_none_of_it_where_there_is_room_beside_it(
    session: Session,
) -> None:
    window = session.app.window
    sized(session, 911, 485)
    for opened in (None, Qt.Key.Key_F2):
        if opened is not None:
            key(session, opened)
        geometry = present(window.frame_view._geometry())
        ratio = window.frame_view.devicePixelRatioF()
        width = geometry.image[0] * geometry.scale
        right = window.card.geometry().right() * ratio
        assert window.card.parent() is window.frame_view
        assert geometry.origin[0] >= min(right, geometry.viewport[0] - width - 1)
    before = geometry.origin[0]
    key(session, Qt.Key.Key_F3)  # the card stands in the panel
    centred = present(window.frame_view._geometry())
    assert centred.origin[0] == pytest.approx(
        (centred.viewport[0] - centred.image[0] * centred.scale) / 2
    )
    assert centred.origin[0] < before
