"""The label panel: the right wish for every press, the right words for every frame."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from endoscope_app.labels.label_panel import LabelPanel, PanelLabel
from endoscope_app.labels.library.records import FrameKind
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


def _manage(panel: LabelPanel) -> QPushButton:
    button = panel.findChild(QPushButton)
    assert isinstance(button, QPushButton)
    return button


def test_every_row_asks_for_its_own_label_once(panel: LabelPanel, qtbot: QtBot) -> None:
    panel.set_current([PanelLabel("class", 11)])
    asked = wishes(panel)
    for number in IDS:
        qtbot.mouseClick(class_row(panel, number), LEFT)
    for row in action_rows(panel):
        qtbot.mouseClick(row, LEFT)
    qtbot.mouseClick(_manage(panel), LEFT)
    assert asked == [11, 12, 13, 14, "agreed", "unusable", "cleared", "manage"]


def test_a_press_marks_nothing_before_the_owner_answers(panel: LabelPanel, qtbot: QtBot) -> None:
    qtbot.mouseClick(class_row(panel, 12), LEFT)
    assert not class_row(panel, 12).isChecked()
    panel.set_current([PanelLabel("class", 12)])
    assert [class_row(panel, number).isChecked() for number in IDS] == [False, True, False, False]
    panel.set_current([])
    assert not any(class_row(panel, number).isChecked() for number in IDS)


def test_the_label_of_the_frame_can_be_seen_and_only_at_its_row(panel: LabelPanel) -> None:
    before = {number: class_row(panel, number).grab().toImage() for number in IDS}
    panel.set_current([PanelLabel("class", 13)])
    assert [class_row(panel, number).grab().toImage() == before[number] for number in IDS] == [
        True,
        True,
        False,
        True,
    ]
    panel.set_current([PanelLabel("agreed", 12)])
    agreed, unusable, _ = action_rows(panel)
    assert agreed.isChecked()
    assert not unusable.isChecked()
    assert not class_row(panel, 12).isChecked()
    assert class_row(panel, 12).grab().toImage() != before[12], (
        "the class that was agreed to has a ring"
    )
    panel.set_current([PanelLabel("unusable")])
    assert unusable.isChecked()
    assert not agreed.isChecked()
    assert class_row(panel, 12).grab().toImage() == before[12]


def test_the_line_follows_label_and_model(panel: LabelPanel) -> None:
    assert panel.text() == "You: not labelled"
    panel.set_current([PanelLabel("class", 11)])
    assert panel.text() == "You: polyps\nYou and the model differ."
    panel.set_model(None)
    assert panel.text() == "You: polyps · model hidden until labelled"
    panel.set_current([PanelLabel("class", 99)])
    assert panel.text().startswith("You: a class that is no longer shown ·")


def test_another_reason_for_a_missing_model_can_be_given(panel: LabelPanel) -> None:
    panel.set_model(None, absent="no model loaded")
    assert panel.text() == "You: not labelled · no model loaded"


def test_what_is_hidden_cannot_be_agreed_with(panel: LabelPanel, qtbot: QtBot) -> None:
    panel.set_model(None)
    asked = wishes(panel)
    qtbot.mouseClick(action_rows(panel)[0], LEFT)
    assert asked == []
    qtbot.mouseClick(class_row(panel, 11), LEFT)
    assert asked == [11]


def test_there_is_nothing_to_clear_on_a_frame_without_a_label(panel: LabelPanel) -> None:
    clear = action_rows(panel)[2]
    assert not clear.isEnabled()
    panel.set_current([PanelLabel("unusable")])
    assert clear.isEnabled()


def test_read_only_says_why_and_asks_for_nothing(panel: LabelPanel, qtbot: QtBot) -> None:
    panel.set_current([PanelLabel("class", 11)])
    panel.set_read_only("Another window has this library open.")
    asked = wishes(panel)
    for row in (
        *(class_row(panel, number) for number in IDS),
        *action_rows(panel),
        _manage(panel),
    ):
        qtbot.mouseClick(row, LEFT)
    assert asked == []
    assert any(
        label.text() == "Another window has this library open." and label.isVisible()
        for label in panel.findChildren(QLabel)
    )
    panel.set_read_only("")
    qtbot.mouseClick(class_row(panel, 11), LEFT)
    assert asked == [11]
    assert not any(
        "window" in label.text() and label.isVisible() for label in panel.findChildren(QLabel)
    )


def test_a_screen_reader_hears_name_key_count_and_mark(panel: LabelPanel) -> None:
    panel.set_counts({11: 12}, {11: 1312}, agreed=(3, 3), unusable=(2, 40))
    panel.set_current([PanelLabel("class", 11)])
    row = class_row(panel, 11)
    assert row.accessibleName() == "polyps"
    assert row.accessibleDescription() == "key 1, 12 here, 1,312 in the library, this frame's label"
    assert class_row(panel, 12).accessibleDescription() == "key 2, 0 here, 0 in the library"
    assert action_rows(panel)[1].accessibleDescription() == "key X, 2 here, 40 in the library"
    for child in panel.findChildren(QWidget):
        if child.focusPolicy() != Qt.FocusPolicy.NoFocus:
            assert child.accessibleName(), child


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
        panel.set_current([] if kind is None else [PanelLabel(kind, class_id)])
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
    panel.set_current([PanelLabel("class", 11)])
    assert not panel.grab().isNull()
