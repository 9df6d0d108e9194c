"""The transport bar asks for the right thing and says where we are."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeySequence, QPainterPath, QShortcut
from PySide6.QtWidgets import QComboBox, QLabel, QMainWindow
from pytestqt.qtbot import QtBot

from endoscope_app.base.wording import clock
from endoscope_app.viewing.play_speeds import SPEEDS
from endoscope_app.viewing.transport_bar import TransportBar
from endoscope_app.viewing.transport_button import Sign, TransportButton, sign_path
from endoscope_app.viewing.wording import LOOP_NAME
from tests.present import present


@pytest.fixture
def bar(qtbot: QtBot) -> TransportBar:
    widget = TransportBar()
    qtbot.addWidget(widget)
    widget.set_enabled_for_source(True)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def _button(bar: TransportBar, name: str) -> TransportButton:
    return next(
        button for button in bar.findChildren(TransportButton) if button.accessibleName() == name
    )


def _texts(bar: TransportBar) -> list[str]:
    return [
        label.text() for label in bar.findChildren(QLabel) if label.accessibleName() != LOOP_NAME
    ]


@pytest.mark.parametrize(
    ("name", "frames"),
    [
        ("Back 10 frames", -10),
        ("Back 1 frame", -1),
        ("Forward 1 frame", 1),
        ("Forward 10 frames", 10),
    ],
)
def test_steps(bar: TransportBar, qtbot: QtBot, name: str, frames: int) -> None:
    with qtbot.waitSignal(bar.step_requested, timeout=1000) as signal:
        qtbot.mouseClick(_button(bar, name), Qt.MouseButton.LeftButton)
    assert signal.args == [frames]


def test_start_end_and_play(bar: TransportBar, qtbot: QtBot) -> None:
    with qtbot.waitSignals([bar.home_requested, bar.end_requested, bar.play_toggled], timeout=1000):
        for name in ("First frame", "Last frame", "Play"):
            qtbot.mouseClick(_button(bar, name), Qt.MouseButton.LeftButton)


def test_play_button_says_what_it_will_do(bar: TransportBar) -> None:
    button = _button(bar, "Play")
    bar.set_playing(True)
    assert (button.accessibleName(), button.sign) == ("Pause", Sign.PAUSE)
    bar.set_playing(False)
    assert (button.accessibleName(), button.sign) == ("Play", Sign.PLAY)


def test_position_is_told(bar: TransportBar) -> None:
    bar.set_position(312, 12480.0, 4500, 185000.0)
    assert _texts(bar) == ["0:12.480 / 3:05", "frame 312 / 4500"]
    bar.set_position(0, 0.0, 0, 0.0)
    assert "no procedure" in _texts(bar)


def test_speed_is_asked_by_the_user_only(bar: TransportBar, qtbot: QtBot) -> None:
    combo = bar.findChild(QComboBox)
    assert [present(combo).itemText(row) for row in range(present(combo).count())] == [
        "0.25x",
        "0.5x",
        "1x",
        "1.5x",
        "2x",
        "4x",
        "8x",
    ]
    with qtbot.assertNotEmitted(bar.speed_changed):
        bar.set_speed(4.0)
    assert present(combo).currentText() == "4x"
    with qtbot.waitSignal(bar.speed_changed, timeout=1000) as signal:
        qtbot.keyClick(combo, Qt.Key.Key_Down)
    assert signal.args == [8.0]
    bar.set_speed(3.0)
    assert present(combo).currentText() == "3x"
    assert [present(combo).itemData(row) for row in range(present(combo).count())] == sorted(
        (*SPEEDS, 3.0)
    )


def test_stills_have_a_number_and_no_time(bar: TransportBar) -> None:
    bar.set_still(12, 5000)
    assert _texts(bar) == ["", "image 12 / 5000"]
    bar.set_position(0, 0.0, 10, 400.0)
    assert _texts(bar) == ["0:00.000 / 0:00", "frame 0 / 10"]


def test_play_and_pause_name_their_own_keys(bar: TransportBar) -> None:
    button = _button(bar, "Play")
    assert button.toolTip() == "Play (Space or L)"
    bar.set_playing(True)
    assert button.toolTip() == "Pause (Space or K)"


def test_nothing_can_be_pressed_without_a_recording(bar: TransportBar, qtbot: QtBot) -> None:
    bar.set_enabled_for_source(False)
    with qtbot.assertNotEmitted(bar.play_toggled):
        qtbot.mouseClick(_button(bar, "Play"), Qt.MouseButton.LeftButton)
    assert not present(bar.findChild(QComboBox)).isEnabled()


def test_every_control_is_named_and_reached_by_tab(bar: TransportBar) -> None:
    controls = [*bar.findChildren(TransportButton), bar.findChild(QComboBox)]
    assert len(controls) == 8
    for control in controls:
        assert present(control).accessibleName()
        assert present(control).focusPolicy() == Qt.FocusPolicy.TabFocus
        assert "(" in present(control).toolTip()


def test_a_focused_button_keeps_space_and_a_click_leaves_it_to_the_window(qtbot: QtBot) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    bar = TransportBar()
    bar.set_enabled_for_source(True)
    window.setCentralWidget(bar)
    played: list[bool] = []
    QShortcut(QKeySequence(Qt.Key.Key_Space), window, lambda: played.append(True))
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    steps: list[int] = []
    bar.step_requested.connect(steps.append)
    button = _button(bar, "Forward 1 frame")
    window.setFocus()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert not button.hasFocus()
    qtbot.keyClick(window, Qt.Key.Key_Space)
    assert (steps, len(played)) == ([1], 1)
    button.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(button, Qt.Key.Key_Space)
    qtbot.keyClick(button, Qt.Key.Key_Return)
    assert (steps, len(played)) == ([1, 1, 1], 1)


def test_signs_are_drawn_inside_their_square_and_differ() -> None:
    paths = [sign_path(sign) for sign in Sign]
    for path in paths:
        box = path.boundingRect()
        assert 0 <= box.left() < box.right() <= 1
        assert 0 <= box.top() < box.bottom() <= 1
    assert len({_key(path) for path in paths}) == len(Sign)


def _key(path: QPainterPath) -> tuple[tuple[float, float], ...]:
    elements = [path.elementAt(index) for index in range(path.elementCount())]
    return tuple((round(element.x, 3), round(element.y, 3)) for element in elements)


def test_the_sign_is_painted(bar: TransportBar) -> None:
    button = _button(bar, "Play")
    play = button.grab().toImage()
    bar.set_playing(True)
    assert button.grab().toImage() != play
    assert play.pixelColor(button.rect().center()) != play.pixelColor(QPoint(4, 4))


@pytest.mark.parametrize(
    ("time_ms", "with_ms", "text"),
    [
        (0, False, "0:00"),
        (12480, True, "0:12.480"),
        (185_999, False, "3:05"),
        (3_723_500, False, "1:02:03"),
        (59_999.6, True, "0:59.999"),
        (-5, True, "0:00.000"),
    ],
)
def test_clock(time_ms: float, with_ms: bool, text: str) -> None:
    assert clock(time_ms, with_ms=with_ms) == text
