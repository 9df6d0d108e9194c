"""Labels in through the window: seen as counts before they are written."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QCheckBox,
    QRadioButton,
)

from endoscope_app.labels.commands import (
    UNDO,
    UNDO_CLASSES,
)
from tests.endoscope_app.app_session import Session
from tests.endoscope_app.dialog_text import text_of
from tests.endoscope_app.exchange_session import (
    brought_in,
    export,
    go_button,
    opened_import,
    rewritten,
    with_range,
)
from tests.endoscope_app.inner_widgets import class_combo
from tests.endoscope_app.label_session import give, in_front, labels, store

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
    assert text_of(dialog).startswith(f"{what} of 1 procedure went to {target.name}"), text_of(
        dialog
    )
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
        assert session.app.labels.imports.dialog is None, text_of(preview)
    kept = [replace(one, kind="class") if key == "class folders" else one for one in before]
    assert [
        (label.pts, label.frame_index, label.kind, label.class_id) for label in labels(session)
    ] == [(one.pts, one.frame_index, one.kind, one.class_id) for one in kept]
    spans = store(session).read.ranges(session.app.labels.procedure.fingerprint)
    assert [(one.first_index, one.last_index, one.class_id) for one in spans] == [
        (15, 20, ranges[0].class_id)
    ]
    assert session.app.window.action(UNDO).text().startswith("&Undo: import")
    assert session.app.labels.procedure_labels.states.kind[9] >= 0
    for _ in names:
        session.press("Ctrl+Z")
    assert labels(session) == []
    again = opened_import(session, tmp_path / names[0])
    assert go_button(again).isEnabled()


def test_conflicts_and_unknown_classes_are_the_readers_to_decide(
    session: Session, tmp_path: Path
) -> None:
    first, second = session.app.labels.session.panel_classes()[:2]
    give(session, {3: "1", 9: "2"})
    export(session, tmp_path / "out.csv", "csv").close()
    give(session, {3: "2"})
    rewritten(tmp_path / "out.csv", (second.key, "strange thing"), (second.name, "strange thing"))
    dialog = opened_import(session, tmp_path / "out.csv")
    assert "different from mine, which stay" in text_of(dialog)
    combo = class_combo(dialog, "strange thing")
    assert combo.currentData() == "new"
    combo.setCurrentIndex(combo.findData("leave out"))
    assert "left out with their class" in text_of(dialog)
    assert not go_button(dialog).isEnabled()
    combo.setCurrentIndex(combo.findData(second.id))
    assert "1\nthe same as mine\n1\ndifferent from mine" in text_of(dialog)
    next(
        button for button in dialog.findChildren(QRadioButton) if button.text() == "Take theirs"
    ).setChecked(True)
    assert "different from mine, which are replaced" in text_of(dialog)
    go_button(dialog).click()
    assert [label.class_id for label in labels(session)] == [first.id, second.id]
    assert [row.reader for row in store(session).read.journal_rows()][-1] == "Dr. Test"
    dialog = opened_import(session, rewritten(tmp_path / "out.csv", ("strange thing", "new one")))
    next(
        button for button in dialog.findChildren(QRadioButton) if button.text() == "Take theirs"
    ).setChecked(True)
    go_button(dialog).click()
    assert session.app.labels.session.panel_classes()[-1].name == "new one"
    added = session.app.labels.session.panel_classes()[-1].id  # pathology, beside preparation
    assert [label.class_id for label in labels(session)[1:]] == [second.id, added]
    session.press("Ctrl+Z")
    assert labels(session)[1].class_id == second.id
    session.app.window.action(UNDO_CLASSES).trigger()
    assert "new one" not in [
        label_class.name for label_class in session.app.labels.session.panel_classes()
    ]


def test_a_file_that_is_none_and_labels_that_change_meanwhile_are_said_in_the_window(
    session: Session, tmp_path: Path
) -> None:
    (tmp_path / "letter.txt").write_text("Dear colleague")
    dialog = opened_import(session, tmp_path / "letter.txt")
    assert "not in a format" in text_of(dialog)
    assert not go_button(dialog).isEnabled()
    dialog.close()
    give(session, {3: "1"})
    export(session, tmp_path / "out.json", "json").close()
    session.press("Del")
    dialog = opened_import(session, tmp_path / "out.json")
    give(session, {3: "2"})
    go_button(dialog).click()
    assert dialog.isVisible()
    assert "changed in the meantime" in text_of(dialog)
    assert [label.class_id for label in labels(session)] == [
        session.app.labels.session.panel_classes()[1].id
    ]


@pytest.mark.parametrize(
    ("name", "frames"),
    [("csv_min.csv", {3: "polyps", 9: "cecum"}), ("cvat_task.xml", {3: "polyps", 15: "cecum"})],
)
def test_labels_come_into_the_open_procedure_of_a_new_library(
    fresh: Session, shared_cases: Path, name: str, frames: dict[int, str]
) -> None:
    assert "\n2\nnew\n" in brought_in(fresh, shared_cases / name)
    keys = {label_class.id: label_class.key for label_class in store(fresh).read.classes()}
    assert {label.frame_index: keys[label.class_id or 0] for label in labels(fresh)} == frames
    assert [label.pts for label in labels(fresh)] == [512 * index for index in frames]
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
    sentence = brought_in(fresh, tmp_path / "a.csv")
    assert "\n12\nnew\n" in sentence
    assert "row 9: it has 5 cells, 1 more than the header" in sentence
    assert [label.frame_index for label in labels(fresh)] == list(range(12))
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
        in text_of(preview)
    )
    assert not go_button(preview).isEnabled()
    box = next(box for box in preview.findChildren(QCheckBox) if box.isVisible())
    in_front(fresh, preview)
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Space)
    assert go_button(preview).isEnabled()
    QTest.keyClick(preview, Qt.Key.Key_Return)
    assert [label.frame_index for label in labels(fresh)] == [5]
    (tmp_path / "b.csv").write_text("label;frame\nPolyp;7\n", encoding="utf-8")
    assert "names no procedure" in brought_in(fresh, tmp_path / "b.csv")
    assert [label.frame_index for label in labels(fresh)] == [5, 7]
