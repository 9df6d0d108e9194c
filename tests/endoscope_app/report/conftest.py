"""A program with a procedure to report on: three ranges of it are labelled."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.endoscope_app.app_session import Session, running
from tests.endoscope_app.label_session import ready
from tests.endoscope_app.report.report_session import mark
from tests.endoscope_app.report.tissue_clips import make_tissue_clip
from tests.model_factory import make_model_dir


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model_dir(tmp_path_factory.mktemp("model") / "m")


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tissue_clip(tmp_path_factory.mktemp("clips") / "Miller, Anna.mp4")


@pytest.fixture
def session(qtbot: QtBot, tmp_path: Path, model: Path, clip: Path) -> Iterator[Session]:
    """Polyp 5 to 9, caecum 20 to 24, good preparation 30 to 39."""
    with running(tmp_path / "data", model) as session:
        ready(session, Path(shutil.copy(clip, tmp_path / clip.name)))
        for first, last, key in ((5, 9, "5"), (20, 24, "3"), (30, 39, "2")):
            mark(session, first, last, key)
        # What the model says is part of a report: it must not come in after a signature
        session.until(session.analysed, "every frame analysed")
        yield session
