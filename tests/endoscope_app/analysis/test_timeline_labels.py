"""Human labels on the timeline: columns and pixels against plain loops, lanes that take no
height in vain, and what a paint costs.
"""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QImage, QPalette
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from endoscope_app.analysis.timeline.geometry import FIXED, STRIP, LaneRows, Strips, strips
from endoscope_app.analysis.timeline.timeline_view import TimelineView
from endoscope_app.analysis.timeline_data import Timeline
from tests.endoscope_app.colour_values import rgb
from tests.endoscope_app.frame_times import steady, steady_of

NAMES = ["cecum", "polyps", "stool"]
COLOURS = [QColor("#56b4e9"), QColor("#e69f00"), QColor("#0f8f68")]
BASE, WINDOW, TEXT, BRIGHT = (
    QColor("#101316"),
    QColor("#15181c"),
    QColor("#d6d9de"),
    QColor("#d98c7a"),
)
WIDTH = 1020
"""1000 pixels of strip from pixel 10 on."""


def view_of(qtbot: QtBot, frames: int) -> TimelineView:
    widget = TimelineView()
    palette = widget.palette()
    for role, colour in (
        (QPalette.ColorRole.Base, BASE),
        (QPalette.ColorRole.Window, WINDOW),
        (QPalette.ColorRole.Text, TEXT),
        (QPalette.ColorRole.BrightText, BRIGHT),
    ):
        palette.setColor(role, colour)
    widget.setPalette(palette)
    qtbot.addWidget(widget)
    widget.resize(WIDTH, 200)
    timeline = Timeline(frames, 3)
    timeline.write(0, np.tile(np.array([[0.8, 0.1, 0.1]], np.float32), (frames, 1)))
    widget.set_timeline(timeline, NAMES, COLOURS, steady_of(timeline))
    return widget


@pytest.fixture
def view(qtbot: QtBot) -> TimelineView:
    """1000 frames: one a pixel."""
    return view_of(qtbot, 1000)


def label(view: TimelineView, *labels: tuple[int, int, int]) -> None:
    """(frame, code, kind) each."""
    frames, codes, kinds = np.array(labels, np.int64).reshape(-1, 3).T
    view.set_labels(frames, codes, COLOURS, kinds, NAMES)


def rows(view: TimelineView) -> Strips:
    return strips(view.width(), view.height(), view.display.scene.lanes)


def picture(view: TimelineView) -> QImage:
    view.set_current(view.frame_count - 1)  # the playhead stands out of the way
    return view.grab().toImage()


def strength(image: QImage, x: float, y: float, colour: QColor, ground: QColor) -> float:
    """How far from the ground towards the colour a pixel is, 0..1; nan where it is not between
    the two.
    """
    seen = rgb(image.pixelColor(round(x), int(y)))
    low, high = rgb(ground), rgb(colour)
    share = float((seen - low) @ (high - low) / ((high - low) @ (high - low)))
    return share if np.abs(low + share * (high - low) - seen).max() < 4 else float("nan")


def test_without_labels_the_timeline_is_as_it_was(view: TimelineView) -> None:
    view.set_image_lanes(quality=False, colours=False)
    assert view.sizeHint().height() == FIXED + STRIP
    before = view.grab().toImage()
    label(view)
    view.set_disagreements(np.array([], np.int64))
    view.set_ranges([])
    view.set_mark(None, None)
    assert view.sizeHint().height() == FIXED + STRIP
    assert view.grab().toImage() == before


def test_each_lane_adds_its_own_height_and_gives_it_back(view: TimelineView) -> None:
    hints = [view.sizeHint().height()]
    label(view, (10, 0, 0))
    hints.append(view.sizeHint().height())
    view.set_disagreements(np.array([10]))
    hints.append(view.sizeHint().height())
    view.set_ranges([(1, 0, 10, 0, "cecum")])
    hints.append(view.sizeHint().height())
    view.set_ranges([(1, 0, 10, 0, "cecum"), (2, 20, 30, 0, "cecum")])
    assert view.sizeHint().height() == hints[-1]  # they do not overlap
    assert hints == sorted(set(hints))
    assert hints[-1] - hints[0] < 60
    assert view.minimumSizeHint().height() > FIXED + 40
    view.set_timeline(None, (), ())
    label(view, (10, 0, 0))
    assert view.sizeHint().height() == hints[0]  # no recording, no lanes


