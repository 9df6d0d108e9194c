"""The timeline widget: what is under the pointer, what is repainted, and that a long recording costs no more."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QPaintEvent, QPalette, QRegion, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from endoscope_app.predictions.events import Finding
from endoscope_app.predictions.timeline import Timeline
from endoscope_app.widgets.timeline.geometry import Scale, clamped_view, strips, tick_step, ticks, time_label, zoomed
from endoscope_app.widgets.timeline.view import TimelineView

NAMES = ["cecum", "polyps", "stool"]
COLOURS = [QColor("#009E73"), QColor("#D55E00"), QColor("#8C6D31")]
BASE = QColor("#101214")


def filled(frames: int, label: int = 0, top: float = 0.9) -> Timeline:
    timeline = Timeline(frames, 3)
    values = np.full((frames, 3), (1 - top) / 2, np.float32)
    values[:, label] = top
    timeline.write(0, values)
    return timeline


@pytest.fixture
def view(qtbot: QtBot) -> TimelineView:
    widget = TimelineView()
    palette = widget.palette()
    palette.setColor(QPalette.ColorRole.Base, BASE)
    palette.setColor(QPalette.ColorRole.Window, QColor("#15181c"))
    palette.setColor(QPalette.ColorRole.Text, QColor("#e0e0e0"))
    widget.setPalette(palette)
    qtbot.addWidget(widget)
    widget.resize(1020, 131)
    widget.set_timeline(filled(120_000), NAMES, COLOURS, 25.0)
    widget.show()
    qtbot.waitExposed(widget)
    settle(widget)
    return widget


def settle(widget: TimelineView) -> None:
    for _ in range(3):
        QApplication.processEvents()


def strip_point(widget: TimelineView, x: float) -> QPoint:
    return QPointF(x, strips(widget.width(), widget.height()).strip.center().y()).toPoint()


def overview_point(widget: TimelineView, x: float) -> QPoint:
    return QPointF(x, strips(widget.width(), widget.height()).overview.center().y()).toPoint()


def wheel(widget: TimelineView, at: QPoint, x: int = 0, y: int = 0, modifiers=Qt.KeyboardModifier.NoModifier) -> None:
    event = QWheelEvent(
        QPointF(at), QPointF(widget.mapToGlobal(at)), QPoint(), QPoint(x, y), Qt.MouseButton.NoButton, modifiers,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(widget, event)


class Paints(QObject):
    """Keeps the region of every paint event."""

    def __init__(self, widget: TimelineView) -> None:
        super().__init__(widget)
        self.regions: list[QRegion] = []
        widget.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and isinstance(event, QPaintEvent):
            self.regions.append(QRegion(event.region()))
        return False

    def area(self) -> int:
        return sum(rect.width() * rect.height() for region in self.regions for rect in region)


@pytest.mark.parametrize("first", [0, 1000, 50_000.5])
@pytest.mark.parametrize("x", [10, 11, 333, 1009])
def test_a_click_seeks_to_the_frame_under_the_pointer(qtbot: QtBot, view: TimelineView, first: float, x: int) -> None:
    view.set_view(first, first + 200)  # 5 pixels a frame
    with qtbot.waitSignal(view.seek_requested) as caught:
        qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=strip_point(view, x))
    assert caught.args == [int(first + (x - 10) / 5)]
    assert view.frame_at(QPointF(strip_point(view, x))) == caught.args[0]


def test_the_margins_belong_to_the_ends(qtbot: QtBot, view: TimelineView) -> None:
    view.set_view(1000, 1200)
    sought: list[int] = []
    view.seek_requested.connect(sought.append)
    for x in (0, 1019):
        qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=strip_point(view, x))
    assert sought == [1000, 1199]
    view.set_view(0, 120_000)
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=strip_point(view, 1019))
    assert sought[-1] == 119_999


def test_dragging_seeks_once_a_frame(qtbot: QtBot, view: TimelineView) -> None:
    view.set_view(0, 100)  # 10 pixels a frame
    sought: list[int] = []
    view.seek_requested.connect(sought.append)
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=strip_point(view, 102))
    for x in (104, 108, 113, 114, 2000, 135):
        qtbot.mouseMove(view, strip_point(view, x))
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=strip_point(view, 135))
    qtbot.mouseMove(view, strip_point(view, 500))
    assert sought == [9, 10, 99, 12]


def test_a_click_in_the_overview_seeks_and_centres(qtbot: QtBot, view: TimelineView) -> None:
    view.set_view(0, 1000)
    with qtbot.waitSignals([view.view_changed, view.seek_requested]):
        qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=overview_point(view, 510))
    first, last = view.view
    assert last - first == pytest.approx(1000)
    assert (first + last) / 2 == pytest.approx(60_000.5)


def test_the_middle_button_moves_the_view_without_seeking(qtbot: QtBot, view: TimelineView) -> None:
    view.set_view(1000, 1100)
    sought: list[int] = []
    view.seek_requested.connect(sought.append)
    qtbot.mousePress(view, Qt.MouseButton.MiddleButton, pos=strip_point(view, 500))
    qtbot.mouseMove(view, strip_point(view, 400))
    qtbot.mouseRelease(view, Qt.MouseButton.MiddleButton, pos=strip_point(view, 400))
    assert view.view == pytest.approx((1010, 1110))
    assert sought == []


@pytest.mark.parametrize("x", [10, 300, 777, 1009])
@pytest.mark.parametrize("turn", [120, 360, -120])
def test_the_wheel_keeps_the_frame_under_the_pointer(view: TimelineView, x: int, turn: int) -> None:
    view.set_view(40_000, 42_000)
    at = strip_point(view, x)
    before = view.frame_at(QPointF(at))
    wheel(view, at, y=turn)
    assert view.frame_at(QPointF(at)) == before
    assert (view.view[1] - view.view[0] < 2000) == (turn > 0)


def test_shift_and_the_horizontal_wheel_pan(view: TimelineView) -> None:
    view.set_view(40_000, 42_000)
    wheel(view, strip_point(view, 500), y=-120, modifiers=Qt.KeyboardModifier.ShiftModifier)
    assert view.view == pytest.approx((40_200, 42_200))
    wheel(view, strip_point(view, 500), x=240)
    assert view.view == pytest.approx((39_800, 41_800))


def test_plus_and_minus_zoom_and_other_keys_are_left_to_the_window(qtbot: QtBot, view: TimelineView) -> None:
    view.set_view(0, 1000)
    view.set_current(200)
    qtbot.keyClick(view, Qt.Key.Key_Plus)
    assert view.view[1] - view.view[0] == pytest.approx(800)
    qtbot.keyClick(view, Qt.Key.Key_Minus)
    assert view.view == pytest.approx((0, 1000))
    heard: list[int] = []

    class Ear(QObject):
        def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.KeyPress:
                QApplication.instance().removeEventFilter(self)
                heard.append(1 if view.event(event) and event.isAccepted() else 0)
                return True
            return False

    view.installEventFilter(Ear(view))
    qtbot.keyClick(view, Qt.Key.Key_Left)
    assert heard == [0]
    assert view.focusPolicy() & Qt.FocusPolicy.TabFocus
    assert view.accessibleName()
    assert view.accessibleDescription()


def test_the_playhead_repaints_only_where_it_was_and_is(view: TimelineView) -> None:
    paints = Paints(view)
    view.set_current(60_000)
    settle(view)
    assert paints.regions
    allowed = QRegion()
    for frame in (0, 60_000):
        for rect in view.playhead_rects(frame):
            allowed += QRegion(rect)
    for region in paints.regions:
        assert region.subtracted(allowed).isEmpty()
    assert paints.area() < view.width() * view.height() / 8


def test_moving_the_playhead_reads_no_predictions(view: TimelineView, monkeypatch: pytest.MonkeyPatch) -> None:
    view.grab()

    def fail(*_args: object) -> None:
        raise AssertionError("the strips were drawn again")

    monkeypatch.setattr(Timeline, "window", fail)
    monkeypatch.setattr(Timeline, "labels", fail)
    for frame in range(0, 120_000, 9000):
        view.set_current(frame)
        view.grab()


def test_the_partial_repaint_equals_a_full_one(view: TimelineView) -> None:
    view.set_view(100, 400)
    view.set_current(150)
    settle(view)
    screen = view.screen()
    for frame in (151, 390, 101, 260):
        view.set_current(frame)
        settle(view)
    kept = screen.grabWindow(view.winId()).toImage().convertToFormat(QImage.Format.Format_RGB32)
    fresh = view.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    if kept.size() != fresh.size():
        pytest.skip("this platform cannot read its windows")
    assert kept == fresh


def test_the_page_turns_when_the_playhead_leaves(view: TimelineView) -> None:
    view.set_view(0, 1000)
    view.set_current(999)
    assert view.view == (0, 1000)
    view.set_current(1000)
    assert view.view[0] < 1000 < view.view[0] + 100
    view.set_current(int(view.view[0]) - 1)
    assert view.view[1] - 100 < view.current < view.view[1]
    view.set_current(90_000)
    assert sum(view.view) / 2 == pytest.approx(90_000.5)


def test_a_reader_who_panned_away_is_left_alone(view: TimelineView) -> None:
    view.set_view(0, 1000)
    view.set_current(10)
    view.set_view(5000, 6000)
    view.set_current(11)
    assert view.view == (5000, 6000)
    view.reveal_current()
    assert view.view[0] <= 11 < view.view[1]


def test_changes_are_drawn_at_most_ten_times_a_second(qtbot: QtBot, view: TimelineView, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[int] = []
    window = Timeline.window
    monkeypatch.setattr(Timeline, "window", lambda self, *rest: drawn.append(1) or window(self, *rest))
    for _ in range(25):
        view.timeline_changed()
        qtbot.wait(10)
    assert 2 <= len(drawn) / 2 <= 5  # two strips each time
    qtbot.wait(150)
    count = len(drawn)
    qtbot.wait(150)
    assert len(drawn) == count


def colour_at(view: TimelineView, x: float, from_bottom: int) -> QColor:
    bottom = strips(view.width(), view.height()).strip.bottom()
    return view.grab().toImage().pixelColor(round(x), round(bottom) - 1 - from_bottom)


def nearest(colour: QColor) -> int:
    apart = [sum(abs(a - b) for a, b in zip(colour.getRgb()[:3], other.getRgb()[:3], strict=True)) for other in [*COLOURS, BASE]]
    return int(np.argmin(apart))


def test_bars_have_the_class_colour_and_the_confidence_as_height(view: TimelineView) -> None:
    timeline = Timeline(1000, 3)
    timeline.write(0, np.tile(np.array([[0.1, 0.8, 0.1]], np.float32), (500, 1)))
    view.set_timeline(timeline, NAMES, COLOURS, 25.0)
    height = round(strips(view.width(), view.height()).strip.height())
    assert nearest(colour_at(view, 300, 10)) == 1
    assert nearest(colour_at(view, 300, round(0.8 * height) - 2)) == 1
    assert nearest(colour_at(view, 300, round(0.8 * height) + 2)) == 3
    assert nearest(colour_at(view, 800, 10)) == 3
    baseline = {colour_at(view, x, 1).name() for x in range(800, 810)}
    assert len(baseline) == 2  # dots


def test_uncertain_bars_look_different(view: TimelineView) -> None:
    view.set_timeline(filled(1000, 1, 0.45), NAMES, COLOURS, 25.0)
    assert len({colour_at(view, x, 8).name() for x in range(300, 312)}) == 2  # stripes
    view.set_timeline(filled(1000, 1, 0.95), NAMES, COLOURS, 25.0)
    assert len({colour_at(view, x, 8).name() for x in range(300, 312)}) == 1


def test_a_finding_of_eight_frames_is_visible_in_120_000(view: TimelineView) -> None:
    timeline = filled(120_000)
    timeline.write(60_000, np.tile(np.array([[0.02, 0.96, 0.02]], np.float32), (8, 1)))
    view.set_timeline(timeline, NAMES, COLOURS, 25.0)
    view.set_findings([Finding(1, 60_000, 60_008, 60_003, 0.96)])
    image = view.grab().toImage()
    rows = strips(view.width(), view.height())
    for y in (rows.overview.bottom() - 2, rows.lane.top() + 1, rows.strip.bottom() - 4):
        assert any(nearest(image.pixelColor(x, round(y))) == 1 for x in range(506, 516))


def test_hover_names_frame_time_class_and_probability(view: TimelineView) -> None:
    view.set_view(1500, 1600)
    text = view.hover_text(QPointF(strip_point(view, 15)))
    assert text == "Frame 1,500, 1:00.0\ncecum 90%"
    view.set_timeline(Timeline(10, 3), NAMES, COLOURS, 0)
    assert view.hover_text(QPointF(strip_point(view, 15))) == "Frame 0\nnot analysed yet"


def test_no_recording_and_an_empty_one_are_harmless(qtbot: QtBot, view: TimelineView) -> None:
    for timeline in (None, Timeline(0, 3)):
        view.set_timeline(timeline, NAMES, COLOURS, 25.0)
        view.set_current(5)
        view.zoom(2)
        view.set_view(3, 9)
        view.reveal_current()
        qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=strip_point(view, 300))
        qtbot.mouseMove(view, strip_point(view, 320))
        wheel(view, strip_point(view, 300), y=120)
        view.grab()
    view.resize(5, 5)
    view.grab()


def test_one_frame(qtbot: QtBot, view: TimelineView) -> None:
    view.set_timeline(filled(1), NAMES, COLOURS, 25.0)
    view.zoom(5)
    assert view.view == (0, 1)
    with qtbot.waitSignal(view.seek_requested) as caught:
        qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=strip_point(view, 900))
    assert caught.args == [0]
    view.grab()


def test_another_model_keeps_the_view_and_another_recording_does_not(view: TimelineView) -> None:
    view.set_view(100, 300)
    view.set_current(200)
    view.set_timeline(filled(120_000, 1), NAMES, COLOURS, 25.0, keep_view=True)
    assert (view.view, view.current) == ((100, 300), 200)
    view.set_timeline(filled(500), NAMES, COLOURS, 25.0, keep_view=True)
    assert (view.view, view.current) == ((0, 500), 0)
    with pytest.raises(ValueError, match="as many names and colours"):
        view.set_timeline(filled(500), NAMES, COLOURS[:2], 25.0)


def test_times_and_ticks_for_people() -> None:
    assert [time_label(seconds, 1) for seconds in (0, 59.99, 61, 3661)] == ["0:00", "1:00", "1:01", "1:01:01"]
    assert time_label(61.25, 0.1) == "1:01.2"
    assert tick_step(0.1, 100, in_time=True)[0] == 10
    assert tick_step(1000, 100, in_time=True)[0] >= 100_000
    assert tick_step(0.5, 100, in_time=False)[0] == 50
    found = list(ticks(Scale(0, 45_000, 10, 1000), 25, 90))
    labels = [label for _, label in found if label is not None]
    assert labels == ["0:00", "5:00", "10:00", "15:00", "20:00", "25:00", "30:00"]
    assert len(found) < 100
    assert [label for _, label in ticks(Scale(0, 20, 0, 1000), 0, 90) if label] == [str(number) for number in range(0, 21, 2)]


def test_views_stay_inside() -> None:
    assert clamped_view(-50, 50, 1000, 12) == (0, 100)
    assert clamped_view(950, 1050, 1000, 12) == (900, 1000)
    assert clamped_view(0, 5000, 1000, 12) == (0, 1000)
    assert clamped_view(500, 501, 1000, 12) == (494.5, 506.5)
    assert zoomed((0, 1000), 1e9, 500, 1000, 12)[1] - zoomed((0, 1000), 1e9, 500, 1000, 12)[0] == 12
    assert zoomed((0, 1000), 0.5, 500, 1000, 12) == (0, 1000)
