"""A second reader sees nothing of the first reading, changes nothing of it, and is compared with
it.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit

from endoscope_app.analysis.commands import MORE_LIKE_THIS
from endoscope_app.erasure.commands import FORGET_PATIENT
from endoscope_app.erasure.wording import IS_READ_AGAIN
from endoscope_app.report.commands import REPORT
from endoscope_app.retraining.commands import RETRAIN
from endoscope_app.second_reading.commands import AGREEMENT
from endoscope_app.worklist.folder_contents import Found
from tests.endoscope_app.app_session import Session, running
from tests.endoscope_app.clips import make_clip
from tests.endoscope_app.label_session import Answers, go
from tests.endoscope_app.second_reading.reading_session import (
    BY_SECOND,
    FIRST,
    SECOND,
    agreement,
    begin_blind,
    finish_blind,
    is_blind,
    journal,
    mark,
    ranges_in,
    read,
)
from tests.endoscope_app.segments.segment_session import FOUND, panel, reviewing
from tests.present import present


def answered(session: Session) -> int:
    return int(session.app.labels.procedure_labels.states.answered().sum())


def keys(session: Session) -> list[str]:
    return [item.key for item in session.app.labels.session.panel_classes()]


def test_a_second_reader_sees_neither_labels_nor_segments_nor_the_model(session: Session) -> None:
    app = session.app
    assert answered(session) == 51
    assert app.prediction_view.prediction is not None
    begin_blind(session, SECOND)
    session.until(lambda: is_blind(session), "the second reading")
    assert answered(session) == 0
    assert app.labels.procedure_labels.ranges == []
    assert not panel(session).rows
    assert not app.analysis_view.visible
    for index in (10, 35):
        go(session, index)
        assert not app.labels.visibility.allowed(index)
    session.press("1")
    assert answered(session) == 1
    assert not app.labels.visibility.allowed(35), "not after an answer of their own either"
    assert "Second reading by Dr. Ben, blind" in session.message()
    said = [label.text() for label in app.window.findChildren(QLabel)]
    assert any("model hidden in a second reading" in text for text in said)
    app.window.label_panel.classes_requested.emit()
    assert app.labels.classes.dialog is None
    assert "Classes stay as they are" in session.message()
    for command in (REPORT, RETRAIN, AGREEMENT, MORE_LIKE_THIS):
        assert not app.window.action(command).isEnabled(), command.text
    session.press("Ctrl+Home")
    session.press("Ctrl+Home")
    assert not app.window.action(REPORT).isEnabled(), "also after the worklist was looked at"


def test_both_readings_stand_side_by_side_on_disk_under_their_readers_names(
    session: Session, data: Path
) -> None:
    first = ranges_in(data / "labels")
    begin_blind(session, SECOND)
    read(session, BY_SECOND)
    mark(session, "4", 100, 110)
    session.press("Ctrl+Z")
    finish_blind(session)
    assert answered(session) == 51, "the first reading is on the screen again"
    assert panel(session).rows
    names = keys(session)
    assert ranges_in(data / "labels") == first
    assert ranges_in(data / "labels" / "second") == [
        (first_frame, last, names[int(key) - 1])
        for key, first_frame, last in BY_SECOND
        if key != "X"
    ]
    readers = {
        reader for reader, title in journal(data / "labels" / "second") if "Undo" not in title
    }
    assert readers == {SECOND}
    assert journal(data / "labels")[-2:] == [
        (SECOND, "Second reading by Dr. Ben begun"),
        (SECOND, "Second reading by Dr. Ben finished"),
    ]
    labelled = [reader for reader, title in journal(data / "labels") if "reading" not in title]
    assert set(labelled) == {FIRST}


def test_nobody_reads_their_own_labels_blind(session: Session) -> None:
    dialog = begin_blind(session, FIRST.upper())
    assert "Dr. Ada has labelled this procedure already" in dialog.problem()
    assert dialog.isVisible()
    assert not is_blind(session)
    field = present(dialog.findChild(QLineEdit))
    field.clear()
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert dialog.problem() == "A second reading needs the second reader's name."
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not is_blind(session)


def test_with_the_model_shown_only_the_first_reading_is_hidden(session: Session) -> None:
    begin_blind(session, SECOND, hides_model=False)
    session.until(lambda: is_blind(session), "the second reading")
    assert session.app.labels.visibility.allowed(0)
    session.until(lambda: len(panel(session).rows) == len(FOUND), "the segments, undecided")
    assert {row.item.state for row in panel(session).rows} == {"open"}
    assert answered(session) == 0


def test_an_unfinished_second_reading_is_resumed_after_a_restart_and_never_compared(
    session: Session, data: Path, model: Path, clip: Path
) -> None:
    begin_blind(session, SECOND)
    mark(session, "1", 0, 14)
    session.app.window.close()
    with running(data, model) as again:
        reviewing(again, clip)
        assert answered(again) == 51, "opened as usual, the first reading is shown"
        again.press("Ctrl+3")
        assert "The second reading by Dr. Ben is not finished" in again.message()
        again.press("Ctrl+2")
        dialog = present(again.app.second_reading.blind.dialog)
        field = present(dialog.findChild(QLineEdit))
        assert (field.text(), field.isReadOnly()) == (SECOND, True)
        QTest.keyClick(field, Qt.Key.Key_Return)
        again.until(lambda: is_blind(again), "the second reading")
        assert answered(again) == 15
        finish_blind(again)
        again.press("Ctrl+2")
        assert "has finished the second reading" in again.message()


def test_opening_another_procedure_leaves_the_second_reading(
    session: Session, tmp_path: Path, model: Path
) -> None:
    begin_blind(session, SECOND)
    mark(session, "1", 0, 14)
    other = make_clip(tmp_path / "other.mp4", count=20)
    session.open(other)
    assert not is_blind(session)
    assert "The second reading by Dr. Ben is not finished" in session.message()
    assert session.app.window.action(REPORT).isEnabled()


def test_from_the_worklist_the_chosen_procedure_opens_blind(session: Session, data: Path) -> None:
    session.press("Ctrl+Home")
    assert session.app.worklist.which() is not None
    begin_blind(session, SECOND)
    session.until(lambda: is_blind(session), "the second reading")
    assert not session.app.worklist.switch.is_worklist
    assert answered(session) == 0


def test_no_patient_is_forgotten_during_a_second_reading(session: Session, tmp_path: Path) -> None:
    """Its library is the open one then, and the rows of the one that counts would stay."""
    other = make_clip(tmp_path / "other.mp4", count=24)
    worklist = session.app.worklist
    worklist.store.add([Found(other, 0.0)], wanted=False)
    worklist.view.refresh()
    begin_blind(session, SECOND)
    session.until(lambda: is_blind(session), "the second reading")
    session.press("Ctrl+Home")
    session.app.window.worklist.table.choose(present(worklist.view.entry_at(other)).id)
    session.app.window.action(FORGET_PATIENT).trigger()
    assert IS_READ_AGAIN in session.message()
    assert worklist.view.entry_at(other) is not None


def test_the_agreement_is_shown_copied_and_saved(
    session: Session, data: Path, tmp_path: Path
) -> None:
    begin_blind(session, SECOND)
    read(session, BY_SECOND)
    finish_blind(session)
    dialog = agreement(session)
    # 20 + 20 + 10 + 1 frames by both; 15 + 20 + 1 the same; runs 0-14, 15-19, 30-49, 60-69, 75
    assert dialog.sentence.text().replace("\N{NO-BREAK SPACE}", " ") == (
        "Dr. Ada and Dr. Ben: 51 frames labelled by both, in 5 runs; the same class in 71 %."
    )
    cells = [present(dialog.classes.item(0, column)).text() for column in range(6)]
    # Of the preparation, p_o = 35/50 and p_e = (20*25 + 30*25) / 50^2; the one frame of which both
    # say none of these is of another group, in which chance could give nothing else
    by_hand = (35 / 50 - 1250 / 50**2) / (1 - 1250 / 50**2)
    assert cells == ["All classes", "51", "51", "36", f"{by_hand:.2f}", "too few runs"]
    QTest.mouseClick(dialog.copy, Qt.MouseButton.LeftButton)
    text = QGuiApplication.clipboard().text()
    assert "frames labelled by both\t51" in text
    assert "whole runs of frames" in text
    session.app.second_reading.agreement.files = Answers(tmp_path / "out.csv")  # type: ignore[assignment]
    QTest.mouseClick(dialog.save, Qt.MouseButton.LeftButton)
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        table = {row[0]: row[1:] for row in csv.reader(file) if row}
    assert table["second reader"] == ["Dr. Ben"]
    assert float(table["All classes"][0]) == pytest.approx(by_hand, abs=1e-4)


def test_the_first_reading_and_what_may_be_compared_are_asked_for(session: Session) -> None:
    session.press("Ctrl+3")
    assert "has not been read a second time" in session.message()
    session.press("Ctrl+4")
    assert "has not been read a second time" in session.message()


def test_what_has_no_labels_is_not_read_a_second_time(
    qtbot: object, tmp_path: Path, model: Path, clip: Path
) -> None:
    with running(tmp_path / "fresh", model) as session:
        session.press("Ctrl+2")
        assert session.message() == "Choose or open a procedure first."
        session.open(clip)
        session.press("Ctrl+2")
        assert "has no labels yet" in session.message()
