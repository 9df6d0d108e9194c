"""Ranges on the timeline: where the bars lie, and what the mouse does with them; Esc puts back."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from pytestqt.qtbot import QtBot

from endoscope_app.analysis.timeline.range_painting import RangeBar, stacked
from endoscope_app.analysis.timeline.timeline_view import TimelineView
from tests.endoscope_app.timeline_stage import (
    COLOURS,
    LEFT,
    NAMES,
    POLYPS,
    SHIFT,
    Heard,
    drag,
    filled,
    on_bar,
    on_strip,
    rows,
    shown,
    stage,
    x_of,
)


@pytest.fixture
def view(qtbot: QtBot) -> TimelineView:
    return stage(qtbot)


# where bars lie


def test_overlapping_ranges_stack_in_three_rows_and_then_share() -> None:
    bars = [
        RangeBar(*values, 0, "x")
        for values in (
            (1, 0, 100),
            (2, 50, 150),
            (3, 90, 95),
            (4, 92, 200),
            (5, 96, 99),
            (6, 101, 120),
        )
    ]
    # 4 finds no free row and shares the one that frees first, which is 3's; 5 follows it, and 6
    # comes after 1
    assert stacked(bars) == {1: 0, 2: 1, 3: 2, 4: 2, 5: 0, 6: 0}
    assert stacked([RangeBar(1, 0, 10, 0, ""), RangeBar(2, 11, 20, 0, "")]) == {1: 0, 2: 0}
    assert stacked([RangeBar(1, 0, 10, 0, ""), RangeBar(2, 10, 20, 0, "")]) == {1: 0, 2: 1}


def test_bars_are_drawn_where_their_frames_are(view: TimelineView) -> None:
    view.set_ranges([POLYPS, (8, 450, 599, 2, "stool")])
    image = view.grab().toImage()

    def tinted(x: float, y: float, code: int) -> bool:
        seen, colour = image.pixelColor(round(x), int(y)), COLOURS[code]
        return abs(seen.hue() - colour.hue()) < 12 and seen.saturation() > 90

    lane = rows(view).full.ranges
    assert lane.height() == 26
    for frame in range(305, 795, 7):
        x = x_of(frame, False) + 1
        assert tinted(x, lane.top() + 1, 1) == (400 <= frame <= 499), frame
        assert tinted(x, lane.top() + 13 + 1, 2) == (450 <= frame <= 599), frame
    thin = rows(view).thin.ranges
    found = [
        x
        for x in range(10, 1010)
        if tinted(x, thin.center().y(), 1) or tinted(x, thin.center().y(), 2)
    ]
    # frames 400 to 599 at ten a pixel; a dark pixel tells the end of the shorter bar over the
    # longer one
    assert found == [x for x in range(50, 70) if x != 60]


def test_the_selected_bar_has_handles(view: TimelineView) -> None:
    lane = rows(view).full.ranges
    outside = round(x_of(400, False)) - 3
    before = view.grab().toImage().pixelColor(outside, int(lane.top()) + 1)
    view.ranges.select(7)
    after = view.grab().toImage().pixelColor(outside, int(lane.top()) + 1)
    assert before.lightness() < 40 < 130 < after.lightness()


def test_a_range_without_a_colour_is_grey_and_two_with_one_id_are_refused(
    view: TimelineView,
) -> None:
    view.set_ranges([(1, 400, 499, 99, "gone")])
    view.grab()
    assert "gone" in view.hover.text(QPointF(on_bar(view, x_of(450, False), False)))
    with pytest.raises(ValueError, match="one id"):
        view.set_ranges([POLYPS, POLYPS])
    with pytest.raises(ValueError, match="before it begins"):
        view.set_ranges([(1, 5, 4, 0, "cecum")])


def test_hover_and_the_description_name_the_range(qtbot: QtBot, view: TimelineView) -> None:
    view.set_ranges([(1, 1204, 1260, 1, "polyps")])
    at = on_bar(view, x_of(1230, True), True)
    assert view.hover.text(QPointF(at)).startswith("Range polyps 1,204-1,260, 2.3 s\nFrame 1,2")
    qtbot.mouseMove(view, at - QPoint(200, 0))
    qtbot.mouseMove(view, at)
    assert view.accessibleDescription().startswith("Range polyps 1,204-1,260, 2.3 s, Frame 1,2")
    view.ranges.select(1)
    assert view.accessibleDescription().startswith("Range polyps 1,204-1,260, 2.3 s, selected. ")
    view.set_timeline(filled(10_000), NAMES, COLOURS)
    assert view.hover.text(QPointF(at)).startswith("Range polyps 1,204-1,260, 57 frames\n")


# the mouse


@pytest.mark.parametrize("overview", [False, True])
def test_a_click_selects_and_neither_seeks_nor_changes(
    qtbot: QtBot, view: TimelineView, overview: bool
) -> None:
    heard = Heard(view)
    at = on_bar(view, x_of(450, overview), overview)
    drag(qtbot, view, [at, at + QPoint(2, 0)])
    assert heard.said == []
    assert view.ranges.selected == 7
    assert shown(view) == [(7, 400, 499)]


def test_a_click_beside_the_bars_unselects_and_one_on_the_strip_does_not(
    qtbot: QtBot, view: TimelineView
) -> None:
    view.ranges.select(7)
    heard = Heard(view)
    qtbot.mouseClick(view, LEFT, pos=on_strip(view, x_of(420, False), False))
    assert heard.said == [("seek_requested", 420)]
    qtbot.mouseClick(view, LEFT, pos=on_bar(view, x_of(700, False), False))
    assert heard.said[1:] == [("seek_requested", 700)]
    assert view.ranges.selected == -1


# (where it is pressed as an edge in frames, pixels beside that edge, where it is let go, first and
# last afterwards)
DRAGS = {
    "end on": (500, -2, 560, 400, 559),
    "end back": (500, -2, 440, 400, 439),
    "end to the start": (500, -2, 401, 400, 400),
    "end across the start": (500, -2, 350, 350, 400),
    "start back": (400, 2, 340, 340, 499),
    "start on": (400, 2, 470, 470, 499),
    "start across the end": (400, 2, 600, 499, 599),
    "outer handle": (500, 3, 560, 400, 559),
}


@pytest.mark.parametrize("name", DRAGS)
def test_ends_are_dragged_in_the_zoomed_strip(qtbot: QtBot, view: TimelineView, name: str) -> None:
    edge, beside, to, first, last = DRAGS[name]
    view.ranges.select(7)
    heard = Heard(view)
    start, stop = x_of(edge, False) + beside, x_of(to, False) + beside
    drag(qtbot, view, [on_bar(view, x, False) for x in (start, (start + stop) / 2, stop)])
    assert heard.said == [("range_changed", 7, first, last)]
    assert shown(view) == [(7, first, last)]


@pytest.mark.parametrize(
    ("edge", "to", "first", "last"),
    [(6000, 7000, 4000, 6999), (4000, 3000, 3000, 5999), (6000, 3500, 3500, 4000)],
)
def test_ends_are_dragged_in_the_overview(
    qtbot: QtBot, view: TimelineView, edge: int, to: int, first: int, last: int
) -> None:
    view.set_ranges([(7, 4000, 5999, 1, "polyps")])
    heard = Heard(view)
    inside = -2 if edge == 6000 else 2
    drag(qtbot, view, [on_bar(view, x_of(frame, True) + inside, True) for frame in (edge, to)])
    assert heard.said == [("range_changed", 7, first, last)]


@pytest.mark.parametrize("overview", [False, True])
def test_the_middle_moves_the_whole_range(qtbot: QtBot, view: TimelineView, overview: bool) -> None:
    first = 4000 if overview else 400
    view.set_ranges([(7, first, first + 199, 1, "polyps")])
    heard = Heard(view)
    start = x_of(first + 100, overview)
    drag(qtbot, view, [on_bar(view, x, overview) for x in (start, start + 30, start + 60)])
    moved = 600 if overview else 30
    assert heard.of("range_changed") == [(7, first + moved, first + moved + 199)]
    assert heard.of("seek_requested") == []


@pytest.mark.parametrize("overview", [False, True])
def test_no_drag_leaves_the_recording(qtbot: QtBot, view: TimelineView, overview: bool) -> None:
    view.motion.set_view(0, 10_000)
    heard = Heard(view)
    view.set_ranges([(7, 4000, 5999, 1, "polyps")])
    for edge, inside, to, first, last in (
        (6000, -2, 5000, 4000, 9999),
        (4000, 2, -5000, 0, 9999),
        (5000, 0, 5000, 0, 9999),
    ):
        drag(
            qtbot,
            view,
            [
                on_bar(view, x_of(edge, True) + inside, overview),
                on_bar(view, x_of(edge, True) + to, overview),
            ],
        )
        assert shown(view) == [(7, first, last)]
    view.set_ranges([(7, 4000, 5999, 1, "polyps")])
    for to, first, last in ((5000, 8000, 9999), (-5000, 0, 1999)):
        middle = x_of(
            (view.display.scene.ranges.bars[0].first + view.display.scene.ranges.bars[0].last) / 2,
            True,
        )
        drag(qtbot, view, [on_bar(view, middle, overview), on_bar(view, to, overview)])
        assert shown(view) == [(7, first, last)]
    assert heard.of("range_changed") == [
        (7, 4000, 9999),
        (7, 0, 9999),
        (7, 8000, 9999),
        (7, 0, 1999),
    ]


def test_an_end_stops_at_the_edge_of_the_view(qtbot: QtBot, view: TimelineView) -> None:
    heard = Heard(view)
    drag(qtbot, view, [on_bar(view, x_of(500, False) - 2, False), on_bar(view, 3000, False)])
    assert heard.of("range_changed") == [(7, 400, 799)]


@pytest.mark.parametrize("inside", [-2, -100])
def test_esc_puts_a_dragged_range_back(qtbot: QtBot, view: TimelineView, inside: int) -> None:
    heard = Heard(view)
    start = x_of(500, False) + inside
    drag(qtbot, view, [on_bar(view, start, False), on_bar(view, start + 80, False)], let_go=False)
    assert shown(view) != [(7, 400, 499)]
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    assert shown(view) == [(7, 400, 499)]
    qtbot.mouseMove(view, on_bar(view, start + 120, False))
    qtbot.mouseRelease(view, LEFT, pos=on_bar(view, start + 120, False))
    assert shown(view) == [(7, 400, 499)]
    assert heard.said == []


def test_nothing_jumps_while_a_range_is_dragged(qtbot: QtBot, view: TimelineView) -> None:
    view.set_ranges([POLYPS, (8, 600, 699, 2, "stool")])
    height, start = view.sizeHint().height(), x_of(550 - 100, False)
    drag(qtbot, view, [on_bar(view, start, False), on_bar(view, start + 400, False)], let_go=False)
    assert shown(view)[0] == (7, 600, 699)
    assert view.sizeHint().height() == height  # they overlap, but rows move only at the release
    qtbot.mouseRelease(view, LEFT, pos=on_bar(view, start + 400, False))
    assert view.sizeHint().height() > height


def test_other_ranges_end_a_drag_and_a_selection_that_is_gone(
    qtbot: QtBot, view: TimelineView
) -> None:
    heard = Heard(view)
    start = on_bar(view, x_of(450, False), False)
    drag(qtbot, view, [start, start + QPoint(50, 0)], let_go=False)
    view.set_ranges([(8, 600, 699, 2, "stool")])
    qtbot.mouseMove(view, start + QPoint(90, 0))
    qtbot.mouseRelease(view, LEFT, pos=start)
    assert heard.said == []
    assert view.ranges.selected == -1
    assert shown(view) == [(8, 600, 699)]


def test_the_smaller_of_two_bars_in_a_row_can_be_had(qtbot: QtBot, view: TimelineView) -> None:
    view.set_ranges(
        [(number, 400, 700, 0, "cecum") for number in (1, 2, 3)] + [(4, 500, 520, 2, "stool")]
    )
    qtbot.mouseClick(view, LEFT, pos=on_bar(view, x_of(510, False), False, row=0))
    assert view.ranges.selected == 4
    qtbot.mouseClick(view, LEFT, pos=on_bar(view, x_of(600, False), False, row=0))
    assert view.ranges.selected == 1


def test_a_range_of_one_frame_can_be_trimmed_by_its_handles(
    qtbot: QtBot, view: TimelineView
) -> None:
    view.set_ranges([(7, 500, 500, 1, "polyps")])
    view.ranges.select(7)
    end = x_of(501, False)
    drag(qtbot, view, [on_bar(view, end + 2, False), on_bar(view, end + 2 + 20, False)])
    assert shown(view) == [(7, 500, 510)]


def test_what_is_dragged_tells_its_length(qtbot: QtBot, view: TimelineView) -> None:
    start = on_bar(view, x_of(500, False) - 2, False)
    drag(qtbot, view, [start, start + QPoint(100, 0)])
    assert view.accessibleDescription().startswith("Range polyps 400-549, 6.0 s")
    drag(qtbot, view, [on_strip(view, x_of(frame, False), False) for frame in (600, 624)], SHIFT)
    assert view.accessibleDescription().startswith("Mark 600-624, 1.0 s")
