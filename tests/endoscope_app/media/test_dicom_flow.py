"""A reader's day with DICOM files: opened, labelled by key, analysed, reported; and nothing of the
patient's tags in any file of the program.
"""

from __future__ import annotations

import logging
import zipfile
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from endoscope_app.worklist.commands import ADD_FOLDER
from tests.endoscope_app import dicom_files
from tests.endoscope_app.app_session import Session, running
from tests.endoscope_app.clips import make_clip, numbered_picture, read_number
from tests.endoscope_app.label_session import give, labels, ready
from tests.endoscope_app.report import report_session
from tests.present import present

FORMATS = ("html", "pdf", "csv", "xlsx")


def planted(folder: Path) -> dict[str, list[str]]:
    """File -> the markers in it or in its name, also as Windows writes text."""
    found = {}
    for path in (path for path in folder.rglob("*") if path.is_file()):
        data = path.read_bytes() + str(path.relative_to(folder)).encode()
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                data += b"".join(archive.read(name) for name in archive.namelist())
        held = [
            marker
            for marker in dicom_files.MARKERS
            if any(marker.encode(coding) in data for coding in ("utf-8", "utf-16-le", "utf-16-be"))
        ]
        if held:
            found[path.name] = held
    return found


def made(kind: str, folder: Path) -> Path:
    """A DICOM file of 12 frames."""
    if kind == "video":
        stream = make_clip(folder / "stream.ts", 12, codec="mpeg2video", b_frames=0)
        return dicom_files.video(folder / "IM0001", stream, dicom_files.MPEG2)
    images = [numbered_picture(number) for number in range(12)]
    if kind == "images with times":
        return dicom_files.jpegs(folder / "IM0002", images, FrameTime="40")
    if kind == "folder":
        (folder / "SE1").mkdir()
        for number, image in enumerate(images):
            dicom_files.plain(folder / "SE1" / f"IM{number:04d}", [image])
        return folder / "SE1"
    return dicom_files.plain(folder / "IM0003.dcm", images)


@pytest.mark.parametrize("kind", ["video", "images with times", "stills", "folder"])
def test_labelled_analysed_reported_and_nothing_of_the_patient_kept(
    qtbot: QtBot, tmp_path: Path, model: Path, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    archive = tmp_path / "archive"
    archive.mkdir()
    path = made(kind, archive)
    assert planted(archive)
    out = tmp_path / "out"
    out.mkdir()
    with running(tmp_path / "data", model) as session, caplog.at_level(logging.DEBUG):
        ready(session, path)
        assert read_number(present(session.app.prediction_view.frame).image) == 0
        give(session, {3: "5", 7: "3"})
        session.until(lambda: len(labels(session)) == 2, "two labels")
        session.until(session.analysed, "every frame analysed")
        dialog = report_session.opened(session)
        for suffix in FORMATS:
            assert report_session.saved(session, dialog, out / f"report.{suffix}")
        dialog.close()
        session.press("Ctrl+Home")
        session.app.tasks.wait()
    assert not planted(tmp_path / "data")
    assert not planted(out)
    assert not [marker for marker in dicom_files.MARKERS if marker in caplog.text]
    moved = path.rename(tmp_path / ("elsewhere" + path.suffix))
    with running(tmp_path / "data", model) as session:
        ready(session, moved)
        assert sorted(label.frame_index for label in labels(session)) == [3, 7]


def test_a_dicom_file_is_chosen_in_the_dialog_and_a_refused_one_leaves_the_procedure(
    session: Session, tmp_path: Path
) -> None:
    good = made("video", tmp_path)
    ready(session, good)
    bad = dicom_files.plain(tmp_path / "deep.dcm", [numbered_picture(1)], BitsAllocated=16)
    session.app.open(bad)
    session.until(lambda: "16 bits per sample" in session.message(), "why not")
    assert "Export it from its viewer" in session.message()
    assert present(session.app.player.info).path == good


def test_a_disc_is_added_to_the_worklist_and_analysed(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disc = tmp_path / "DICOM"
    disc.mkdir()
    for kind in ("video", "folder"):
        made(kind, disc)
    (disc / "stream.ts").unlink()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(disc))
    session.app.window.action(ADD_FOLDER).trigger()

    def lines() -> list[tuple[str, str, str]]:
        entries = session.app.worklist.view.entries
        return sorted((entry.path.name, entry.kind, entry.state) for entry in entries)

    wanted = [("IM0001", "video", "analysed"), ("SE1", "folder", "analysed")]
    session.until(lambda: lines() == wanted, "both analysed")
