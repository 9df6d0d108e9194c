"""The timeline widget: what is under the pointer, what is repainted, and that a long recording
costs no more.
"""

import pytest
from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from endoscope_app.analysis.timeline.axis import Axis
from endoscope_app.analysis.timeline.geometry import (
    Scale,
    clamped_view,
    tick_step,
    ticks,
    time_label,
    zoomed,
)
from endoscope_app.analysis.timeline.timeline_view import TimelineView
from endoscope_app.analysis.timeline_data import Timeline
from tests.endoscope_app.frame_times import steady, steady_of
from tests.endoscope_app.long_timeline import (
    COLOURS,
    NAMES,
    filled,
    long_view,
    overview_point,
    strip_point,
    wheel,
)
from tests.present import present


@pytest.fixture
def view(qtbot: QtBot) -> TimelineView:
    return long_view(qtbot)


@pytest.mark.parametrize("first", [0, 1000, 50_000.5])
@pytest.mark.parametrize("x", [10, 11, 333, 1009])
def test_a_click_seeks_to_the_frame_under_the_pointer(
    qtbot: QtBot, view: TimelineView, first: float, x: int
) -> None:
    view.motion.set_view(first, first + 200)  # 5 pixels a frame
    with qtbot.waitSignal(view.seek_requested) as caught:
        qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=strip_point(view, x))
    assert caught.args == [int(first + (x - 10) / 5)]
    assert view.display.stage.frame_at(QPointF(strip_point(view, x))) == caught.args[0]


def test_the_margins_belong_to_the_ends(qtbot: QtBot, view: TimelineView) -> None:
    view.motion.set_view(1000, 1200)
    sought: list[int] = []
    view.seek_requested.connect(sought.append)
    for x in (0, 1019):
        qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=strip_point(view, x))
    assert sought == [1000, 1199]
    view.motion.set_view(0, 120_000)
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=strip_point(view, 1019))
    assert sought[-1] == 119_999


def test_dragging_seeks_once_a_frame(qtbot: QtBot, view: TimelineView) -> None:
    view.motion.set_view(0, 100)  # 10 pixels a frame
    sought: list[int] = []
    view.seek_requested.connect(sought.append)
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=strip_point(view, 102))
    for x in (104, 108, 113, 114, 2000, 135):
        qtbot.mouseMove(view, strip_point(view, x))
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=strip_point(view, 135))
    qtbot.mouseMove(view, strip_point(view, 500))
    assert sought == [9, 10, 99, 12]


def test_a_click_in_the_overview_seeks_and_centres(qtbot: QtBot, view: TimelineView) -> None:
    view.motion.set_view(0, 1000)
    with qtbot.waitSignal(view.seek_requested):
        qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=overview_point(view, 510))
    first, last = view.motion.view
    assert last - first == pytest.approx(1000)
    assert (first + last) / 2 == pytest.approx(60_000.5)


def test_the_middle_button_moves_the_view_without_seeking(qtbot: QtBot, view: TimelineView) -> None:
    view.motion.set_view(1000, 1100)
    sought: list[int] = []
    view.seek_requested.connect(sought.append)
    qtbot.mousePress(view, Qt.MouseButton.MiddleButton, pos=strip_point(view, 500))
    qtbot.mouseMove(view, strip_point(view, 400))
    qtbot.mouseRelease(view, Qt.MouseButton.MiddleButton, pos=strip_point(view, 400))
    assert view.motion.view == pytest.approx((1010, 1110))
    assert sought == []


@pytest.mark.parametrize("x", [10, 300, 777, 1009])
@pytest.mark.parametrize("turn", [120, 360, -120])
def test_the_wheel_keeps_the_frame_under_the_pointer(view: TimelineView, x: int, turn: int) -> None:
    view.motion.set_view(40_000, 42_000)
    at = strip_point(view, x)
    before = view.display.stage.frame_at(QPointF(at))
    wheel(view, at, y=turn)
    assert view.display.stage.frame_at(QPointF(at)) == before
    assert (view.motion.view[1] - view.motion.view[0] < 2000) == (turn > 0)


def test_shift_and_the_horizontal_wheel_pan(view: TimelineView) -> None:
    view.motion.set_view(40_000, 42_000)
    wheel(view, strip_point(view, 500), y=-120, modifiers=Qt.KeyboardModifier.ShiftModifier)
    assert view.motion.view == pytest.approx((40_200, 42_200))
    wheel(view, strip_point(view, 500), x=240)
    assert view.motion.view == pytest.approx((39_800, 41_800))


