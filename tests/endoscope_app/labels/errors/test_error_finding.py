"""Finding label errors in the whole application, with teachers that are asked in processes of
their own.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from pytestqt.qtbot import QtBot

from endoscope_app.base import paths
from endoscope_app.labels.commands import LABEL_ERRORS
from endoscope_app.labels.errors.contradictions import Contradiction
from endoscope_app.labels.errors.label_errors_dialog import LabelErrorsDialog
from endoscope_app.labels.errors.suspects import suspects_of
from endoscope_app.labels.exchange.training_set import TrainingSample
from endoscope_app.labels.review.review_rows import Queue
from kd_core.artifacts.model_folder import write_model_folder
from kd_core.artifacts.teacher_folder import write_teacher_folder
from kd_core.models.student import Student
from kd_core.models.teacher import Teacher, strongest_directions
from kd_core.schema.model_files import TEACHER_WEIGHTS_NAME
from kd_core.schema.model_origin import DataNotes, TrainingNotes
from kd_core.schema.taxonomy import LOWER_GI, display_name
from tests.endoscope_app.app_session import Session, running
from tests.endoscope_app.clips import make_clip
from tests.endoscope_app.inner_widgets import choose_all
from tests.endoscope_app.label_session import (
    choose_mode,
    give,
    go,
    in_front,
    labels,
    ready,
    store,
    type_keys,
)

COUNT = 30
SAID = 2  # the class that the student always names
# Each teacher is a process that loads torch, which takes a minute on a machine at load 8
SEARCH_S = 400.0
BIAS = 6.0  # e^6 / (e^6 + 5) = 0.988

pytestmark = pytest.mark.timeout(600)


def always(folder: Path, code: int) -> Path:
    """A teacher that says this class of every picture."""
    with torch.random.fork_rng(devices=[]):
        teacher = Teacher("mobilenet_v3_large", len(LOWER_GI), weights=None)
        basis, _ = strongest_directions(torch.randn(2, teacher.embedding_size, 7, 7))
    _say(teacher.head, code)
    write_teacher_folder(
        teacher,
        basis,
        (),
        folder,
        classes=LOWER_GI,
        temperature=1.0,
        thresholds={},
        data=DataNotes(),
        training=TrainingNotes(),
        scores={},
    )
    return folder


@torch.no_grad()
def _say(head: torch.nn.Linear, code: int) -> None:
    head.weight.zero_()
    head.bias.zero_()
    head.bias[code] = BIAS


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    student, folder = Student(len(LOWER_GI)), tmp_path_factory.mktemp("model") / "m"
    _say(student.head, SAID)
    write_model_folder(student, folder, name="stubborn", classes=LOWER_GI, data=DataNotes())
    return folder


@pytest.fixture(scope="module")
def teachers(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    folder = tmp_path_factory.mktemp("teachers")
    return {code: always(folder / f"says-{code}", code) for code in (0, SAID)}


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clips") / "procedure.mp4", count=COUNT)


@pytest.fixture
def session(qtbot: QtBot, tmp_path: Path, model: Path, clip: Path) -> Iterator[Session]:
    with running(tmp_path / "data", model) as session:
        yield ready(session, clip)


def opened(session: Session, teachers: list[Path]) -> LabelErrorsDialog:
    finding = session.app.labels.errors
    finding.reference_folders = lambda: teachers
    session.app.window.action(LABEL_ERRORS).trigger()
    assert finding.dialog is not None
    return finding.dialog


def find(session: Session, dialog: LabelErrorsDialog, everywhere: bool = False) -> str:
    """Until it has ended; what it says then."""
    choose_all(dialog, everywhere)
    dialog._go.click()
    assert dialog.running
    session.until(lambda: not dialog.running, "the end of the search", SEARCH_S)
    assert scratch(session) == []
    return dialog.words()


def scratch(session: Session) -> list[Path]:
    folder = session.app._data.scratch
    return list(folder.iterdir()) if folder.exists() else []


def shown(session: Session) -> list[int]:
    dialog = session.app.labels.review.dialog
    assert dialog is not None
    return [int(frame) for frame in dialog.rows.shown_frames()]


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
    said = find(session, dialog)
    assert said.startswith("5 labels contradicted by the model and all 2 reference models.")
    assert "Looked at: 6 labels." in said
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
    session.press("N")
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
    said = find(session, dialog)
    assert said.startswith(
        "None found: no label is contradicted by the model and all 2 reference models. Looked at: 2"
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
    said = find(session, dialog, everywhere=True)
    assert said.startswith("3 labels contradicted by the model and its reference model.")
    assert "choose one to open it" in said
    assert dialog.procedures() == ["other.mp4: 2 labels", "procedure.mp4: 1 label"]
    dialog._on_item(dialog._procedures.item(1))
    session.until(
        lambda: session.app.viewing.info is not None and session.app.viewing.info.path == clip,
        "the other procedure",
    )
    session.until(lambda: shown(session) == [4], "its suspect")


def test_cancel_ends_the_child_and_leaves_nothing(
    session: Session, teachers: dict[int, Path], tmp_path: Path
) -> None:
    give(session, {4: "1"})
    dialog = opened(session, [teachers[SAID]])
    process = session.app.labels.errors.references.process
    dialog._go.click()
    session.until(lambda: process.process_id() > 0, "the child")
    child = process.process_id()
    assert "Step 2 of 2, MobileNet V3 Large" in dialog.words()
    begun = time.monotonic()
    dialog.reject()
    assert dialog.words() == "Stopped."
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
    assert dialog.words() == "Stopped."
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
    said = find(session, opened(session, [bad]))
    assert "The weights of teacher bad are not the ones its card describes." in said
    (bad / "card.json").write_text("{}")
    dialog = session.app.labels.errors.dialog
    assert dialog is not None
    dialog._go.click()
    assert "card of model bad cannot be read" in dialog.words()
    assert not dialog.running


def test_progress_tells_step_count_and_time_left(
    session: Session, teachers: dict[int, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    dialog = opened(session, [teachers[SAID]])
    finding = session.app.labels.errors
    finding._start(False)
    finding._step, finding._begun = "Step 1 of 2, the model: label", time.monotonic() - 30.0
    finding._show_progress(10, 50)  # 3 seconds each, 40 to go
    assert dialog.words() == "Step 1 of 2, the model: label 10 of 50, about 2:00 left in this step"
    finding._show_progress(2, 50)  # too few to tell
    assert dialog.words() == "Step 1 of 2, the model: label 2 of 50"
    session.until(lambda: not dialog.running, "the end")
    assert dialog.words().startswith("None found")
    assert "Looked at: 0 labels." in dialog.words()


def test_the_surest_contradiction_comes_first_and_procedures_stay_apart() -> None:
    classes, models = ("a", "b", "c"), ("Model", "T")

    def contradiction(where: str, frame: int, model: float, reference: float) -> Contradiction:
        both = tuple(np.array([1 - sure, sure, 0.0]) for sure in (model, reference))
        return Contradiction(TrainingSample(where, frame * 40, frame, "a"), 0, Path("x"), both)

    contradictions = [
        contradiction("x", 1, 0.85, 0.9),
        contradiction("y", 2, 0.8, 0.8),
        contradiction("x", 3, 0.99, 0.95),
        contradiction("x", 4, 0.9, 0.7),
    ]
    found = suspects_of(contradictions, classes, models)
    assert {where: those.frames.tolist() for where, those in found.items()} == {
        "x": [3, 1],
        "y": [2],
    }
    assert found["x"].sentence(1) == "Frame 1 was labelled a. Model: b 85\xa0%; T: b 90\xa0%."
    assert found["x"].sentence(4) == ""
    assert suspects_of([], classes, models) == {}


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{process}/stat")
    return not stat.exists() or stat.read_text().rsplit(")", 1)[1].split()[0] != "Z"
