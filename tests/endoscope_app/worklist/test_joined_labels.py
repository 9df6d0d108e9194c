"""What was labelled in a file by itself, or in some of the files, is offered where the files are
joined: it goes to the same frames as one act, and what was analysed is not analysed again.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from endoscope_app.base.paths import shipped_model
from endoscope_app.labels.identity_dialog import IdentityDialog
from endoscope_app.media.source import SourceInfo
from endoscope_app.retraining.run_folders import RunFolders
from kd_core.schema.held_out import HeldOut, read_held_out, write_held_out
from tests.endoscope_app.app_session import Session, running
from tests.endoscope_app.identity_session import label_range, question
from tests.endoscope_app.joining_session import COUNTS, asked, click, make_parts, opened, press
from tests.endoscope_app.label_session import give, go, ready, store
from tests.present import present

ALL = sum(COUNTS)
ALT = Qt.KeyboardModifier.AltModifier


@pytest.fixture
def parts(tmp_path: Path) -> list[Path]:
    return make_parts(tmp_path / "in")


@pytest.fixture
def session(qtbot: QtBot, tmp_path: Path) -> Iterator[Session]:
    with running(tmp_path / "data", shipped_model()) as session:
        session.until(lambda: not session.app.labels.session.not_open_because, "the library")
        yield session


def joined(session: Session, videos: list[Path], count: int, *keys: Qt.Key) -> SourceInfo:
    """Dropped together, put in order by ``keys`` with Alt, and said to be one procedure."""
    session.app.window.paths_dropped.emit(videos)
    dialog = asked(session)
    for key in keys:
        press(dialog, key, ALT)
    click(dialog, "One procedure")
    return opened(session, count)


def frames(session: Session, fingerprint: str) -> list[int]:
    return [label.frame_index for label in store(session).read.frame_labels(fingerprint)]


def ranges(session: Session, fingerprint: str) -> list[tuple[int, int]]:
    spans = store(session).read.ranges(fingerprint)
    return [(span.first_index, span.last_index) for span in spans]


def bookmarks(session: Session, fingerprint: str) -> list[int]:
    return [item.first_index for item in store(session).read.segments(fingerprint)]


def labelled_part(session: Session, video: Path) -> str:
    """Frames 2 and 9, a range from 4 to 7 and a bookmark on 11, by keys; its fingerprint."""
    ready(session, video)
    give(session, {2: "1", 9: "2"})
    label_range(session, 4, 7, "5")
    go(session, 11)
    session.press("Ctrl+D")
    session.until(session.analysed, "the analysis")
    return present(session.app.player.info).fingerprint


def said(dialog: IdentityDialog) -> str:
    return " ".join(label.text() for label in dialog.findChildren(QLabel))


def test_labels_of_a_single_file_are_carried_into_the_joined_procedure_and_back_by_undo(
    session: Session, parts: list[Path]
) -> None:
    old = labelled_part(session, parts[1])
    before = store(session).read.last_sequence()
    info = joined(session, parts, ALL)
    offer = question(session)
    assert offer.windowTitle() == "Parts of this procedure were reviewed before"
    assert "reviewed before they were joined so (3 labels)" in said(offer)
    assert "As it was labelled" in said(offer)
    assert "part2.mp4" in said(offer)
    assert frames(session, info.fingerprint) == []
    QTest.keyClick(offer, Qt.Key.Key_Return)
    new, first = info.fingerprint, COUNTS[0]
    assert frames(session, new) == [first + 2, first + 9]
    assert ranges(session, new) == [(first + 4, first + 7)]
    assert bookmarks(session, new) == [first + 11]
    assert (frames(session, old), ranges(session, old), bookmarks(session, old)) == ([], [], [])
    assert session.message() == "3 labels carried over."
    kind = session.app.labels.procedure_labels.states.kind
    assert [index for index in range(ALL) if kind[index] >= 0] == [
        first + index for index in (2, 4, 5, 6, 7, 9)
    ]
    assert store(session).read.last_sequence() == before + 1  # one entry of the history
    session.press("Ctrl+Z")
    assert (frames(session, old), ranges(session, old)) == ([2, 9], [(4, 7)])
    assert bookmarks(session, old) == [11]
    assert (frames(session, new), ranges(session, new), bookmarks(session, new)) == ([], [], [])


def test_left_labels_stay_with_the_file_and_are_not_asked_about_again(
    session: Session, parts: list[Path]
) -> None:
    old = labelled_part(session, parts[1])
    info = joined(session, parts, ALL)
    QTest.keyClick(question(session), Qt.Key.Key_Escape)
    give(session, {1: "1"})
    assert frames(session, info.fingerprint) == []
    labelled = session.app.labels.identity
    session.app.window.paths_dropped.emit(parts)
    click(asked(session), "One procedure")
    session.until(lambda: labelled.question is not None, "the question again")
    click_in(question(session), "Leave them")
    assert frames(session, old) == [2, 9]
    give(session, {1: "1"})
    assert frames(session, info.fingerprint) == [1]
    ready(session, parts[0])
    joined(session, parts, ALL)
    assert labelled.question is None
    assert frames(session, info.fingerprint) == [1]


def click_in(dialog: IdentityDialog, text: str) -> None:
    button = next(each for each in dialog.findChildren(QPushButton) if each.text() == text)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_labels_of_two_files_and_of_another_order_come_together_as_one_act(
    session: Session, parts: list[Path]
) -> None:
    """Part 1 by itself and 2 before 10, then all three: each label goes to its own frame."""
    ready(session, parts[0])
    give(session, {3: "1"})
    one = present(session.app.player.info).fingerprint
    two = joined(session, [parts[2], parts[1]], COUNTS[1] + COUNTS[2], Qt.Key.Key_Down).fingerprint
    give(session, {0: "2", COUNTS[2] + 5: "5"})
    info = joined(session, parts, ALL)
    offer = question(session)
    assert "(3 labels)" in said(offer)
    assert "and part1.mp4" in said(offer)
    QTest.keyClick(offer, Qt.Key.Key_Return)
    # of part 10, which comes last now, the first frame; of part 2 the sixth
    wanted = [3, COUNTS[0] + 5, COUNTS[0] + COUNTS[1]]
    assert frames(session, info.fingerprint) == wanted
    session.press("Ctrl+Z")
    assert (frames(session, one), frames(session, two)) == ([3], [0, COUNTS[2] + 5])
    assert frames(session, info.fingerprint) == []
    session.press("Ctrl+Shift+Z")
    assert frames(session, info.fingerprint) == wanted


def has_one(folder: Path, kind: str) -> bool:
    return any(folder.glob(f"*.{kind}"))


def test_what_was_analysed_of_a_file_is_known_of_the_joined_procedure(
    session: Session, parts: list[Path], tmp_path: Path
) -> None:
    ready(session, parts[1])
    session.until(session.analysed, "the analysis of one part")
    analysis = session.app.analysis
    session.until(lambda: analysis._thread is None, "nothing is analysed")
    kept = tmp_path / "data" / "predictions"
    for kind in ("predictions", "embeddings", "measures"):
        session.until(partial(has_one, kept, kind), f"{kind} on disk")
    alone = present(analysis.timeline).raw.copy()
    joined(session, parts, ALL)
    first, end = COUNTS[0], COUNTS[0] + COUNTS[1]
    session.until(lambda: analysis.timeline is not None, "what is known")
    assert present(analysis.timeline).known[first:end].all()
    assert (present(analysis.timeline).raw[first:end] == alone).all()
    assert present(analysis.embeddings).known[first:end].all()
    session.until(session.analysed, "the rest is analysed")
    assert (present(analysis.timeline).raw[first:end] == alone).all()


def held_out_file(session: Session, tmp_path: Path) -> Path:
    return RunFolders(tmp_path / "data" / "runs").held_out


@pytest.mark.parametrize("answer", ["Carry over", "Leave them"])
def test_images_that_a_model_is_checked_on_stay_so_in_the_joined_procedure(
    session: Session, parts: list[Path], tmp_path: Path, answer: str
) -> None:
    old = labelled_part(session, parts[1])
    file = held_out_file(session, tmp_path)
    file.parent.mkdir(parents=True, exist_ok=True)
    write_held_out(file, HeldOut((old,), ("another",)))
    use = session.app.worklist.uses
    use.allow(
        [entry for entry in session.app.worklist.view.entries if entry.fingerprint == old],
        "excluded",
    )
    assert store(session).read.uses() == {old: "excluded"}
    info = joined(session, parts, ALL)
    click_in(question(session), answer)
    new = info.fingerprint
    assert read_held_out(file) == HeldOut(tuple(sorted((old, new))), ("another",))
    assert store(session).read.uses() == {old: "excluded", new: "excluded"}
    session.press("Ctrl+Z")
    assert store(session).read.uses() == {old: "excluded"}, "what was carried was one act"


def test_what_was_learnt_from_in_one_of_the_files_is_never_checked_on(
    session: Session, parts: list[Path], tmp_path: Path
) -> None:
    old = labelled_part(session, parts[1])
    ready(session, parts[0])
    give(session, {3: "1"})
    other = present(session.app.player.info).fingerprint
    file = held_out_file(session, tmp_path)
    file.parent.mkdir(parents=True, exist_ok=True)
    write_held_out(file, HeldOut((old,), (other,)))
    new = joined(session, parts, ALL).fingerprint
    QTest.keyClick(question(session), Qt.Key.Key_Return)
    assert read_held_out(file) == HeldOut((old,), tuple(sorted((other, new))))


def test_no_label_is_carried_where_the_side_cannot_be_kept(
    session: Session, parts: list[Path], tmp_path: Path
) -> None:
    old = labelled_part(session, parts[1])
    file = held_out_file(session, tmp_path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("{")
    new = joined(session, parts, ALL).fingerprint
    QTest.keyClick(question(session), Qt.Key.Key_Return)
    assert "does not say which procedures are held out" in session.message()
    assert (frames(session, old), frames(session, new)) == ([2, 9], [])
    assert file.read_text() == "{"
