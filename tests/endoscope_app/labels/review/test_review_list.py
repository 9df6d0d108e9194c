"""The review list: what its cells say, and where mouse and keys lead."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QIcon, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from endoscope_app.base.theme import class_colours
from endoscope_app.labels.frame_states import State
from endoscope_app.labels.review.review_list import ReviewList
from endoscope_app.labels.review.review_rows import Column, Queue, RowFilter
from tests.endoscope_app.inner_widgets import count_text, set_filter, sort_by
from tests.endoscope_app.review_sample import cell, child_of, fill, fill_many


def _press_row(review: ReviewList, row: int) -> None:
    table = review.table()
    cell = table.model().index(row, Column.YOU)
    QTest.mouseClick(
        table.viewport(),
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
        table.visualRect(cell).center(),
    )


def test_cells_say_what_the_arrays_hold(review: ReviewList) -> None:
    shown = [
        [cell(review, row, column) for column in Column if column is not Column.THUMBNAIL]
        for row in (0, 1, 6)
    ]
    assert shown == [
        ["10", "0:00", "polyps", "cecum", "90\xa0%", "≠  disagreement"],
        ["11", "0:00", "–", "polyps", "40\xa0%", "?  unsure"],
        ["16", "0:00", "–", "–", "–", "–  unlabelled"],
    ]
    assert count_text(review) == "7 of 7 frames"


def test_a_screen_reader_hears_whole_words(review: ReviewList) -> None:
    role = Qt.ItemDataRole.AccessibleTextRole
    assert [cell(review, 0, column, role) for column in Column] == [
        *(
            "image of frame 10",
            "frame 10",
            "at 0:00",
            "you: polyps",
            "model: cecum",
            "probability 90\xa0%",
            "disagreement",
        )
    ]
    assert cell(review, 6, Column.YOU, role) == "you: none"
    for child in review.findChildren(QWidget):
        if child.focusPolicy() != Qt.FocusPolicy.NoFocus and not child.objectName().startswith(
            "qt_"
        ):
            assert child.accessibleName(), child


def test_the_chips_have_the_colours_of_the_classes(review: ReviewList) -> None:
    icon = cell(review, 0, Column.MODEL, Qt.ItemDataRole.DecorationRole)
    assert isinstance(icon, QIcon)
    for mode in (QIcon.Mode.Normal, QIcon.Mode.Selected):
        assert (
            icon.pixmap(QSize(10, 10), mode).toImage().pixelColor(5, 5).name()
            == class_colours(3)[1].name()
        )
    assert cell(review, 1, Column.YOU, Qt.ItemDataRole.DecorationRole) is None


def test_a_press_goes_to_its_frame_and_a_second_press_goes_there_again(review: ReviewList) -> None:
    chosen: list[int] = []
    review.frame_chosen.connect(chosen.append)
    _press_row(review, 2)
    _press_row(review, 2)
    _press_row(review, 4)
    assert chosen == [12, 12, 14]


def test_arrows_move_and_choose_and_enter_goes_there_again(
    review: ReviewList, qtbot: QtBot
) -> None:
    chosen: list[int] = []
    review.frame_chosen.connect(chosen.append)
    _press_row(review, 1)
    table = review.table()
    for key in (
        Qt.Key.Key_Down,
        Qt.Key.Key_Down,
        Qt.Key.Key_Up,
        Qt.Key.Key_Return,
        Qt.Key.Key_Right,
        Qt.Key.Key_End,
        Qt.Key.Key_Home,
    ):
        qtbot.keyClick(table, key)
    qtbot.keyClick(table, Qt.Key.Key_Up)
    assert chosen == [11, 12, 13, 12, 12, 16, 10]


def test_getting_the_keyboard_goes_nowhere(review: ReviewList, qtbot: QtBot) -> None:
    review.activateWindow()
    qtbot.waitUntil(review.isActiveWindow)
    with qtbot.assertNotEmitted(review.frame_chosen):
        review.table().setFocus(Qt.FocusReason.TabFocusReason)
    assert review.table().hasFocus()


def test_letters_and_digits_stay_the_windows(review: ReviewList, qtbot: QtBot) -> None:
    _press_row(review, 0)
    with qtbot.assertNotEmitted(review.frame_chosen):
        qtbot.keyClicks(review.table(), "1rx")
    assert review.chosen_frame() == 10


def test_following_the_player_tells_nobody(review: ReviewList, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(review.frame_chosen):
        review.show_frame(14)
        assert review.chosen_frame() == 14
        review.show_frame(999)
        assert review.chosen_frame() == 14


def test_a_label_changes_its_row_in_place_and_nothing_else_moves(review: ReviewList) -> None:
    fill_many(review)
    set_filter(review, RowFilter(state=State.DISAGREEMENT))
    sort_by(review, Column.PROBABILITY)
    review.table().verticalScrollBar().setValue(20_003)
    frame = int(review.shown_frames()[380])
    review.show_frame(frame)
    before, scroll = review.shown_frames().copy(), review.table().verticalScrollBar().value()
    review.update_rows(np.array([frame, 44_999_999]), np.array([2, 0]), np.array([State.AGREED, 0]))
    assert review.shown_frames().tolist() == before.tolist()
    assert review.chosen_frame() == frame
    assert review.table().verticalScrollBar().value() == scroll
    assert cell(review, 380, Column.YOU) == "ileum"
    assert cell(review, 380, Column.STATE) == "✓  agreed"
    again = child_of(review, QPushButton, "Filter and sort again")
    assert again.isEnabled()
    QTest.mouseClick(again, Qt.MouseButton.LeftButton)
    assert review.shown_frames().tolist() == [kept for kept in before.tolist() if kept != frame]
    assert not again.isEnabled()


def test_new_rows_keep_scroll_position_and_chosen_frame(review: ReviewList, qtbot: QtBot) -> None:
    fill_many(review)
    review.show_frame(30_000)
    scroll = review.table().verticalScrollBar().value()
    with qtbot.assertNotEmitted(review.frame_chosen):
        fill_many(review)
    assert review.chosen_frame() == 30_000
    assert review.table().verticalScrollBar().value() == scroll > 1000


def test_only_pictures_of_rows_in_view_are_asked_for_once_scrolling_rests(
    review: ReviewList,
) -> None:
    asked: list[list[int]] = []
    fill_many(review)
    QTest.qWait(150)
    review.thumbnails_wanted.connect(asked.append)
    bar = review.table().verticalScrollBar()
    for value in range(100_000, 100_500, 50):
        bar.setValue(value)
    assert asked == []
    QTest.qWait(200)
    assert len(asked) == 1
    first, last = review.table().seen_rows()
    assert asked[0] == list(range(first, last + 1))
    assert 4 < len(asked[0]) < 20
    bar.setValue(bar.value() + 1)
    QTest.qWait(150)
    assert len(asked) == 1, "the same rows are not asked for again"


def test_a_picture_is_shown_and_not_asked_for_again(review: ReviewList) -> None:
    asked: list[list[int]] = []
    review.thumbnails_wanted.connect(asked.append)
    image = QImage(320, 240, QImage.Format.Format_RGB32)
    image.fill(QColor("#aa3311"))
    review.set_thumbnail(12, image)
    review.set_thumbnail(13, QImage())
    icon = cell(review, 2, Column.THUMBNAIL, Qt.ItemDataRole.DecorationRole)
    assert isinstance(icon, QIcon)
    assert icon.availableSizes() == [QSize(64, 48)]
    assert icon.pixmap(QSize(64, 48)).toImage().pixelColor(30, 20).name() == "#aa3311"
    QTest.qWait(200)
    assert asked == [[10, 11, 13, 14, 15, 16]]
    review.forget_thumbnails()
    QTest.qWait(200)
    assert asked[1:] == [[10, 11, 12, 13, 14, 15, 16]]


def test_a_hidden_list_asks_for_no_pictures(qtbot: QtBot) -> None:
    review = ReviewList()
    qtbot.addWidget(review)
    fill(review)
    with qtbot.assertNotEmitted(review.thumbnails_wanted, wait=200):
        pass
    with qtbot.waitSignal(review.thumbnails_wanted, timeout=2000):
        review.show()


def test_without_rows_nothing_breaks(qtbot: QtBot) -> None:
    review = ReviewList()
    qtbot.addWidget(review)
    review.show()
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Home, Qt.Key.Key_End):
        qtbot.keyClick(review.table(), key)
    for queue in Queue:
        review.set_queue(queue)
    sort_by(review, Column.YOU)
    review.show_frame(3)
    review.update_rows(np.array([3]), np.array([-1]), np.array([3]))
    assert review.chosen_frame() is None
    assert count_text(review) == "0 of 0 frames"
