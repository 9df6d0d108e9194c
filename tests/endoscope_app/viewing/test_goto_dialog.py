"""Positions as people type them, and what the dialog says about them."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialogButtonBox, QLineEdit
from pytestqt.qtbot import QtBot

from endoscope_app.viewing.goto_dialog import (
    GotoDialog,
    PositionError,
    parse_position,
    parse_time_ms,
)
from tests.endoscope_app.frame_times import steady, times_of
from tests.present import present


def _at_25_fps(time_ms: float) -> int:
    return int(time_ms // 40)


@pytest.mark.parametrize(
    ("text", "index"),
    [
        ("1200", 1200),
        (" 0 ", 0),
        ("#12", 12),
        ("frame 12", 12),
        ("12:34", 754 * 25),
        ("1:02:03.5", int(3723.5 * 25)),
        ("90s", 2250),
        ("90 S", 2250),
        ("1.5s", 37),
        ("1,5 s", 37),
        (".5s", 12),
        ("2 min", 3000),
        ("80ms", 2),
        ("1h", 90_000),
        ("0:12.480", 312),
        ("90:00", 135_000),
    ],
)
def test_positions(text: str, index: int) -> None:
    assert parse_position(text, _at_25_fps) == index


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "abc",
        "12:3x",
        "-5",
        "1:2:3:4",
        "12:",
        "1.5",
        "s",
        "nan",
        "1e3",
        "12:60",
        "1:60:00",
    ],
)
def test_nonsense_is_refused_in_words(text: str) -> None:
    with pytest.raises(PositionError, match=r"\.$|\)\.$"):
        parse_position(text, _at_25_fps)


def test_a_frame_number_is_no_time() -> None:
    assert parse_time_ms("1200") is None


@pytest.fixture
def dialog(qtbot: QtBot) -> GotoDialog:
    widget = GotoDialog(steady(4500), 180_000.0)
    qtbot.addWidget(widget)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def _type(dialog: GotoDialog, qtbot: QtBot, text: str) -> None:
    field = dialog.findChild(QLineEdit)
    present(field).clear()
    qtbot.keyClicks(field, text)


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("4500", "The procedure has frames 0 to 4499."),
        ("99:00", "The procedure ends after 180.0 s."),
        ("180.1s", "The procedure ends after 180.0 s."),
        ("x", "Neither a frame number (1200) nor a time (12:34, 1:02:03.5, 90s)."),
        ("", "Type a frame number or a time."),
    ],
)
def test_impossible_positions_cannot_be_chosen(
    dialog: GotoDialog, qtbot: QtBot, text: str, verdict: str
) -> None:
    _type(dialog, qtbot, text)
    assert dialog.verdict() == verdict
    assert dialog.index is None
    assert (
        not present(dialog.findChild(QDialogButtonBox))
        .button(QDialogButtonBox.StandardButton.Ok)
        .isEnabled()
    )
    with qtbot.assertNotEmitted(dialog.position_chosen):
        dialog.accept()
    assert dialog.isVisible()


def test_enter_goes_there(dialog: GotoDialog, qtbot: QtBot) -> None:
    _type(dialog, qtbot, "0:12.48")
    assert dialog.verdict() == "Frame 312 of 4500, at 0:12.480."
    with qtbot.waitSignal(dialog.position_chosen, timeout=1000) as signal:
        qtbot.keyClick(dialog.findChild(QLineEdit), Qt.Key.Key_Return)
    assert signal.args == [312]
    assert not dialog.isVisible()


def test_escape_leaves(dialog: GotoDialog, qtbot: QtBot) -> None:
    _type(dialog, qtbot, "5")
    with qtbot.assertNotEmitted(dialog.position_chosen):
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_a_time_in_a_pause_of_the_recorder_is_said_to_be_one(qtbot: QtBot) -> None:
    dialog = GotoDialog(times_of([0, 40, 80, 60_000, 60_040]), 60_080.0)
    qtbot.addWidget(dialog)
    _type(dialog, qtbot, "30s")
    assert dialog.verdict() == "The recorder paused then. Frame 2 of 5, at 0:00.080."
    _type(dialog, qtbot, "60s")
    assert dialog.verdict() == "Frame 3 of 5, at 1:00.000."
    _type(dialog, qtbot, "2")
    assert dialog.verdict() == "Frame 2 of 5, at 0:00.080."


def test_stills_have_a_number_and_no_time(qtbot: QtBot) -> None:
    dialog = GotoDialog(steady(6), 240.0, stills=True)
    qtbot.addWidget(dialog)
    field = present(dialog.findChild(QLineEdit))
    assert (dialog.windowTitle(), dialog.verdict()) == (
        "Go to image",
        "Type the number of an image.",
    )
    for typed, index, verdict in (
        ("0:00.1", None, "Type the number of an image."),
        ("5", 5, "Image 5 of 6."),
        ("6", None, "The procedure has images 0 to 5."),
    ):
        field.setText(typed)
        assert (dialog.index, dialog.verdict()) == (index, verdict)
