"""Labels go to the patient, the frame and the image that they were given for, in the window."""

from __future__ import annotations

import shutil
import stat
from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from endoscope_app.labels.identity_wording import WITHHELD
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.labels.library.records import Procedure
from tests.endoscope_app.app_session import Session
from tests.endoscope_app.identity_session import (
    identity,
    image,
    label_range,
    question,
    reopened,
    rows,
    write,
    write_video,
)
from tests.endoscope_app.label_session import give, labels, ready, store


def test_a_still_in_front_moves_no_label(session: Session, tmp_path: Path) -> None:
    folder = write(tmp_path / "stills", list(range(1, 13)))
    ready(session, folder)
    give(session, {0: "1", 4: "2", 11: "3"})
    label_range(session, 6, 8, "5")
    write(folder, [0])
    reopened(session, folder)
    asked = question(session)
    assert "changed since it was labelled (4 labels)" in asked.text()
    assert [
        label.pixmap().isNull() for label in asked.findChildren(QLabel) if label.accessibleName()
    ] == [False, False]
    QTest.keyClick(asked, Qt.Key.Key_Return)
    now = identity(session)
    classes = [label_class.id for label_class in session.app.labels.session.panel_classes()]
    # s_001 is image 1 now, s_005 image 5, s_012 image 12; the range goes from s_007 to s_009
    assert rows(session) == [(now, 1, classes[0]), (now, 5, classes[1]), (now, 12, classes[2])]
    assert [(span.first_index, span.last_index) for span in store(session).read.ranges(now)] == [
        (7, 9)
    ]
    assert np.flatnonzero(session.app.labels.procedure_labels.states.kind >= 0).tolist()[:2] == [
        1,
        5,
    ]
    assert session.message() == "4 labels carried over."
    session.press("Ctrl+Z")
    assert [index for _, index, _ in rows(session)] == [0, 4, 11]


def test_the_case_of_the_still_added_in_front(
    session: Session, shared_cases: Path, tmp_path: Path
) -> None:
    source = shared_cases / "stills_one_added_in_front"
    folder = tmp_path / "stills"
    shutil.copytree(source, folder)
    first = sorted(folder.iterdir())[0]
    kept = first.read_bytes()
    first.unlink()
    ready(session, folder)
    assert session.app.player.info is not None
    count = session.app.player.info.frame_count
    give(session, {0: "1", count - 1: "2"})
    first.write_bytes(kept)
    reopened(session, folder)
    QTest.keyClick(question(session), Qt.Key.Key_Return)
    assert [index for _, index, _ in rows(session)] == [1, count]


def test_labels_whose_image_is_gone_stay_and_are_counted(session: Session, tmp_path: Path) -> None:
    folder = write(tmp_path / "stills", list(range(10)))
    ready(session, folder)
    give(session, {2: "1", 5: "2"})
    label_range(session, 6, 8, "3")
    before = identity(session)
    (folder / "s_002.bmp").unlink()
    (folder / "s_007.bmp").unlink()
    reopened(session, folder)
    QTest.keyClick(question(session), Qt.Key.Key_Return)
    now = identity(session)
    assert [(film, index) for film, index, _ in rows(session)] == sorted([(before, 2), (now, 4)])
    assert len(store(session).read.ranges(before)) == 1
    assert (
        session.message()
        == "1 label carried over. 1 label stays with the old content: the image is gone or is"
        " another one now. 1 label stays with the old content: images were added inside the"
        " range or taken out of it."
    )


def test_esc_shows_and_changes_nothing(session: Session, tmp_path: Path) -> None:
    folder = write(tmp_path / "stills", list(range(6)))
    ready(session, folder)
    give(session, {2: "1"})
    write(folder, [6])
    before, entries = rows(session), len(list(store(session).read.journal_rows()))
    reopened(session, folder)
    QTest.keyClick(question(session), Qt.Key.Key_Escape)
    assert session.app.labels.identity.question is None
    give(session, {3: "2"})
    assert session.message() == WITHHELD
    assert rows(session) == before
    assert len(list(store(session).read.journal_rows())) == entries
    assert not (session.app.labels.procedure_labels.states.kind >= 0).any()
    reopened(session, folder)
    assert question(session).isVisible()


def test_a_known_identity_with_another_first_image_is_asked_about_before_anything_is_shown(
    session: Session, clip: Path
) -> None:
    ready(session, clip)
    give(session, {3: "1"})
    images = session.app.labels.images
    session.until(lambda: images._first.has(identity(session)), "the first image")
    known = store(session).read.procedure(identity(session))
    assert known is not None
    other = Procedure(
        **{
            **{name: getattr(known, name) for name in known.__slots__},
            "first_image": "00" * 192,
            "frame_count": 19,
        }
    )
    connection = store(session)._open_connection()
    connection.execute(
        "UPDATE procedures SET first_image = ?, frame_count = 19", (other.first_image,)
    )
    reopened(session, clip)
    asked = question(session)
    assert "another number of frames and another first image" in asked.text()
    texts = [label.text() for label in asked.findChildren(QLabel)]
    assert {"19 frames", "20 frames", "1 label", "As it was labelled", "As it is now"} <= set(texts)
    assert not (session.app.labels.procedure_labels.states.kind >= 0).any()
    session.press("2")
    assert len(store(session).read.frame_labels(identity(session))) == 1
    asked._take("It is another: keep them hidden")
    assert session.app.labels.procedure.fingerprint == ""
    reopened(session, clip)
    QTest.keyClick(question(session), Qt.Key.Key_Return)
    assert [label.frame_index for label in labels(session)] == [3]
    assert (session.app.labels.procedure_labels.states.kind >= 0).any()
    reopened(session, clip)
    assert session.app.labels.identity.question is None


def test_a_small_first_image_is_kept_beside_the_labels_for_the_reader_alone(
    session: Session, clip: Path
) -> None:
    ready(session, clip)
    folder = session.app._data.labels / "first"
    assert not folder.exists()
    give(session, {3: "1"})
    path = folder / f"{identity(session)}.png"
    session.until(path.exists, "the first image")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with LabelStore(session.app._data.labels) as reader:
        noted = reader.read.procedure(identity(session))
    assert noted is not None
    assert (noted.stamp_kind, noted.width > 0, len(noted.first_image)) == ("pts", True, 384)


def test_another_recording_under_the_same_name_gets_no_label_by_the_default(
    session: Session, clip: Path, tmp_path: Path
) -> None:
    """As recorders do that call every patient's file VIDEO001."""
    path = tmp_path / "VIDEO001.mp4"
    shutil.copy(clip, path)
    ready(session, path)
    give(session, {3: "1"})
    before = identity(session)
    path.unlink()
    write_video(path, [image(number, seed=7) for number in range(20)])
    reopened(session, path)
    QTest.keyClick(question(session), Qt.Key.Key_Return)
    assert identity(session) != before
    assert [(film, index) for film, index, _ in rows(session)] == [(before, 3)]
    give(session, {4: "2"})
    assert sorted((film, index) for film, index, _ in rows(session)) == sorted(
        [(before, 3), (identity(session), 4)]
    )


def test_two_folders_of_equal_names_and_sizes_are_two_patients(
    session: Session, shared_cases: Path
) -> None:
    ready(session, shared_cases / "bmp_procedure_A")
    give(session, {0: "1"})
    first = identity(session)
    reopened(session, shared_cases / "bmp_procedure_B")
    assert identity(session) != first
    assert session.app.labels.identity.question is None
    assert labels(session) == []
    assert not (session.app.labels.procedure_labels.states.kind >= 0).any()
