"""Filters, queues and headings of the review list: what they show, and that they tell nobody."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QPushButton, QSpinBox
from pytestqt.qtbot import QtBot

from endoscope_app.base.theme import class_colours
from endoscope_app.labels.frame_states import State
from endoscope_app.labels.review.review_list import ReviewList
from endoscope_app.labels.review.review_rows import Column, Queue, ReviewRows, RowFilter
from tests.endoscope_app.inner_widgets import set_filter, sort_by
from tests.endoscope_app.review_sample import child_of, columns, fill, fill_many


def test_filtering_and_sorting_keep_the_chosen_frame_and_tell_nobody(
    review: ReviewList, qtbot: QtBot
) -> None:
    review.show_frame(15)
    with qtbot.assertNotEmitted(review.frame_chosen):
        set_filter(review, RowFilter(state=State.DISAGREEMENT))
        assert review.chosen_frame() == 15
        sort_by(review, Column.FRAME, descending=True)
        assert review.chosen_frame() == 15
        set_filter(review, RowFilter(state=State.AGREED))
        assert review.chosen_frame() is None
        fill(review)


def test_a_new_order_begins_at_its_top_where_the_chosen_frame_is_not_in_it(
    review: ReviewList,
) -> None:
    fill_many(review)
    review.show_frame(30_000)
    set_filter(
        review,
        RowFilter(state=State(1 if review.table().model().rows.state_code[30_000] == 0 else 0)),  # type: ignore[attr-defined]
    )
    QTest.qWait(20)
    assert review.chosen_frame() is None
    assert review.table().seen_rows()[0] == 0


def test_each_choice_orders_the_rows_once(review: ReviewList) -> None:
    told: list[str] = []
    review.table().model().modelReset.connect(lambda: told.append("ordered"))
    set_filter(review, RowFilter(class_code=1, state=State.AGREED, low=0.2, high=0.9))
    assert len(told) == 1
    set_filter(review, RowFilter(class_code=1, state=State.AGREED, low=0.2, high=0.9))
    assert len(told) == 1, "nothing has changed"
    review.set_queue(Queue.SPREAD)
    assert len(told) == 2
    sort_by(review, Column.STATE)
    assert len(told) == 3
    review.set_queue(Queue.TIME)
    assert len(told) == 4


def test_the_controls_themselves_filter(review: ReviewList, qtbot: QtBot) -> None:
    state, low, high = (
        child_of(review, QComboBox, "State"),
        child_of(review, QSpinBox, "Least probability"),
        child_of(review, QSpinBox, "Greatest probability"),
    )
    qtbot.keyClick(state, Qt.Key.Key_Down)
    qtbot.keyClick(state, Qt.Key.Key_Down)
    assert review.shown_frames().tolist() == [10, 15]
    assert isinstance(low, QSpinBox)
    assert isinstance(high, QSpinBox)
    low.setValue(70)
    assert review.shown_frames().tolist() == [10]
    high.setValue(65)
    assert low.value() == 65, "least never passes greatest"
    assert review.filters().wanted() == RowFilter(None, State.DISAGREEMENT, 0.65, 0.65)
    button = child_of(review, QPushButton, "Take all filters away")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert len(review.shown_frames()) == 7
    assert not button.isEnabled()


def test_a_chosen_class_stays_chosen_by_name_when_the_classes_change(review: ReviewList) -> None:
    set_filter(review, RowFilter(class_code=1))
    review.set_rows(ReviewRows(*columns(), ["cecum", "new", "ileum"]), class_colours(3))
    assert review.filters().wanted().class_code == 0
    assert review.shown_frames().tolist() == [10, 11, 15]
    review.set_rows(ReviewRows(*columns(), ["a", "b", "c"]), class_colours(3))
    assert review.filters().wanted() == RowFilter()
    assert len(review.shown_frames()) == 7


def test_a_heading_sorts_up_then_down_then_not(review: ReviewList, qtbot: QtBot) -> None:
    header = review.table().horizontalHeader()
    place = QPoint(header.sectionViewportPosition(Column.PROBABILITY) + 20, header.height() // 2)
    seen = []
    for _ in range(3):
        QTest.mouseClick(
            header.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place
        )
        seen.append(int(review.shown_frames()[0]))
    assert seen == [11, 13, 10]


def test_the_order_in_which_rows_were_given_is_offered_and_taken_away(qtbot: QtBot) -> None:
    review_list = ReviewList()
    qtbot.addWidget(review_list)
    given = np.array([7, 2, 9, 4])
    nothing = np.full(4, -1)
    review_list.set_rows(
        ReviewRows(
            given, given * 40.0, nothing, nothing, np.full(4, np.nan), np.zeros(4, np.int8), []
        ),
        [],
    )
    assert review_list.shown_frames().tolist() == [2, 4, 7, 9]
    review_list.set_queue(Queue.GIVEN)  # not offered
    assert review_list.filters().queue() is Queue.TIME
    for _ in range(2):
        review_list.filters().offer_given("Surest first")
        assert review_list.filters().queue() is Queue.GIVEN
        assert review_list.shown_frames().tolist() == [7, 2, 9, 4]
    review_list.filters().offer_given("")
    assert review_list.filters().queue() is Queue.TIME
    assert review_list.shown_frames().tolist() == [2, 4, 7, 9]
    assert review_list.filters()._queue.count() == 5
