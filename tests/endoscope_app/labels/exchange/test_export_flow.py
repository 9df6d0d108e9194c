"""Labels out through the window: work in the background, its end in words."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import cv2
import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QCheckBox,
)

from endoscope_app.labels.commands import (
    EXPORT_LABELS,
)
from endoscope_app.labels.library import edits
from endoscope_app.labels.library.records import FrameMoment
from tests.endoscope_app.app_session import Session
from tests.endoscope_app.clips import read_number
from tests.endoscope_app.dialog_text import text_of
from tests.endoscope_app.exchange_session import (
    export,
    untick,
    with_range,
)
from tests.endoscope_app.inner_widgets import choose_format
from tests.endoscope_app.label_session import Answers, give, go, in_front, labels
from tests.present import present


def test_the_whole_library_or_one_procedure_and_names_only_on_request(
    session: Session, tmp_path: Path
) -> None:
    give(session, {3: "1"})
    session.open(tmp_path / "films" / "other.mp4")
    give(session, {4: "2", 5: "2"})
    assert text_of(export(session, tmp_path / "one.csv", "csv", "This procedure")).startswith(
        "2 labels of 1 procedure"
    )
    session.app.labels.exports.dialog.close()  # type: ignore[union-attr]
    dialog = export(session, tmp_path / "all", "csv", "The whole library", "By file name")
    assert text_of(dialog) == "3 labels of 2 procedures went to all.csv."
    assert "Miller, Anna" in (tmp_path / "all.csv").read_text()


def test_class_folders_take_kept_pictures_then_the_recording_and_say_what_is_missing(
    session: Session, tmp_path: Path
) -> None:
    give(session, {3: "1", 9: "2", 12: "X"})
    with_range(session, 15, 20)
    session.app.tasks.wait()
    kept = tmp_path / "data" / "labels" / "frames"
    first = labels(session)[0]
    assert first.png is not None
    (kept / first.png[:2] / f"{first.png}.png").unlink()
    session.app.window.action(EXPORT_LABELS).trigger()
    session.app.labels.exports.dialog.close()  # type: ignore[union-attr]
    dialog = export(session, tmp_path / "folders", "class folders")
    assert (
        text_of(dialog)
        == "8 images of 1 procedure went to folders. Class folders hold no place for 1 frame of"
        " none of the classes."
    )
    with (tmp_path / "folders" / "manifest.csv").open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert [
        path.name for path in (tmp_path / "folders" / "images").iterdir() if not path.is_dir()
    ] == []
    assert sorted(int(row["frame"]) for row in rows) == [3, 9, *range(15, 21)]
    for row in rows:
        picture = present(cv2.imread(str(tmp_path / "folders" / row["file"])))
        # identity is blanked: the left blocks are grey, the middle ones are as they were
        assert picture.shape == (192, 320, 3)
        assert np.ptp(picture[60:90, 2:20], axis=(0, 1)).tolist() == [0, 0, 0]
        assert (
            read_number(np.asarray(picture, np.uint8)) >> 3 & 0b11 == int(row["frame"]) >> 3 & 0b11
        )
    dialog.close()
    session.app.window.action(EXPORT_LABELS).trigger()
    untick(session, "Blank what may identify a patient")
    dialog = export(session, tmp_path / "as they were", "class folders")
    second = labels(session)[1]
    assert second.png is not None
    (exported,) = (tmp_path / "as they were" / "images").rglob("*f000009*.png")
    own = kept / second.png[:2] / f"{second.png}.png"
    assert exported.read_bytes() == own.read_bytes(), "a copy, neither decoded nor encoded"
    assert exported.stat().st_ino != own.stat().st_ino, "whoever changes it must not change ours"
    dialog.close()
    go(session, 25)
    for film in (tmp_path / "films").iterdir():
        film.unlink()
    shutil.rmtree(kept)
    dialog = export(session, tmp_path / "nothing", "class folders", "The whole library")
    assert "Left out: 2 frames without a kept image" in text_of(dialog)


def test_an_export_is_stopped_by_cancel_and_a_problem_is_said(
    session: Session, tmp_path: Path
) -> None:
    fingerprint = session.app.labels.procedure.fingerprint
    give(session, {0: "1"})
    first = session.app.labels.session.panel_classes()[0].id
    stamps = session.app.player.stamps
    frames = [FrameMoment(int(stamps[index]), index) for index in range(30)]
    session.app.labels.writer.write(
        lambda library: edits.label_frames(library.read, fingerprint, frames, first)
    )
    exporting = session.app.labels.exports
    exporting.progressed.connect(
        lambda done, total: exporting.dialog.reject() if exporting.dialog and done == 1 else None
    )
    dialog = export(session, tmp_path / "stopped", "class folders")
    assert text_of(dialog) == "Stopped. No image of this export was left behind."
    assert dialog.isVisible()
    assert not list((tmp_path / "stopped").glob("**/*.png"))
    dialog.close()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("x")
    dialog = export(session, tmp_path / "full", "class folders")
    assert "not empty" in text_of(dialog)
    dialog.close()
    assert text_of(export(session, None, "json")) == ""


def test_ranges_are_all_their_frames_or_are_said_to_be_left_out(
    session: Session, tmp_path: Path
) -> None:
    """The file's own frames, counted without any of our readers."""
    give(session, {16: "2"})
    with_range(session, 15, 20)
    with_range(session, 18, 25)
    dialog = export(session, tmp_path / "coco.json", "coco")
    assert text_of(dialog) == "11 labelled frames of 1 procedure went to coco.json."
    written = json.loads((tmp_path / "coco.json").read_text(encoding="utf-8"))
    names = {category["id"]: category["name"] for category in written["categories"]}
    frames = {image["id"]: image["frame_id"] for image in written["images"]}
    first, second = (
        label_class.name for label_class in session.app.labels.session.panel_classes()[:2]
    )
    given = {
        frames[annotation["image_id"]]: names[annotation["category_id"]]
        for annotation in written["annotations"]
    }
    assert given == {index: second if index == 16 else first for index in range(15, 26)}
    assert {(image["width"], image["height"]) for image in written["images"]} == {(320, 192)}
    dialog.close()
    session.until(lambda: session.app.labels.exports.dialog is None, "the dialog closed")
    session.app.window.action(EXPORT_LABELS).trigger()
    dialog = present(session.app.labels.exports.dialog)
    assert dialog is not None
    session.app.labels.exports.files = Answers(tmp_path / "own.json")  # type: ignore[assignment]
    choose_format(dialog, "coco")
    box = next(
        box
        for box in dialog.findChildren(QCheckBox)
        if box.text().startswith("Every frame of ranges")
    )
    in_front(session, dialog)
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Space)
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    session.until(lambda: text_of(dialog) != "" and not dialog.running, "the end of the export")
    assert (
        text_of(dialog)
        == "1 label of 1 procedure went to own.json. 2 ranges left out, as you chose."
    )
