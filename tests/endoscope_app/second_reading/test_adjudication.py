"""Disagreements of two readers settled by keys: what counts, what is learnt, and how undo takes it
back.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from endoscope_app.labels.exchange.training_selection import RangeSampling
from endoscope_app.report.report_page import ReportPage
from endoscope_app.retraining.plan.library_tally import select_library, tally
from endoscope_app.retraining.training_dialog import TrainingDialog
from tests.endoscope_app.app_session import Session
from tests.endoscope_app.label_session import go, labels
from tests.endoscope_app.report.report_session import opened
from tests.endoscope_app.second_reading.reading_session import (
    BY_SECOND,
    CONTROL,
    FIRST,
    SECOND,
    adjudicating,
    agreement,
    begin_blind,
    finish_blind,
    journal,
    key,
    lines,
    mark,
    ranges_in,
    read,
)
from tests.present import present

EVERY = RangeSampling(1, thin=False)


@pytest.fixture
def read_twice(session: Session) -> Session:
    begin_blind(session, SECOND)
    read(session, BY_SECOND)
    mark(session, "4", 120, 124)  # what the first reader did not see
    finish_blind(session)
    return session


def names(session: Session) -> list[str]:
    return [item.name for item in session.app.labels.session.panel_classes()]


def keys(session: Session) -> list[str]:
    return [item.key for item in session.app.labels.session.panel_classes()]


def says(session: Session, index: int) -> str:
    """What a frame counts as, by the name that the reader sees."""
    go(session, index)
    states = session.app.labels.procedure_labels.states
    code = int(states.label[index])
    return "" if code < 0 else states.names[code]


def learnt(data: Path) -> set[int]:
    """The frames that a training set would hold."""
    selection = select_library(data / "labels", EVERY).frames
    return {frame for chosen in selection.procedures for frame in chosen.index.tolist()}


def counted(session: Session, number: int, counts: str) -> None:
    """Wait until line ``number`` says so."""
    flow = session.app.second_reading.adjudication
    session.until(
        lambda: present(present(flow.dialog).table.item(number, 6)).text() == counts,
        f"line {number} as {counts}",
    )


def test_keys_settle_every_disagreement_and_only_then_it_is_learnt(
    read_twice: Session, data: Path
) -> None:
    session, name = read_twice, names(read_twice)
    agreed = {*range(15), *range(30, 50), 75}
    assert learnt(data) == agreed
    dialog = adjudicating(session)
    assert lines(dialog) == [("5", name[0], name[1], ""), ("10", name[1], name[0], "")]
    session.until(lambda: dialog.table.item(0, 0) is not None, "a thumbnail")
    key(session, "2")
    counted(session, 0, name[1])
    assert learnt(data) == agreed | {*range(15, 20)}
    assert dialog.table.currentRow() == 1, "on to the next open one"
    key(session, "4")  # neither of the two: the class on key 4
    counted(session, 1, name[3])
    assert dialog.sentence.text().startswith("Every disagreement is adjudicated")
    assert learnt(data) == agreed | {*range(15, 20), *range(60, 70)}
    assert [says(session, index) for index in (14, 15, 19, 60, 69)] == [
        name[0],
        name[1],
        name[1],
        name[3],
        name[3],
    ]
    session.app.window.close()
    stood = [(15, 19, keys(session)[1]), (60, 69, keys(session)[3])]
    assert [span for span in ranges_in(data / "labels") if span in stood] == stood
    reader, title = journal(data / "labels")[-1]
    assert reader == FIRST
    assert title.startswith(
        f"Adjudicated {name[3]} (Dr. Ada: {name[1]}, Dr. Ben: {name[0]}), 0:02.4"
    )


def test_undo_takes_one_decision_back_with_its_labels(read_twice: Session, data: Path) -> None:
    session, name = read_twice, names(read_twice)
    before = ranges_in(data / "labels")
    adjudicating(session)
    key(session, "2")
    counted(session, 0, name[1])
    key(session, "X")
    counted(session, 1, "None of these")
    assert [label.kind for label in labels(session)] == ["unusable"] * 11
    QTest.keyClick(
        present(session.app.second_reading.adjudication.dialog).table, Qt.Key.Key_Z, CONTROL
    )
    counted(session, 1, "")
    assert [label.frame_index for label in labels(session)] == [75]
    counted(session, 0, name[1])
    QTest.keyClick(
        present(session.app.second_reading.adjudication.dialog).table, Qt.Key.Key_Z, CONTROL
    )
    counted(session, 0, "")
    assert ranges_in(data / "labels") == before


def test_what_is_left_open_is_not_learnt_and_n_and_p_lead_through_the_list(
    read_twice: Session, data: Path
) -> None:
    session = read_twice
    dialog = adjudicating(session)
    key(session, "N")
    assert dialog.table.currentRow() == 1
    key(session, "N")
    assert dialog.table.currentRow() == 1
    key(session, "P")
    assert dialog.table.currentRow() == 0
    key(session, "O")
    counted(session, 0, "left open")
    assert not learnt(data) & {*range(15, 20)}
    key(session, "1")
    counted(session, 1, names(session)[1])
    assert {*range(60, 70)} <= learnt(data)
    QTest.keyClick(dialog.table, Qt.Key.Key_Return)
    session.until(lambda: session.on_screen() == 60, "the frame itself")


def test_what_only_one_reader_labelled_can_be_settled_too(read_twice: Session, data: Path) -> None:
    session, name = read_twice, names(read_twice)
    dialog = adjudicating(session)
    QTest.mouseClick(dialog.of_one, Qt.MouseButton.LeftButton, pos=dialog.of_one.rect().center())
    if not dialog.of_one.isChecked():
        QTest.keyClick(dialog.of_one, Qt.Key.Key_Space)
    session.until(lambda: dialog.table.rowCount() == 3, "three lines")
    assert lines(dialog)[2] == ("5", "nothing", name[3], "")
    dialog.table.setFocus()
    dialog.table.choose(2)
    key(session, "2")
    counted(session, 2, name[3])
    assert {*range(120, 125)} <= learnt(data)
    assert says(session, 122) == name[3]
    dialog.table.choose(2)
    key(session, "1")
    counted(session, 2, "nothing")
    assert not learnt(data) & {*range(120, 125)}
    assert says(session, 122) == ""


def test_the_menu_of_classes_gives_the_ones_on_keys_1_and_2(read_twice: Session) -> None:
    session, name = read_twice, names(read_twice)
    dialog = adjudicating(session)
    key(session, "N")
    dialog.class_chosen.emit(session.app.labels.session.panel_classes()[0].id)
    counted(session, 1, name[0])
    assert says(session, 65) == name[0]


def test_kappa_stays_what_it_was_before_anybody_adjudicated(read_twice: Session) -> None:
    session = read_twice
    dialog = agreement(session)
    before = dialog.sentence.text()
    dialog.reject()
    adjudicating(session)
    key(session, "2")
    counted(session, 0, names(session)[1])
    present(session.app.second_reading.adjudication.dialog).reject()
    assert agreement(session).sentence.text() == before


def test_the_retrain_dialog_says_how_many_frames_two_readers_leave_out(
    read_twice: Session, data: Path
) -> None:
    selection = select_library(data / "labels", EVERY).frames
    assert sum(selection.disputed.values()) == 15
    assert tally(selection).selection.disputed == selection.disputed
    session = read_twice
    session.press("Ctrl+T")
    dialog = present(session.app.window.findChild(TrainingDialog))
    session.until(lambda: not dialog._is_counting, "the labels counted")
    said = " ".join(label.text() for label in dialog.findChildren(QLabel))
    assert "of 1 procedure read twice are left out: the two readers differ there" in said


def test_the_report_says_who_read_and_who_adjudicated(read_twice: Session) -> None:
    session = read_twice
    session.app.labels.writer.name_reader("Dr. Cy")
    adjudicating(session)
    key(session, "2")
    counted(session, 0, names(session)[1])
    present(session.app.second_reading.adjudication.dialog).reject()
    dialog = opened(session)
    page = present(dialog.findChild(ReportPage)).toPlainText()
    assert "read by Dr. Ada and, blind, by Dr. Ben; adjudicated by Dr. Cy" in page
