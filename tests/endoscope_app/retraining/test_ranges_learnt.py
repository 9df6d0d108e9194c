"""What is labelled by keys in the real window is what a retraining reads: ranges by the
settings, none of these, patients, right frames.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QCheckBox,
    QDialogButtonBox,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QTableWidget,
    QWidget,
)

from endoscope_app.base.paths import shipped_model
from endoscope_app.labels.commands import PATIENTS
from endoscope_app.labels.patients_dialog import PATIENT, PatientsDialog
from endoscope_app.retraining.plan.checking_list import CheckingList
from endoscope_app.retraining.training_dialog import TrainingDialog
from endoscope_app.shell.settings_dialog import SettingsDialog
from kd_core.schema.held_out import read_held_out
from kd_core.schema.reader_labels import NONE_OF_THESE
from tests.endoscope_app.app_session import Session, running
from tests.endoscope_app.clips import make_clip, read_number
from tests.endoscope_app.label_session import go, in_front, ready, store
from tests.endoscope_app.retraining_stage import FAKE, press
from tests.present import present

KEY = Qt.Key
CONTROL = Qt.KeyboardModifier.ControlModifier
FIRST, SECOND = "bbps-0-1", "bbps-2-3"  # the classes on keys 1 and 2
THIRD = "cecum"


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two recordings in one folder whose names begin alike."""
    folder = tmp_path_factory.mktemp("clips")
    return make_clip(folder / "K7_part1.mp4", 40), make_clip(folder / "K7_part2.mp4", 30)


@pytest.fixture
def session(qapp: object, tmp_path: Path) -> Iterator[Session]:
    with running(tmp_path / "data", shipped_model()) as made:
        made.app.retraining.flow.process._trainer = (sys.executable, FAKE, "says_words")
        yield made


