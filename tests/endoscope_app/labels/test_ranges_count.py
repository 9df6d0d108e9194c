"""A labelled range counts wherever a frame's label does: panel, list, jumps, reader modes,
statistics; driven by real keys.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from endoscope_app.labels.commands import STATISTICS
from endoscope_app.labels.review.review_rows import Column
from tests.endoscope_app.app_session import Session, running
from tests.endoscope_app.clips import make_clip
from tests.endoscope_app.inner_widgets import action_rows, class_row, procedure_texts
from tests.endoscope_app.label_session import choose_mode, go, in_front, ready, type_keys
from tests.model_factory import make_model_dir

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model_dir(tmp_path_factory.mktemp("model") / "m")


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clips") / "procedure.mp4", count=60)


@pytest.fixture
def session(qtbot: QtBot, tmp_path: Path, model: Path, clip: Path) -> Iterator[Session]:
    with running(tmp_path / "data", model) as session:
        ready(session, clip)
        session.until(session.analysed, "the analysis")
        to_front(session)
        yield session


def to_front(session: Session) -> None:
    in_front(session, session.app.window)
    session.app.window.frame_view.setFocus()


def label_range(session: Session, first: int, last: int, key: str) -> None:
    go(session, first)
    type_keys(session, "I")
    go(session, last)
    type_keys(session, "O" + key)


def said(session: Session, digit: int) -> str:
    """What the panel's row of a class says to a screen reader."""
    panel = session.app.window.label_panel
    return class_row(
        panel, session.app.labels.session.panel_classes()[digit - 1].id
    ).accessibleDescription()


def other_key(session: Session, *frames: int) -> str:
    """The digit of a pathology that the model names on none of these frames."""
    model = {int(session.app.labels.procedure_labels.states.model[frame]) for frame in frames}
    return str(next(digit for digit in (5, 6) if digit - 1 not in model))


def test_the_panel_counts_here_and_in_the_library(session: Session, tmp_path: Path) -> None:
    label_range(session, 10, 19, "1")
    label_range(session, 15, 24, "2")  # made later, so its ten frames are its own
    go(session, 12)
    type_keys(session, "X")
    assert said(session, 1).startswith("key 1, 4 here, 4 in the library")
    assert said(session, 2).startswith("key 2, 10 here, 10 in the library")
    session.open(make_clip(tmp_path / "other.mp4", count=20, gop=5))
    assert said(session, 1).startswith("key 1, 0 here, 4 in the library")
    go(session, 3)
    type_keys(session, "1")
    assert said(session, 1).startswith("key 1, 1 here, 5 in the library")
    none = action_rows(session.app.window.label_panel)[1]
    assert none.accessibleName() == "None of these"
    assert none.accessibleDescription() == "key X, 0 here, 1 in the library"


def test_the_panel_and_the_review_list_name_the_range(session: Session) -> None:
    # Of pathology, which the model's answer is held against; the one below is of the same group
    label_range(session, 10, 19, "5")
    name = session.app.labels.session.panel_classes()[4].name
    go(session, 14)
    assert f"You: {name} (range)" in session.app.window.label_panel.text()
    type_keys(session, "L", CONTROL)
    dialog = session.app.labels.review.dialog
    assert dialog is not None
    cells = dialog.rows.table().model()
    session.until(lambda: cells.rowCount() == 60, "the rows")

    def row(frame: int) -> list[str]:
        return [str(cells.index(frame, column).data()) for column in (Column.YOU, Column.STATE)]

    assert row(14)[0] == f"Range: {name}"
    assert row(9)[0] == "–"
    assert row(14)[1].split()[1] in ("agreed", "disagreement")
    in_front(session, dialog)
    type_keys(session, "6")
    assert row(14)[0] == session.app.labels.session.panel_classes()[5].name
    type_keys(session, "\x7f")
    assert row(14)[0] == f"Range: {name}"
    type_keys(session, "\x7f")
    assert [row(frame)[0] for frame in (10, 14, 19)] == ["–", "–", "–"]


def test_n_and_p_go_to_frames_of_ranges_that_the_model_calls_otherwise(session: Session) -> None:
    label_range(session, 30, 31, other_key(session, 30, 31))
    unsure = session.app.labels.procedure_labels.states.unsure
    go(session, 29)
    type_keys(session, "N", Qt.KeyboardModifier.ShiftModifier)
    session.until(lambda: session.on_screen() == 30, "the range's first frame")
    type_keys(session, "N", Qt.KeyboardModifier.ShiftModifier)
    session.until(lambda: session.on_screen() == 31, "the range's last frame")
    go(session, 32)
    type_keys(session, "P", Qt.KeyboardModifier.ShiftModifier)
    session.until(lambda: session.on_screen() == 31, "back into the range")
    # an unsure frame that a range covers has an answer, and is no longer one to be asked about
    doubtful = [frame for frame in range(60) if unsure[frame] and not 30 <= frame <= 31]
    if doubtful:
        agreed = str(1 + int(session.app.labels.procedure_labels.states.model[doubtful[0]]))
        label_range(session, doubtful[0], doubtful[0], agreed)
        assert not session.app.labels.procedure_labels.states.worth_a_look()[doubtful[0]]


def test_a_comma_and_a_point_stop_at_ranges(session: Session) -> None:
    label_range(session, 10, 19, "1")
    go(session, 40)
    type_keys(session, "2")
    go(session, 0)
    for key, frame in ((Qt.Key.Key_Period, 10), (Qt.Key.Key_Period, 40), (Qt.Key.Key_Comma, 10)):
        QTest.keyClick(session.app.window, key)
        session.until(lambda frame=frame: session.on_screen() == frame, f"frame {frame}")  # type: ignore[misc]


def test_a_frame_in_a_range_is_answered_where_the_model_is_hidden(session: Session) -> None:
    choose_mode(session, "hidden")
    to_front(session)
    go(session, 12)
    assert session.app.window.bars.top() is None
    label_range(session, 10, 19, "1")
    go(session, 12)
    assert session.app.window.bars.top() is not None
    assert "hidden" not in session.app.window.label_panel.text()
    go(session, 25)
    assert session.app.window.bars.top() is None
    assert session.app.labels.visibility.frames.tolist() == [
        10 <= frame <= 19 for frame in range(60)
    ]


def test_statistics_count_ranges_and_name_procedures(session: Session, tmp_path: Path) -> None:
    label_range(session, 10, 19, "1")
    go(session, 12)
    type_keys(session, "X")
    session.open(make_clip(tmp_path / "other.mp4", count=20, gop=5))
    go(session, 3)
    type_keys(session, "1")
    session.app.window.action(STATISTICS).trigger()
    dialog = session.app.labels.statistics.dialog
    assert dialog is not None
    session.until(lambda: bool(dialog.summary()), "the numbers")
    words = "The library: 11 labelled frames in 2 procedures, 9 of them by 1 range."
    assert dialog.summary().startswith(words)
    rows = {
        dialog.panel.text(row, 0): [dialog.panel.text(row, column) for column in (1, 2)]
        for row in range(dialog.panel.row_count())
    }
    assert rows[session.app.labels.session.panel_classes()[0].name] == ["1", "10"]
    assert rows["None of these, cleared, undone"] == ["0", "1"]
    assert rows["All"] == ["1", "11"]
    assert procedure_texts(dialog.panel) == [
        ["other.mp4", "1", "0", "0"],
        ["procedure.mp4", "10", "9", "1"],
    ]