def test_in_a_layout_the_timeline_grows_and_the_strip_keeps_its_height(qtbot: QtBot) -> None:
    window, view = QWidget(), view_of(qtbot, 1000)
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    column.addWidget(QWidget(), 1)
    column.addWidget(view)
    window.resize(800, 600)
    with qtbot.waitExposed(window):
        window.show()
    before, strip = view.height(), rows(view).strip.height()
    label(view, (10, 0, 0))
    qtbot.waitUntil(lambda: view.height() > before, timeout=2000)
    assert rows(view).strip.height() == strip


def lane_of(view: TimelineView, overview: bool) -> LaneRows:
    return rows(view).lanes(overview)


@pytest.mark.parametrize("overview", [True, False])
def test_class_labels_are_filled_reviewed_ones_hollow_unusable_ones_hatched(
    view: TimelineView, overview: bool
) -> None:
    label(
        view,
        *[(frame, 1, 0) for frame in range(100, 140)],
        *[(frame, 1, 1) for frame in range(200, 240)],
        *[(frame, 0, 2) for frame in range(300, 340)],
    )
    image, lane = picture(view), lane_of(view, overview).labels
    top, middle, bottom = lane.top(), lane.center().y(), lane.bottom() - 1
    assert [
        strength(image, 10 + 120, y, COLOURS[1], BASE) for y in (top, middle, bottom)
    ] == pytest.approx([0.88] * 3, abs=0.02)
    assert [
        strength(image, 10 + 220, y, COLOURS[1], BASE) for y in (top, middle, bottom)
    ] == pytest.approx([0.75, 0.22, 0.75], abs=0.02)
    hatch = [image.pixelColor(x, int(middle)) for x in range(320, 340)]
    assert len({colour.name() for colour in hatch}) == 2
    assert all(colour.hslSaturationF() < 0.2 for colour in hatch)
    for free in (50, 99, 141, 250, 345):
        assert image.pixelColor(10 + free, int(middle)) == BASE


def test_a_second_class_in_a_column_stands_at_its_foot(qtbot: QtBot) -> None:
    view = view_of(qtbot, 10_000)  # ten frames a pixel
    label(view, *[(frame, 0, 0) for frame in range(5000, 5008)], (5008, 2, 0))
    image, lane = picture(view), lane_of(view, False).labels
    assert strength(image, 510, lane.top() + 1, COLOURS[0], BASE) == pytest.approx(0.88, abs=0.02)
    assert strength(image, 510, lane.bottom() - 1, COLOURS[2], BASE) == pytest.approx(
        0.88, abs=0.02
    )


def test_a_lone_label_is_visible_in_120_000_frames(qtbot: QtBot) -> None:
    view = view_of(qtbot, 120_000)
    label(view, (60_000, 1, 0))
    image, lane = picture(view), lane_of(view, True).labels
    seen = [
        x for x in range(WIDTH) if strength(image, x, lane.center().y(), COLOURS[1], BASE) > 0.8
    ]
    assert seen == [510, 511]


def test_magnified_labels_lie_over_their_frames_and_can_be_counted(view: TimelineView) -> None:
    label(view, (100, 0, 0), (101, 0, 0), (103, 1, 0))
    view.motion.set_view(95, 120)  # 40 pixels a frame
    image, lane = view.grab().toImage(), lane_of(view, False).labels
    y = int(lane.center().y())
    colours = [image.pixelColor(x, y) for x in range(10, 1010)]
    for frame in range(96, 118):
        start = (frame - 95) * 40
        shown = {colour.name() for colour in colours[start + 1 : start + 40]}
        assert len(shown) == 1
        code = {100: 0, 101: 0, 103: 1}.get(frame)
        if code is None:
            assert shown == {BASE.name()}
        else:
            assert strength(image, 10 + start + 20, y, COLOURS[code], BASE) == pytest.approx(
                0.88, abs=0.02
            )
    assert colours[(101 - 95) * 40] == BASE  # the gap between two labelled neighbours


