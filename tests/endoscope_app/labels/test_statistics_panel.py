"""The statistics: sums, per cents with the counts behind them, and times as people read them."""

import pytest
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from endoscope_app.labels.statistics_panel import (
    ClassFigures,
    ProcedureFigures,
    StatisticsPanel,
)
from endoscope_app.labels.statistics_wording import agreement, duration
from tests.endoscope_app.inner_widgets import procedure_texts

_COLOUR = QColor("#56b4e9")


@pytest.fixture
def panel(qtbot: QtBot) -> StatisticsPanel:
    widget = StatisticsPanel()
    qtbot.addWidget(widget)
    return widget


def _cells(panel: StatisticsPanel, row: int) -> list[str]:
    return [panel.text(row, column) for column in range(5)]


def test_each_class_and_the_sum_of_all(panel: StatisticsPanel) -> None:
    panel.set_values(
        [
            ClassFigures("polyps", _COLOUR, 30, 1200, 1000, 900, 3000.0),
            ClassFigures("cecum", _COLOUR, 4, 10, 10, 5, 75.9),
        ]
    )
    assert panel.row_count() == 3
    assert _cells(panel, 0) == ["polyps", "30", "1,200", "90\xa0%  (900 of 1,000)", "50 min 00 s"]
    assert _cells(panel, 1) == ["cecum", "4", "10", "50\xa0%  (5 of 10)", "1 min 15 s"]
    assert _cells(panel, 2) == ["All", "34", "1,210", "89\xa0%  (905 of 1,010)", "51 min 15 s"]


def test_nothing_labelled_is_no_agreement_of_zero(panel: StatisticsPanel) -> None:
    assert _cells(panel, 0) == ["All", "0", "0", "–", "0 s"]
    panel.set_values([ClassFigures("polyps", _COLOUR, 0, 3, 0, 0, 1.0)])
    assert panel.text(0, 3) == "–"
    panel.set_values([])
    assert panel.row_count() == 1


@pytest.mark.parametrize("figures", [(2, 3, 1), (3, 2, 3), (3, 2, -1)])
def test_figures_that_cannot_be_are_refused(
    panel: StatisticsPanel, figures: tuple[int, int, int]
) -> None:
    with pytest.raises(ValueError, match="polyps"):
        panel.set_values([ClassFigures("polyps", _COLOUR, 0, *figures, 0.0)])


def test_each_procedure_has_its_own_row(panel: StatisticsPanel) -> None:
    panel.set_values(
        [], [ProcedureFigures("a.mp4", 1_300, 1_000, 2), ProcedureFigures("b.mp4", 1, 0, 0)]
    )
    assert procedure_texts(panel) == [["a.mp4", "1,300", "1,000", "2"], ["b.mp4", "1", "0", "0"]]


def test_only_all_of_them_are_a_hundred_per_cent() -> None:
    assert agreement(1999, 2000) == "99\xa0%  (1,999 of 2,000)"
    assert agreement(2, 2) == "100\xa0%  (2 of 2)"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-1, "0 s"), (59.9, "59 s"), (60, "1 min 00 s"), (3599, "59 min 59 s"), (4020, "1 h 07 min")],
)
def test_times_as_people_read_them(seconds: float, text: str) -> None:
    assert duration(seconds) == text
