"""A program with labels to export, and one with a library that has none yet."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.endoscope_app.app_session import Session, running
from tests.endoscope_app.clips import make_clip
from tests.endoscope_app.label_session import ready
from tests.model_factory import make_model_dir


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model_dir(tmp_path_factory.mktemp("model") / "m")


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clips")
    make_clip(folder / "Miller, Anna.mp4", count=30)
    make_clip(folder / "other.mp4", count=20, gop=3)
    return folder


@pytest.fixture
def session(qtbot: QtBot, tmp_path: Path, model: Path, clips: Path) -> Iterator[Session]:
    with running(tmp_path / "data", model) as session:
        shutil.copytree(clips, tmp_path / "films")
        yield ready(session, tmp_path / "films" / "Miller, Anna.mp4")


@pytest.fixture
def fresh(qtbot: QtBot, tmp_path: Path, model: Path, shared_cases: Path) -> Iterator[Session]:
    """A new, empty library, and base.mp4 open and never labelled."""
    with running(tmp_path / "data", model) as session:
        yield ready(session, shared_cases / "base.mp4")