def test_ticks_are_merged_by_pixel_and_stronger_where_more_frames_differ(qtbot: QtBot) -> None:
    view = view_of(qtbot, 10_000)
    view.set_disagreements(np.array([5003, 7000, 7001, *range(8000, 8010), 5003]))
    image, lane = picture(view), lane_of(view, False).ticks
    assert lane.height() > 0
    found = {x - 10: strength(image, x, lane.center().y(), BRIGHT, WINDOW) for x in range(10, 1010)}
    shown = {x: share for x, share in found.items() if share > 0.02}
    assert sorted(shown) == [500, 700, 800]
    assert shown[500] < shown[700] < shown[800] == pytest.approx(1, abs=0.02)
    assert shown[500] > 0.5


def test_labels_that_do_not_fit_are_refused(view: TimelineView) -> None:
    one = np.array([1])
    for frames, codes, kinds, words in (
        (np.array([2, 1]), np.array([0, 0]), np.array([0, 0]), "sorted"),
        (np.array([-1]), one, one, "sorted"),
        (one, np.array([3]), np.array([0]), "no colour"),
        (one, one, np.array([3]), "0, 1 or 2"),
        (one, np.array([0, 0]), one, "as many"),
    ):
        with pytest.raises(ValueError, match=words):
            view.set_labels(frames, codes, COLOURS, kinds)
    with pytest.raises(ValueError, match="as many names"):
        view.set_labels(one, one, COLOURS, one, ["cecum"])
    view.set_labels(one, np.array([-1]), COLOURS, np.array([2]))  # an unusable frame has no class


def test_hover_names_the_label_and_the_disagreement(qtbot: QtBot) -> None:
    view = view_of(qtbot, 10_000)
    label(view, (5003, 1, 0), (6000, 0, 1), (7000, 0, 2))
    view.set_disagreements(np.array([5003]))
    strip, lane = rows(view).strip.center().y(), lane_of(view, False).labels.center().y()
    assert view.hover.text(QPointF(510.2, strip)) == "Frame 5,002, 3:20.1\ncecum 80\xa0%"
    assert (
        view.hover.text(QPointF(510.35, strip))
        == "Frame 5,003, 3:20.1\ncecum 80\xa0%\nLabelled: polyps\nReader and model differ"
    )
    # on the lane the label is wider than its frame: the nearest is named
    assert (
        view.hover.text(QPointF(511.5, lane))
        == "Frame 5,003, 3:20.1\ncecum 80\xa0%\nLabelled: polyps\nReader and model differ"
    )
    assert view.hover.text(QPointF(610, lane)).endswith(
        "Labelled: cecum (reviewed, the model is right)"
    )
    assert view.hover.text(QPointF(710, lane)).endswith("Labelled: none of these")
    assert "Labelled" not in view.hover.text(QPointF(650, lane))


def test_labels_survive_another_model_and_wait_for_the_first(view: TimelineView) -> None:
    label(view, (100, 1, 0))
    timeline = view.display.scene.timeline
    view.set_timeline(None, (), ())
    view.set_timeline(timeline, NAMES, COLOURS, steady_of(timeline))
    image = picture(view)
    assert strength(image, 110, lane_of(view, False).labels.center().y(), COLOURS[1], BASE) > 0.8


@pytest.mark.parametrize("frames", [0, 1])
def test_an_empty_recording_and_one_of_a_single_frame_are_harmless(
    qtbot: QtBot, frames: int
) -> None:
    view = view_of(qtbot, 1)
    view.set_timeline(Timeline(frames, 3), NAMES, COLOURS, steady(frames))
    label(view, (0, 2, 0))
    view.set_disagreements(np.array([0]))
    view.set_ranges([(1, 0, 0, 1, "polyps")])
    image = view.grab().toImage()
    view.set_mark(0, 0)
    for x in (0, 300, 1019):
        for y in range(0, 200, 5):
            view.hover.text(QPointF(x, y))
    if frames:
        assert strength(
            image, 300, lane_of(view, False).labels.center().y(), COLOURS[2], BASE
        ) == pytest.approx(0.88, abs=0.02)
    view.resize(5, 5)
    view.grab()
