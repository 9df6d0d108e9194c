"""Finding label errors in the whole application, with reference models in their own processes."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from endoscope_app.base import paths
from endoscope_app.labels.commands import LABEL_ERRORS
from endoscope_app.labels.review.review_rows import Queue
from kd_core.schema.taxonomy import LOWER_GI, display_name
from tests.endoscope_app.app_session import Session
from tests.endoscope_app.clips import make_clip
from tests.endoscope_app.dialog_text import text_of
from tests.endoscope_app.error_search import (
    COUNT,
    SAID,
    find,
    opened,
    shown,
)
from tests.endoscope_app.label_session import (
    choose_mode,
    give,
    go,
    in_front,
    store,
    type_keys,
)

pytestmark = pytest.mark.timeout(600)


def test_without_teachers_one_sentence_says_so(session: Session, tmp_path: Path) -> None:
    session.app.labels.errors.reference_folders = list
    session.app.window.action(LABEL_ERRORS).trigger()
    assert session.app.labels.errors.dialog is None
    assert (
        session.message()
        == "Finding label errors needs the reference models, which this installation does not have."
    )


def test_shipped_teachers_are_the_folders_with_a_card(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paths, "resources_dir", lambda: tmp_path)
    assert paths.shipped_teachers() == []
    for name in ("b", "a", "empty"):
        (tmp_path / "models" / "teachers" / name).mkdir(parents=True)
    for name in ("b", "a"):
        (tmp_path / "models" / "teachers" / name / "card.json").write_text("{}")
    assert [folder.name for folder in paths.shipped_teachers()] == ["a", "b"]


def test_exactly_the_contradicted_labels_are_listed(
    session: Session, teachers: dict[int, Path]
) -> None:
    give(session, {20: "1", 3: str(SAID + 1), 7: "X", 5: "2"})
    for frame, key in ((9, "I"), (16, "O")):
        go(session, frame)
        session.press(key)
    session.press("5")  # of the range every fifth frame is looked at, and the last: 9, 14, 16
    choose_mode(session, "hidden")
    app = session.app
    dialog = opened(session, [teachers[SAID], teachers[SAID]])
    assert not dialog._hidden.isHidden()
    sentence = find(session, dialog)
    assert sentence.startswith("5 labels contradicted by the model and both reference models.")
    assert "Looked at: 6 labels." in sentence
    assert shown(session) == [5, 9, 14, 16, 20]
    review = app.labels.review.dialog
    assert review is not None
    assert review.rows.filters().queue() is Queue.GIVEN
    session.until(lambda: session.on_screen() == 5, "the first suspect")
    name, own = display_name(LOWER_GI[SAID]), display_name(LOWER_GI[1])
    assert (
        review.note()
        == f"Frame 5 was labelled {own}. Model: {name} 99\xa0%; MobileNet V3 Large: {name}"
        f" 99\xa0%; MobileNet V3 Large: {name} 99\xa0%."
    )
    cells = [str(review.rows.table().model().index(1, column).data()) for column in (3, 4, 5, 6)]
    assert cells == [f"Range: {display_name(LOWER_GI[4])}", name, "99\xa0%", "≠  disagreement"]
    # N goes through them, and a label changed there was changed by somebody who knew
    session.press("Shift+N")
    session.until(lambda: session.on_screen() == 9, "the next suspect")
    in_front(session, review)
    # The search's own dialog is still open, and leaves the list its keys
    type_keys(session, str(SAID + 1))
    assert dialog.isVisible()
    assert str(review.rows.table().model().index(1, 6).data()) == "✓  agreed"
    go(session, 25)
    session.press("1")
    assert [row.ai_visible for row in list(store(session).read.journal_rows())[-2:]] == [
        "on request",
        "hidden",
    ]
    review.all_requested.emit()
    assert shown(session) == list(range(COUNT))
    assert review.rows.filters().queue() is Queue.TIME
    assert "reader mode" in review.note()


def test_one_teacher_that_agrees_with_the_reader_clears_a_label(
    session: Session, teachers: dict[int, Path]
) -> None:
    give(session, {4: "1", 8: "1"})
    asked: list[int] = []
    finding = session.app.labels.errors
    finding.references.process.predicted.connect(lambda predictions: asked.append(len(predictions)))
    dialog = opened(session, [teachers[0], teachers[SAID]])
    sentence = find(session, dialog)
    assert sentence.startswith(
        "None found: no label is contradicted by the model and both reference models. Looked at: 2"
        " labels."
    )
    assert asked == [2]  # nothing was left for the second one
    assert session.app.labels.review.dialog is None


def test_a_search_in_all_procedures_leads_to_each(
    session: Session, teachers: dict[int, Path], tmp_path: Path, clip: Path
) -> None:
    give(session, {4: "1"})
    other = make_clip(tmp_path / "other.mp4", count=12, gop=3)
    session.open(other)
    give(session, {2: "1", 3: "2"})
    third = make_clip(tmp_path / "third.mp4", count=9, gop=3)
    session.open(third)
    dialog = opened(session, [teachers[SAID]])
    sentence = find(session, dialog, everywhere=True)
    assert sentence.startswith("3 labels contradicted by the model and its reference model.")
    assert "choose one to open it" in sentence
    assert dialog.procedures() == ["other.mp4: 2 labels", "procedure.mp4: 1 label"]
    dialog._on_item(dialog._procedures.item(1))
    session.until(
        lambda: session.app.player.info is not None and session.app.player.info.path == clip,
        "the other procedure",
    )
    session.until(lambda: shown(session) == [4], "its suspect")


def test_progress_tells_step_count_and_time_left(
    session: Session, teachers: dict[int, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    dialog = opened(session, [teachers[SAID]])
    finding = session.app.labels.errors
    finding._start(False)
    finding._step, finding._begun = "Step 1 of 2, the model: label", time.monotonic() - 30.0
    finding._show_progress(10, 50)  # 3 seconds each, 40 to go
    assert text_of(dialog) == "Step 1 of 2, the model: label 10 of 50, about 2:00 left in this step"
    finding._show_progress(2, 50)  # too few to tell
    assert text_of(dialog) == "Step 1 of 2, the model: label 2 of 50"
    session.until(lambda: not dialog.running, "the end")
    assert text_of(dialog).startswith("None found")
    assert "Looked at: 0 labels." in text_of(dialog)
