"""The switch for unlabelled frames, by keys in the real window: which frames reach the trainer's
folder, and that none of them is labelled or of a procedure that is kept for checking.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QLabel, QToolButton

from endoscope_app.base.paths import shipped_model
from endoscope_app.labels.exchange.training_selection import ProcedureFrames, TrainingSelection
from endoscope_app.labels.exchange.unlabelled_frames import (
    Moment,
    unlabelled_moments,
    write_unlabelled,
)
from endoscope_app.labels.library.records import Procedure, RangeLabel
from endoscope_app.retraining.plan import wording
from endoscope_app.retraining.training_dialog import TrainingDialog
from kd_core.schema.held_out import read_held_out
from kd_core.schema.unlabelled import MOST_MOMENTS
from tests.endoscope_app.app_session import Session, running
from tests.endoscope_app.clips import make_clip, read_number
from tests.endoscope_app.label_session import ready, store
from tests.endoscope_app.retraining.test_ranges_learnt import label_range, run, training
from tests.endoscope_app.retraining_stage import FAKE

KEY = Qt.Key


@pytest.fixture
def session(qapp: object, tmp_path: Path) -> Iterator[Session]:
    with running(tmp_path / "data", shipped_model()) as made:
        made.app.retraining.flow.process._trainer = (sys.executable, FAKE, "says_words")
        yield made


def switch(dialog: TrainingDialog) -> QCheckBox:
    """The box, with the rest unfolded."""
    fold = next(
        button for button in dialog.findChildren(QToolButton) if button.text() == "Advanced"
    )
    if not fold.isChecked():
        fold.setFocus()
        QTest.keyClick(fold, KEY.Key_Space)
    return next(
        box for box in dialog.findChildren(QCheckBox) if box.text() == wording.UNLABELLED_BOX
    )


def shown_numbers(folder: Path) -> list[list[int]]:
    """By moment, the numbers that are drawn into its images, in the table's order."""
    rows = csv.DictReader((folder / "unlabelled.csv").read_text().splitlines())
    moments: dict[str, list[int]] = {}
    for row in rows:
        image = np.asarray(cv2.imread(str(folder / row["file"])))
        moments.setdefault(row["moment"], []).append(read_number(image))
    return list(moments.values())


def test_frames_without_a_label_reach_the_trainer_with_their_neighbours(
    session: Session, tmp_path: Path
) -> None:
    for name, count in (("one", 40), ("two", 44)):
        ready(session, make_clip(tmp_path / f"{name}.mp4", count))
        label_range(session, 0, 15, KEY.Key_1)
        label_range(session, 20, 22, KEY.Key_2)
    dialog = training(session)
    box = switch(dialog)
    assert not box.isChecked()  # nobody asked for it
    assert wording.UNLABELLED_HINT in {label.text() for label in dialog.findChildren(QLabel)}
    box.setFocus()
    QTest.keyClick(box, KEY.Key_Space)
    assert dialog.choice.unlabelled
    folder = run(session, dialog)
    sides = read_held_out(folder / "sides.json")
    assert (len(sides.held_out), len(sides.learnt)) == (1, 1)
    rows = list(csv.DictReader((folder / "unlabelled" / "unlabelled.csv").read_text().splitlines()))
    assert {row["group"] for row in rows} == set(sides.learnt)
    found = shown_numbers(folder / "unlabelled")
    (fingerprint,) = sides.learnt
    (count,) = (
        each.frame_count
        for each in store(session).read.procedures()
        if each.fingerprint == fingerprint
    )
    middles = [frames[1] for frames in found]
    apart = found[0][1] - found[0][0]
    # half a second on both sides, and nothing between that has a label
    assert middles == [
        frame for frame in range(apart, count - apart) if frame > 15 and not 20 <= frame <= 22
    ]
    assert all(
        frames == [mid - apart, mid, mid + apart]
        for frames, mid in zip(found, middles, strict=True)
    )
    words = json.loads((folder / "words.json").read_text())
    told = Path(words[words.index("--unlabelled") + 1])
    assert told == folder / "unlabelled" / "unlabelled.csv"


