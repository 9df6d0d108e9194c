"""Segments decided by real keys in the real window, to the rows of the library."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRect, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QMessageBox,
    QPushButton,
    QSlider,
    QToolButton,
)
from pytestqt.qtbot import QtBot

from endoscope_app.segments.decided import read_segments
from endoscope_app.segments.segments_panel import LEAST_LIST_HEIGHT
from tests.endoscope_app.app_session import Session, running
from tests.endoscope_app.label_session import go, in_front, labels, store
from tests.endoscope_app.segments.segment_session import (
    CONTROL,
    COUNT,
    FOUND,
    ORDER,
    SHIFT,
    current,
    panel,
    press,
    ranges,
    reviewing,
    states,
)
from tests.present import present

Key = Qt.Key


def test_keys_lead_through_the_list_and_each_decides_a_whole_segment(session: Session) -> None:
    app, keys = session.app, panel(session).list
    press(session, Key.Key_N)
    assert keys.hasFocus()
    assert current(session) == ORDER[0]
    session.until(lambda: session.on_screen() == 24, "the surest frame")
    press(session, Key.Key_Return)
    assert ranges(session) == [(10, 39, "polyps")]
    assert states(session)[10, 39] == "accepted"
    assert current(session) == ORDER[1], "it goes on to the next open one"
    press(session, Key.Key_X)
    assert states(session)[130, 159] == "rejected"
    press(session, Key.Key_6)  # ulcerative colitis, where the model says polyp
    assert states(session)[170, 189] == "corrected"
    assert ranges(session) == [(10, 39, "polyps"), (170, 189, "ulcerative-colitis")]
    press(session, Key.Key_3)  # as the model says
    assert states(session)[50, 79] == "accepted"
    press(session, Key.Key_P)
    assert current(session) == (50, 79)
    press(session, Key.Key_Delete)
    assert states(session)[50, 79] == "open"
    assert len(ranges(session)) == 2
    assert labels(session) == [], "no key has labelled a frame"
    assert "3 of 5 decided" in panel(session)._progress.text()
    press(session, Key.Key_Z, CONTROL)
    assert states(session)[50, 79] == "accepted"
    assert "Undone at 0:02.0–0:03.1: reopen Caecum" in app.window.frame_view.echo.act()
    session.until(lambda: session.on_screen() == 50, "undo goes there")


def test_undo_takes_the_decision_and_its_range_back_together(session: Session) -> None:
    press(session, Key.Key_N)
    press(session, Key.Key_Return)
    assert (len(ranges(session)), states(session)[10, 39]) == (1, "accepted")
    press(session, Key.Key_Z, CONTROL)
    assert (ranges(session), states(session)[10, 39]) == ([], "open")
    assert current(session) == (10, 39)
    press(session, Key.Key_Z, CONTROL | SHIFT)
    assert (ranges(session), states(session)[10, 39]) == ([(10, 39, "polyps")], "accepted")


def test_keys_act_on_the_frame_until_the_list_has_the_keyboard(session: Session) -> None:
    app = session.app
    go(session, 5)
    app.window.frame_view.setFocus()
    assert panel(session)._hint.text().startswith("Keys act on the frame")
    press(session, Key.Key_3)
    assert [label.frame_index for label in labels(session)] == [5]
    press(session, Key.Key_N)
    assert panel(session)._hint.text().startswith("Keys act on the segment")
    press(session, Key.Key_Escape)
    assert app.window.frame_view.hasFocus()
    assert panel(session)._hint.text().startswith("Keys act on the frame")
    go(session, 7)
    press(session, Key.Key_X)
    assert [label.frame_index for label in labels(session)] == [5, 7]
    assert set(states(session).values()) == {"open"}
    assert ranges(session) == []


def test_several_are_decided_at_once_with_one_undo(session: Session) -> None:
    press(session, Key.Key_N)
    press(session, Key.Key_Down, SHIFT)
    press(session, Key.Key_Down, SHIFT)
    press(session, Key.Key_Return)
    assert ranges(session) == [
        (10, 39, "polyps"),
        (130, 159, "ulcerative-colitis"),
        (170, 189, "polyps"),
    ]
    press(session, Key.Key_Z, CONTROL)
    assert ranges(session) == []
    assert set(states(session).values()) == {"open"}


def test_page_keys_go_through_the_segments_by_time(session: Session) -> None:
    session.app.window.frame_view.setFocus()
    go(session, 0)
    for first in (10, 50, 90):
        press(session, Key.Key_PageDown)
        session.until(lambda first=first: session.on_screen() == first, f"frame {first}")  # type: ignore[misc]
    press(session, Key.Key_PageUp)
    session.until(lambda: session.on_screen() == 50, "back")
    assert session.app.window.frame_view.hasFocus()


def _adjust(session: Session) -> None:
    """A click on Adjust shows or folds the sliders."""
    buttons = panel(session).lengths.findChildren(QToolButton)
    button = next(button for button in buttons if button.text() == "Adjust")
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_on_a_small_screen_the_list_comes_into_sight_when_keys_act_on_it(session: Session) -> None:
    window = session.app.window
    window.resize(911, 485)
    press(session, Key.Key_F3)
    listed = panel(session).list
    session.until(listed.isVisible, "the model's side is open")
    session.until(lambda: listed.visibleRegion().boundingRect().height() < 60, "out of sight")
    press(session, Key.Key_N)
    session.until(listed.hasFocus, "the list has the keyboard")
    session.until(
        lambda: listed.visibleRegion().contains(QRect(0, 0, 100, LEAST_LIST_HEIGHT)), "in sight"
    )


def test_a_segment_that_an_analysis_makes_longer_keeps_the_keyboard(session: Session) -> None:
    press(session, Key.Key_N)
    assert current(session) == ORDER[0]
    timeline = present(session.app.analysis.timeline)
    keys = list(present(session.app.classifier).classes)
    longer = np.full((8, len(keys)), 0.1, np.float32)
    longer[:, keys.index("polyps")] = 0.9
    timeline.write(40, longer)
    session.app.analysis._find()
    session.until(lambda: current(session) == (10, 47), "the same segment, longer")
    press(session, Key.Key_Return)
    assert ranges(session) == [(10, 47, "polyps")]


def test_on_a_laptop_nothing_moves_when_the_list_gets_the_keyboard(session: Session) -> None:
    window = session.app.window
    window.resize(1366, 728)
    session.until(lambda: window.height() == 728, "the size")
    before = window.card.mapTo(window, QPoint())
    press(session, Key.Key_N)
    session.until(panel(session).list.hasFocus, "the list has the keyboard")
    assert window.card.mapTo(window, QPoint()) == before


def test_what_makes_a_segment_is_folded_away_until_it_is_asked_for(
    session: Session,
) -> None:
    lengths, quality = panel(session).lengths, panel(session).quality
    assert lengths._count.isVisible()
    for widget in (*lengths.findChildren(QSlider), present(quality.findChild(QCheckBox))):
        assert not widget.isVisible()
    folded = panel(session).list.height()
    _adjust(session)
    for widget in (*lengths.findChildren(QSlider), present(quality.findChild(QCheckBox))):
        assert widget.isVisible()
    session.until(lambda: panel(session).list.height() <= folded, "the list gives way")
    assert session.app.settings.now.adjusting
    _adjust(session)
    assert not any(slider.isVisible() for slider in lengths.findChildren(QSlider))
    assert not session.app.settings.now.adjusting


def test_the_slider_and_the_presets_say_at_once_how_many_there_are(session: Session) -> None:
    _adjust(session)
    lengths = panel(session).lengths
    assert lengths._count.text() == f"5 segments · {3 / (COUNT / 25 / 60):.1f} alarms a minute"
    slider = next(
        slider
        for slider in lengths.findChildren(QSlider)
        if slider.accessibleName().startswith("Shortest")
    )
    slider.setFocus()
    for _ in range(4):  # .9 s: the last polyp lasts .8 s
        QTest.keyClick(slider, Key.Key_Right)
    assert session.app.settings.now.minimum_finding_s == 0.9
    assert len(panel(session).rows) == 4
    assert lengths._count.text().startswith("4 segments · ")
    two = next(button for button in lengths.findChildren(QToolButton) if button.text() == "2")
    QTest.mouseClick(two, Qt.MouseButton.LeftButton)
    assert session.app.settings.now.minimum_finding_s == 2.0
    assert len(panel(session).rows) == 0
    joining = next(
        slider
        for slider in lengths.findChildren(QSlider)
        if slider.accessibleName().startswith("Longest gap")
    )
    joining.setFocus()
    QTest.keyClick(joining, Key.Key_End)
    assert session.app.settings.now.joining_s == 5.0


def test_what_was_decided_stays_whatever_the_lengths(session: Session) -> None:
    press(session, Key.Key_N)
    press(session, Key.Key_Return)
    _adjust(session)
    lengths = panel(session).lengths
    two = next(button for button in lengths.findChildren(QToolButton) if button.text() == "2")
    QTest.mouseClick(two, Qt.MouseButton.LeftButton)
    assert states(session) == {(10, 39): "accepted"}


def test_chips_and_orders_choose_what_is_shown(session: Session) -> None:
    chips, listed = panel(session).chips, panel(session).list
    landmarks = next(
        button for button in chips.findChildren(QToolButton) if button.text() == "Landmarks 1"
    )
    QTest.mouseClick(landmarks, Qt.MouseButton.LeftButton)
    assert panel(session).count() == 1
    press(session, Key.Key_N)
    assert current(session) == (50, 79)
    press(session, Key.Key_Return)
    assert "the chips hide 4" in session.message()
    QTest.mouseClick(landmarks, Qt.MouseButton.LeftButton)
    open_only = next(
        button for button in chips.findChildren(QToolButton) if button.text() == "Open"
    )
    QTest.mouseClick(open_only, Qt.MouseButton.LeftButton)
    assert panel(session).count() == 4
    chips._order.setFocus()
    QTest.keyClick(chips._order, Key.Key_End)
    shown = [row.item.probability for row in listed.rows.rows[1:4]]  # type: ignore[union-attr]
    assert shown == sorted(shown, reverse=True)
    assert listed.rows.rows[0].group.value == "Pathology"


def test_a_click_shows_the_segment_and_gives_the_list_the_keyboard(session: Session) -> None:
    listed = panel(session).list
    place = listed.visualRect(listed.rows.index(2)).center()
    listed.scrollTo(listed.rows.index(2))
    place = listed.visualRect(listed.rows.index(2)).center()
    QTest.mouseClick(listed.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert current(session) == (130, 159)
    session.until(lambda: session.on_screen() == 144, "its surest frame")
    assert listed.hasFocus()
    press(session, Key.Key_R)
    assert states(session)[130, 159] == "accepted"


def test_the_caecum_gives_the_withdrawal_time(session: Session) -> None:
    shown = panel(session)._withdrawal
    assert shown.text() == "Caecum 0:02 · withdrawal 4.8 s (model, not decided)"
    press(session, Key.Key_N)
    while current(session) != (50, 79):
        press(session, Key.Key_N)
    press(session, Key.Key_Return)
    assert shown.text() == "Caecum 0:02 · withdrawal 4.8 s"


def test_every_row_gets_the_image_of_its_surest_frame(session: Session) -> None:
    listed = panel(session).list
    session.until(lambda: listed.rows.missing_images(0, 3) == [], "images")


def answer(button: QMessageBox.StandardButton) -> None:
    """Press a button of the question, once it is there."""
    boxes = [box for box in QApplication.topLevelWidgets() if isinstance(box, QMessageBox)]
    shown = [box for box in boxes if box.isVisible()]
    if not shown:
        QTimer.singleShot(20, lambda: answer(button))
        return
    assert "segments" in shown[0].text()
    QTest.mouseClick(shown[0].button(button), Qt.MouseButton.LeftButton)


def test_finishing_says_what_is_open_and_is_kept(session: Session) -> None:
    where = session.app.labels.procedure.fingerprint
    finish = next(
        button for button in panel(session).findChildren(QPushButton) if "inish" in button.text()
    )
    press(session, Key.Key_N)
    press(session, Key.Key_Return)
    QTimer.singleShot(20, lambda: answer(QMessageBox.StandardButton.No))
    QTest.mouseClick(finish, Qt.MouseButton.LeftButton)
    assert store(session).read.review(where) is None
    in_front(session, session.app.window)
    QTimer.singleShot(20, lambda: answer(QMessageBox.StandardButton.Yes))
    in_front(session, session.app.window)  # where no window manager does it after a question
    press(session, Key.Key_Return, CONTROL)
    review = store(session).read.review(where)
    assert review is not None
    assert (review.segments, review.left_open) == (5, 4)
    entries = session.app.worklist.view.entries
    assert [entry.state for entry in entries if entry.fingerprint == where] == ["reviewed"]
    assert "review finished" in panel(session)._progress.text()
    in_front(session, session.app.window)
    press(session, Key.Key_Z, CONTROL)
    assert store(session).read.review(where) is None


def test_all_open_ones_of_a_class_are_accepted_after_a_question(session: Session) -> None:
    press(session, Key.Key_N)
    QTimer.singleShot(20, lambda: answer(QMessageBox.StandardButton.No))
    press(session, Key.Key_Return, SHIFT)
    assert ranges(session) == [], "nothing without a yes"
    in_front(session, session.app.window)
    QTimer.singleShot(20, lambda: answer(QMessageBox.StandardButton.Yes))
    press(session, Key.Key_Return, SHIFT)
    assert ranges(session) == [(10, 39, "polyps"), (170, 189, "polyps")]
    in_front(session, session.app.window)
    assert current(session) == (130, 159), "on to the next open one"
    press(session, Key.Key_Return, SHIFT)  # one alone needs no question
    assert states(session)[130, 159] == "accepted"
    press(session, Key.Key_P)
    press(session, Key.Key_P)
    press(session, Key.Key_P)
    before = ranges(session)
    press(session, Key.Key_Return, SHIFT)
    assert ranges(session) == before, "what is decided leads nowhere"
    for _ in range(2):
        press(session, Key.Key_Z, CONTROL)
    assert ranges(session) == []


def test_decisions_are_there_after_a_restart(
    qtbot: QtBot, data: Path, model: Path, clip: Path
) -> None:
    with running(data, model) as session:
        reviewing(session, clip)
        press(session, Key.Key_N)
        press(session, Key.Key_Return)
        press(session, Key.Key_X)
    with running(data, model, reader="") as session:
        reviewing(session, clip)
        assert states(session)[10, 39] == "accepted"
        assert states(session)[130, 159] == "rejected"
        read = read_segments(store(session).read, session.app.labels.procedure.fingerprint)
        assert [(item.first_s, item.last_s) for item in read] == [
            (pytest.approx(0.4), pytest.approx(1.56)),
            (pytest.approx(5.2), pytest.approx(6.36)),
        ]
        assert len(panel(session).rows) == len(FOUND)


def test_a_corrected_segment_stays_where_it_was_found(session: Session) -> None:
    press(session, Key.Key_N)
    press(session, Key.Key_4)  # impacted stool is preparation, not pathology
    assert states(session)[10, 39] == "corrected"
    assert current(session) == ORDER[1]
    first = panel(session).list.rows.segment(1)
    assert first is not None
    assert (first.item.first_index, first.name, first.said) == (10, "Impacted stool", "Polyp")


def test_playing_open_segments_only_passes_over_everything_else(session: Session) -> None:
    player = session.app.player
    seen: list[int] = []
    press(session, Key.Key_N)
    press(session, Key.Key_X)  # the first is decided
    player.frame_shown.connect(seen.append)
    player.set_speed(1.0)  # slow enough to be seen on a busy machine before it has gone by
    press(session, Key.Key_Space, SHIFT)
    assert player.playing
    session.until(lambda: current(session) == ORDER[2], "the next one")
    press(session, Key.Key_Return)  # decided while it plays
    assert player.playing
    assert current(session) == ORDER[3]
    player.set_speed(8.0)
    session.until(lambda: session.message() == "All open segments have been played.", "the end")
    assert not player.playing
    assert not [frame for frame in seen if frame < 24], "nothing far from an open segment"
    assert {states(session)[place] for place in ORDER[3:]} == {"open"}
