"""The label panel: the right wish for every press, the right words for every frame, and nothing
where nothing may be changed.
"""

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt
from PySide6.QtGui import QColor, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from endoscope_app.base.theme import class_colours
from endoscope_app.labels.label_panel import LabelPanel
from endoscope_app.labels.label_row import ROW_HEIGHT, LabelRow
from endoscope_app.labels.library.records import FrameKind
from tests.endoscope_app.inner_widgets import action_rows, class_row

_NAMES = ["polyps", "cecum", "ileum", "impacted-stool"]
_IDS = [11, 12, 13, 14]
_LEFT = Qt.MouseButton.LeftButton


def _classes(ids: list[int]) -> list[tuple[int, str, QColor, str]]:
    colours = class_colours(len(_IDS))
    return [
        (number, _NAMES[_IDS.index(number)], colours[_IDS.index(number)], str(place + 1))
        for place, number in enumerate(ids)
    ]


@pytest.fixture
def panel(qtbot: QtBot) -> LabelPanel:
    widget = LabelPanel()
    qtbot.addWidget(widget)
    widget.set_classes(_classes(_IDS))
    widget.set_model("cecum", 0.62)
    widget.resize(320, 460)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def _wishes(panel: LabelPanel) -> list[object]:
    said: list[object] = []
    panel.class_chosen.connect(said.append)
    panel.agree_requested.connect(lambda: said.append("agreed"))
    panel.unusable_requested.connect(lambda: said.append("unusable"))
    panel.clear_requested.connect(lambda: said.append("cleared"))
    panel.classes_requested.connect(lambda: said.append("manage"))
    panel.order_changed.connect(said.append)
    return said


def _manage(panel: LabelPanel) -> QPushButton:
    button = panel.findChild(QPushButton)
    assert isinstance(button, QPushButton)
    return button


def test_every_row_asks_for_its_own_label_once(panel: LabelPanel, qtbot: QtBot) -> None:
    panel.set_current("class", 11)
    said = _wishes(panel)
    for number in _IDS:
        qtbot.mouseClick(class_row(panel, number), _LEFT)
    for row in action_rows(panel):
        qtbot.mouseClick(row, _LEFT)
    qtbot.mouseClick(_manage(panel), _LEFT)
    assert said == [11, 12, 13, 14, "agreed", "unusable", "cleared", "manage"]


def test_a_press_marks_nothing_before_the_owner_answers(panel: LabelPanel, qtbot: QtBot) -> None:
    qtbot.mouseClick(class_row(panel, 12), _LEFT)
    assert not class_row(panel, 12).isChecked()
    panel.set_current("class", 12)
    assert [class_row(panel, number).isChecked() for number in _IDS] == [False, True, False, False]
    panel.set_current(None)
    assert not any(class_row(panel, number).isChecked() for number in _IDS)


def test_the_label_of_the_frame_can_be_seen_and_only_at_its_row(panel: LabelPanel) -> None:
    before = {number: class_row(panel, number).grab().toImage() for number in _IDS}
    panel.set_current("class", 13)
    assert [class_row(panel, number).grab().toImage() == before[number] for number in _IDS] == [
        True,
        True,
        False,
        True,
    ]
    panel.set_current("agreed", 12)
    agreed, unusable, _ = action_rows(panel)
    assert agreed.isChecked()
    assert not unusable.isChecked()
    assert not class_row(panel, 12).isChecked()
    assert class_row(panel, 12).grab().toImage() != before[12], (
        "the class that was agreed to has a ring"
    )
    panel.set_current("unusable")
    assert unusable.isChecked()
    assert not agreed.isChecked()
    assert class_row(panel, 12).grab().toImage() == before[12]


def test_the_line_follows_label_and_model(panel: LabelPanel) -> None:
    assert panel.text() == "You: not labelled · model: cecum 62\xa0%"
    panel.set_current("class", 11)
    assert panel.text() == "You: polyps · model: cecum 62\xa0%\nYou and the model differ."
    panel.set_model(None)
    assert panel.text() == "You: polyps · model hidden until you have answered"
    panel.set_current("class", 99)
    assert panel.text().startswith("You: a class that is no longer shown ·")


def test_another_reason_for_a_missing_model_can_be_given(panel: LabelPanel) -> None:
    panel.set_model(None, absent="no model loaded")
    assert panel.text() == "You: not labelled · no model loaded"


def test_what_is_hidden_cannot_be_agreed_with(panel: LabelPanel, qtbot: QtBot) -> None:
    panel.set_model(None)
    said = _wishes(panel)
    qtbot.mouseClick(action_rows(panel)[0], _LEFT)
    assert said == []
    qtbot.mouseClick(class_row(panel, 11), _LEFT)
    assert said == [11]


def test_there_is_nothing_to_clear_on_a_frame_without_a_label(panel: LabelPanel) -> None:
    clear = action_rows(panel)[2]
    assert not clear.isEnabled()
    panel.set_current("unusable")
    assert clear.isEnabled()


