"""The label panel by key and by drag: what a key presses, where focus goes, how rows move."""

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from endoscope_app.labels.label_panel import LabelPanel, PanelLabel
from endoscope_app.labels.label_row import ROW_HEIGHT, LabelRow
from tests.endoscope_app.inner_widgets import action_rows, class_row
from tests.endoscope_app.panel_stage import IDS, LEFT, class_rows, wishes


@pytest.fixture
def panel(qtbot: QtBot) -> LabelPanel:
    widget = LabelPanel()
    qtbot.addWidget(widget)
    widget.set_classes(class_rows(IDS))
    widget.set_model("cecum", 0.62)
    widget.resize(320, 460)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def test_arrows_go_from_row_to_row_and_enter_or_space_presses(
    panel: LabelPanel, qtbot: QtBot
) -> None:
    asked = wishes(panel)
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
    assert asked == [11, 13, "agreed"]


def test_a_held_key_presses_once(panel: LabelPanel, qtbot: QtBot) -> None:
    asked = wishes(panel)
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
    assert asked == [11]


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
    qtbot.mouseClick(class_row(panel, 12), LEFT)
    assert not class_row(panel, 12).hasFocus()


def test_control_and_arrows_move_the_row_and_the_keyboard_stays_on_it(
    panel: LabelPanel, qtbot: QtBot
) -> None:
    asked = wishes(panel)
    panel.order_changed.connect(lambda ids: panel.set_classes(class_rows(ids)))
    class_row(panel, 13).setFocus()
    control = Qt.KeyboardModifier.ControlModifier
    for _ in range(3):
        qtbot.keyClick(panel.focusWidget(), Qt.Key.Key_Up, control)
    assert asked == [[11, 13, 12, 14], [13, 11, 12, 14]], "on top it goes no further"
    assert panel.focusWidget() is class_row(panel, 13)
    qtbot.keyClick(panel.focusWidget(), Qt.Key.Key_Down, control)
    assert asked[-1] == [11, 13, 12, 14]


def test_a_focused_row_keeps_its_keys_from_the_windows_shortcuts_and_leaves_the_others(
    qtbot: QtBot,
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    panel = LabelPanel()
    QVBoxLayout(window).addWidget(panel)
    panel.set_classes(class_rows(IDS))
    taken: list[str] = []
    for keys in ("Ctrl+Up", "Down", "Space", "3"):
        QShortcut(QKeySequence(keys), window).activated.connect(
            lambda keys=keys: taken.append(keys)
        )
    window.show()
    qtbot.waitExposed(window)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    asked = wishes(panel)
    class_row(panel, 12).setFocus()
    handle = window.windowHandle()
    QTest.keyClick(handle, Qt.Key.Key_Up, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(handle, Qt.Key.Key_Space)
    QTest.keyClick(handle, Qt.Key.Key_3)
    assert asked == [[12, 11, 13, 14], 12]
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
    asked = wishes(panel)
    row = class_row(panel, IDS[start])
    from_point = QPoint(100, ROW_HEIGHT // 2)
    to_point = QPoint(100, round((end - start) * ROW_HEIGHT))
    QTest.mousePress(row, LEFT, Qt.KeyboardModifier.NoModifier, from_point)
    QTest.mouseMove(row, QPoint(100, from_point.y() + 14))
    QTest.mouseMove(row, to_point)
    QTest.mouseRelease(row, LEFT, Qt.KeyboardModifier.NoModifier, to_point)
    assert asked == ([] if order is None else [order]), "a drag is never also a press"
    assert not row.isDown()


def test_losing_what_the_keyboard_was_on_does_not_open_a_dialog(
    panel: LabelPanel, qtbot: QtBot
) -> None:
    panel.set_current([PanelLabel("class", 11)])
    clear = action_rows(panel)[2]
    clear.setFocus()
    panel.clear_requested.connect(lambda: panel.set_current([]))
    asked = wishes(panel)
    qtbot.keyClick(clear, Qt.Key.Key_Return)
    assert panel.focusWidget() is action_rows(panel)[1]
    assert asked == ["cleared"]


def test_a_dragged_row_stays_where_it_was_when_the_window_loses_the_reader(
    panel: LabelPanel,
) -> None:
    asked = wishes(panel)
    row = class_row(panel, IDS[0])
    QTest.mousePress(row, LEFT, Qt.KeyboardModifier.NoModifier, QPoint(100, ROW_HEIGHT // 2))
    QTest.mouseMove(row, QPoint(100, 2 * ROW_HEIGHT))
    assert panel._list._gap is not None
    QApplication.sendEvent(row, QEvent(QEvent.Type.WindowDeactivate))
    assert panel._list._gap is None
    QTest.mouseRelease(row, LEFT, Qt.KeyboardModifier.NoModifier, QPoint(100, 2 * ROW_HEIGHT))
    assert [one for one in asked if isinstance(one, list)] == []
