"""Two readers of frames with a label in each of several groups: compared, adjudicated and learnt
from group by group.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from endoscope_app.labels.commands import BACK_UP_LABELS
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.labels.library.records import RangeLabel
from endoscope_app.second_reading.learnable import learnable_frames
from tests.endoscope_app.app_session import Session
from tests.endoscope_app.label_session import Answers, go, labels
from tests.endoscope_app.second_reading.reading_session import (
    CONTROL,
    SECOND,
    adjudicating,
    agreement,
    begin_blind,
    finish_blind,
    key,
    lines,
    mark,
)
from tests.endoscope_app.second_reading.test_adjudication import counted, names
from tests.present import present


@pytest.fixture
def differing(session: Session) -> Session:
    """Both see the polyp of frames 90 to 99; the first one calls the bowel clean, the second one
    does not. Frame 105: polyp and clean, of which the second one says none of these.
    """
    for pressed in ("5", "2"):
        mark(session, pressed, 90, 99)
        mark(session, pressed, 105, 105)
    begin_blind(session, SECOND)
    for pressed in ("5", "1"):
        mark(session, pressed, 90, 99)
    mark(session, "X", 105, 105)
    finish_blind(session)
    return session


def said(data: Path, index: int) -> set[str]:
    """The keys of the classes that the frame counts as."""
    with LabelStore(data / "labels") as store:
        procedure = store.read.procedures()[0].fingerprint
        ids = {span.class_id for span in store.read.ranges(procedure) if _covers(span, index)}
        ids |= {
            item.class_id or 0
            for item in store.read.frame_labels(procedure)
            if item.frame_index == index
        }
        return {store.read.label_class(number).key if number else "none" for number in ids}


def _covers(span: RangeLabel, index: int) -> bool:
    return span.first_index <= index <= span.last_index


def learnt(data: Path) -> set[int]:
    with LabelStore(data / "labels") as store:
        (frames,) = learnable_frames(data / "labels", store.read).values()
    return set(frames.nonzero()[0].tolist())


def test_only_the_group_in_which_readers_differ_is_adjudicated(
    differing: Session, data: Path
) -> None:
    session, name = differing, names(differing)
    assert {*range(90, 100)} <= learnt(data), "they agree on the polyp, which counts first"
    assert 105 not in learnt(data)
    dialog = adjudicating(session)
    assert not dialog.table.isColumnHidden(3)
    assert lines(dialog) == [
        ("10", name[1], name[0], ""),
        ("1", name[4], "None of these", ""),
    ]
    assert [present(dialog.table.item(line, 3)).text() for line in (0, 1)] == [
        "Preparation",
        "Pathology",
    ]
    key(session, "6")
    assert "this disagreement is about Preparation" in dialog.sentence.text()
    key(session, "2")
    counted(session, 0, name[0])
    assert said(data, 95) >= {"polyps", "bbps-0-1"}
    assert {*range(90, 100)} <= learnt(data)
    dialog.table.choose(0)
    key(session, "X")
    counted(session, 0, "nothing")
    assert said(data, 95) == {"polyps"}
    dialog.table.choose(1)
    key(session, "1")
    counted(session, 1, name[4])
    assert said(data, 105) == {"polyps", "bbps-2-3"}
    assert 105 in learnt(data)
    key(session, "2")
    counted(session, 1, "None of these")
    assert [item.class_id for item in labels(session) if item.frame_index == 105] == [None]
    QTest.keyClick(dialog.table, Qt.Key.Key_Z, CONTROL)
    counted(session, 1, name[4])
    assert said(data, 105) == {"polyps", "bbps-2-3"}


def test_kappa_is_of_each_group_and_stays_whatever_is_adjudicated(differing: Session) -> None:
    session, name = differing, names(differing)
    dialog = agreement(session)
    said_before = dialog.sentence.text()
    assert "21 frames labelled by both" in said_before
    assert "A frame with labels of several groups counts once in each." in said_before
    rows = {
        present(dialog.classes.item(line, 0)).text(): [
            present(dialog.classes.item(line, column)).text() for column in range(1, 5)
        ]
        for line in range(dialog.classes.rowCount())
    }
    assert rows[name[4]][:3] == ["11", "10", "10"]
    dialog.reject()
    adjudicating(session)
    key(session, "2")
    counted(session, 0, name[0])
    key(session, "2")
    counted(session, 1, "None of these")
    present(session.app.second_reading.adjudication.dialog).reject()
    assert agreement(session).sentence.text() == said_before


def test_a_second_reader_who_is_right_against_none_of_these_is_in_every_group(
    session: Session, data: Path
) -> None:
    mark(session, "X", 90, 90)
    go(session, 80)
    begin_blind(session, SECOND)
    for pressed in ("5", "2"):
        mark(session, pressed, 90, 90)
    finish_blind(session)
    dialog = adjudicating(session)
    assert lines(dialog) == [("1", "None of these", names(session)[4], "")]
    key(session, "2")
    counted(session, 0, names(session)[4])
    assert said(data, 90) == {"polyps", "bbps-2-3"}
    assert 90 in learnt(data)


def test_a_backup_holds_second_readings_in_a_file_beside_it(
    differing: Session, data: Path, tmp_path: Path
) -> None:
    session = differing
    files = Answers(tmp_path / "safe.sqlite")
    session.app.labels.exports.files = files  # type: ignore[assignment]
    session.app.window.action(BACK_UP_LABELS).trigger()
    session.until(lambda: "in safe-second.sqlite, beside it." in session.message(), "the backup")
    assert "All labels and their history are in safe.sqlite." in session.message()
    for name, said_of_it in (("safe", "bbps-2-3"), ("safe-second", "bbps-0-1")):
        folder = tmp_path / name
        folder.mkdir()
        (tmp_path / f"{name}.sqlite").rename(folder / "labels.sqlite")
        with LabelStore(folder) as store:
            procedure = store.read.procedures()[0].fingerprint
            spans = [span for span in store.read.ranges(procedure) if span.first_index == 90]
            classes = {store.read.label_class(span.class_id).key for span in spans}
            assert classes == {"polyps", said_of_it}
    weekly = list((data / "labels" / "second" / "backups").glob("labels-*.sqlite"))
    assert weekly, "the weekly one is the second library's own"
