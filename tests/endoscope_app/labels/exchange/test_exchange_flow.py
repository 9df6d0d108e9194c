"""Labels out and in again through the windows: the background's work, its end in words, imports
that are seen before they are written.
"""

from __future__ import annotations

import csv
import json
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QFileDialog,
    QLabel,
    QPushButton,
    QRadioButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from endoscope_app.labels.commands import (
    BACK_UP_LABELS,
    EXPORT_HISTORY,
    EXPORT_LABELS,
    IMPORT_LABELS,
    UNDO,
    UNDO_CLASSES,
)
from endoscope_app.labels.exchange.export_choice import ExportChoice
from endoscope_app.labels.exchange.export_dialog import ExportDialog
from endoscope_app.labels.exchange.export_work import ExportWork
from endoscope_app.labels.exchange.import_dialog import ImportDialog
from endoscope_app.labels.library import edits
from endoscope_app.labels.library.frame_pngs import FramePngs
from endoscope_app.labels.library.records import FrameMoment
from tests.endoscope_app.app_session import Session, running
from tests.endoscope_app.clips import make_clip, read_number
from tests.endoscope_app.inner_widgets import choose_format, class_combo
from tests.endoscope_app.label_session import Answers, give, go, in_front, labels, ready, store
from tests.model_factory import make_model_dir
from tests.present import present


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model_dir(tmp_path_factory.mktemp("model") / "m")


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clips")
    make_clip(folder / "Miller, Anna.mp4", count=30)
    make_clip(folder / "other.mp4", count=20, gop=3)
    return folder


@pytest.fixture
def session(qtbot: QtBot, tmp_path: Path, model: Path, clips: Path) -> Iterator[Session]:
    with running(tmp_path / "data", model) as session:
        shutil.copytree(clips, tmp_path / "films")
        yield ready(session, tmp_path / "films" / "Miller, Anna.mp4")


def with_range(session: Session, first: int, last: int) -> None:
    for index, key in ((first, "I"), (last, "O")):
        go(session, index)
        session.press(key)
    session.press("1")


def export(session: Session, path: Path | None, key: str, *chosen: str) -> ExportDialog:
    """Choose the format and the buttons with these texts, press Export, wait for the end."""
    exporting = session.app.labels.exports
    exporting.files = Answers(path)  # type: ignore[assignment]
    session.app.window.action(EXPORT_LABELS).trigger()
    dialog = exporting.dialog
    assert dialog is not None
    choose_format(dialog, key)
    for button in dialog.findChildren(QRadioButton):
        if any(button.text().startswith(text) for text in chosen):
            button.setChecked(True)
    next(one for one in dialog.findChildren(QPushButton) if one.text() == "Export…").click()
    session.until(lambda: not dialog.running, "the end of the export")
    return dialog


def _untick(session: Session, text: str) -> None:
    dialog = session.app.labels.exports.dialog
    assert dialog is not None
    next(box for box in dialog.findChildren(QCheckBox) if box.text() == text).setChecked(False)


def opened_import(session: Session, path: Path | None) -> ImportDialog:
    importing = session.app.labels.imports
    importing.files = Answers(path)  # type: ignore[assignment]
    session.app.window.action(IMPORT_LABELS).trigger()
    dialog = importing.dialog
    assert dialog is not None
    session.until(lambda: "Reading" not in dialog.words(), "the preview")
    return dialog


def go_button(dialog: ImportDialog) -> QPushButton:
    return next(one for one in dialog.findChildren(QPushButton) if one.text().startswith("Import"))


FILES = {
    "json": ["out.json"],
    "csv": ["out.csv"],
    "coco": ["out.json"],
    "class folders": ["out/manifest.csv"],
    "cvat": ["out/{film}.xml"],
    "label studio": ["out/image-tasks.json", "out/video-tasks.json"],
}


