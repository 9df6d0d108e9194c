"""Searching for label errors as a reader does, for the tests of it."""

from __future__ import annotations

from pathlib import Path

import torch

from endoscope_app.base.unfinished import NOTES
from endoscope_app.labels.commands import LABEL_ERRORS
from endoscope_app.labels.errors.label_errors_dialog import LabelErrorsDialog
from kd_core.artifacts.teacher_folder import write_teacher_folder
from kd_core.models.teacher import Teacher, strongest_directions
from kd_core.schema.model_origin import DataNotes, TrainingNotes
from kd_core.schema.taxonomy import LOWER_GI
from tests.endoscope_app.app_session import Session
from tests.endoscope_app.dialog_text import text_of
from tests.endoscope_app.inner_widgets import choose_all

COUNT = 30


SAID = 2  # the class that the student always names


# Each teacher is a process that loads torch, which takes a minute on a machine at load 8
SEARCH_S = 400.0


BIAS = 6.0  # e^6 / (e^6 + 5) = 0.988


def always(folder: Path, code: int) -> Path:
    """A teacher that says this class of every picture."""
    with torch.random.fork_rng(devices=[]):
        teacher = Teacher("mobilenet_v3_large", len(LOWER_GI), weights=None)
        basis, _ = strongest_directions(torch.randn(2, teacher.embedding_size, 7, 7))
    say_always(teacher.head, code)
    write_teacher_folder(
        teacher,
        basis,
        (),
        folder,
        classes=LOWER_GI,
        temperature=1.0,
        data=DataNotes(),
        training=TrainingNotes(),
        scores={},
    )
    return folder


@torch.no_grad()
def say_always(head: torch.nn.Linear, code: int) -> None:
    head.weight.zero_()
    head.bias.zero_()
    head.bias[code] = BIAS


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
    return text_of(dialog)


def scratch(session: Session) -> list[Path]:
    """What lies there but for the folder of notes, which stays."""
    folder = session.app._data.scratch
    return [path for path in folder.iterdir() if path.name != NOTES] if folder.exists() else []


def shown(session: Session) -> list[int]:
    dialog = session.app.labels.review.dialog
    assert dialog is not None
    return [int(frame) for frame in dialog.rows.shown_frames()]