def test_without_the_switch_nothing_is_written_or_told(session: Session, tmp_path: Path) -> None:
    ready(session, make_clip(tmp_path / "one.mp4", 40))
    label_range(session, 0, 15, KEY.Key_1)
    folder = run(session, training(session))
    assert not (folder / "unlabelled").exists()
    assert "--unlabelled" not in json.loads((folder / "words.json").read_text())


def selection(*procedures: Procedure) -> TrainingSelection:
    """Of each the frames 0 to 9 in a range, and frame 50."""
    span = RangeLabel(1, 0, 9, 0, 9, 1)
    made = []
    for procedure in procedures:
        index = np.array([0, 5, 9, 50], np.int64)
        made.append(
            ProcedureFrames(
                procedure,
                index,
                np.zeros(4, np.int32),
                np.array([1, 1, 1, -1], np.int64),
                index,
                np.ones(4, np.bool_),
                {},
                {1: span},
                np.zeros((4, 4), np.int32),
                np.full((4, 4), -1, np.int64),
            )
        )
    return TrainingSelection(("a",), ("a",), tuple(made))


def test_they_are_bounded_and_shared_out_evenly_over_procedures_and_time() -> None:
    long = [Procedure(name, name, "", 30_000, 1200.0) for name in ("one", "two")]
    found = unlabelled_moments(selection(*long), ("one", "two"))
    assert len(found) == MOST_MOMENTS
    first = [moment.frames[1] for moment in found if moment.fingerprint == "one"]
    assert len(first) == MOST_MOMENTS // 2
    gaps = np.diff(first)
    assert gaps.min() > 250
    assert gaps.max() < 350
    assert not {50, *range(10)} & {moment.frames[1] for moment in found}
    assert all(moment.frames[2] - moment.frames[1] == 12 for moment in found)  # of 25 a second


def test_none_is_of_a_procedure_that_is_not_learnt_from_nor_of_stills() -> None:
    video = Procedure("one", "one", "", 100, 4.0)
    checked = Procedure("two", "two", "", 100, 4.0)
    stills = Procedure("three", "three", "", 100, 4.0, stamp_kind="content")
    found = unlabelled_moments(selection(video, checked, stills), ("one", "three"))
    assert {moment.fingerprint for moment in found} == {"one"}
    assert Moment("one", (8, 20, 32)) in found


class Gone:
    """Procedures whose files are gone."""

    def pts(self, fingerprint: str, index: int) -> int | None:
        return index

    def image(self, fingerprint: str, index: int, pts: int) -> NDArray[np.uint8] | None:
        return None


def test_where_no_frame_can_be_read_there_is_no_table(tmp_path: Path) -> None:
    (tmp_path / "unlabelled").mkdir()
    (tmp_path / "unlabelled" / "unlabelled.csv").write_text("of an earlier writing")
    moments = [Moment("one", (8, 20, 32))]
    assert write_unlabelled(moments, tmp_path / "unlabelled", Gone()) == 0
    assert not (tmp_path / "unlabelled").exists()


def test_one_that_is_stopped_leaves_nothing_behind(tmp_path: Path) -> None:
    class There(Gone):
        def image(self, fingerprint: str, index: int, pts: int) -> NDArray[np.uint8]:
            return np.zeros((8, 8, 3), np.uint8)

    moments = [Moment("abcdef01", (frame, frame + 1, frame + 2)) for frame in range(3)]
    told: list[tuple[int, int]] = []
    folder = tmp_path / "unlabelled"

    def progress(done: int, total: int) -> None:
        told.append((done, total))

    assert write_unlabelled(moments, folder, There(), progress=progress) == 3
    assert told == [(1, 3), (2, 3), (3, 3)]
    assert len((folder / "unlabelled.csv").read_text().splitlines()) == 10
    answers = iter([False, True])
    assert write_unlabelled(moments, folder, There(), should_stop=lambda: next(answers)) == 0
    assert not folder.exists()