@pytest.mark.parametrize("key", FILES)
def test_a_round_trip_through_the_windows_brings_every_label_back(
    session: Session, tmp_path: Path, key: str
) -> None:
    given = {3: "1", 9: "2"} if key == "class folders" else {3: "1", 9: "2", 12: "X"}
    give(session, given)
    with_range(session, 15, 20)
    before, ranges = (
        labels(session),
        store(session).read.ranges(session.app.labels.procedure.fingerprint),
    )
    names = [name.format(film=session.app.labels.procedure.fingerprint[:12]) for name in FILES[key]]
    target = tmp_path / names[0].split("/")[0]
    dialog = export(session, target, key)
    what = (
        "9 labelled frames"
        if key in ("coco", "cvat")
        else "8 images"
        if key == "class folders"
        else "4 labels"
    )
    assert dialog.words().startswith(f"{what} of 1 procedure went to {target.name}"), dialog.words()
    assert not [
        path
        for path in tmp_path.rglob("*")
        if "films" not in path.parts and "data" not in path.parts and "Miller" in path.name
    ]
    assert not any(b"Miller" in (tmp_path / name).read_bytes() for name in names)
    dialog.close()
    for _ in range(len(given) + 1):
        session.press("Ctrl+Z")
    assert labels(session) == []
    for name in names:
        preview = opened_import(session, tmp_path / name)
        in_front(session, preview)
        QTest.keyClick(preview, Qt.Key.Key_Return)
        assert session.app.labels.imports.dialog is None, preview.words()
    kept = [replace(one, kind="class") if key == "class folders" else one for one in before]
    assert [(one.pts, one.frame_index, one.kind, one.class_id) for one in labels(session)] == [
        (one.pts, one.frame_index, one.kind, one.class_id) for one in kept
    ]
    found = store(session).read.ranges(session.app.labels.procedure.fingerprint)
    assert [(one.first_index, one.last_index, one.class_id) for one in found] == [
        (15, 20, ranges[0].class_id)
    ]
    assert session.app.window.action(UNDO).text().startswith("&Undo: import")
    assert session.app.labels.labels.states.kind[9] >= 0
    for _ in names:
        session.press("Ctrl+Z")
    assert labels(session) == []
    again = opened_import(session, tmp_path / names[0])
    assert go_button(again).isEnabled()


def test_the_whole_library_or_one_procedure_and_names_only_on_request(
    session: Session, tmp_path: Path
) -> None:
    give(session, {3: "1"})
    session.open(tmp_path / "films" / "other.mp4")
    give(session, {4: "2", 5: "2"})
    assert (
        export(session, tmp_path / "one.csv", "csv", "This procedure")
        .words()
        .startswith("2 labels of 1 procedure")
    )
    session.app.labels.exports.dialog.close()  # type: ignore[union-attr]
    dialog = export(session, tmp_path / "all", "csv", "The whole library", "By file name")
    assert dialog.words() == "3 labels of 2 procedures went to all.csv."
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
        dialog.words()
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
    _untick(session, "Blank what may identify a patient")
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
    assert "Left out: 2 frames without a kept image" in dialog.words()


def test_an_export_is_stopped_by_cancel_and_a_problem_is_said(
    session: Session, tmp_path: Path
) -> None:
    fingerprint = session.app.labels.procedure.fingerprint
    give(session, {0: "1"})
    first = session.app.labels.session.panel_classes()[0].id
    stamps = session.app.viewing.stamps
    frames = [FrameMoment(int(stamps[index]), index) for index in range(30)]
    session.app.labels.writer.write(
        lambda library: edits.label_frames(library.read, fingerprint, frames, first)
    )
    exporting = session.app.labels.exports
    exporting.progressed.connect(
        lambda done, total: exporting.dialog.reject() if exporting.dialog and done == 1 else None
    )
    dialog = export(session, tmp_path / "stopped", "class folders")
    assert dialog.words() == "Stopped. No image of this export was left behind."
    assert dialog.isVisible()
    assert not list((tmp_path / "stopped").glob("**/*.png"))
    dialog.close()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("x")
    dialog = export(session, tmp_path / "full", "class folders")
    assert "not empty" in dialog.words()
    dialog.close()
    assert export(session, None, "json").words() == ""


