"""Frames on which two models differ: their list, their images and what each model says."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from endoscope_app.retraining.comparison import wording
from endoscope_app.retraining.comparison.compared_models import (
    shown_names,
)
from endoscope_app.retraining.comparison.comparison_files import SeenFrame
from tests.endoscope_app.comparison_stage import Make, words
from tests.endoscope_app.inner_widgets import filter_to


def test_the_frames_that_differ_are_sorted_by_what_would_change(make: Make) -> None:
    dialog = make()
    # e is called polyps by both; c's tie goes to the class that comes first, which is
    # impacted-stool
    assert [(frame.path, frame.kind) for frame in dialog.differing.list.frames()] == [
        ("cecum/a.png", "broken"),
        ("polyps/b.png", "corrected"),
        ("polyps/c.png", "corrected"),
        ("polyps/d.png", "both wrong"),
    ]
    assert dialog.differing.filters() == [
        "All (4)",
        "▼ Now wrong (1)",
        "▲ Now right (2)",
        "◆ Both wrong (1)",
    ]
    filter_to(dialog.differing, "corrected")
    assert [frame.path for frame in dialog.differing.list.frames()] == [
        "polyps/b.png",
        "polyps/c.png",
    ]
    current = dialog.current_frame()
    assert current is not None
    assert (
        current.sentence()
        == "Now right: truth polyps, model in use impacted-stool, 70\xa0%, new model polyps,"
        " 100\xa0%"
    )


def test_the_arrow_key_chooses_the_next_frame_and_says_both_answers(
    qtbot: QtBot, make: Make
) -> None:
    dialog = make()
    dialog.tabs.setCurrentWidget(dialog.differing)
    with qtbot.waitSignal(dialog.frame_chosen, timeout=1000) as chosen:
        qtbot.keyClick(dialog.differing.list, Qt.Key.Key_Down)
    assert chosen.args is not None
    assert chosen.args[0].path == "polyps/b.png"
    active, candidate = dialog.differing.sights
    assert active.shown_text() == "impacted-stool  70.0\xa0%  ·  wrong\nthen polyps 30.0\xa0%"
    assert candidate.shown_text() == "polyps  100.0\xa0%  ·  right\n"
    assert (
        active.view.accessibleName()
        == "Image with the heat map of the model in use for impacted-stool"
    )


def test_return_on_a_frame_asks_for_it_in_its_procedure(qtbot: QtBot, make: Make) -> None:
    dialog = make()
    dialog.tabs.setCurrentWidget(dialog.differing)
    dialog.differing.list.setCurrentIndex(dialog.differing.list.model().index(2, 0))
    with qtbot.waitSignal(dialog.opening_requested, timeout=1000) as wanted:
        qtbot.keyClick(dialog.differing.list, Qt.Key.Key_Return)
    assert wanted.args == ["f2", "polyps/c.png"]
    assert dialog.isVisible()


def test_a_picture_of_a_frame_that_was_left_is_dropped(make: Make) -> None:
    dialog = make()
    dialog.tabs.setCurrentWidget(dialog.differing)
    active, _ = dialog.differing.sights
    picture = np.full((20, 20, 4), 90, np.uint8)
    dialog.show_frame(SeenFrame("polyps/b.png", picture))
    assert active.view._image is None
    assert active.view._message == wording.LOADING
    dialog.show_frame(SeenFrame("cecum/a.png", picture, trouble="The active model is gone."))
    assert active.view._image is picture
    assert "The active model is gone." in words(dialog)


def test_thumbnails_are_asked_for_once_and_only_of_rows_that_are_seen(
    qtbot: QtBot, make: Make
) -> None:
    dialog = make()
    wanted: list[str] = []
    dialog.thumbnail_requested.connect(wanted.append)
    dialog.grab()
    assert wanted == []
    dialog.tabs.setCurrentWidget(dialog.differing)
    qtbot.waitUntil(lambda: len(wanted) == 4, timeout=3000)
    image = QImage(40, 30, QImage.Format.Format_RGB32)
    image.fill(QColor("#12ff34"))
    dialog.set_thumbnail("cecum/a.png", image)
    shown = dialog.differing.list.grab().toImage()
    assert shown.pixelColor(50, 44) == QColor("#12ff34")
    assert len(wanted) == 4


def test_names_that_are_alike_are_told_apart_by_their_keys() -> None:
    assert shown_names(("a", "b", "cecum"), {"a": "Colon", "b": "Colon"}) == {
        "a": "Colon (a)",
        "b": "Colon (b)",
        "cecum": "Caecum",
    }
