"""What a clinician has to read is read whole: names of classes to their last letter, on screens
as low as 720 pixels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication, QCheckBox, QLabel, QScrollArea, QTextBrowser, QWidget
from pytestqt.qtbot import QtBot

from endoscope_app.base.settings import Settings
from endoscope_app.base.theme import apply_theme
from endoscope_app.labels.label_panel import LabelPanel, PanelLabel
from endoscope_app.models.commands import ABOUT_MODEL
from endoscope_app.models.model_dialog import ModelDialog
from endoscope_app.retraining.comparison.confusion_view import ConfusionMatrix
from endoscope_app.retraining.plan.learning_plan import ClassPlan, LearningPlan
from endoscope_app.retraining.plan.plan_view import PlanView
from endoscope_app.retraining.recommendation import recommendation
from endoscope_app.retraining.training_dialog import WIDTH
from endoscope_app.segments.class_groups import Group
from endoscope_app.segments.decided import DecidedSegment, SegmentFields
from endoscope_app.segments.segment_rows import SegmentRow
from endoscope_app.segments.segments_panel import SegmentsPanel
from endoscope_app.shell.command_table import shortcut_groups
from endoscope_app.shell.main_window import MainWindow
from endoscope_app.shell.settings_dialog import SettingsDialog
from endoscope_app.shell.shortcuts_dialog import ShortcutsDialog
from endoscope_app.shell.window_layout import PANEL_WIDTH
from endoscope_app.viewing.probability_bars import ProbabilityBars
from endoscope_app.viewing.verdict_label import VerdictLabel
from tests.endoscope_app.app_session import Session, running, spin
from tests.endoscope_app.clips import make_clip
from tests.endoscope_app.comparison_stage import comparison
from tests.endoscope_app.inner_widgets import class_row
from tests.endoscope_app.label_session import give, go, ready, type_keys
from tests.endoscope_app.labels.test_class_names import rename
from tests.model_factory import make_model_dir
from tests.present import present

NAME = "Poor preparation (BBPS 0-1)"
BLUE = QColor("#56b4e9")


@pytest.fixture(autouse=True)
def _theme(qapp: QApplication) -> None:
    """As the program looks: its style sheet takes room too."""
    apply_theme(qapp, "dark")


def _panel(name: str) -> QWidget:
    panel = LabelPanel()
    panel.set_classes([(1, name, BLUE, "1")])
    panel.set_counts({1: 1234}, {1: 12345})
    panel.set_current([PanelLabel("class", 1)])
    panel.resize(PANEL_WIDTH, 460)
    return panel


def _bars(name: str) -> QWidget:
    bars = ProbabilityBars()
    bars.set_classes([name, "Caecum"], [BLUE, BLUE])
    bars.set_probabilities([0.9, 0.1])
    bars.resize(PANEL_WIDTH - 10, bars.sizeHint().height())  # as narrow as beside a scroll bar
    return bars


def _verdict(name: str) -> QWidget:
    verdict = VerdictLabel()
    verdict.set_verdict(name, 1.0, BLUE, "2026.11.21-efbf46a7", needed=0.5)
    # As the window holds it
    verdict.setFixedSize(PANEL_WIDTH - 10, verdict.sizeHint().height())
    return verdict


def _segment(name: str, where: str = "1:06:12.4–1:06:26.4") -> QWidget:
    item = DecidedSegment(
        0, "segment", "polyps", "open", 5, 9, 0.2, 0.4, 7, SegmentFields(), "polyps", "v", 0.94
    )
    panel = SegmentsPanel()
    panel.set_rows(
        [SegmentRow(item, Group.PATHOLOGY, name, "", BLUE.name(), where, "14.0 s")], finished=False
    )
    panel.resize(PANEL_WIDTH - 10, 500)
    return panel


def _picture(qtbot: QtBot, widget: QWidget) -> QImage:
    qtbot.addWidget(widget)
    widget.show()
    qtbot.waitExposed(widget)
    row = class_row(widget, 1) if isinstance(widget, LabelPanel) else widget
    return row.grab().toImage()


@pytest.mark.parametrize(
    "build", [_panel, _bars, _verdict, _segment], ids=["label panel", "bars", "verdict", "segment"]
)
def test_the_last_letter_of_a_name_is_seen(qtbot: QtBot, build: Callable[[str], QWidget]) -> None:
    shown = _picture(qtbot, build(NAME))
    assert _picture(qtbot, build(NAME)) == shown
    assert _picture(qtbot, build(NAME[:-2] + "2)")) != shown


def test_the_last_figure_of_a_segment_is_seen(qtbot: QtBot) -> None:
    assert _picture(qtbot, _segment(NAME, "1:06:12.4–1:06:26.4")) != _picture(
        qtbot, _segment(NAME, "1:06:12.4–1:06:26.5")
    )


def test_a_name_too_long_for_two_lines_stays_in_its_row(qtbot: QtBot) -> None:
    long = " ".join(["Angiodysplasia"] * 14)
    for build in (_panel, _bars, _verdict):
        whole = _picture(qtbot, build(NAME)).size()
        assert _picture(qtbot, build(long)).size() == whole
        assert _picture(qtbot, build(long.replace(" ", ""))).size() == whole


def test_the_plan_of_a_training_names_its_classes_whole(qtbot: QtBot) -> None:
    view = PlanView()
    qtbot.addWidget(view)
    view.set_plan(LearningPlan("2026.11.21", (ClassPlan(NAME, 1000, 1000, 1000),), ()))
    view.resize(WIDTH - 40, 300)
    view.show()
    qtbot.waitExposed(view)
    table = view._classes
    assert table.columnWidth(0) >= table.sizeHintForColumn(0)


def test_the_window_fits_a_low_screen_with_labels_ranges_and_a_message(session: Session) -> None:
    window = session.app.window
    give(session, {2: "1", 5: "2"})
    for first, last in ((3, 9), (6, 12), (8, 15)):
        go(session, first)
        window.activateWindow()
        type_keys(session, "i")
        go(session, last)
        type_keys(session, "o3")
    window.banner.show_message(
        "A sentence that says what has happened, and what can be done about it. " * 3
    )
    window.resize(QSize(1280, 690))  # 720 less a title bar
    spin(50)
    assert (
        len(session.app.labels.session.library.ranges(session.app.labels.procedure.fingerprint))
        == 3
    )
    assert window.size() == QSize(1280, 690)
    assert window.statusBar().geometry().bottom() < 690


def test_nothing_is_said_twice_in_the_banner(qtbot: QtBot) -> None:
    window = MainWindow()
    qtbot.addWidget(window)
    window.banner.show_standing_message("Another window has the labels open.")
    window.banner.show_message("Another window has the labels open.")
    assert window.banner.label.text() == "Another window has the labels open."


def test_a_file_name_of_200_letters_does_not_widen_the_window(qtbot: QtBot) -> None:
    window = MainWindow()
    qtbot.addWidget(window)
    window.show()
    qtbot.waitExposed(window)
    window.banner.show_message(f"{'x' * 200}.mp4 is no video.")
    assert window.banner.label.minimumSizeHint().width() < 600


def test_settings_and_keys_are_not_cut(qtbot: QtBot) -> None:
    for dialog in (SettingsDialog(Settings()), ShortcutsDialog(shortcut_groups())):
        qtbot.addWidget(dialog)
        dialog.show()
        qtbot.waitExposed(dialog)
        shown: list[QCheckBox | QLabel] = [
            *dialog.findChildren(QCheckBox),
            *dialog.findChildren(QLabel),
        ]
        for words in shown:
            if words.isVisible() and not (isinstance(words, QLabel) and words.wordWrap()):
                assert words.width() >= words.sizeHint().width(), words.text()
        for area in dialog.findChildren(QScrollArea):
            assert area.horizontalScrollBar().maximum() == 0


def test_the_models_card_names_classes_as_the_reader_does(session: Session) -> None:
    rename(session, session.app.labels.session.panel_classes()[2].id, "Coecum")
    session.app.window.action(ABOUT_MODEL).trigger()
    dialog = session.app.window.findChildren(ModelDialog)[-1]
    page = dialog.findChild(QTextBrowser)
    assert isinstance(page, QTextBrowser)
    text = page.toPlainText()
    dialog.close()
    assert "Coecum" in text
    assert NAME in text
    assert not [
        key for key in ("bbps-0-1", "cecum", "impacted-stool", "ulcerative-colitis") if key in text
    ]


@pytest.fixture
def session(qtbot: QtBot, tmp_path: Path) -> Iterator[Session]:
    clip = make_clip(tmp_path / "procedure.mp4", count=20)
    with running(tmp_path / "data", make_model_dir(tmp_path / "m")) as session:
        yield ready(session, clip)


def test_a_comparison_names_what_was_lost_as_the_reader_does_and_shows_it_whole(
    qtbot: QtBot,
) -> None:
    found = comparison()
    sentence = recommendation(found.evidence, {"cecum": "Coecum"})
    assert sentence.endswith("but Coecum lost 4.0 points of sensitivity.")
    pictures = []
    for last in ("Poor preparation (BBPS 0-1)", "Poor preparation (BBPS 0-2)"):
        matrix = ConfusionMatrix("Confusions")
        matrix.set_table((last, *found.classes[1:]), present(found.evidence.held_out).confusion[0])
        matrix.resize(620, 380)
        pictures.append(_picture(qtbot, matrix))
    assert pictures[0] != pictures[1]
