"""A frame has one label of each group, by keys and by the panel, through the whole application."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from endoscope_app.labels.commands import REVIEW_LIST
from endoscope_app.labels.label_row import LabelRow
from tests.endoscope_app.app_session import Session, running, spin
from tests.endoscope_app.clips import make_clip
from tests.endoscope_app.label_session import give, go, labels, ready, rows_on_disk
from tests.model_factory import make_model_dir
from tests.present import present

#: Keys of the model's classes: preparation, a landmark and pathology.
POOR, GOOD, CAECUM, POLYP, COLITIS = "1", "2", "3", "5", "6"


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clips") / "procedure.mp4", count=20)


@pytest.fixture
def session(qtbot: QtBot, tmp_path: Path, clip: Path) -> Iterator[Session]:
    with running(tmp_path / "data", make_model_dir(tmp_path / "m")) as session:
        yield ready(session, clip)


def held(session: Session) -> dict[int, set[str]]:
    """Frame -> the digits of its classes, "X" where it is unusable."""
    digits = {
        item.id: str(place + 1)
        for place, item in enumerate(session.app.labels.session.panel_classes())
    }
    found: dict[int, set[str]] = {}
    for label in labels(session):
        digit = "X" if label.class_id is None else digits[label.class_id]
        found.setdefault(label.frame_index, set()).add(digit)
    return found


def row(session: Session, digit: str) -> LabelRow:
    return session.app.window.label_panel._rows[int(digit) - 1]


def test_digits_of_several_groups_stand_together_and_each_replaces_its_own(
    session: Session, tmp_path: Path
) -> None:
    give(session, {3: POLYP})
    session.press(GOOD)
    assert held(session) == {3: {POLYP, GOOD}}
    line = session.app.window.label_panel.text()
    assert "You: Polyp + Good preparation (BBPS 2-3)" in line
    assert row(session, POLYP).isChecked()
    assert row(session, GOOD).isChecked()
    session.press(COLITIS)
    session.press(POOR)
    assert held(session) == {3: {COLITIS, POOR}}
    on_disk = [line for line in rows_on_disk(tmp_path / "data") if line[1:3] in ((1, 0), (1, 1))]
    assert len(labels(session)) == 2, on_disk
    session.press("Ctrl+Z")
    session.press("Ctrl+Z")
    assert held(session) == {3: {POLYP, GOOD}}
    session.press("Ctrl+Z")
    assert held(session) == {3: {POLYP}}
    assert "You: Polyp\n" in session.app.window.label_panel.text() + "\n"
    session.press("Ctrl+Shift+Z")
    go(session, 4)
    go(session, 3)
    assert "Polyp + Good" in session.app.window.label_panel.text()


def test_a_row_takes_its_label_off_and_the_clear_key_takes_all(session: Session) -> None:
    give(session, {3: POLYP})
    session.press(GOOD)
    session.press(CAECUM)
    panel = session.app.window.label_panel
    QTest.mouseClick(row(session, GOOD), Qt.MouseButton.LeftButton)
    spin(10)
    assert held(session) == {3: {POLYP, CAECUM}}
    assert not row(session, GOOD).isChecked()
    QTest.mouseClick(row(session, GOOD), Qt.MouseButton.LeftButton)
    spin(10)
    assert held(session) == {3: {POLYP, CAECUM, GOOD}}
    session.press("Del")
    assert held(session) == {}
    assert "not labelled" in panel.text()
    session.press("Ctrl+Z")
    assert held(session) == {3: {POLYP, CAECUM, GOOD}}


def test_unusable_is_of_the_whole_frame(session: Session) -> None:
    give(session, {3: POLYP})
    session.press(GOOD)
    session.press("X")
    assert held(session) == {3: {"X"}}
    assert "none of these" in session.app.window.label_panel.text()
    session.press(POLYP)
    assert held(session) == {3: {POLYP}}


def test_a_range_of_preparation_leaves_the_polyp_in_it(session: Session) -> None:
    give(session, {5: POLYP})
    go(session, 2)
    session.press("I")
    go(session, 8)
    session.press("O")
    session.press(GOOD)
    go(session, 5)
    assert (
        "You: Polyp + Good preparation (BBPS 2-3) (range)" in session.app.window.label_panel.text()
    )
    states = session.app.labels.procedure_labels.states
    assert states.counts().tolist() == [0, 7, 0, 0, 1, 0]
    library = session.app.window.label_panel._library
    assert sorted(count for count in library.values() if count) == [1, 7]


def test_the_review_list_shows_all_labels_and_finds_a_frame_by_each(session: Session) -> None:
    session.until(session.analysed, "the analysis")
    give(session, {3: POLYP})
    session.press(GOOD)
    session.app.window.action(REVIEW_LIST).trigger()
    dialog = present(session.app.labels.review.dialog)
    rows = dialog.rows._model.rows
    assert rows.labels_of(3) == ["Polyp", "Good preparation (BBPS 2-3)"]
    session.press(POOR)
    assert rows.labels_of(3) == ["Polyp", "Poor preparation (BBPS 0-1)"]