def test_the_journal_and_a_backup_are_written_in_the_background(
    session: Session, tmp_path: Path
) -> None:
    give(session, {3: "1", 9: "2"})
    exporting = session.app.labels.exports
    files = Answers(tmp_path / "journal")
    exporting.files = files  # type: ignore[assignment]
    session.app.window.action(EXPORT_HISTORY).trigger()
    session.until(lambda: session.message() == "The history is in journal.csv.", "the journal")
    with (tmp_path / "journal.csv").open(newline="", encoding="utf-8-sig") as file:
        assert [
            row["reader"] for row in csv.DictReader(file) if row["table"] == "frame_labels"
        ] == ["Dr. Test"] * 2
    files.path = tmp_path / "safe.sqlite"
    session.app.window.action(BACK_UP_LABELS).trigger()
    session.until(
        lambda: "All labels and their history are in safe.sqlite." in session.message(),
        "the backup",
    )
    connection = sqlite3.connect(tmp_path / "safe.sqlite")
    assert connection.execute("SELECT count(*) FROM frame_labels").fetchone() == (2,)
    connection.close()
    assert files.asked[0] == "history.csv"
    assert files.asked[1].endswith(".sqlite")
    files.path = tmp_path / "data" / "labels" / "labels.sqlite"
    session.app.window.action(BACK_UP_LABELS).trigger()
    session.until(lambda: "no place for this" in session.message(), "the refusal")
    assert len(labels(session)) == 2


def rewritten(path: Path, *pairs: tuple[str, str]) -> Path:
    text = path.read_text()
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text)
    return path


def test_conflicts_and_unknown_classes_are_the_readers_to_decide(
    session: Session, tmp_path: Path
) -> None:
    first, second = session.app.labels.session.panel_classes()[:2]
    give(session, {3: "1", 9: "2"})
    export(session, tmp_path / "out.csv", "csv").close()
    give(session, {3: "2"})
    rewritten(tmp_path / "out.csv", (second.key, "strange thing"), (second.name, "strange thing"))
    dialog = opened_import(session, tmp_path / "out.csv")
    assert "different from mine, which stay" in dialog.words()
    combo = class_combo(dialog, "strange thing")
    assert combo.currentData() == "new"
    combo.setCurrentIndex(combo.findData("leave out"))
    assert "left out with their class" in dialog.words()
    assert not go_button(dialog).isEnabled()
    combo.setCurrentIndex(combo.findData(second.id))
    assert "1\nthe same as mine\n1\ndifferent from mine" in dialog.words()
    next(
        one for one in dialog.findChildren(QRadioButton) if one.text() == "Take theirs"
    ).setChecked(True)
    assert "different from mine, which are replaced" in dialog.words()
    go_button(dialog).click()
    assert [label.class_id for label in labels(session)] == [first.id, second.id]
    assert [row.reader for row in store(session).read.journal_rows()][-1] == "Dr. Test"
    dialog = opened_import(session, rewritten(tmp_path / "out.csv", ("strange thing", "new one")))
    next(
        one for one in dialog.findChildren(QRadioButton) if one.text() == "Take theirs"
    ).setChecked(True)
    go_button(dialog).click()
    assert session.app.labels.session.panel_classes()[-1].name == "new one"
    assert labels(session)[1].class_id == session.app.labels.session.panel_classes()[-1].id
    session.press("Ctrl+Z")
    assert labels(session)[1].class_id == second.id
    session.app.window.action(UNDO_CLASSES).trigger()
    assert "new one" not in [one.name for one in session.app.labels.session.panel_classes()]


def test_a_file_that_is_none_and_labels_that_change_meanwhile_are_said_in_the_window(
    session: Session, tmp_path: Path
) -> None:
    (tmp_path / "letter.txt").write_text("Dear colleague")
    dialog = opened_import(session, tmp_path / "letter.txt")
    assert "not in a format" in dialog.words()
    assert not go_button(dialog).isEnabled()
    dialog.close()
    give(session, {3: "1"})
    export(session, tmp_path / "out.json", "json").close()
    session.press("Del")
    dialog = opened_import(session, tmp_path / "out.json")
    give(session, {3: "2"})
    go_button(dialog).click()
    assert dialog.isVisible()
    assert "changed in the meantime" in dialog.words()
    assert [label.class_id for label in labels(session)] == [
        session.app.labels.session.panel_classes()[1].id
    ]


