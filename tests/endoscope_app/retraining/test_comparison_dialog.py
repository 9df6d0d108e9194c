"""The dialog that compares two models: what it says first, its scores, and how it fits."""

from __future__ import annotations

from datetime import UTC, datetime

from PySide6.QtWidgets import QLabel

from endoscope_app.retraining.comparison import wording
from endoscope_app.retraining.comparison.comparison_dialog import ComparisonDialog
from endoscope_app.retraining.comparison.score_rows import main_rows, more_rows
from endoscope_app.retraining.comparison.scores_view import ScoreTable
from kd_core.schema.model_card import RESEARCH_USE
from tests.endoscope_app.comparison_run import CANDIDATE, SENTENCE, evidence, part
from tests.endoscope_app.comparison_stage import Make, comparison, words


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
        label
        for label in dialog.findChildren(QLabel)
        if label.accessibleName() == "Frames left out"
    )
    frames = (
        "frame 12, odd.png, frame 20, frame 21, frame 22, frame 23, frame 24, frame 25 and 2 more"
    )
    assert (
        said.text()
        == f"Left out of the comparison, because a reference model was trained on them: {frames}."
    )
    assert not said.isHidden()


def test_more_figures_are_behind_a_fold(make: Make) -> None:
    dialog = make()
    assert not dialog.scores.more.isVisible()
    dialog.scores.fold.set_open(True)
    assert dialog.scores.more.isVisible()
    assert dialog.scores.more.text(2, 0) == "Macro-F1"
