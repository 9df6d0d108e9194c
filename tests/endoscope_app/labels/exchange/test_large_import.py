"""Very many labels are written in the background, piece by piece: the window lives, the import can
be stopped, and what is written is one act.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QProgressBar
from pytestqt.qtbot import QtBot

from endoscope_app.labels import label_undo
from endoscope_app.labels.commands import UNDO
from endoscope_app.labels.exchange.label_import import AT_ONCE
from endoscope_app.labels.library import acts_in_pieces
from endoscope_app.labels.library.large_undo import take_back
from endoscope_app.labels.library.records import Changes
from tests.endoscope_app.app_session import Session, running
from tests.endoscope_app.clips import make_clip
from tests.endoscope_app.dialog_text import text_of
from tests.endoscope_app.exchange_session import opened_import
from tests.endoscope_app.label_session import go, in_front, labels, ready

FRAMES, PIECE = AT_ONCE + 200, 500


@pytest.fixture
def many(
    qtbot: QtBot, tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Session]:
    monkeypatch.setattr(acts_in_pieces, "PIECE", PIECE)
    clip = make_clip(tmp_path / "long.mp4", count=FRAMES, size=(64, 48))
    with running(tmp_path / "data", model) as session:
        yield ready(session, clip)


def table(session: Session, folder: Path) -> Path:
    """A label for every frame, as a spreadsheet has them."""
    first, second = session.app.labels.session.panel_classes()[:2]
    key = session.app.labels.procedure.fingerprint
    rows = [f"{(first, second)[index % 2].key},{key},{index}\n" for index in range(FRAMES)]
    (folder / "many.csv").write_text("label,procedure,frame\n" + "".join(rows))
    return folder / "many.csv"


def rests(session: Session) -> str:
    """Why no label can be given; empty where one can."""
    return session.app.labels.session.main.rests_because


class Held:
    """The background waits behind its first piece until ``go_on``."""

    def __init__(self, session: Session) -> None:
        self.go_on = threading.Event()
        self.written = 0
        session.app.labels.imports.progressed.connect(
            self._wait, Qt.ConnectionType.DirectConnection
        )

    def _wait(self, done: int, _total: int) -> None:
        if not self.written:
            self.written = done
            self.go_on.wait(60)


def test_the_window_lives_meanwhile_and_no_label_comes_between(
    many: Session, tmp_path: Path
) -> None:
    held, imports = Held(many), many.app.labels.imports
    dialog = opened_import(many, table(many, tmp_path))
    in_front(many, dialog)
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    many.until(lambda: held.written > 0, "the first piece")
    many.until(lambda: dialog.findChildren(QProgressBar)[0].value() == held.written, "its progress")
    assert "Writing the labels" in text_of(dialog)
    go(many, 7)
    many.app.window.action(UNDO).trigger()
    assert "Labels are being imported" in many.message()
    held.go_on.set()
    many.until(lambda: imports.dialog is None, "the end")
    assert [label.frame_index for label in labels(many)] == list(range(FRAMES))
    assert (many.app.labels.procedure_labels.states.kind >= 0).all()
    assert many.app.window.action(UNDO).text() == f"&Undo: import {FRAMES:,} labels"
    many.press("Ctrl+Z")
    many.until(lambda: labels(many) == [], "the undo")
    many.until(lambda: not rests(many), "labels are given again")
    go(many, 3)
    many.press("1")
    assert len(labels(many)) == 1


def test_esc_stops_it_and_what_is_written_is_one_act(many: Session, tmp_path: Path) -> None:
    held, imports = Held(many), many.app.labels.imports
    dialog = opened_import(many, table(many, tmp_path))
    in_front(many, dialog)
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    many.until(lambda: held.written > 0, "the first piece")
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    held.go_on.set()
    many.until(lambda: not dialog.writes, "the end")
    assert f"Stopped: {held.written} of {FRAMES:,} labels are imported." in text_of(dialog)
    assert len(labels(many)) == held.written
    assert int((many.app.labels.procedure_labels.states.kind >= 0).sum()) == held.written
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    many.until(lambda: imports.dialog is None, "the dialog to close")
    again = opened_import(many, tmp_path / "many.csv")
    assert f"{held.written}\nthe same as mine" in text_of(again)
    again.close()
    many.press("Ctrl+Z")
    many.until(lambda: labels(many) == [], "the undo")


def test_the_window_closes_without_the_rest(
    qtbot: QtBot, tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acts_in_pieces, "PIECE", PIECE)
    clip = make_clip(tmp_path / "long.mp4", count=FRAMES, size=(64, 48))
    with running(tmp_path / "data", model) as session:
        held = Held(ready(session, clip))
        dialog = opened_import(session, table(session, tmp_path))
        in_front(session, dialog)
        QTest.keyClick(dialog, Qt.Key.Key_Return)
        session.until(lambda: held.written > 0, "the first piece")
        session.app.labels.imports._stop.set()  # as closing does, which waits for the background
        held.go_on.set()
    with running(tmp_path / "data", model) as session:
        ready(session, clip)
        assert len(labels(session)) == held.written
        session.press("Ctrl+Z")
        session.until(lambda: labels(session) == [], "the undo")


def held_undo(monkeypatch: pytest.MonkeyPatch) -> tuple[threading.Event, threading.Event]:
    """The background says that it begins to undo, and waits until it may."""
    begun, go_on = threading.Event(), threading.Event()

    def waits(*given: Any) -> Changes:
        begun.set()
        assert go_on.wait(60)
        return take_back(*given)

    monkeypatch.setattr(label_undo, "take_back", waits)
    return begun, go_on


def imported(session: Session, folder: Path) -> None:
    """All of the table, by keys."""
    dialog = opened_import(session, table(session, folder))
    in_front(session, dialog)
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    session.until(lambda: session.app.labels.imports.dialog is None, "the end of the import")
    assert len(labels(session)) == FRAMES


def test_the_window_lives_while_very_many_are_undone_and_done_again(
    many: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported(many, tmp_path)
    begun, go_on = held_undo(monkeypatch)
    many.press("Ctrl+Z")
    many.until(begun.is_set, "the background")
    assert f"This is being undone: import {FRAMES:,} labels." in many.message()
    go(many, 7)  # the window goes on
    many.press("2")
    many.press("Ctrl+Z")
    assert len(labels(many)) == FRAMES
    go_on.set()
    many.until(lambda: labels(many) == [], "the undo")
    many.until(lambda: not rests(many), "labels are given again")
    assert (many.app.labels.procedure_labels.states.kind < 0).all()
    go_on.set()
    many.press("Ctrl+Shift+Z")
    many.until(lambda: len(labels(many)) == FRAMES, "they are there again")
    many.until(lambda: not rests(many), "labels are given again")
    go(many, 3)
    many.press("2")
    assert many.app.window.action(UNDO).text() != f"&Undo: import {FRAMES:,} labels"


def test_esc_stops_an_undo_of_very_many_and_nothing_changes(
    many: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported(many, tmp_path)
    begun, go_on = held_undo(monkeypatch)
    many.press("Ctrl+Z")
    many.until(begun.is_set, "the background")
    assert "Esc stops it, and nothing changes." in many.message()
    window = many.app.window.as_widget()
    in_front(many, window)
    QTest.keyClick(window, Qt.Key.Key_Escape)
    go_on.set()
    many.until(lambda: not rests(many), "labels are given again")
    assert many.message() == "The undo was stopped. Nothing has changed."
    assert len(labels(many)) == FRAMES
    QTest.keyClick(window, Qt.Key.Key_Escape)  # nothing is left to stop
    many.press("Ctrl+Z")
    many.until(lambda: labels(many) == [], "the undo")


def test_an_undo_of_very_many_that_is_closed_upon_changes_nothing(
    qtbot: QtBot, tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = make_clip(tmp_path / "long.mp4", count=FRAMES, size=(64, 48))
    with running(tmp_path / "data", model) as session:
        imported(ready(session, clip), tmp_path)
        begun, go_on = held_undo(monkeypatch)
        session.press("Ctrl+Z")
        session.until(begun.is_set, "the background")
        session.app.labels.undo._stop.set()  # as closing does, which waits for the background
        go_on.set()
    with running(tmp_path / "data", model) as session:
        ready(session, clip)
        assert len(labels(session)) == FRAMES
        assert session.app.window.action(UNDO).text() == f"&Undo: import {FRAMES:,} labels"