def test_read_only_says_why_and_asks_for_nothing(panel: LabelPanel, qtbot: QtBot) -> None:
    panel.set_current("class", 11)
    panel.set_read_only("Another window has this library open.")
    said = _wishes(panel)
    for row in (
        *(class_row(panel, number) for number in _IDS),
        *action_rows(panel),
        _manage(panel),
    ):
        qtbot.mouseClick(row, _LEFT)
    assert said == []
    assert any(
        label.text() == "Another window has this library open." and label.isVisible()
        for label in panel.findChildren(QLabel)
    )
    panel.set_read_only("")
    qtbot.mouseClick(class_row(panel, 11), _LEFT)
    assert said == [11]
    assert not any(
        "window" in label.text() and label.isVisible() for label in panel.findChildren(QLabel)
    )


def test_a_screen_reader_hears_name_key_count_and_mark(panel: LabelPanel) -> None:
    panel.set_counts({11: 12}, {11: 1312}, agreed=(3, 3), unusable=(2, 40))
    panel.set_current("class", 11)
    row = class_row(panel, 11)
    assert row.accessibleName() == "polyps"
    assert row.accessibleDescription() == "key 1, 12 here, 1,312 in the library, this frame's label"
    assert class_row(panel, 12).accessibleDescription() == "key 2, 0 here, 0 in the library"
    assert action_rows(panel)[1].accessibleDescription() == "key X, 2 here, 40 in the library"
    for child in panel.findChildren(QWidget):
        if child.focusPolicy() != Qt.FocusPolicy.NoFocus:
            assert child.accessibleName(), child


def test_arrows_go_from_row_to_row_and_enter_or_space_presses(
    panel: LabelPanel, qtbot: QtBot
) -> None:
    said = _wishes(panel)
    class_row(panel, 11).setFocus()

    def press(key: Qt.Key) -> None:
        qtbot.keyClick(panel.focusWidget(), key)

    for key in (
        Qt.Key.Key_Up,
        Qt.Key.Key_Return,
        Qt.Key.Key_Down,
        Qt.Key.Key_Down,
        Qt.Key.Key_Space,
        Qt.Key.Key_Down,
        Qt.Key.Key_Down,
    ):
        press(key)
    press(Qt.Key.Key_Enter)
    assert said == [11, 13, "agreed"]


def test_a_held_key_presses_once(panel: LabelPanel, qtbot: QtBot) -> None:
    said = _wishes(panel)
    row = class_row(panel, 11)
    row.setFocus()
    qtbot.keyPress(row, Qt.Key.Key_Space)
    for _ in range(3):
        repeat = QKeyEvent(
            QEvent.Type.KeyPress,
            Qt.Key.Key_Space,
            Qt.KeyboardModifier.NoModifier,
            " ",
            autorep=True,
        )
        QCoreApplication.sendEvent(row, repeat)
    qtbot.keyRelease(row, Qt.Key.Key_Space)
    assert said == [11]


def test_tab_stops_once_in_all_rows(panel: LabelPanel) -> None:
    rows = [
        row for row in panel.findChildren(LabelRow) if row.focusPolicy() == Qt.FocusPolicy.TabFocus
    ]
    assert rows == [class_row(panel, 11)]
    class_row(panel, 11).setFocus()
    QTest.keyClick(class_row(panel, 11), Qt.Key.Key_Down)
    rows = [
        row for row in panel.findChildren(LabelRow) if row.focusPolicy() == Qt.FocusPolicy.TabFocus
    ]
    assert rows == [class_row(panel, 12)]


def test_a_click_leaves_the_keyboard_to_the_window(panel: LabelPanel, qtbot: QtBot) -> None:
    qtbot.mouseClick(class_row(panel, 12), _LEFT)
    assert not class_row(panel, 12).hasFocus()


def test_control_and_arrows_move_the_row_and_the_keyboard_stays_on_it(
    panel: LabelPanel, qtbot: QtBot
) -> None:
    said = _wishes(panel)
    panel.order_changed.connect(lambda ids: panel.set_classes(_classes(ids)))
    class_row(panel, 13).setFocus()
    control = Qt.KeyboardModifier.ControlModifier
    for _ in range(3):
        qtbot.keyClick(panel.focusWidget(), Qt.Key.Key_Up, control)
    assert said == [[11, 13, 12, 14], [13, 11, 12, 14]], "on top it goes no further"
    assert panel.focusWidget() is class_row(panel, 13)
    qtbot.keyClick(panel.focusWidget(), Qt.Key.Key_Down, control)
    assert said[-1] == [11, 13, 12, 14]


