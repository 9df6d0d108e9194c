"""A program whose model always names one class, and reference models that do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from kd_core.artifacts.model_folder import write_model_folder
from kd_core.models.student import Student
from kd_core.schema.model_origin import DataNotes
from kd_core.schema.taxonomy import LOWER_GI
from tests.endoscope_app.app_session import Session, running
from tests.endoscope_app.clips import make_clip
from tests.endoscope_app.error_search import COUNT, SAID, always, say_always
from tests.endoscope_app.label_session import (
    ready,
)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    student, folder = Student(len(LOWER_GI)), tmp_path_factory.mktemp("model") / "m"
    say_always(student.head, SAID)
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
