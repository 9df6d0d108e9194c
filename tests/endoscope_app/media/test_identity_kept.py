"""Labels of older libraries and of other files stand where they were given."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from endoscope_app.labels.commands import REMOVE_LOST
from endoscope_app.labels.library import edits
from endoscope_app.labels.library.records import FrameMoment, Procedure
from tests.endoscope_app.app_session import Session, running
from tests.endoscope_app.identity_session import (
    identity,
    old_library,
    question,
    reopened,
    rows,
    write,
)
from tests.endoscope_app.label_library import READER
from tests.endoscope_app.label_session import give, go, labels, ready, store
from tests.places import FIXTURES


def test_an_old_folder_keeps_its_labels_where_the_pixels_are_the_same(
    session: Session, tmp_path: Path
) -> None:
    """Two patients whose stills have equal names and sizes: only those that were labelled get
    the labels.
    """
    one, other = (
        write(tmp_path / "a", list(range(6)), seed=1),
        write(tmp_path / "b", list(range(6)), seed=2),
    )
    shutil.copy(one / "s_004.bmp", other / "s_004.bmp")  # the same image in both
    ready(session, one)
    give(session, {1: "1", 4: "2"})
    old = old_library(session, one, png=True)
    reopened(session, other)
    asked = question(session)
    assert "with the same names and sizes was labelled (2 labels)" in asked.text()
    QTest.keyClick(asked, Qt.Key.Key_Return)
    session.until(lambda: "carried over" in session.message(), "the comparison of the images")
    assert sorted((film, index) for film, index, _ in rows(session)) == sorted(
        [(identity(session), 4), (old, 1)]
    )
    assert (
        "1 label stays with the old content: the image is gone or is another one now."
        in session.message()
    )
    session.press("Ctrl+Z")
    reopened(session, one)
    QTest.keyClick(question(session), Qt.Key.Key_Return)
    session.until(
        lambda: "2 labels carried over." in session.message(), "the comparison of the images"
    )
    assert [(film, index) for film, index, _ in rows(session)] == [
        (identity(session), 1),
        (identity(session), 4),
    ]


def test_labels_stand_at_the_frame_of_their_stamp_and_those_of_none_can_be_removed(
    session: Session, clip: Path
) -> None:
    ready(session, clip)
    give(session, {3: "1", 9: "2", 12: "3"})
    where = identity(session)
    connection = store(session)._open_connection()
    # as an older count of frames, and an import of a stamp of no frame, left them
    pts = [label.pts for label in labels(session)]
    connection.execute("UPDATE frame_labels SET frame_index = 5 WHERE pts = ?", (pts[0],))
    connection.execute("UPDATE frame_labels SET pts = 999999999 WHERE pts = ?", (pts[1],))
    reopened(session, clip)
    assert "1 label belongs to no frame of this procedure" in session.message()
    assert np.flatnonzero(session.app.labels.procedure_labels.states.kind >= 0).tolist() == [3, 12]
    assert {label.pts: label.frame_index for label in labels(session)} == {
        pts[0]: 3,
        pts[2]: 12,
        999999999: 20,
    }
    session.app.window.action(REMOVE_LOST).trigger()
    assert [label.frame_index for label in store(session).read.frame_labels(where)] == [3, 12]
    session.press("Ctrl+Z")
    assert len(store(session).read.frame_labels(where)) == 3
    session.app.window.action(REMOVE_LOST).trigger()
    session.app.window.action(REMOVE_LOST).trigger()
    assert session.message() == "Every label of this procedure belongs to a frame."


def test_undo_follows_a_label_that_stands_elsewhere_now(session: Session, clip: Path) -> None:
    ready(session, clip)
    give(session, {3: "1"})
    give(session, {3: "2"})
    store(session)._open_connection().execute("UPDATE frame_labels SET frame_index = 7")
    reopened(session, clip)
    assert [label.frame_index for label in labels(session)] == [3]
    session.press("Ctrl+Z")
    first = session.app.labels.session.panel_classes()[0].id
    assert [(label.frame_index, label.class_id) for label in labels(session)] == [(3, first)]
    session.press("Ctrl+Z")
    assert labels(session) == []


def test_a_library_of_version_1_gets_no_second_classes(
    qtbot: QtBot, tmp_path: Path, model: Path, clip: Path
) -> None:
    folder = tmp_path / "old" / "labels"
    folder.mkdir(parents=True)
    shutil.copy(FIXTURES / "labels_v1.sqlite", folder / "labels.sqlite")
    with running(tmp_path / "old", model) as session:
        session.open(clip)
        session.until(lambda: not session.app.labels.session.not_open_because, "the library")
        assert [label_class.name for label_class in session.app.labels.session.panel_classes()] == [
            "Poor preparation (BBPS 0-1)",
            "Good preparation (BBPS 2-3)",
            "Caecum",
            "Impacted stool",
            "Polypen",
            "Ulcerative colitis",
            "polyps",
            "lesion",
            "diverticulum",
        ]
        assert session.app.window.bars._names[4] == "Polypen"
        assert session.message() == ""


def test_labels_that_version_1_kept_by_frame_number_stay_at_their_frames(
    session: Session, shared_cases: Path, tmp_path: Path
) -> None:
    """Files whose clock restarts had running numbers for stamps; the same frames are known by
    byte position now.
    """
    joined = Path(shutil.copy(shared_cases / "same_part_twice.ts", tmp_path / "joined.ts"))
    ready(session, joined)
    info = session.app.player.info
    assert info is not None
    assert (info.stamp_kind, info.frame_count) == ("position", 200)
    library = store(session)
    classes = session.app.labels.session.panel_classes()
    # As version 1 noted it: no kind of stamp
    noted = Procedure(info.fingerprint, joined.name, str(joined), 200, 8.0)
    library.apply(edits.register_procedure(library.read, noted), READER)
    library.apply(
        edits.label_frames(library.read, info.fingerprint, [FrameMoment(150, 150)], classes[0].id),
        READER,
    )
    ends = FrameMoment(10, 10), FrameMoment(120, 120)
    library.apply(
        edits.add_range(
            library.read, info.fingerprint, *ends, classes[1].id, library.new_id("range_labels")
        ),
        READER,
    )
    session.open(joined)
    session.until(lambda: "kept by frame number" in session.message(), "a word about it")
    stamps = session.app.player.stamps
    assert [(label.frame_index, label.pts) for label in labels(session)] == [(150, stamps[150])]
    (span,) = library.read.ranges(info.fingerprint)
    assert (span.first_index, span.last_index, span.first_pts, span.last_pts) == (
        10,
        120,
        stamps[10],
        stamps[120],
    )
    go(session, 150)
    session.press("Delete")
    assert labels(session) == []
    for _ in range(3):  # the removal, the stamping, and the range of before
        session.press("Ctrl+Z")
    assert library.read.ranges(info.fingerprint) == []
    assert [label.frame_index for label in labels(session)] == [150]
    for _ in range(2):
        session.press("Ctrl+Shift+Z")
    session.open(joined)
    assert "kept by frame number" not in session.message()
