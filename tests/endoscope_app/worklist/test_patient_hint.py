"""A DICOM file's patient suggests a pseudonym, and is kept nowhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from endoscope_app.base.paths import shipped_model
from endoscope_app.worklist.entry import Entry
from endoscope_app.worklist.folder_contents import Found
from endoscope_app.worklist.patient_suggestion import PatientMarks, Suggestion, suggested
from endoscope_app.worklist.worklist_store import WorklistStore
from tests.endoscope_app import dicom_files
from tests.endoscope_app.app_session import Session, running
from tests.endoscope_app.clips import make_clip, numbered_picture
from tests.endoscope_app.media.test_dicom_flow import planted
from tests.present import present

IMAGES = [numbered_picture(3)]
OTHER: dict[str, Any] = {"PatientID": "HOSP-1", "PatientName": "Other^One"}


def entry(number: int, path: Path, patient: str = "") -> Entry:
    return Entry(number, path, patient=patient)


def test_files_of_one_patient_suggest_the_same_pseudonym(tmp_path: Path) -> None:
    first = entry(1, dicom_files.plain(tmp_path / "a.dcm", IMAGES), "Patient 7")
    again = entry(
        2,
        dicom_files.jpegs(tmp_path / "b", IMAGES, PatientName=f"{dicom_files.MARKERS[0].upper()} "),
    )
    other = entry(3, dicom_files.plain(tmp_path / "c.dcm", IMAGES, **OTHER))
    nameless = entry(4, dicom_files.plain(tmp_path / "d.dcm", IMAGES, PatientID="", PatientName=""))
    video = entry(5, make_clip(tmp_path / "e.mp4", 3))
    (tmp_path / "F").mkdir()
    dicom_files.plain(tmp_path / "F" / "IM1", IMAGES)
    folder = entry(6, tmp_path / "F")
    entries = [first, again, other, nameless, video, folder]
    marks = PatientMarks()

    def suggests(*chosen: Entry) -> Suggestion | None:
        return suggested(chosen, entries, {"Patient 11"}, marks)

    assert suggests(again) == suggests(folder) == suggests(again, folder)
    assert suggests(again) == Suggestion("Patient 7", "a.dcm")
    assert suggests(other) == Suggestion("Patient 12")
    for chosen in ([nameless], [video], [first], [other, again], []):
        assert suggests(*chosen) is None
    assert PatientMarks().of(first.path) != marks.of(first.path)


def choose(session: Session, path: Path) -> QLineEdit:
    """The field for the pseudonym, with this line chosen and the keyboard in it."""
    worklist = session.app.worklist
    worklist.view.refresh()
    session.app.window.worklist.table.choose(present(worklist.view.entry_at(path)).id)
    field = present(session.app.window.worklist.findChild(QLineEdit, "patient"))
    field.setFocus()
    return field


def test_enter_in_the_empty_field_takes_the_suggestion(
    qtbot: QtBot, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    first = dicom_files.plain(tmp_path / "IM1.dcm", IMAGES)
    again = dicom_files.jpegs(tmp_path / "IM2.dcm", IMAGES)
    with running(tmp_path / "data", shipped_model()) as session:
        session.until(lambda: not session.app.labels.session.not_open_because, "the library")
        store = WorklistStore(lambda: session.app.labels.session.store)
        store.add([Found(first, 0.0), Found(again, 0.0)], wanted=False)

        def patients() -> list[str]:
            return [entry.patient for entry in session.app.worklist.view.entries]

        field = choose(session, first)
        session.until(lambda: field.placeholderText() == "Patient 1 (new): Enter", "a new one")
        QTest.keyClick(field, Qt.Key.Key_Return)
        session.until(lambda: patients() == ["Patient 1", ""], "the pseudonym")
        assert field.placeholderText() == "Pseudonym"
        field = choose(session, again)
        session.until(lambda: field.placeholderText() == "Patient 1: Enter", "the same patient")
        assert "IM1.dcm, which is of the same patient" in field.toolTip()
        session.app.open(again)
        session.until(
            lambda: "“Patient 1” is suggested" in session.app.window.banner.toast.text(),
            "said on opening",
        )
        field = choose(session, again)
        QTest.keyClicks(field, "AB")
        QTest.keyClick(field, Qt.Key.Key_Return)
        session.until(lambda: patients() == ["Patient 1", "AB"], "what was typed")
    assert not planted(tmp_path / "data")
    assert not [marker for marker in dicom_files.MARKERS if marker in caplog.text]
