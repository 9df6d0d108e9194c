"""The confusion matrices of two models: in words, in colour and readable."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from endoscope_app.base.theme import THEMES, build_palette
from endoscope_app.retraining.comparison.confusion_view import ConfusionMatrix, readable_on
from tests.endoscope_app.comparison_run import CANDIDATE, part
from tests.endoscope_app.comparison_stage import Make


def test_a_matrix_says_its_cells_in_words(qtbot: QtBot) -> None:
    matrix = ConfusionMatrix("Confusions")
    qtbot.addWidget(matrix)
    matrix.resize(600, 400)
    matrix.set_table(("cecum", "polyps"), [[7, 1], [0, 0]])
    assert matrix.accessibleDescription() == "cecum: called 7 cecum, 1 polyps."
    assert matrix.cell_text(0, 1) == "1 of 8 frames of cecum called polyps (12\xa0%)"
    assert matrix.cell_text(1, 1) == "0 of 0 frames of polyps called so"
    area, side = matrix._grid()
    at = [
        QPoint(int(area.left() + (column + 0.5) * side), int(area.top() + (row + 0.5) * side))
        for row, column in ((0, 1), (1, 0))
    ]
    assert [matrix.cell_at(point) for point in at] == [(0, 1), (1, 0)]
    assert matrix.cell_at(QPoint(1, 1)) is None
    with pytest.raises(ValueError, match="2 rows do not fit 3 classes"):
        matrix.set_table(("a", "b", "c"), [[1, 2], [3, 4]])


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_right_answers_wrong_ones_and_none_look_different(qtbot: QtBot, theme: str) -> None:
    matrix = ConfusionMatrix("Confusions")
    qtbot.addWidget(matrix)
    matrix.setPalette(build_palette(THEMES[theme]))
    matrix.resize(600, 400)
    matrix.set_table(("cecum", "polyps"), [[7, 7], [0, 7]])
    area, side = matrix._grid()
    image = matrix.grab().toImage()
    colours = {
        image.pixelColor(
            int(area.left() + column * side + 6), int(area.top() + row * side + 6)
        ).name()
        for row, column in ((0, 0), (0, 1), (1, 0), (1, 1))
    }
    assert len(colours) == 4  # both right ones differ by their share: half the row, and all of it


@pytest.mark.parametrize(
    ("ground", "text"),
    [
        ("#000000", "#f1f3f4"),
        ("#ffffff", "#101316"),
        ("#4f9aa8", "#101316"),
        ("#24707f", "#f1f3f4"),
    ],
)
def test_numbers_are_readable_on_their_cell(ground: str, text: str) -> None:
    assert readable_on(QColor(ground)).name() == text


def test_both_confusions_are_of_the_frames_that_are_chosen(make: Make) -> None:
    dialog = make(known_before=part(confusion=[[[1] * 6] * 6, [[2] * 6] * 6]))
    active, candidate = dialog.confusions.matrices
    assert "polyps: called 5 impacted-stool, 7 polyps." in active.accessibleDescription()
    assert "Caecum: called 7 Caecum, 1 polyps." in candidate.accessibleDescription()
    assert candidate.accessibleName() == f"Class by class, new model {CANDIDATE}"
    dialog.confusions.choose("Known before")
    assert "Caecum: called 2 bbps-0-1, 2 bbps-2-3," in candidate.accessibleDescription()
