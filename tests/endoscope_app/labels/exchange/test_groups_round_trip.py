"""Labels of several groups on one frame go out and come back through the windows."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.endoscope_app.app_session import Session
from tests.endoscope_app.dialog_text import text_of
from tests.endoscope_app.exchange_session import export, opened_import, with_range
from tests.endoscope_app.label_session import give, in_front, labels, store

FILES = {
    "json": ["out.json"],
    "csv": ["out.csv"],
    "coco": ["out.json"],
    "class folders": ["out/manifest.csv"],
    "cvat": ["out/{film}.xml"],
    "label studio": ["out/image-tasks.json", "out/video-tasks.json"],
}


def held(session: Session) -> set[tuple[int, int | None]]:
    return {(label.frame_index, label.class_id) for label in labels(session)}


@pytest.mark.parametrize("key", FILES)
def test_both_labels_of_a_frame_come_back(session: Session, tmp_path: Path, key: str) -> None:
    with_range(session, 15, 20)
    give(session, {3: "5", 9: "2", 17: "5"})
    give(session, {3: "2", 17: "3"})
    before = held(session)
    assert len(before) == 5
    where = session.app.labels.procedure.fingerprint
    spans = store(session).read.ranges(where)
    names = [name.format(film=where[:12]) for name in FILES[key]]
    export(session, tmp_path / names[0].split("/")[0], key).close()
    while labels(session) or store(session).read.ranges(where):
        session.press("Ctrl+Z")
    for name in names:
        preview = opened_import(session, tmp_path / name)
        in_front(session, preview)
        QTest.keyClick(preview, Qt.Key.Key_Return)
        assert session.app.labels.imports.dialog is None, text_of(preview)
    assert held(session) == before
    (span,) = store(session).read.ranges(where)
    assert (span.first_index, span.last_index, span.class_id) == (15, 20, spans[0].class_id)
    session.press("Ctrl+Z")
    if len(names) == 1:
        assert held(session) == set()


def test_an_import_adds_to_other_groups_and_contradicts_only_its_own(
    session: Session, tmp_path: Path
) -> None:
    give(session, {3: "5", 9: "2"})
    export(session, tmp_path / "out.csv", "csv").close()
    for _ in range(2):
        session.press("Ctrl+Z")
    give(session, {3: "1", 9: "1"})
    dialog = opened_import(session, tmp_path / "out.csv")
    text = text_of(dialog)
    assert "different from mine, which stay" in text
    in_front(session, dialog)
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    classes = session.app.labels.session.panel_classes()
    assert held(session) == {(3, classes[0].id), (3, classes[4].id), (9, classes[0].id)}
