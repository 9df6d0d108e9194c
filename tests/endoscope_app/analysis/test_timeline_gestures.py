"""Marks by Shift and a drag, keys on the selected range, and its menu."""

from __future__ import annotations

from functools import partial

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QContextMenuEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QMenu, QWidget
from pytestqt.qtbot import QtBot

from endoscope_app.analysis.timeline.timeline_view import TimelineView
from endoscope_app.analysis.timeline_data import Timeline
from tests.endoscope_app.frame_times import steady
from tests.endoscope_app.timeline_stage import (
    ALT,
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


# marking


@pytest.mark.parametrize("overview", [False, True])
def test_shift_and_a_drag_mark_a_range_and_a_plain_one_seeks(
    qtbot: QtBot, view: TimelineView, overview: bool
) -> None:
    heard = Heard(view)
    frames = (450, 430, 620) if not overview else (4500, 4300, 6200)
    drag(qtbot, view, [on_strip(view, x_of(frame, overview), overview) for frame in frames], SHIFT)
    a, b, c = frames
    assert heard.said == [("mark_changed", a, a), ("mark_changed", b, a), ("mark_changed", a, c)]
    assert view.display.mark == (a, c)
    heard.said.clear()
    drag(qtbot, view, [on_strip(view, x_of(frame, overview), overview) for frame in frames])
    # the overview takes the view along, but its own frames stay where they are
    assert heard.said == [("seek_requested", frame) for frame in frames]


def test_shift_marks_over_bars_and_stops_at_the_ends(qtbot: QtBot, view: TimelineView) -> None:
    view.motion.set_view(0, 10_000)
    heard = Heard(view)
    for overview in (False, True):
        drag(
            qtbot,
            view,
            [
                on_bar(view, x_of(450, True), overview),
                on_bar(view, 9000, overview),
                on_bar(view, -9000, overview),
            ],
            SHIFT,
        )
    told = heard.of("mark_changed")
    assert told == [(450, 450), (450, 9999), (0, 450)] * 2
    assert shown(view) == [(7, 400, 499)]


def test_esc_puts_the_mark_back(qtbot: QtBot, view: TimelineView) -> None:
    view.set_mark(700, None)
    heard = Heard(view)
    drag(
        qtbot,
        view,
        [on_strip(view, x_of(frame, False), False) for frame in (450, 500)],
        SHIFT,
        let_go=False,
    )
    assert view.display.mark == (450, 500)
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    qtbot.mouseRelease(view, LEFT, SHIFT, on_strip(view, x_of(500, False), False))
    assert view.display.mark == (700, None)
    assert heard.said == [
        ("mark_changed", 450, 450),
        ("mark_changed", 450, 500),
        ("mark_changed", 700, None),
    ]


def test_the_mark_is_a_veil_between_brackets(view: TimelineView) -> None:
    before = view.grab().toImage()
    view.set_mark(599, 500)
    after = view.grab().toImage()
    strip = rows(view).strip
    y = int(strip.bottom()) - 5
    changed = [x for x in range(1020) if before.pixelColor(x, y) != after.pixelColor(x, y)]
    assert changed == list(range(410, 610))
    inside = after.pixelColor(500, y)
    assert inside != QColor("#4f9aa8")
    assert after.pixelColor(410, y) == after.pixelColor(609, y) == QColor("#4f9aa8")
    view.set_mark(500, None)
    half = view.grab().toImage()
    assert [x for x in range(1020) if before.pixelColor(x, y) != half.pixelColor(x, y)] == [
        410,
        411,
    ]
    view.set_mark(None, None)
    assert view.grab().toImage() == before


def test_the_window_changes_nothing_by_showing_the_mark_it_was_told(
    qtbot: QtBot, view: TimelineView
) -> None:
    view.mark_changed.connect(view.set_mark)
    drag(qtbot, view, [on_strip(view, x_of(frame, False), False) for frame in (450, 500)], SHIFT)
    assert view.display.mark == (450, 500)


# keys


def test_alt_and_the_arrows_trim_by_one_frame(qtbot: QtBot, view: TimelineView) -> None:
    view.ranges.select(7)
    heard = Heard(view)
    for key, modifiers in (
        (Qt.Key.Key_Left, ALT),
        (Qt.Key.Key_Left, ALT),
        (Qt.Key.Key_Right, ALT),
        (Qt.Key.Key_Right, ALT | SHIFT),
        (Qt.Key.Key_Right, ALT | SHIFT),
        (Qt.Key.Key_Left, ALT | SHIFT),
    ):
        qtbot.keyClick(view, key, modifiers)
    assert heard.of("range_changed") == [
        (7, *span)
        for span in ((399, 499), (398, 499), (399, 499), (399, 500), (399, 501), (399, 500))
    ]


def test_keys_stop_at_one_frame_and_at_the_ends(qtbot: QtBot, view: TimelineView) -> None:
    view.set_ranges([(1, 0, 0, 0, "cecum"), (2, 9999, 9999, 0, "cecum")])
    heard = Heard(view)
    for chosen in (1, 2):
        view.ranges.select(chosen)
        inwards, outwards = (
            (Qt.Key.Key_Right, Qt.Key.Key_Left)
            if chosen == 1
            else (Qt.Key.Key_Left, Qt.Key.Key_Right)
        )
        qtbot.keyClick(view, inwards, ALT if chosen == 1 else ALT | SHIFT)
        qtbot.keyClick(view, outwards, ALT if chosen == 1 else ALT | SHIFT)
    assert heard.of("range_changed") == []


def test_s_splits_delete_deletes_and_escape_unselects(qtbot: QtBot, view: TimelineView) -> None:
    view.ranges.select(7)
    heard = Heard(view)
    for frame in (399, 400, 401, 499, 500):
        view.set_current(frame)
        qtbot.keyClick(view, Qt.Key.Key_S)
    assert heard.of("range_split_requested") == [(7, 401), (7, 499)]
    qtbot.keyClick(view, Qt.Key.Key_Delete)
    assert heard.of("range_delete_requested") == [(7,)]
    assert shown(view) == [(7, 400, 499)]  # the owner deletes
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    assert view.ranges.selected == -1


def test_keys_reach_the_windows_shortcuts_unless_a_range_is_selected(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    view = TimelineView(window)
    view.resize(1020, 200)
    view.set_timeline(filled(1000), NAMES, COLOURS, steady(1000))
    view.set_ranges([POLYPS])
    view.set_current(450)
    fired: list[str] = []
    keys = {
        "Delete": (Qt.Key.Key_Delete, Qt.KeyboardModifier.NoModifier),
        "S": (Qt.Key.Key_S, Qt.KeyboardModifier.NoModifier),
        "Alt+Left": (Qt.Key.Key_Left, ALT),
        "Esc": (Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier),
        "Left": (Qt.Key.Key_Left, Qt.KeyboardModifier.NoModifier),
    }
    for name in keys:
        QShortcut(QKeySequence(name), window).activated.connect(partial(fired.append, name))
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    view.setFocus()
    QApplication.processEvents()
    if not view.hasFocus():
        pytest.skip("this platform gives no focus")
    for key, modifiers in keys.values():
        qtbot.keyClick(view, key, modifiers)
    assert fired == list(keys)
    fired.clear()
    heard = Heard(view)
    view.ranges.select(7)
    for key, modifiers in keys.values():
        qtbot.keyClick(view, key, modifiers)
    assert fired == ["Left"]
    assert [said[0] for said in heard.said] == [
        "range_delete_requested",
        "range_split_requested",
        "range_changed",
    ]
    assert view.ranges.selected == -1


def test_tab_leaves_the_timeline(qtbot: QtBot, view: TimelineView) -> None:
    view.ranges.select(7)
    heard = Heard(view)
    qtbot.keyClick(view, Qt.Key.Key_Tab)
    qtbot.keyClick(view, Qt.Key.Key_Backtab)
    assert heard.said == []
    assert view.ranges.selected == 7


# the menu


def menu_at(view: TimelineView, at: QPoint, reason: QContextMenuEvent.Reason) -> dict[str, bool]:
    event = QContextMenuEvent(reason, at, view.mapToGlobal(at))
    QApplication.sendEvent(view, event)
    menus = view.findChildren(QMenu)
    found = {
        action.text().replace("&", ""): action.isEnabled()
        for menu in menus
        for action in menu.actions()
    }
    for menu in menus:
        menu.close()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    return found


def test_the_menu_of_a_range_splits_where_it_was_opened(qtbot: QtBot, view: TimelineView) -> None:
    mouse, keyboard = QContextMenuEvent.Reason.Mouse, QContextMenuEvent.Reason.Keyboard
    assert "Split at 300" not in menu_at(view, on_strip(view, 300, False), mouse)
    assert "Split at 300" not in menu_at(view, on_strip(view, 300, False), keyboard)
    at = on_bar(view, x_of(450, False), False)
    assert menu_at(view, at, mouse) == {"Split at 450": True, "Delete the range polyps": True}
    assert view.ranges.selected == 7
    view.set_current(600)
    assert menu_at(view, on_strip(view, 300, False), keyboard) == {
        "Split at 600": False,
        "Delete the range polyps": True,
    }
    heard = Heard(view)
    bar = view.display.scene.ranges.chosen
    assert bar is not None
    for action in view.range_commands.menu(bar, 450).actions():
        action.trigger()
    assert heard.said == [("range_split_requested", 7, 450), ("range_delete_requested", 7)]


def test_the_menu_of_a_place_goes_there_marks_from_it_and_zooms(view: TimelineView) -> None:
    heard, before = Heard(view), view.motion.view
    at = on_strip(view, 300, False)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, view.mapToGlobal(at))
    QApplication.sendEvent(view, event)
    menu = view.findChildren(QMenu)[-1]
    frame = view.display.stage.frame_at(QPointF(at))
    for action in menu.actions():
        if "Zoom" not in action.text():
            action.trigger()
    assert heard.said == [
        ("seek_requested", frame),
        ("mark_changed", frame, None),
        ("mark_changed", None, frame),
    ]
    next(action for action in menu.actions() if "in" in action.text().split("&")[-1]).trigger()
    assert view.motion.view != before
    menu.close()


@pytest.mark.parametrize("frames", [0, 1])
def test_recordings_with_nothing_or_one_frame_take_every_gesture(
    qtbot: QtBot, view: TimelineView, frames: int
) -> None:
    view.set_timeline(Timeline(frames, 3), NAMES, COLOURS, steady(frames))
    view.set_ranges([(1, 0, 0, 1, "polyps")])
    view.ranges.select(1)
    heard = Heard(view)
    for overview in (False, True):
        for modifiers in (Qt.KeyboardModifier.NoModifier, SHIFT):
            for place in (on_strip, on_bar):
                drag(qtbot, view, [place(view, x, overview) for x in (300, 600, -50)], modifiers)
    for key in (Qt.Key.Key_S, Qt.Key.Key_Left, Qt.Key.Key_Right):
        qtbot.keyClick(view, key, ALT)
    view.grab()
    assert heard.of("range_changed") == []
    assert set(heard.of("mark_changed")) == ({(0, 0)} if frames else set())
