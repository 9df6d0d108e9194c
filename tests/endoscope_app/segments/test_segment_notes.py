"""Text, fields and bookmarks by real keys, to the rows of the library."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QDoubleSpinBox, QToolButton

from endoscope_app.segments.decided import DecidedSegment, SegmentFields, read_segments
from tests.endoscope_app.app_session import Session
from tests.endoscope_app.clips import make_clip
from tests.endoscope_app.label_session import go, store
from tests.endoscope_app.segments.segment_session import (
    CONTROL,
    current,
    panel,
    press,
    ranges,
)
from tests.present import present

Key = Qt.Key


def kept(session: Session) -> list[DecidedSegment]:
    return read_segments(store(session).read, session.app.labels.procedure.fingerprint)


def write(session: Session, text: str) -> None:
    """T, the text, and Enter."""
    press(session, Key.Key_T)
    QTest.keyClicks(present(QApplication.focusWidget()), text)
    press(session, Key.Key_Return)


def test_text_beside_a_segment_is_kept_and_each_edit_undone(session: Session) -> None:
    press(session, Key.Key_N)
    write(session, "flat, 3 folds in")
    assert panel(session).list.hasFocus()
    assert [(item.state, item.fields.text) for item in kept(session)] == [
        ("open", "flat, 3 folds in")
    ]
    assert "flat, 3 folds in" in present(panel(session).list.current_row()).detail
    press(session, Key.Key_Return)
    (item,) = kept(session)
    assert (item.state, item.fields.text) == ("accepted", "flat, 3 folds in")
    assert len(ranges(session)) == 1
    press(session, Key.Key_Z, CONTROL)
    press(session, Key.Key_Z, CONTROL)
    assert kept(session) == []


def test_what_is_typed_is_kept_without_leaving_the_field(session: Session) -> None:
    press(session, Key.Key_N)
    press(session, Key.Key_T)
    field = present(QApplication.focusWidget())
    QTest.keyClicks(field, "half a ")
    session.until(lambda: [item.fields.text for item in kept(session)] == ["half a"], "kept")
    QTest.keyClicks(field, "word")
    assert field.text() == "half a word"  # type: ignore[attr-defined]
    press(session, Key.Key_Escape)
    assert [item.fields.text for item in kept(session)] == ["half a word"]


def test_every_field_reaches_the_library(session: Session) -> None:
    press(session, Key.Key_N)
    press(session, Key.Key_T)
    form = panel(session).form
    assert form.isVisible()
    size = present(form.findChild(QDoubleSpinBox))
    size.setFocus()
    QTest.keyClick(size, Key.Key_A, CONTROL)
    QTest.keyClicks(size, "6.5")
    QTest.keyClick(size, Key.Key_Tab)
    for name, key in (("Paris", Key.Key_End), ("How certain", Key.Key_Down)):
        box = next(
            box for box in form.findChildren(QComboBox) if box.accessibleName().startswith(name)
        )
        box.setFocus()
        QTest.keyClick(box, key)
    site = next(box for box in form.findChildren(QComboBox) if box.accessibleName()[:4] == "Site")
    site.setFocus()
    QTest.keyClicks(present(site.lineEdit()), "Caecal pole")
    QTest.keyClick(present(site.lineEdit()), Key.Key_Return)
    conference = present(form.findChild(QCheckBox))
    conference.setFocus()
    QTest.keyClick(conference, Key.Key_Space)
    assert [item.fields for item in kept(session)] == [
        SegmentFields("", 6.5, "0-III", "Caecal pole", "certain", True)
    ]


def test_bookmarks_stand_in_the_list_and_go_again(session: Session) -> None:
    go(session, 5)
    session.app.window.frame_view.setFocus()
    press(session, Key.Key_D, CONTROL)
    (item,) = kept(session)
    assert (item.kind, item.first_index, item.state) == ("bookmark", 5, "open")
    assert current(session) == (5, 5)
    write(session, "ask about this")
    assert [item.fields.text for item in kept(session)] == ["ask about this"]
    press(session, Key.Key_Return)  # a bookmark is not decided
    assert [item.state for item in kept(session)] == ["open"]
    press(session, Key.Key_Delete)
    assert kept(session) == []
    press(session, Key.Key_Z, CONTROL)
    assert [item.fields.text for item in kept(session)] == ["ask about this"]
    session.app.window.frame_view.setFocus()
    go(session, 5)
    press(session, Key.Key_D, CONTROL)
    assert kept(session) == []


def test_the_notes_are_shown_and_hidden_by_their_button(session: Session) -> None:
    notes = next(
        button for button in panel(session).findChildren(QToolButton) if button.text() == "Notes"
    )
    assert not panel(session).form.isVisible()
    QTest.mouseClick(notes, Qt.MouseButton.LeftButton)
    assert panel(session).form.isVisible()
    QTest.mouseClick(notes, Qt.MouseButton.LeftButton)
    assert not panel(session).form.isVisible()


def test_a_note_belongs_to_its_procedure_although_another_one_opens(
    session: Session, tmp_path: Path, clip: Path
) -> None:
    first = session.app.labels.procedure.fingerprint
    press(session, Key.Key_N)
    press(session, Key.Key_Return)
    press(session, Key.Key_T)
    form = panel(session).form
    form._timer.setInterval(10**6)  # it is still being typed
    QTest.keyClicks(present(QApplication.focusWidget()), "of the first")
    session.open(make_clip(tmp_path / "other.mp4", count=30))
    session.until(lambda: session.app.labels.procedure.fingerprint != first, "the other one")
    form.keep()
    read = store(session).read
    texts = [item.fields.text for item in read_segments(read, first)]
    assert "of the first" in texts
    assert kept(session) == []