def test_plus_and_minus_zoom_and_other_keys_are_left_to_the_window(
    qtbot: QtBot, view: TimelineView
) -> None:
    view.motion.set_view(0, 1000)
    view.set_current(200)
    qtbot.keyClick(view, Qt.Key.Key_Plus)
    assert view.motion.view[1] - view.motion.view[0] == pytest.approx(800)
    qtbot.keyClick(view, Qt.Key.Key_Minus)
    assert view.motion.view == pytest.approx((0, 1000))
    heard: list[int] = []

    class Ear(QObject):
        def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.KeyPress:
                present(QApplication.instance()).removeEventFilter(self)
                heard.append(1 if view.event(event) and event.isAccepted() else 0)
                return True
            return False

    view.installEventFilter(Ear(view))
    qtbot.keyClick(view, Qt.Key.Key_Left)
    assert heard == [0]
    assert view.focusPolicy() & Qt.FocusPolicy.TabFocus
    assert view.accessibleName()
    assert view.accessibleDescription()


def test_hover_names_frame_time_class_and_probability(view: TimelineView) -> None:
    view.motion.set_view(1500, 1600)
    text = view.hover.text(QPointF(strip_point(view, 15)))
    assert text == "Frame 1,500, 1:00.0\ncecum 90\xa0%"
    view.set_timeline(Timeline(10, 3), NAMES, COLOURS)
    assert view.hover.text(QPointF(strip_point(view, 15))) == "Frame 0\nnot analysed yet"


def test_no_recording_and_an_empty_one_are_harmless(qtbot: QtBot, view: TimelineView) -> None:
    for timeline in (None, Timeline(0, 3)):
        view.set_timeline(timeline, NAMES, COLOURS, steady_of(timeline))
        view.set_current(5)
        view.zoom(2)
        view.motion.set_view(3, 9)
        view.reveal_current()
        qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=strip_point(view, 300))
        qtbot.mouseMove(view, strip_point(view, 320))
        wheel(view, strip_point(view, 300), y=120)
        view.grab()
    view.resize(5, 5)
    view.grab()


def test_one_frame(qtbot: QtBot, view: TimelineView) -> None:
    view.set_timeline(filled(1), NAMES, COLOURS, steady(1))
    view.zoom(5)
    assert view.motion.view == (0, 1)
    with qtbot.waitSignal(view.seek_requested) as caught:
        qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=strip_point(view, 900))
    assert caught.args == [0]
    view.grab()


def test_another_model_keeps_the_view_and_another_recording_does_not(view: TimelineView) -> None:
    view.motion.set_view(100, 300)
    view.set_current(200)
    view.set_timeline(filled(120_000, 1), NAMES, COLOURS, steady(120_000), keep_view=True)
    assert (view.motion.view, view.display.current) == ((100, 300), 200)
    view.set_timeline(filled(500), NAMES, COLOURS, steady(500), keep_view=True)
    assert (view.motion.view, view.display.current) == ((0, 500), 0)
    with pytest.raises(ValueError, match="as many names and colours"):
        view.set_timeline(filled(500), NAMES, COLOURS[:2], steady(500))


def test_times_and_ticks_for_people() -> None:
    assert [time_label(seconds, 1) for seconds in (0, 59.99, 61, 3661)] == [
        "0:00",
        "1:00",
        "1:01",
        "1:01:01",
    ]
    assert time_label(61.25, 0.1) == "1:01.2"
    assert tick_step(0.1, 100, in_time=True)[0] == 10
    assert tick_step(1000, 100, in_time=True)[0] >= 100_000
    assert tick_step(0.5, 100, in_time=False)[0] == 50
    found = list(ticks(Scale(0, 45_000, 10, 1000, Axis(45_000, steady(45_000))), 90))
    labels = [label for _, label in found if label is not None]
    assert labels == ["0:00", "5:00", "10:00", "15:00", "20:00", "25:00", "30:00"]
    assert len(found) < 100
    assert [label for _, label in ticks(Scale(0, 20, 0, 1000, Axis(20)), 90) if label] == [
        str(number) for number in range(0, 21, 2)
    ]


def test_views_stay_inside() -> None:
    assert clamped_view(-50, 50, 1000, 12) == (0, 100)
    assert clamped_view(950, 1050, 1000, 12) == (900, 1000)
    assert clamped_view(0, 5000, 1000, 12) == (0, 1000)
    assert clamped_view(500, 501, 1000, 12) == (494.5, 506.5)
    assert zoomed((0, 1000), 1e9, 500, 1000, 12)[1] - zoomed((0, 1000), 1e9, 500, 1000, 12)[0] == 12
    assert zoomed((0, 1000), 0.5, 500, 1000, 12) == (0, 1000)
