"""The heat map's controls send what the user does, and nothing when they are set from outside.

And the meter.
"""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QSlider
from pytestqt.qtbot import QtBot

from endoscope_app.viewing.heat_map_panel import HeatMapPanel
from endoscope_app.viewing.live_speed import LiveSpeed
from endoscope_app.viewing.speed_meter import Meter
from tests.present import present


@pytest.fixture
def panel(qtbot: QtBot) -> HeatMapPanel:
    widget = HeatMapPanel()
    qtbot.addWidget(widget)
    widget.set_classes(["polyps", "cecum"])
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def _combo(panel: HeatMapPanel, name: str) -> QComboBox:
    return next(combo for combo in panel.findChildren(QComboBox) if combo.accessibleName() == name)


def test_user_acts_are_sent(panel: HeatMapPanel, qtbot: QtBot) -> None:
    with qtbot.waitSignal(panel.visible_changed) as visible:
        qtbot.keyClick(panel.findChild(QCheckBox), Qt.Key.Key_Space)
    with qtbot.waitSignal(panel.opacity_changed) as opacity:
        qtbot.keyClick(panel.findChild(QSlider), Qt.Key.Key_Right)
    with qtbot.waitSignal(panel.colour_map_changed) as colours:
        qtbot.keyClick(_combo(panel, "Heat map colours"), Qt.Key.Key_Down)
    target = _combo(panel, "Class whose evidence the heat map shows")
    with qtbot.waitSignal(panel.target_changed) as explained:
        qtbot.keyClick(target, Qt.Key.Key_Down)
    with qtbot.waitSignal(panel.target_changed) as predicted:
        qtbot.keyClick(target, Qt.Key.Key_Up)
    assert [s.args for s in (visible, opacity, colours, explained, predicted)] == [
        [False],
        [0.65],
        ["cividis"],
        [0],
        [-1],
    ]


def test_setters_do_not_echo(panel: HeatMapPanel, qtbot: QtBot) -> None:
    heard: list[object] = []
    for signal in (
        panel.visible_changed,
        panel.opacity_changed,
        panel.colour_map_changed,
        panel.target_changed,
    ):
        signal.connect(heard.append)
    panel.set_visible_state(False)
    panel.set_opacity(0.25)
    panel.set_colour_map("cividis")
    panel.set_colour_map("jet")
    panel.set_target(1)
    assert heard == []
    assert not present(panel.findChild(QCheckBox)).isChecked()
    assert present(panel.findChild(QSlider)).value() == 25
    assert "25\xa0%" in [label.text() for label in panel.findChildren(QLabel)]
    assert _combo(panel, "Heat map colours").currentData() == "cividis"
    assert _combo(panel, "Class whose evidence the heat map shows").currentText() == "cecum"
    panel.set_classes(["a"])
    assert (
        _combo(panel, "Class whose evidence the heat map shows").currentText()
        == "Most likely class"
    )
    assert heard == []


def test_never_jet(panel: HeatMapPanel) -> None:
    combo = _combo(panel, "Heat map colours")
    assert [combo.itemData(row) for row in range(combo.count())] == [
        "viridis",
        "cividis",
        "inferno",
    ]


def test_the_meter_says_in_words_whether_playing_keeps_up_and_is_calm(qtbot: QtBot) -> None:
    meter = Meter()
    qtbot.addWidget(meter)
    assert meter.text() == "Live: paused"
    meter.set_speed(LiveSpeed(25.04, 3.1, 0.6, 1.2, 1204, 0, keeps_up=True))
    assert meter.text() == "Live: 25 images per second, keeps up"
    first = meter.text()
    for shown in range(20):
        meter.set_speed(LiveSpeed(17.6, 99.9, 12.3, 4.5, shown, 7, keeps_up=False))
    assert meter.text() == first
    qtbot.waitUntil(lambda: "behind" in meter.text(), timeout=1000)
    assert meter.text() == "Live: 18 images per second, behind, catching up"
    details = meter.findChildren(QLabel)[0].toolTip()
    for figure in ("99.9 ms", "12.3 ms", "4.5 ms", "19 images shown", "7 skipped"):
        assert figure in details
