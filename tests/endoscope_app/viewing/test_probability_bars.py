"""The class bars: right colours, right lengths, and the row that was meant."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from endoscope_app.base.theme import class_colours
from endoscope_app.viewing.probability_bars import ProbabilityBars

_NAMES = ["polyps", "cecum", "impacted-stool", "ulcerative-colitis"]


@pytest.fixture
def bars(qtbot: QtBot) -> ProbabilityBars:
    widget = ProbabilityBars()
    qtbot.addWidget(widget)
    widget.set_classes(_NAMES, class_colours(4))
    widget.resize(320, widget.sizeHint().height())
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def _at(bars: ProbabilityBars, index: int, share: float, image: QImage | None = None) -> QColor:
    rect = bars.bar_rect(index)
    picture = image if image is not None else bars.grab().toImage()
    return picture.pixelColor(int(rect.left() + share * rect.width()), int(rect.center().y()))


def test_top_bar_has_its_full_colour_up_to_its_probability(bars: ProbabilityBars) -> None:
    bars.set_probabilities([0.1, 0.6, 0.2, 0.1])
    assert bars.top() == 1
    image = bars.grab().toImage()
    assert _at(bars, 1, 0.3, image).name() == class_colours(4)[1].name()
    assert _at(bars, 1, 0.57, image).name() == class_colours(4)[1].name()
    assert _at(bars, 1, 0.63, image).name() != class_colours(4)[1].name()
    assert _at(bars, 1, 0.63, image) == _at(bars, 1, 0.95, image)


def test_other_bars_have_their_own_paler_colour(bars: ProbabilityBars) -> None:
    bars.set_probabilities([0.45, 0.5, 0.05, 0.0])
    painted, full = _at(bars, 0, 0.2), class_colours(4)[0]
    assert painted.name() != full.name()
    assert abs(painted.hue() - full.hue()) < 15


def test_nothing_known_means_no_bars(bars: ProbabilityBars) -> None:
    bars.set_probabilities([0.9, 0.1, 0.0, 0.0])
    bars.set_probabilities(None)
    assert bars.top() is None
    assert _at(bars, 0, 0.05) == _at(bars, 0, 0.9)


def test_broken_values_do_not_paint(bars: ProbabilityBars) -> None:
    bars.set_probabilities(np.array([np.nan, 0.5, 2.0, -1.0]))
    assert not bars.grab().isNull()


def test_wrong_lengths_are_refused(bars: ProbabilityBars) -> None:
    with pytest.raises(ValueError, match="4 classes"):
        bars.set_probabilities([0.5, 0.5])
    with pytest.raises(ValueError, match="colours"):
        bars.set_classes(["a"], class_colours(2))
    with pytest.raises(ValueError, match="1 levels"):
        bars.set_classes(["a", "b"], class_colours(2), [0.5])


def test_target_is_marked(bars: ProbabilityBars) -> None:
    before = bars.grab().toImage()
    bars.set_target(2)
    marked = bars.grab().toImage()
    assert marked != before
    row = bars.row_rect(2)
    other = bars.row_rect(0)
    assert marked.copy(row.toRect()) != before.copy(row.toRect())
    assert marked.copy(other.toRect()) == before.copy(other.toRect())
    bars.set_target(None)
    assert bars.grab().toImage() == before


def test_a_tick_stands_where_a_class_is_named_and_none_where_it_never_is(
    bars: ProbabilityBars,
) -> None:
    bars.set_probabilities([0.1, 0.6, 0.2, 0.1])
    assert bars.tick_x(0) is None
    without = bars.grab().toImage()
    bars.set_classes(_NAMES, class_colours(4), [0.64, 0.64, 0.64, 1.01])
    bars.set_probabilities([0.1, 0.6, 0.2, 0.1])
    image = bars.grab().toImage()
    for index in range(3):
        bar, x = bars.bar_rect(index), bars.tick_x(index)
        assert x is not None
        assert x == pytest.approx(bar.left() + 0.64 * bar.width())
        # above the bar, where only a tick can be
        above = int(x), int(bar.top()) - 2
        assert image.pixelColor(*above) != without.pixelColor(*above)
    assert bars.tick_x(3) is None
    row = bars.row_rect(3).toRect()
    assert image.copy(row) == without.copy(row)


def test_what_is_needed_is_said_to_a_screen_reader(bars: ProbabilityBars, qtbot: QtBot) -> None:
    bars.set_classes(_NAMES, class_colours(4), [0.64, 0.64, 0.64, 1.01])
    bars.set_probabilities([0.1, 0.6, 0.2, 0.1])
    qtbot.keyClick(bars, Qt.Key.Key_Down)
    assert bars.accessibleDescription() == "cecum: 60.0\xa0%, named from 64\xa0% on"
    for _ in range(2):
        qtbot.keyClick(bars, Qt.Key.Key_Down)
    assert bars.accessibleDescription().endswith("10.0\xa0%, this class is not named yet")


def test_click_names_the_row(bars: ProbabilityBars, qtbot: QtBot) -> None:
    for index in range(4):
        with qtbot.waitSignal(bars.class_clicked, timeout=1000) as signal:
            qtbot.mouseClick(
                bars, Qt.MouseButton.LeftButton, pos=bars.row_rect(index).center().toPoint()
            )
        assert signal.args == [index]
    with qtbot.assertNotEmitted(bars.class_clicked):
        qtbot.mouseClick(
            bars, Qt.MouseButton.LeftButton, pos=QPoint(5, int(bars.row_rect(3).bottom()) + 1)
        )


def test_keyboard_picks_a_row(bars: ProbabilityBars, qtbot: QtBot) -> None:
    chosen: list[int] = []
    bars.class_clicked.connect(chosen.append)
    for key in (
        Qt.Key.Key_Up,
        Qt.Key.Key_Return,
        Qt.Key.Key_Down,
        Qt.Key.Key_Down,
        Qt.Key.Key_Space,
        *[Qt.Key.Key_Down] * 9,
        Qt.Key.Key_Enter,
    ):
        qtbot.keyClick(bars, key)
    assert chosen == [0, 2, 3]
    assert "ulcerative-colitis" in bars.accessibleDescription()


def test_without_classes_nothing_breaks(bars: ProbabilityBars, qtbot: QtBot) -> None:
    bars.set_classes([], [])
    with qtbot.assertNotEmitted(bars.class_clicked):
        qtbot.keyClick(bars, Qt.Key.Key_Return)
    assert bars.top() is None
    bars.set_probabilities([])
    assert bars.top() is None
