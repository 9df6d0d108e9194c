"""A digit held while the procedure plays, by real key events, to the rows of the library."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from endoscope_app.labels.range_paint import HELD_S
from tests.endoscope_app.app_session import Session, running
from tests.endoscope_app.clips import make_clip
from tests.endoscope_app.label_session import go, in_front, labels, ready, store, type_keys
from tests.model_factory import make_model_dir


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clips") / "procedure.mp4", count=400)


@pytest.fixture
def session(
    qtbot: QtBot, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, clip: Path
) -> Iterator[Session]:
    model = make_model_dir(tmp_path_factory.mktemp("model") / "m")
    with running(tmp_path / "data", model) as session:
        yield ready(session, clip)


def spans(session: Session) -> list[tuple[int, int]]:
    where = session.app.labels.procedure.fingerprint
    return [(item.first_index, item.last_index) for item in store(session).read.ranges(where)]


def test_a_held_digit_paints_what_goes_by_and_one_undo_takes_it_back(session: Session) -> None:
    app, view = session.app, session.app.window.frame_view
    in_front(session, app.window)
    view.setFocus()
    go(session, 20)
    QTest.keyClick(view, Qt.Key.Key_Space)
    session.until(lambda: session.on_screen() > 20, "playing")
    QTest.keyPress(view, Qt.Key.Key_3)
    (pressed,) = (label.frame_index for label in labels(session))
    long_enough = pressed + 2 + int(25 * HELD_S)
    session.until(lambda: "Painting" in view.echo.mark(), "what is painted is said")
    session.until(lambda: session.on_screen() > long_enough, "some frames gone by")
    QTest.keyRelease(view, Qt.Key.Key_3)
    ((first, last),) = spans(session)
    assert first == pressed
    assert last >= long_enough
    assert labels(session) == [], "the range stands for its first frame too"
    assert view.echo.mark() == ""
    QTest.keyClick(view, Qt.Key.Key_Space)
    type_keys(session, "Z", Qt.KeyboardModifier.ControlModifier)
    assert spans(session) == []
    assert [label.frame_index for label in labels(session)] == [pressed]


def test_a_short_press_and_a_press_while_paused_label_one_frame(session: Session) -> None:
    view = session.app.window.frame_view
    in_front(session, session.app.window)
    view.setFocus()
    go(session, 20)
    QTest.keyClick(view, Qt.Key.Key_3)
    assert [label.frame_index for label in labels(session)] == [20]
    QTest.keyClick(view, Qt.Key.Key_Space)
    session.until(lambda: session.on_screen() > 30, "playing")
    QTest.keyClick(view, Qt.Key.Key_4)
    assert len(labels(session)) == 2
    assert spans(session) == []