def key(
    session: Session, pressed: KEY, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    in_front(session, session.app.window)
    QTest.keyClick(session.app.window, pressed, modifier)


def label_range(session: Session, first: int, last: int, digit: KEY) -> None:
    before = len(store(session).read.ranges(session.app.labels.procedure.fingerprint))
    for frame, pressed in ((first, KEY.Key_I), (last, KEY.Key_O)):
        go(session, frame)
        key(session, pressed)
    key(session, digit)
    session.until(
        lambda: (
            len(store(session).read.ranges(session.app.labels.procedure.fingerprint)) == before + 1
        ),
        "the range",
    )


def label_frame(session: Session, frame: int, pressed: KEY) -> None:
    go(session, frame)
    key(session, pressed)
    fingerprint = session.app.labels.procedure.fingerprint
    session.until(
        lambda: any(
            label.frame_index == frame for label in store(session).read.frame_labels(fingerprint)
        ),
        "the label",
    )


def training(session: Session) -> TrainingDialog:
    key(session, KEY.Key_T, CONTROL)
    session.until(lambda: session.app.retraining.flow.dialog is not None, "the dialog")
    dialog = session.app.retraining.flow.dialog
    assert dialog is not None
    session.until(lambda: not dialog._is_counting, "the labels counted")
    return dialog


def run(session: Session, dialog: TrainingDialog) -> Path:
    """Start, wait for the end, and give the run's folder."""
    press(dialog, "Start")
    session.until(lambda: dialog.state == "ended", "the end of the run")
    made = session.app.retraining.flow.running.run
    assert made is not None
    dialog.close()
    session.until(lambda: session.app.retraining.flow.dialog is None, "the dialog is gone")
    return made.folder


def manifest(run_folder: Path) -> list[dict[str, str]]:
    return list(csv.DictReader((run_folder / "labels" / "manifest.csv").read_text().splitlines()))


def by_number(run_folder: Path) -> dict[int, str]:
    """The number that is drawn into each written image -> its label."""
    return {
        _number(run_folder / "labels" / row["file"]): row["label"] for row in manifest(run_folder)
    }


def _number(path: Path) -> int:
    return read_number(np.asarray(cv2.imread(str(path))))


def choose_sampling(session: Session, step: int, thin: bool) -> None:
    """In the settings, by keys."""
    key(session, KEY.Key_Comma, CONTROL)
    session.until(lambda: bool(session.app.window.findChildren(SettingsDialog)), "the settings")
    dialog = session.app.window.findChildren(SettingsDialog)[-1]
    spin = next(
        widget
        for widget in dialog.findChildren(QSpinBox)
        if widget.accessibleName() == "Frames of a range that are trained on"
    )
    box = next(
        box
        for box in dialog.findChildren(QCheckBox)
        if box.text() == "Leave out frames that look almost like the one before"
    )
    in_front(session, dialog)
    spin.setFocus()
    QTest.keyClick(spin, KEY.Key_A, CONTROL)
    QTest.keyClicks(spin, str(step))
    if box.isChecked() != thin:
        box.setFocus()
        QTest.keyClick(box, KEY.Key_Space)
    (buttons,) = dialog.findChildren(QDialogButtonBox)
    QTest.mouseClick(buttons.button(QDialogButtonBox.StandardButton.Ok), Qt.MouseButton.LeftButton)
    session.until(
        lambda: (
            session.app.settings.now.range_step == step
            and session.app.settings.now.thin_ranges == thin
        ),
        "the settings taken",
    )


def test_two_ranges_by_keys_are_learnt_by_the_settings(
    session: Session, clips: tuple[Path, Path]
) -> None:
    ready(session, clips[0])
    label_range(session, 0, 19, KEY.Key_1)
    label_range(session, 20, 39, KEY.Key_2)
    label_frame(session, 10, KEY.Key_X)
    label_frame(session, 22, KEY.Key_3)
    dialog = training(session)
    words = dialog.shown_text()
    # 0, 5, 15, 19 of the first range, 20, 25, 30, 35, 39 of the second, and the frame 22 by itself
    assert "At most 10 labelled frames of 1 procedure to learn from." in words
    assert "1 frame marked as none of these: taught as “not sure”." in words
    assert "1 procedure has no patient: it counts as a patient of its own." in words
    classes = dialog.findChildren(QTableWidget)[0]
    cells = [
        [present(classes.item(row, column)).text() for column in range(4)]
        for row in range(classes.rowCount())
    ]
    assert cells == [
        ["Poor preparation (BBPS 0-1)", "4", "4", "0"],
        ["Good preparation (BBPS 2-3)", "5", "5", "0"],
        ["Caecum", "1", "1", "0"],
    ]
    every_fifth = dict.fromkeys((0, 5, 15, 19), FIRST) | dict.fromkeys((20, 25, 30, 35, 39), SECOND)
    assert by_number(run(session, dialog)) == every_fifth | {10: NONE_OF_THESE, 22: THIRD}
    choose_sampling(session, 10, thin=False)
    dialog = training(session)
    assert "\n6 labelled frames of 1 procedure" in f"\n{dialog.shown_text().strip()}"
    every_tenth = {0: FIRST, 19: FIRST, 20: SECOND, 30: SECOND, 39: SECOND}
    assert by_number(run(session, dialog)) == every_tenth | {10: NONE_OF_THESE, 22: THIRD}


def test_procedures_of_one_patient_are_never_parted(
    session: Session, clips: tuple[Path, Path]
) -> None:
    for clip in clips:
        ready(session, clip)
        label_range(session, 0, 19, KEY.Key_1)
    dialog = training(session)
    listed = dialog.findChild(CheckingList)
    assert listed is not None
    assert [listed.item(row).text() for row in range(listed.count())] == [
        "K7_part1.mp4",
        "K7_part2.mp4",
    ]
    assert (
        "2 procedures have no patient: each counts as a patient of its own." in dialog.shown_text()
    )
    press(dialog, "Patients…")
    patients = session.app.labels.patients.dialog
    assert patients is not None
    in_front(session, patients)
    assert [(patients.text(row, 3), patients.text(row, 4)) for row in range(2)] == [
        ("", "K7"),
        ("", "K7"),
    ]
    QTest.keyClick(patients.findChildren(QTableWidget)[0], KEY.Key_Return)
    session.until(
        lambda: {procedure.patient for procedure in store(session).read.procedures()} == {"K7"},
        "both are of one patient",
    )
    session.until(lambda: listed.count() == 1, "the plan follows")
    assert listed.item(0).text() == "K7: K7_part1.mp4, K7_part2.mp4"
    assert "All labels are of one patient" in dialog.shown_text()
    folder = run(session, dialog)
    assert {row["patient"] for row in manifest(folder)} == {"K7"}
    sides = read_held_out(folder / "sides.json")
    assert (len(sides.held_out), len(sides.learnt)) == (0, 2)


def test_a_patient_is_typed_for_several_and_taken_back(
    session: Session, clips: tuple[Path, Path]
) -> None:
    for clip in clips:
        ready(session, clip)
        label_frame(session, 0, KEY.Key_1)
    # It has no key of its own: Alt leads through the menu
    session.app.window.action(PATIENTS).trigger()
    dialog = session.app.labels.patients.dialog
    assert dialog is not None
    in_front(session, dialog)
    (table,) = dialog.findChildren(QTableWidget)

    def known() -> list[str]:
        return [
            one.patient
            for one in sorted(store(session).read.procedures(), key=lambda one: one.name)
        ]

    QTest.keyClick(table, KEY.Key_A, CONTROL)
    (name,) = [
        field
        for field in dialog.findChildren(QLineEdit)
        if field.accessibleName().startswith("Pseudonym")
    ]
    name.setFocus()
    QTest.keyClicks(name, "Kolibri")
    QTest.keyClick(name, KEY.Key_Return)
    session.until(lambda: known() == ["Kolibri", "Kolibri"], "typed for both")
    edit_cell(dialog, table, 1, "Specht")
    session.until(lambda: known() == ["Kolibri", "Specht"], "typed into a cell")
    QTest.keyClick(dialog, KEY.Key_Z, CONTROL)
    session.until(lambda: known() == ["Kolibri", "Kolibri"], "the last taken back")
    QTest.keyClick(dialog, KEY.Key_Z, CONTROL)
    session.until(lambda: known() == ["", ""], "all taken back")
    assert [
        button.text()
        for button in dialog.findChildren(QPushButton)
        if button.text() == "&Undo" and button.isEnabled()
    ] == []


def edit_cell(dialog: PatientsDialog, table: QTableWidget, row: int, text: str) -> None:
    """F2, the text, Return."""
    table.setCurrentCell(row, PATIENT)
    table.setFocus()
    QTest.keyClick(table, KEY.Key_F2)
    editor: QWidget = next(field for field in table.findChildren(QLineEdit) if field.isVisible())
    QTest.keyClick(editor, KEY.Key_A, CONTROL)
    QTest.keyClicks(editor, text)
    QTest.keyClick(editor, KEY.Key_Return)
