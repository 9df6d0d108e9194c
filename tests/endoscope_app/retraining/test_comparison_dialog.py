"""The dialog that compares two models: what it says, what it decides, how frames are looked at."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from endoscope_app.base.theme import THEMES, build_palette
from endoscope_app.models.wording import REASON_MISSING, ask_reason
from endoscope_app.retraining.comparison import comparison_dialog, wording
from endoscope_app.retraining.comparison.compared_models import (
    Comparison,
    Side,
    differing,
    shown_names,
)
from endoscope_app.retraining.comparison.comparison_dialog import ComparisonDialog
from endoscope_app.retraining.comparison.comparison_files import SeenFrame
from endoscope_app.retraining.comparison.confusion_view import ConfusionMatrix, readable_on
from endoscope_app.retraining.comparison.score_rows import main_rows, more_rows
from endoscope_app.retraining.comparison.scores_view import ScoreTable
from endoscope_app.retraining.recommendation import recommendation
from kd_core.schema.compared import ComparedFrames
from kd_core.schema.evidence import Evidence
from kd_core.schema.model_card import RESEARCH_USE
from tests.endoscope_app.comparison_run import CANDIDATE, CLASSES, FRAMES, SENTENCE, evidence, part
from tests.endoscope_app.inner_widgets import filter_to

Make = Callable[..., ComparisonDialog]
#: The reader's own names: the keys, but for one
NAMES = {key: key for key in CLASSES} | {"cecum": "Caecum"}


def comparison(**changed: object) -> Comparison:
    """``changed``: keys of the evidence."""
    found = msgspec.convert(evidence(**changed), Evidence)
    compared = msgspec.convert(
        {"active": "a", "candidate": "c", "classes": CLASSES, "frames": FRAMES}, ComparedFrames
    )
    return Comparison(
        found,
        Side("2026.11.21-aabf735b", "2026-11-21T10:25:53Z"),
        Side(CANDIDATE),
        NAMES,
        differing(compared, NAMES),
    )


@pytest.fixture
def make(qtbot: QtBot) -> Make:
    def made(**changed: object) -> ComparisonDialog:
        dialog = ComparisonDialog(comparison(**changed))
        qtbot.addWidget(dialog)
        dialog.show()
        return dialog

    return made


def button(dialog: ComparisonDialog, text: str) -> QPushButton:
    return next(
        one for one in dialog.findChildren(QPushButton) if one.text().replace("&", "") == text
    )


def words(dialog: ComparisonDialog) -> str:
    return "\n".join(
        label.text() for label in dialog.findChildren(QLabel) if label.isVisibleTo(dialog)
    )


def row_of(dialog: ComparisonDialog, name: str) -> list[str]:
    return texts_of(dialog.scores.table, name)


def texts_of(table: ScoreTable, name: str) -> list[str]:
    line = next(line for line in range(table.rowCount()) if table.text(line, 0) == name)
    return [table.text(line, column) for column in range(1, table.columnCount())]


def test_the_sentence_both_versions_and_the_notice_come_first(make: Make) -> None:
    dialog = make()
    assert SENTENCE in words(dialog)
    at = datetime(2026, 11, 21, 10, 25, tzinfo=UTC).astimezone()
    assert (
        f"Model in use 2026.11.21-aabf735b, made {at:%Y-%m-%d %H:%M}     New model {CANDIDATE}"
        in words(dialog)
    )
    assert RESEARCH_USE in words(dialog)


def test_scores_are_read_with_interval_and_verdict_on_new_and_on_old_frames(make: Make) -> None:
    dialog = make()
    table = dialog.scores.table
    assert (table.text(0, 1), table.text(0, 5)) == (
        "Kept for checking: 20 frames, 3 corrected, 1 now wrong",
        "Known before: 20 frames, 3 corrected, 1 now wrong",
    )
    assert row_of(dialog, "Accuracy")[:4] == [
        "75.0\xa0%",
        "85.0\xa0%",
        "+10.0 (+2.0 to +20.0)",
        "▲ better",
    ]
    assert texts_of(dialog.scores.more, "Macro-F1")[:4] == [
        "70.0\xa0%",
        "80.0\xa0%",
        "+10.0 (−1.0 to +20.0)",
        "– undecided",
    ]
    # 7 of 12 and 10 of 12
    assert row_of(dialog, "Sensitivity, polyps")[:4] == [
        "58.3\xa0% (32–81)",
        "83.3\xa0% (55–95)",
        "+25.0 (+10.0 to +40.0)",
        "▲ better",
    ]
    assert row_of(dialog, "Positive predictive value, polyps")[2:4] == [
        "−9.1 (−30.0 to +10.0)",
        "– undecided",
    ]
    # what a promotion needs a reason for is said where it was lost, which is old knowledge
    assert [row_of(dialog, "Sensitivity, Caecum")[place] for place in (3, 7)] == [
        "▼ worse",
        "▼ lost 4.0",
    ]
    assert texts_of(dialog.scores.more, "Expected calibration error") == [
        "0.031",
        "0.020",
        "−0.011",
        "",
        "",
        "",
        "",
        "",
    ]


def test_flicker_is_shown_where_enough_frames_were_held_out(make: Make) -> None:
    few, enough = ({**evidence()["held_out"], "frames": frames} for frames in (99, 100))
    assert wording.FLICKER not in [row.name for row in more_rows(comparison(held_out=few))]
    assert texts_of(make(held_out=enough).scores.more, wording.FLICKER) == [
        "40.0",
        "25.5",
        "−14.5",
        "labels 12.0",
        "",
        "",
        "",
        "",
    ]


def test_no_name_of_a_score_is_cut_off(make: Make) -> None:
    long = part(recall={"impacted-stool": part()["recall"]["polyps"]})
    dialog = make(held_out=long, known_before=long)
    table = dialog.scores.table
    line = next(
        line
        for line in range(table.rowCount())
        if table.text(line, 0) == "Sensitivity, impacted-stool"
    )
    assert (
        table.visualRect(table.model().index(line, 0)).width()
        >= table.fontMetrics().horizontalAdvance("Sensitivity, impacted-stool") + 12
    )


def test_what_was_not_measured_has_no_row_and_no_column(make: Make) -> None:
    bare = comparison(held_out=part(), known_before=None)
    assert [row.name for row in main_rows(bare)] == [
        "Accuracy",
        "Sensitivity, Caecum",
        "Sensitivity, polyps",
        "Positive predictive value, polyps",
    ]
    assert [row.name for row in more_rows(bare)] == ["Macro-F1"]
    dialog = make(held_out=None)
    assert dialog.scores.table.columnCount() == 5
    assert row_of(dialog, "Accuracy") == [
        "75.0\xa0%",
        "85.0\xa0%",
        "+10.0 (+2.0 to +20.0)",
        "▲ better",
    ]
    assert wording.NO_CHECKING in words(dialog)
    assert wording.NO_CHECKING not in words(make())


def test_a_class_that_no_held_out_frame_shows_is_still_compared_on_old_knowledge(
    make: Make,
) -> None:
    without = part()
    del without["recall"]["cecum"]
    old = ["100.0\xa0%", "87.5\xa0%", "−12.5 (−25.0 to −1.0)", "▼ lost 4.0"]
    assert row_of(make(held_out=without), "Sensitivity, Caecum") == ["", "", "", "", *old]


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


def test_a_loss_of_recall_asks_for_a_reason_before_the_promotion(qtbot: QtBot, make: Make) -> None:
    dialog = make()
    assert ask_reason(["Caecum"]) in words(dialog)
    assert not button(dialog, "Use this model").isEnabled()
    assert button(dialog, "Use this model").toolTip() == REASON_MISSING
    field = dialog.findChild(QLineEdit)
    assert field is not None
    field.setText("   ")
    assert not button(dialog, "Use this model").isEnabled()
    field.setText(" Polyps matter more here. ")
    with qtbot.waitSignal(dialog.use_requested, timeout=1000) as promoted:
        button(dialog, "Use this model").click()
    assert promoted.args == ["Polyps matter more here."]


def test_without_a_loss_no_reason_is_asked_for(qtbot: QtBot, make: Make) -> None:
    dialog = make(needs_reason=[])
    assert "Why use this model" not in words(dialog)
    with qtbot.waitSignal(dialog.use_requested, timeout=1000) as promoted:
        button(dialog, "Use this model").click()
    assert promoted.args == [""]


def test_return_promotes_nothing_and_escape_closes_undecided(qtbot: QtBot, make: Make) -> None:
    dialog = make(needs_reason=[])
    decided: list[str] = []
    for signal, word in (
        (dialog.use_requested, "promoted"),
        (dialog.keep_requested, "kept"),
        (dialog.discard_requested, "discarded"),
    ):
        signal.connect(lambda *_, word=word: decided.append(word))
    qtbot.keyClick(dialog, Qt.Key.Key_Return)
    assert dialog.isVisible()
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
    assert decided == []


def test_buttons_that_cannot_act_say_why(make: Make) -> None:
    dialog = make(needs_reason=[])

    def said() -> dict[str, str]:
        named = (
            (name, button(dialog, name))
            for name in ("Use this model", "Keep for later", "Discard…", "Open report")
        )
        return {name: one.toolTip() for name, one in named if not one.isEnabled()}

    assert said() == {"Open report": wording.NO_REPORT}
    dialog.set_standing(is_kept=True, against="It is in use.", note="It is in use.")
    assert said() == {
        "Use this model": "It is in use.",
        "Keep for later": wording.KEPT,
        "Discard…": wording.KEPT,
        "Open report": wording.NO_REPORT,
    }
    assert dialog.note() == "It is in use."
    dialog.set_standing(is_kept=False)
    dialog.show_damage("The file is damaged.")
    assert said() == {
        "Use this model": "The file is damaged.",
        "Keep for later": "The file is damaged.",
        "Open report": wording.NO_REPORT,
    }
    assert dialog.problem() == "The file is damaged."


@pytest.mark.parametrize(("answer", "times"), [(False, 0), (True, 1)])
def test_discarding_asks_first(
    make: Make, monkeypatch: pytest.MonkeyPatch, answer: object, times: int
) -> None:
    monkeypatch.setattr(comparison_dialog, "ask", lambda *_: answer)
    dialog, discarded = make(), []
    dialog.discard_requested.connect(lambda: discarded.append(1))
    button(dialog, "Discard…").click()
    assert len(discarded) == times


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


def test_it_fits_a_small_laptop(make: Make) -> None:
    needed = make().minimumSizeHint()
    assert needed.width() <= 1326
    assert needed.height() <= 690


def test_what_is_no_evidence_and_what_cannot_be_named_is_said(make: Make) -> None:
    dialog = make(
        seen_by_teachers=[
            "f000012-p480.png",
            "odd.png",
            *(f"f{number:06d}-p1.png" for number in range(20, 28)),
        ]
    )
    said = next(
        one for one in dialog.findChildren(QLabel) if one.accessibleName() == "Frames left out"
    )
    frames = (
        "frame 12, odd.png, frame 20, frame 21, frame 22, frame 23, frame 24, frame 25 and 2 more"
    )
    assert (
        said.text()
        == f"Left out of the comparison, because a reference model was trained on them: {frames}."
    )
    assert not said.isHidden()


def test_the_first_sentence_names_classes_as_the_reader_does() -> None:
    found = msgspec.convert(
        evidence(not_yet_named={"cecum": "only 2 frames show it"}, verdict="undecided"), Evidence
    )
    sentence = recommendation(found, {"cecum": "Coecum"})
    assert sentence.startswith(
        "Coecum cannot be named yet: only 2 frames show it. Not proved better:"
    )
    assert sentence.endswith("which may be chance; Coecum lost 4.0 points of sensitivity.")


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"held_out": None}, "Not proved better: no procedure is kept for checking yet."),
        (
            {"held_out": None, "seen_by_teachers": ["a.png"]},
            "Not proved better: a reference model has seen every frame that is kept for checking.",
        ),
        (
            {"verdict": "better", "recall_lost": {}},
            "Better: 3 of 5 wrong frames are now right and 1 right one is now wrong, on 4"
            " procedures; no class lost any sensitivity.",
        ),
        ({"verdict": "worse"}, "Worse: 3 of 5 wrong frames are now right"),
        (
            {"held_out": part(procedures=6)},
            "Better on the procedures kept for checking (3 of 5 wrong frames are now right and 1"
            " right one is now wrong, on 6 procedures of 4 patients)",
        ),
    ],
)
def test_the_sentence_says_what_was_found(changed: dict[str, object], sentence: str) -> None:
    found = msgspec.convert(evidence(**changed), Evidence)
    assert recommendation(found, {}).startswith(sentence)


def test_more_figures_are_behind_a_fold(make: Make) -> None:
    dialog = make()
    assert not dialog.scores.more.isVisible()
    dialog.scores.fold.set_open(True)
    assert dialog.scores.more.isVisible()
    assert dialog.scores.more.text(2, 0) == "Macro-F1"


def test_names_that_are_alike_are_told_apart_by_their_keys() -> None:
    assert shown_names(("a", "b", "cecum"), {"a": "Colon", "b": "Colon"}) == {
        "a": "Colon (a)",
        "b": "Colon (b)",
        "cecum": "Caecum",
    }
