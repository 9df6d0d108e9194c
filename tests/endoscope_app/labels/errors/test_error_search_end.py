"""How a search for label errors ends before its time: cancelled, closed, by a damaged model."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from kd_core.schema.model_files import TEACHER_WEIGHTS_NAME
from tests.endoscope_app.app_session import Session
from tests.endoscope_app.dialog_text import text_of
from tests.endoscope_app.error_search import (
    SAID,
    always,
    find,
    opened,
    scratch,
)
from tests.endoscope_app.label_session import (
    give,
    labels,
)

pytestmark = pytest.mark.timeout(600)


def test_cancel_ends_the_child_and_leaves_nothing(
    session: Session, teachers: dict[int, Path], tmp_path: Path
) -> None:
    give(session, {4: "1"})
    dialog = opened(session, [teachers[SAID]])
    process = session.app.labels.errors.references.process
    dialog._go.click()
    session.until(lambda: process.process_id() > 0, "the child")
    child = process.process_id()
    assert "Step 2 of 2, MobileNet V3 Large" in text_of(dialog)
    begun = time.monotonic()
    dialog.reject()
    assert text_of(dialog) == "Stopped."
    assert not dialog.running
    assert scratch(session) == []
    session.until(lambda: not _alive(child), "the child is gone")
    assert time.monotonic() - begun < 10
    assert dialog.isVisible()
    dialog.reject()
    assert session.app.labels.errors.dialog is None
    assert len(labels(session)) == 1


def test_cancel_while_the_student_looks_ends_in_words(
    session: Session, teachers: dict[int, Path]
) -> None:
    give(session, dict.fromkeys(range(12), "1"))
    dialog = opened(session, [teachers[SAID]])
    dialog._go.click()
    dialog.reject()
    session.until(lambda: not dialog.running, "the end")
    assert text_of(dialog) == "Stopped."
    assert scratch(session) == []
    assert session.app.labels.errors.references.process.process_id() == 0


def test_closing_the_program_in_the_middle_leaves_no_child_and_no_picture(
    session: Session, teachers: dict[int, Path]
) -> None:
    give(session, {4: "1"})
    dialog = opened(session, [teachers[SAID]])
    process = session.app.labels.errors.references.process
    dialog._go.click()
    session.until(lambda: process.process_id() > 0, "the child")
    child = process.process_id()
    session.app.close()
    assert not _alive(child)
    assert scratch(session) == []


def test_a_damaged_teacher_is_said(session: Session, tmp_path: Path) -> None:
    give(session, {4: "1"})
    bad = always(tmp_path / "bad", SAID)
    (bad / TEACHER_WEIGHTS_NAME).write_bytes(b"nothing")
    sentence = find(session, opened(session, [bad]))
    assert "The weights of teacher bad are not the ones its card describes." in sentence
    (bad / "card.json").write_text("{}")
    dialog = session.app.labels.errors.dialog
    assert dialog is not None
    dialog._go.click()
    assert "card of model bad cannot be read" in text_of(dialog)
    assert not dialog.running


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{process}/stat")
    return not stat.exists() or stat.read_text().rsplit(")", 1)[1].split()[0] != "Z"
