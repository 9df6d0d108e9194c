"""Labels go to the patient, the frame and the image that they were given for: in the real
window, read from the database.
"""

from __future__ import annotations

import shutil
import sqlite3
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from endoscope_app.labels.commands import REMOVE_LOST
from endoscope_app.labels.identity_dialog import IdentityDialog
from endoscope_app.labels.library import edits
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.labels.library.records import FrameMoment, Procedure
from endoscope_app.labels.wording import WITHHELD
from tests.endoscope_app.app_session import Session, running
from tests.endoscope_app.clips import make_clip
from tests.endoscope_app.label_library import READER
from tests.endoscope_app.label_session import give, go, in_front, labels, ready, store
from tests.model_factory import make_model_dir
from tests.places import FIXTURES


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model_dir(tmp_path_factory.mktemp("model") / "m")


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clips") / "procedure.mp4", count=20)


@pytest.fixture
def session(qtbot: QtBot, tmp_path: Path, model: Path) -> Iterator[Session]:
    with running(tmp_path / "data", model) as session:
        session.until(lambda: not session.app.labels.session.not_open_because, "the library")
        yield session


def image(number: int, seed: int = 0) -> NDArray[Any]:
    """Noise over a colour of its own, so that no two images are alike."""
    generator = np.random.default_rng(1000 * seed + number)
    base = np.full((48, 64, 3), generator.integers(0, 200, 3), np.uint8)
    return np.asarray(base + generator.integers(0, 50, base.shape, np.uint8))


def write(folder: Path, numbers: list[int], seed: int = 0) -> Path:
    folder.mkdir(exist_ok=True)
    for number in numbers:
        assert cv2.imwrite(str(folder / f"s_{number:03d}.bmp"), image(number, seed))
    return folder


def question(session: Session) -> IdentityDialog:
    found = session.app.labels.identity.question
    assert found is not None
    in_front(session, found)
    return found


def rows(session: Session) -> list[tuple[str, int, int]]:
    """(fingerprint, frame index, class) of every frame label, straight from the file."""
    with sqlite3.connect(session.app._data.labels / "labels.sqlite") as connection:
        return connection.execute(
            "SELECT fingerprint, frame_index, class_id FROM frame_labels ORDER BY 1, 2"
        ).fetchall()


def identity(session: Session) -> str:
    assert session.app.viewing.info is not None
    return session.app.viewing.info.fingerprint


def label_range(session: Session, first: int, last: int, key: str) -> None:
    for frame, mark in ((first, "I"), (last, "O")):
        go(session, frame)
        session.press(mark)
    session.press(key)


def reopened(session: Session, path: Path) -> None:
    """Open, and wait until the new content is on screen."""
    session.open(path)
    session.until(
        lambda: session.app.viewing.info is not None and session.app.viewing.info.path == path,
        "the folder",
    )


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
    classes = [one.id for one in session.app.labels.session.panel_classes()]
    # s_001 is image 1 now, s_005 image 5, s_012 image 12; the range goes from s_007 to s_009
    assert rows(session) == [(now, 1, classes[0]), (now, 5, classes[1]), (now, 12, classes[2])]
    assert [(one.first_index, one.last_index) for one in store(session).read.ranges(now)] == [
        (7, 9)
    ]
    assert np.flatnonzero(session.app.labels.labels.states.kind >= 0).tolist()[:2] == [1, 5]
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
    assert session.app.viewing.info is not None
    count = session.app.viewing.info.frame_count
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
    assert not (session.app.labels.labels.states.kind >= 0).any()
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
    assert not (session.app.labels.labels.states.kind >= 0).any()
    session.press("2")
    assert len(store(session).read.frame_labels(identity(session))) == 1
    asked._take("It is another: keep them hidden")
    assert session.app.labels.procedure.fingerprint == ""
    reopened(session, clip)
    QTest.keyClick(question(session), Qt.Key.Key_Return)
    assert [label.frame_index for label in labels(session)] == [3]
    assert (session.app.labels.labels.states.kind >= 0).any()
    reopened(session, clip)
    assert session.app.labels.identity.question is None


def old_library(session: Session, folder: Path, png: bool) -> str:
    """As a version before noted a folder: by names and sizes, its labels by place."""
    info = session.app.viewing.info
    assert info is not None
    old = info.legacy_fingerprint
    library = store(session)
    labelled = library.read.frame_labels(info.fingerprint)
    library.apply(
        edits.clear_frames(library.read, info.fingerprint, [one.pts for one in labelled]), READER
    )
    library._open_connection().execute(
        "DELETE FROM procedures WHERE fingerprint = ?", (info.fingerprint,)
    )
    library.apply(
        edits.register_procedure(
            library.read, Procedure(old, folder.name, str(folder), info.frame_count, 1.0)
        ),
        READER,
    )
    for one in labelled:
        assert one.class_id is not None
        moment = FrameMoment(one.frame_index, one.frame_index, one.png if png else None)
        library.apply(edits.label_frames(library.read, old, [moment], one.class_id), READER)
    return old


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
    assert "1 label belongs to no frame of this recording" in session.message()
    assert np.flatnonzero(session.app.labels.labels.states.kind >= 0).tolist() == [3, 12]
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


def test_a_library_of_version_1_gets_no_second_classes(
    qtbot: QtBot, tmp_path: Path, model: Path, clip: Path
) -> None:
    folder = tmp_path / "old" / "labels"
    folder.mkdir(parents=True)
    shutil.copy(FIXTURES / "labels_v1.sqlite", folder / "labels.sqlite")
    with running(tmp_path / "old", model) as session:
        session.open(clip)
        session.until(lambda: not session.app.labels.session.not_open_because, "the library")
        assert [one.name for one in session.app.labels.session.panel_classes()] == [
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


def write_video(path: Path, images: list[NDArray[Any]]) -> None:
    height, width = images[0].shape[:2]
    command = [
        "ffmpeg",
        "-v",
        "error",
        "-f",
        "rawvideo",
        "-pix_fmt",
        "bgr24",
        "-s",
        f"{width}x{height}",
        "-r",
        "25",
        "-i",
        "-",
        str(path),
    ]
    subprocess.run(command, input=b"".join(one.tobytes() for one in images), check=True)


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
    assert not (session.app.labels.labels.states.kind >= 0).any()


def test_labels_that_version_1_kept_by_frame_number_stay_at_their_frames(
    session: Session, shared_cases: Path, tmp_path: Path
) -> None:
    """Files whose clock restarts had running numbers for stamps; the same frames are known by
    byte position now.
    """
    joined = Path(shutil.copy(shared_cases / "same_part_twice.ts", tmp_path / "joined.ts"))
    ready(session, joined)
    info = session.app.viewing.info
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
    stamps = session.app.viewing.stamps
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
