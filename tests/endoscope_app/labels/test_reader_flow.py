"""Who labels, what may be seen of the model, and files that moved or changed since they were
labelled.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from endoscope_app.labels.commands import READER, UNDO
from endoscope_app.labels.identity_dialog import IdentityDialog
from tests.endoscope_app.app_session import Session, running, spin
from tests.endoscope_app.clips import make_clip, remux
from tests.endoscope_app.label_session import choose_mode, give, go, in_front, labels, ready, store
from tests.model_factory import make_model_dir
from tests.present import present


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model_dir(tmp_path_factory.mktemp("model") / "m")


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clips") / "procedure.mp4", count=40)


@pytest.fixture
def nameless(qtbot: QtBot, tmp_path: Path, model: Path, clip: Path) -> Iterator[Session]:
    with running(tmp_path / "data", model, reader="") as session:
        yield ready(session, clip)


@pytest.fixture
def session(qtbot: QtBot, tmp_path: Path, model: Path, clip: Path) -> Iterator[Session]:
    # The frames of the tests are drawn, and by their look of no use to anybody
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "settings.json").write_text('{"usable_only": false}')
    with running(tmp_path / "data", model) as session:
        yield ready(session, clip)


def readers(session: Session) -> list[str]:
    return [row.reader for row in store(session).read.journal_rows() if row.table == "frame_labels"]


def test_a_label_of_a_reader_without_a_name_never_waits_and_asks_nothing(
    nameless: Session,
) -> None:
    go(nameless, 7)
    nameless.press("2")
    assert nameless.app.labels.reader.dialog is None
    assert [label.frame_index for label in labels(nameless)] == [7]
    assert readers(nameless) == ["unnamed reader"]
    nameless.press("Ctrl+Z")
    assert labels(nameless) == []


def test_the_name_is_given_on_the_start_page(nameless: Session, tmp_path: Path) -> None:
    window = nameless.app.window
    nameless.press("Ctrl+Home")
    field = window.worklist.findChild(QLineEdit, "reader")
    in_front(nameless, window)
    QTest.keyClicks(present(field), "  A.   Reader ")
    QTest.keyClick(present(field), Qt.Key.Key_Return)
    nameless.press("Ctrl+Home")
    give(nameless, {7: "2"})
    assert readers(nameless) == ["A. Reader"]
    assert store(nameless).read.reader_name() == "A. Reader"


def test_the_name_can_be_changed_later_and_is_kept(session: Session) -> None:
    give(session, {1: "1"})
    session.app.window.action(READER).trigger()
    dialog = session.app.labels.reader.dialog
    assert dialog is not None
    field = dialog.findChild(QLineEdit)
    assert present(field).text() == "Dr. Test"
    present(field).setText("Dr. Other")
    dialog.accept()
    give(session, {2: "1"})
    assert readers(session) == ["Dr. Test", "Dr. Other"]
    session.app.window.action(READER).trigger()
    present(session.app.labels.reader.dialog).reject()
    assert store(session).read.reader_name() == "Dr. Other"


def test_a_hidden_model_is_on_no_timeline_list_or_jump_and_comes_back_whole(
    session: Session,
) -> None:
    session.until(session.analysed, "the analysis")
    app, window = session.app, session.app.window
    go(session, 4)
    other = (int(app.prediction_view.prediction.label) + 1) % 6  # type: ignore[union-attr]
    session.press(str(other + 1))
    view = app.analysis_view
    view.findings or session.until(lambda: bool(view.findings), "findings")
    for mode in ("hidden", "on request"):
        choose_mode(session, mode)
        assert app.settings.now.reader_mode == mode
        shown = window.timeline.display.scene.timeline
        assert shown is not None
        assert shown.frame_count == 40
        assert not shown.known.any()
        assert window.segments.count() == 0
        assert window.segments.rows == ()
        assert app.analysis.timeline is not None
        assert app.analysis.timeline.known.all()
        go(session, 0)
        session.press("PgDown")
        spin(30)
        assert session.on_screen() == 0
        session.press(
            "Shift+N"
        )  # the reader's own frame that differs may be gone to, an unsure one not
        session.until(lambda: session.on_screen() == 4, "the answered frame")
        session.press("Shift+N")
        spin(30)
        assert session.on_screen() == 4
    choose_mode(session, "always")
    assert window.timeline.display.scene.timeline is app.analysis.timeline
    assert window.segments.count() == len(app.analysis_view.findings) > 0


def test_nobody_agrees_with_a_hidden_answer_and_undo_hides_it_again(session: Session) -> None:
    choose_mode(session, "hidden")
    go(session, 3)
    session.press("R")
    assert labels(session) == []
    assert "hidden" in session.message()
    session.press("1")
    assert session.app.window.bars.top() is not None
    session.press("R")
    assert [label.kind for label in labels(session)] == ["class", "agreed"]
    for _ in range(2):
        session.press("Ctrl+Z")
    assert session.app.window.bars.top() is None
    assert [
        row.ai_visible for row in store(session).read.journal_rows() if row.table == "frame_labels"
    ] == ["hidden"] * 4


def test_the_limit_of_kept_pictures_holds_from_the_next_label_on(
    session: Session, tmp_path: Path
) -> None:
    session.app.settings.take(
        msgspec.structs.replace(session.app.settings.now, kept_pictures_gb=0.0)
    )
    give(session, {2: "1"})
    session.until(lambda: "reached their limit" in session.message(), "the limit in words")
    assert len(labels(session)) == 1
    assert not list((tmp_path / "data" / "labels" / "frames").glob("*/*.png"))


def test_a_moved_file_finds_its_labels_and_is_noted_silently(
    session: Session, clip: Path, tmp_path: Path
) -> None:
    give(session, {3: "1", 9: "2"})
    moved = shutil.copy(clip, tmp_path / "elsewhere.mp4")
    session.open(Path(moved))
    assert session.app.labels.identity.question is None
    procedure = store(session).read.procedure(session.app.labels.procedure.fingerprint)
    assert procedure is not None
    assert (procedure.path, procedure.name) == (str(moved), "elsewhere.mp4")
    assert [label.frame_index for label in labels(session)] == [3, 9]
    assert (
        store(session).read.undo_title(session.app.labels.procedure.fingerprint)
        != "note where a procedure lies"
    )


@pytest.mark.parametrize("answer", ["Carry over", "Leave them", "Not now"])
def test_a_changed_file_is_asked_about(
    session: Session, clip: Path, tmp_path: Path, answer: str
) -> None:
    path = tmp_path / "case.mp4"
    shutil.copy(clip, path)
    session.open(path)
    give(session, {3: "1", 9: "2"})
    before = session.app.labels.procedure.fingerprint
    path.unlink()
    remux(clip, path, skip=0, shift=0)
    session.open(path)
    assert session.app.player.info is not None
    after = session.app.player.info.fingerprint
    assert after != before
    assert session.app.labels.procedure.fingerprint == ""
    question = session.app.labels.identity.question
    assert question is not None
    assert "changed since it was labelled (2 labels)" in question.text()
    assert not question.isModal()
    next(button for button in question.findChildren(QPushButton) if button.text() == answer).click()
    carried = answer == "Carry over"
    assert [label.frame_index for label in store(session).read.frame_labels(after)] == (
        [3, 9] if carried else []
    )
    assert [label.frame_index for label in store(session).read.frame_labels(before)] == (
        [] if carried else [3, 9]
    )
    assert np.flatnonzero(session.app.labels.procedure_labels.states.kind >= 0).tolist() == (
        [3, 9] if carried else []
    )
    if carried:
        assert session.app.window.action(UNDO).text() == "&Undo: carry 2 labels over"
    session.open(path)
    asked_again = session.app.labels.identity.question
    assert (asked_again is not None) == (answer == "Not now")
    assert asked_again is None or isinstance(asked_again, IdentityDialog)
