"""What the timeline paints, how much of it, and how often."""

from __future__ import annotations

import time

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage, QRegion
from pytestqt.qtbot import QtBot

from endoscope_app.analysis.findings import Finding
from endoscope_app.analysis.timeline.geometry import strips
from endoscope_app.analysis.timeline.timeline_view import TimelineView
from endoscope_app.analysis.timeline_data import Timeline
from tests.endoscope_app.colour_values import rgb
from tests.endoscope_app.frame_times import steady, steady_of
from tests.endoscope_app.long_timeline import (
    BASE,
    COLOURS,
    NAMES,
    Paints,
    filled,
    long_view,
    settle,
)


@pytest.fixture
def view(qtbot: QtBot) -> TimelineView:
    view = long_view(qtbot)
    view.set_image_lanes(quality=False, colours=False)  # rows without them are looked at here
    return view


def test_the_playhead_repaints_only_where_it_was_and_is(view: TimelineView) -> None:
    paints = Paints(view)
    view.set_current(60_000)
    settle(view)
    assert paints.regions
    allowed = QRegion()
    for frame in (0, 60_000):
        for rect in view.display.playhead_rects(frame):
            allowed += QRegion(rect)
    for region in paints.regions:
        assert region.subtracted(allowed).isEmpty()
    assert paints.area() < view.width() * view.height() / 8


def test_moving_the_playhead_reads_no_predictions(
    view: TimelineView, monkeypatch: pytest.MonkeyPatch
) -> None:
    view.grab()

    def fail(*_args: object) -> None:
        raise AssertionError("the strips were drawn again")

    monkeypatch.setattr(Timeline, "window", fail)
    monkeypatch.setattr(Timeline, "labels", fail)
    for frame in range(0, 120_000, 9000):
        view.set_current(frame)
        view.grab()


def test_the_partial_repaint_equals_a_full_one(view: TimelineView) -> None:
    view.motion.set_view(100, 400)
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
    view.motion.set_view(0, 1000)
    view.set_current(999)
    assert view.motion.view == (0, 1000)
    view.set_current(1000)
    assert view.motion.view[0] < 1000 < view.motion.view[0] + 100
    view.set_current(int(view.motion.view[0]) - 1)
    assert view.motion.view[1] - 100 < view.display.current < view.motion.view[1]
    view.set_current(90_000)
    assert sum(view.motion.view) / 2 == pytest.approx(90_000.5)


def test_a_reader_who_panned_away_is_left_alone(view: TimelineView) -> None:
    view.motion.set_view(0, 1000)
    view.set_current(10)
    view.motion.set_view(5000, 6000)
    view.set_current(11)
    assert view.motion.view == (5000, 6000)
    view.reveal_current()
    assert view.motion.view[0] <= 11 < view.motion.view[1]


def test_changes_are_drawn_at_most_ten_times_a_second(
    qtbot: QtBot, view: TimelineView, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[int] = []
    window = Timeline.window
    monkeypatch.setattr(
        Timeline, "window", lambda self, *rest: drawn.append(1) or window(self, *rest)
    )
    begun = time.monotonic()
    for _ in range(25):
        view.timeline_changed()
        qtbot.wait(10)
    tenths = (time.monotonic() - begun) * 10  # 2.5, and more on a busy machine
    assert 2 <= len(drawn) / 2 <= tenths + 2  # two strips each time
    qtbot.wait(150)
    count = len(drawn)
    qtbot.wait(150)
    assert len(drawn) == count


def colour_at(view: TimelineView, x: float, from_bottom: int) -> QColor:
    bottom = strips(view.width(), view.height()).strip.bottom()
    lit_at(view, x)
    return view.grab().toImage().pixelColor(round(x), round(bottom) - 1 - from_bottom)


def lit_at(view: TimelineView, x: float) -> None:
    """Far from the playhead the strips are dim."""
    view.set_current(view.display.stage.frame_under(x + 14, False))


def nearest(colour: QColor) -> int:
    apart = [
        sum(abs(a - b) for a, b in zip(rgb(colour), rgb(other), strict=True))
        for other in [*COLOURS, BASE]
    ]
    return int(np.argmin(apart))


def test_bars_have_the_class_colour_and_the_confidence_as_height(view: TimelineView) -> None:
    timeline = Timeline(1000, 3)
    timeline.write(0, np.tile(np.array([[0.1, 0.8, 0.1]], np.float32), (500, 1)))
    view.set_timeline(timeline, NAMES, COLOURS, steady_of(timeline))
    height = round(strips(view.width(), view.height()).strip.height())
    assert nearest(colour_at(view, 300, 10)) == 1
    assert nearest(colour_at(view, 300, round(0.8 * height) - 2)) == 1
    assert nearest(colour_at(view, 300, round(0.8 * height) + 2)) == 3
    assert nearest(colour_at(view, 800, 10)) == 3
    baseline = {colour_at(view, x, 1).name() for x in range(800, 810)}
    assert len(baseline) == 2  # dots


def test_uncertain_bars_look_different(view: TimelineView) -> None:
    view.set_timeline(filled(1000, 1, 0.45), NAMES, COLOURS, steady(1000))
    assert len({colour_at(view, x, 8).name() for x in range(300, 312)}) == 2  # stripes
    view.set_timeline(filled(1000, 1, 0.95), NAMES, COLOURS, steady(1000))
    assert len({colour_at(view, x, 8).name() for x in range(300, 312)}) == 1


def test_a_finding_of_eight_frames_is_visible_in_120_000(view: TimelineView) -> None:
    timeline = filled(120_000)
    timeline.write(60_000, np.tile(np.array([[0.02, 0.96, 0.02]], np.float32), (8, 1)))
    view.set_timeline(timeline, NAMES, COLOURS, steady_of(timeline))
    view.set_findings([Finding(1, 60_000, 60_008, 60_003, 0.96)])
    lit_at(view, 516)
    image = view.grab().toImage()
    rows = strips(view.width(), view.height())
    for y in (rows.overview.bottom() - 2, rows.lane.top() + 1, rows.strip.bottom() - 4):
        assert any(nearest(image.pixelColor(x, round(y))) == 1 for x in range(506, 516))


def test_a_finding_wide_enough_carries_its_name(view: TimelineView) -> None:
    timeline = filled(1000, 1, 0.95)
    view.set_timeline(timeline, NAMES, COLOURS, steady_of(timeline))
    rows = strips(view.width(), view.height())

    def written(first: int, last: int) -> bool:
        view.set_findings([Finding(1, first, last, first, 0.95)])
        image = view.grab().toImage()
        row, left = round(rows.strip.top()) + 8, round(view.display.stage.scale(False).x(first))
        return len({image.pixelColor(left + x, row).name() for x in range(2, 40)}) > 3

    assert written(300, 700)
    assert not written(300, 303), "a name that has no room is not cut"
