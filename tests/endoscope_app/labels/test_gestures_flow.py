"""Gestures in the whole application: what is marked is always seen, and however a drag ends
nothing invisible is left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from endoscope_app.labels.library.records import RangeLabel
from endoscope_app.viewing.act_echo import SHOWN_MS
from tests.endoscope_app.app_session import Session, running
from tests.endoscope_app.clips import make_clip
from tests.endoscope_app.inner_widgets import class_row
from tests.endoscope_app.label_session import go, in_front, labels, ready, store, type_keys
from tests.model_factory import make_model_dir

LEFT, SHIFT = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model_dir(tmp_path_factory.mktemp("model") / "m")


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clips") / "procedure.mp4", count=60)


@pytest.fixture
def session(qtbot: QtBot, tmp_path: Path, model: Path, clip: Path) -> Iterator[Session]:
    with running(tmp_path / "data", model) as session:
        yield to_front(ready(session, clip))


def to_front(session: Session) -> Session:
    session.until(session.analysed, "the analysis")
    in_front(session, session.app.window)
    session.app.window.frame_view.setFocus()
    return session


def ranges(session: Session) -> list[RangeLabel]:
    return store(session).read.ranges(session.app.labels.procedure.fingerprint)


def at(session: Session, frame: int) -> QPoint:
    """A point of the zoomed strip over that frame."""
    timeline = session.app.window.timeline
    return QPoint(
        round(timeline.display.stage.scale(False).x(frame + 0.5)),
        int(timeline.display.stage.rows.strip.center().y()),
    )


def drag(session: Session, first: int, last: int) -> None:
    """With Shift, and still held."""
    timeline = session.app.window.timeline
    QTest.mousePress(timeline, LEFT, SHIFT, at(session, first))
    QTest.mouseMove(timeline, at(session, last))


def press_outside(session: Session) -> None:
    """The next move says that no button is down any more: the release went elsewhere."""
    timeline, point = session.app.window.timeline, QPointF(at(session, 40))
    event = QMouseEvent(
        QEvent.Type.MouseMove,
        point,
        timeline.mapToGlobal(point),
        Qt.MouseButton.NoButton,
        Qt.MouseButton.NoButton,
        SHIFT,
    )
    QApplication.sendEvent(timeline, event)


def another_window(session: Session) -> None:
    other = QWidget()
    other.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    other.show()
    in_front(session, other)
    other.close()
    in_front(session, session.app.window)


def escape(session: Session) -> None:
    type_keys(session, "\x1b")


def escape_at_the_window(session: Session) -> None:
    QTest.keyClick(session.app.window, Qt.Key.Key_Escape)


@pytest.mark.parametrize("end", [escape, escape_at_the_window, press_outside, another_window])
def test_however_a_drag_is_given_up_the_next_digit_labels_one_frame(
    session: Session, end: Callable[[Session], None]
) -> None:
    go(session, 5)
    drag(session, 10, 40)
    assert session.app.labels.marks.mark == (10, 40)
    end(session)
    assert session.app.labels.marks.mark == (None, None) == session.app.window.timeline.display.mark
    assert session.app.window.frame_view.echo.mark() == ""
    QTest.mouseRelease(session.app.window.timeline, LEFT, SHIFT, at(session, 40))
    assert session.app.labels.marks.mark == (None, None)
    type_keys(session, "2")
    assert ranges(session) == []
    assert [label.frame_index for label in labels(session)] == [session.on_screen()]


def test_a_drag_that_is_given_up_leaves_the_mark_from_before(session: Session) -> None:
    go(session, 3)
    type_keys(session, "I")
    drag(session, 10, 40)
    escape(session)
    assert session.app.labels.marks.mark == (3, None) == session.app.window.timeline.display.mark
    assert session.app.window.frame_view.echo.mark().startswith("Range begins at 0:00.1")


def test_a_digit_during_the_drag_labels_what_is_marked_and_ends_it(session: Session) -> None:
    drag(session, 10, 40)
    type_keys(session, "2")
    assert [(span.first_index, span.last_index) for span in ranges(session)] == [(10, 40)]
    QTest.mouseMove(session.app.window.timeline, at(session, 50))
    QTest.mouseRelease(session.app.window.timeline, LEFT, SHIFT, at(session, 50))
    assert session.app.labels.marks.mark == (None, None) == session.app.window.timeline.display.mark


def test_the_right_button_does_not_end_a_drag_and_another_procedure_does(
    session: Session, tmp_path: Path
) -> None:
    drag(session, 10, 40)
    timeline = session.app.window.timeline
    QTest.mouseClick(timeline, Qt.MouseButton.RightButton, SHIFT, at(session, 20))
    assert session.app.labels.marks.mark == (10, 40)
    session.open(make_clip(tmp_path / "other.mp4", count=20, gop=5))
    assert session.app.labels.marks.mark == (None, None)
    QTest.mouseMove(timeline, at(session, 15))
    QTest.mouseRelease(timeline, LEFT, SHIFT, at(session, 15))
    assert session.app.labels.marks.mark == (None, None) == timeline.display.mark
    type_keys(session, "2")
    assert ranges(session) == []


def test_a_mark_says_over_the_image_how_many_frames_a_digit_labels(session: Session) -> None:
    echo = session.app.window.frame_view.echo
    drag(session, 10, 40)
    QTest.mouseRelease(session.app.window.timeline, LEFT, SHIFT, at(session, 40))
    assert echo.mark() == "Marked 0:00.4–0:01.6: a digit labels 31 frames, Esc drops the mark"
    assert echo.isVisible()
    type_keys(session, "2")
    name = session.app.labels.session.panel_classes()[1].name
    assert echo.act() == f"{name} · 0:00.4–0:01.6, 31 frames · by key 2 · Ctrl+Z takes it back"
    assert echo.mark() == ""


def test_every_act_is_echoed_with_class_place_and_key_for_four_seconds(session: Session) -> None:
    window, echo = session.app.window, session.app.window.frame_view.echo
    go(session, 10)
    first, second = (
        label_class.name for label_class in session.app.labels.session.panel_classes()[:2]
    )
    type_keys(session, "1")
    assert echo.act() == f"{first} · 0:00.4 · by key 1"
    assert echo.timer.isActive()
    assert echo.timer.interval() == SHOWN_MS == 4000
    plain = window.frame_view.grab().toImage()
    echo.timer.setInterval(0)  # its time is over
    session.until(lambda: not echo.isVisible(), "no echo")
    assert echo.act() == ""
    assert window.frame_view.grab().toImage() != plain
    type_keys(session, "R")
    assert echo.act().startswith("Reviewed, the model is right: ")
    assert echo.act().endswith(" · 0:00.4 · by key R")
    type_keys(session, "X")
    assert echo.act() == "None of these · 0:00.4 · by key X"
    type_keys(session, "\x7f")
    assert echo.act() == "Label cleared: None of these · 0:00.4 · by key Del"
    QTest.mouseClick(
        class_row(window.label_panel, session.app.labels.session.panel_classes()[1].id), LEFT
    )
    assert echo.act() == f"{second} · 0:00.4"


def test_delete_inside_a_range_removes_the_newest_and_says_so(session: Session) -> None:
    for first, last, key in ((10, 30, "1"), (20, 40, "2")):
        go(session, first)
        type_keys(session, "I")
        go(session, last)
        type_keys(session, "O" + key)
    older, newer = (
        label_class.name for label_class in session.app.labels.session.panel_classes()[:2]
    )
    go(session, 25)
    type_keys(session, "3\x7f")  # a label of the frame's own goes first
    assert labels(session) == []
    assert len(ranges(session)) == 2
    type_keys(session, "\x7f")
    assert session.message() == f"Range 0:00.8–0:01.6 {newer} removed. Ctrl+Z puts it back."
    assert [(span.first_index, span.last_index) for span in ranges(session)] == [(10, 30)]
    type_keys(session, "\x7f")
    assert session.message() == f"Range 0:00.4–0:01.2 {older} removed. Ctrl+Z puts it back."
    assert ranges(session) == []
    type_keys(session, "\x7f")
    assert session.message() == "There is no label at 0:01.0 to clear."
    QTest.keyClick(session.app.window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert [(span.first_index, span.last_index) for span in ranges(session)] == [(10, 30)]


def test_a_mark_whose_label_was_not_written_stays(session: Session) -> None:
    drag(session, 10, 40)
    QTest.mouseRelease(session.app.window.timeline, LEFT, SHIFT, at(session, 40))
    connection = store(session)._open_connection()
    connection.execute("PRAGMA query_only = ON")
    type_keys(session, "2")
    assert "not" in session.message()
    assert session.app.window.frame_view.echo.act() == ""
    assert session.app.labels.marks.mark == (10, 40) == session.app.window.timeline.display.mark
    connection.execute("PRAGMA query_only = OFF")
    type_keys(session, "2")
    assert [(span.first_index, span.last_index) for span in ranges(session)] == [(10, 40)]
    assert session.app.labels.marks.mark == (None, None)