def test_closing_the_program_stops_an_export(
    qtbot: QtBot, tmp_path: Path, model: Path, clips: Path
) -> None:
    with running(tmp_path / "data", model) as session:
        ready(session, clips / "other.mp4")
        give(session, {3: "1"})
        exporting = session.app.labels.exports
        exporting.files = Answers(tmp_path / "folders")  # type: ignore[assignment]
        session.app.window.action(EXPORT_LABELS).trigger()
        dialog = exporting.dialog
        assert dialog is not None
        choose_format(dialog, "class folders")
        dialog.export_requested.emit(dialog.choice)
    assert exporting._stop.is_set()


@pytest.fixture
def fresh(qtbot: QtBot, tmp_path: Path, model: Path, shared_cases: Path) -> Iterator[Session]:
    """A new, empty library, and base.mp4 open and never labelled."""
    with running(tmp_path / "data", model) as session:
        yield ready(session, shared_cases / "base.mp4")


def brought_in(session: Session, path: Path) -> str:
    """Import by keys alone; what the preview said."""
    preview = opened_import(session, path)
    said = preview.words()
    in_front(session, preview)
    QTest.keyClick(preview, Qt.Key.Key_Return)
    session.until(lambda: session.app.labels.imports.dialog is None, said)
    return said


@pytest.mark.parametrize(
    ("name", "frames"),
    [("csv_min.csv", {3: "polyps", 9: "cecum"}), ("cvat_task.xml", {3: "polyps", 15: "cecum"})],
)
def test_labels_come_into_the_open_procedure_of_a_new_library(
    fresh: Session, shared_cases: Path, name: str, frames: dict[int, str]
) -> None:
    assert "\n2\nnew\n" in brought_in(fresh, shared_cases / name)
    keys = {one.id: one.key for one in store(fresh).read.classes()}
    assert {one.frame_index: keys[one.class_id or 0] for one in labels(fresh)} == frames
    assert [one.pts for one in labels(fresh)] == [512 * index for index in frames]
    fresh.press("Ctrl+Z")
    assert labels(fresh) == []


def test_one_odd_row_is_named_in_the_preview_and_twelve_good_ones_are_written(
    fresh: Session, shared_cases: Path, tmp_path: Path
) -> None:
    film = (shared_cases / "csv_min.csv").read_text(encoding="utf-8").splitlines()[1].split(",")[1]
    good = [f"Polyp;{film};{index};{512 * index}" for index in range(12)]
    rows = [
        "sep=;",
        "label;procedure;frame;pts",
        *good[:6],
        f"Größe;{film};20;10240;one too many",
        *good[6:],
    ]
    (tmp_path / "a.csv").write_bytes("\r\n".join(rows).encode("cp1252"))
    said = brought_in(fresh, tmp_path / "a.csv")
    assert "\n12\nnew\n" in said
    assert "row 9: it has 5 cells, 1 more than the header" in said
    assert [one.frame_index for one in labels(fresh)] == list(range(12))
    database = sqlite3.connect(
        f"file:{tmp_path / 'data' / 'labels' / 'labels.sqlite'}?mode=ro", uri=True
    )
    assert database.execute(
        "SELECT count(*), count(DISTINCT pts) FROM frame_labels"
    ).fetchone() == (12, 12)
    database.close()


def test_labels_of_an_unknown_recording_come_in_only_when_the_reader_ticks_the_box(
    fresh: Session, tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_text(
        "label,procedure,frame\ncecum," + "12" * 20 + ",5\n", encoding="utf-8"
    )
    preview = opened_import(fresh, tmp_path / "a.csv")
    assert (
        "For the open procedure, base.mp4 (the file names a procedure that is not known here)"
        in preview.words()
    )
    assert not go_button(preview).isEnabled()
    box = next(one for one in preview.findChildren(QCheckBox) if one.isVisible())
    in_front(fresh, preview)
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Space)
    assert go_button(preview).isEnabled()
    QTest.keyClick(preview, Qt.Key.Key_Return)
    assert [one.frame_index for one in labels(fresh)] == [5]
    (tmp_path / "b.csv").write_text("label;frame\nPolyp;7\n", encoding="utf-8")
    assert "names no procedure" in brought_in(fresh, tmp_path / "b.csv")
    assert [one.frame_index for one in labels(fresh)] == [5, 7]