def test_a_focused_row_keeps_its_keys_from_the_windows_shortcuts_and_leaves_the_others(
    qtbot: QtBot,
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    panel = LabelPanel()
    QVBoxLayout(window).addWidget(panel)
    panel.set_classes(_classes(_IDS))
    taken: list[str] = []
    for keys in ("Ctrl+Up", "Down", "Space", "3"):
        QShortcut(QKeySequence(keys), window).activated.connect(
            lambda keys=keys: taken.append(keys)
        )
    window.show()
    qtbot.waitExposed(window)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    said = _wishes(panel)
    class_row(panel, 12).setFocus()
    handle = window.windowHandle()
    QTest.keyClick(handle, Qt.Key.Key_Up, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(handle, Qt.Key.Key_Space)
    QTest.keyClick(handle, Qt.Key.Key_3)
    assert said == [[12, 11, 13, 14], 12]
    assert taken == ["3"]


@pytest.mark.parametrize(
    ("start", "end", "order"),
    [
        (0, 2.9, [12, 13, 11, 14]),
        (0, 9.0, [12, 13, 14, 11]),
        (3, 0.1, [14, 11, 12, 13]),
        (3, -5.0, [14, 11, 12, 13]),
        (2, 1.1, [11, 13, 12, 14]),
        (1, 1.2, None),
        (1, 2.1, None),
    ],
)
def test_a_dragged_row_lands_in_the_nearest_gap(
    panel: LabelPanel, start: int, end: float, order: list[int] | None
) -> None:
    said = _wishes(panel)
    row = class_row(panel, _IDS[start])
    from_point = QPoint(100, ROW_HEIGHT // 2)
    to_point = QPoint(100, round((end - start) * ROW_HEIGHT))
    QTest.mousePress(row, _LEFT, Qt.KeyboardModifier.NoModifier, from_point)
    QTest.mouseMove(row, QPoint(100, from_point.y() + 14))
    QTest.mouseMove(row, to_point)
    QTest.mouseRelease(row, _LEFT, Qt.KeyboardModifier.NoModifier, to_point)
    assert said == ([] if order is None else [order]), "a drag is never also a press"
    assert not row.isDown()


def test_losing_what_the_keyboard_was_on_does_not_open_a_dialog(
    panel: LabelPanel, qtbot: QtBot
) -> None:
    panel.set_current("class", 11)
    clear = action_rows(panel)[2]
    clear.setFocus()
    panel.clear_requested.connect(lambda: panel.set_current(None))
    said = _wishes(panel)
    qtbot.keyClick(clear, Qt.Key.Key_Return)
    assert panel.focusWidget() is action_rows(panel)[1]
    assert said == ["cleared"]


def test_the_rows_stay_where_they_are_whatever_the_words_say(panel: LabelPanel) -> None:
    places = set()
    panel.resize(panel.minimumSizeHint())
    frames: list[tuple[FrameKind | None, int | None, str | None]] = [
        (None, None, None),
        ("class", 11, "cecum"),
        ("class", 14, "impacted-stool"),
        ("agreed", 12, "cecum"),
        ("unusable", None, None),
    ]
    for kind, class_id, name in frames:
        panel.set_current(kind, class_id)
        panel.set_model(name, 0.5, unsure=True)
        QTest.qWait(1)
        places.add(class_row(panel, 11).mapTo(panel, QPoint(0, 0)).y())
    assert len(places) == 1


def test_twenty_three_classes_scroll_and_a_class_without_a_key_says_so(panel: LabelPanel) -> None:
    panel.set_classes([(number, f"class {number}", QColor("#56b4e9"), "") for number in range(23)])
    QTest.qWait(1)
    assert class_row(panel, 22).accessibleDescription().startswith("no key")
    assert action_rows(panel)[0].isVisible()
    assert action_rows(panel)[2].geometry().bottom() < panel.height()
    last = class_row(panel, 22)
    assert last.visibleRegion().isEmpty()
    class_row(panel, 21).setFocus()
    QTest.keyClick(class_row(panel, 21), Qt.Key.Key_Down)
    assert not last.visibleRegion().isEmpty(), "the keyboard brings a row into view"
    with pytest.raises(KeyError):
        class_row(panel, 23)


def test_without_classes_nothing_breaks(panel: LabelPanel) -> None:
    panel.set_classes([])
    panel.set_current("class", 11)
    assert not panel.grab().isNull()


def test_a_dragged_row_stays_where_it_was_when_the_window_loses_the_reader(
    panel: LabelPanel,
) -> None:
    said = _wishes(panel)
    row = class_row(panel, _IDS[0])
    QTest.mousePress(row, _LEFT, Qt.KeyboardModifier.NoModifier, QPoint(100, ROW_HEIGHT // 2))
    QTest.mouseMove(row, QPoint(100, 2 * ROW_HEIGHT))
    assert panel._list._gap is not None
    QApplication.sendEvent(row, QEvent(QEvent.Type.WindowDeactivate))
    assert panel._list._gap is None
    QTest.mouseRelease(row, _LEFT, Qt.KeyboardModifier.NoModifier, QPoint(100, 2 * ROW_HEIGHT))
    assert [one for one in said if isinstance(one, list)] == []