def test_after_a_file_dialog_the_keys_belong_to_the_export(session: Session) -> None:
    """A typed name or a digit after the system's dialog labelled frames in the main window."""
    give(session, {3: "1"})
    go(session, 9)
    before = labels(session)
    session.app.window.action(EXPORT_LABELS).trigger()
    dialog = session.app.labels.exports.dialog
    assert dialog is not None
    in_front(session, dialog)
    seen: list[QWidget | None] = []

    def give_up() -> None:
        asked = QApplication.activeModalWidget()
        assert isinstance(asked, QFileDialog)
        seen.append(asked.parentWidget())
        asked.reject()

    QTimer.singleShot(
        0,
        lambda: (
            session.until(lambda: QApplication.activeModalWidget() is not None, "the file dialog")
            or give_up()
        ),
    )
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    assert seen == [dialog]
    session.until(lambda: QApplication.activeWindow() is dialog, "the export in front again")
    focus = QApplication.focusWidget() or dialog
    assert dialog is focus or dialog.isAncestorOf(focus)
    for key in ("3", "1", "X"):
        QTest.keyClick(focus, key)  # type: ignore[call-overload]
    assert labels(session) == before


def test_the_dialog_says_which_program_each_format_is_for(session: Session) -> None:
    give(session, {3: "1"})
    session.app.window.action(EXPORT_LABELS).trigger()
    dialog = session.app.labels.exports.dialog
    assert dialog is not None
    box = next(one for one in dialog.findChildren(QComboBox) if one.accessibleName() == "Format")
    programs = (
        "this program",
        "Excel",
        "PyTorch",
        "FiftyOne",
        "CVAT: a file per procedure",
        "Label Studio: labelled frames",
    )
    in_front(session, dialog)
    box.setFocus()
    for program in programs:
        note = next(
            one
            for one in dialog.findChildren(QLabel)
            if one.accessibleName() == "What the format leaves out"
        )
        assert program in note.text()
        QTest.keyClick(box, Qt.Key.Key_Down)


def test_ranges_are_all_their_frames_or_are_said_to_be_left_out(
    session: Session, tmp_path: Path
) -> None:
    """The file's own frames, counted without any of our readers."""
    give(session, {16: "2"})
    with_range(session, 15, 20)
    with_range(session, 18, 25)
    dialog = export(session, tmp_path / "coco.json", "coco")
    assert dialog.words() == "11 labelled frames of 1 procedure went to coco.json."
    written = json.loads((tmp_path / "coco.json").read_text(encoding="utf-8"))
    names = {one["id"]: one["name"] for one in written["categories"]}
    frames = {one["id"]: one["frame_id"] for one in written["images"]}
    first, second = (one.name for one in session.app.labels.session.panel_classes()[:2])
    given = {frames[one["image_id"]]: names[one["category_id"]] for one in written["annotations"]}
    assert given == {index: second if index == 16 else first for index in range(15, 26)}
    assert {(one["width"], one["height"]) for one in written["images"]} == {(320, 192)}
    dialog.close()
    session.until(lambda: session.app.labels.exports.dialog is None, "the dialog closed")
    session.app.window.action(EXPORT_LABELS).trigger()
    dialog = present(session.app.labels.exports.dialog)
    assert dialog is not None
    session.app.labels.exports.files = Answers(tmp_path / "own.json")  # type: ignore[assignment]
    choose_format(dialog, "coco")
    box = next(
        one
        for one in dialog.findChildren(QCheckBox)
        if one.text().startswith("Every frame of ranges")
    )
    in_front(session, dialog)
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Space)
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    session.until(lambda: dialog.words() != "" and not dialog.running, "the end of the export")
    assert (
        dialog.words()
        == "1 label of 1 procedure went to own.json. 2 ranges left out, as you chose."
    )


def test_an_export_that_is_cancelled_while_recordings_are_opened_writes_nothing(
    session: Session, tmp_path: Path
) -> None:
    give(session, {3: "1"})
    choice = ExportChoice("csv", True, "fingerprint", "png", True)
    library = tmp_path / "data" / "labels"
    work = ExportWork(
        library, choice, tmp_path / "out.csv", "", FramePngs(library / "frames", 0), True
    )
    assert work.run(lambda done, total: None, lambda: True) == "Stopped. Nothing was written."
    assert not (tmp_path / "out.csv").exists()
    assert (
        work.run(lambda done, total: None, lambda: False)
        == "1 label of 1 procedure went to out.csv."
    )
