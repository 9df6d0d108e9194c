"""A folder of stills whose analysis is kept, and a window in which it is open."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.endoscope_app.app_session import Session, running
from tests.endoscope_app.label_session import in_front, ready
from tests.endoscope_app.stills.still_session import keep_analysis, make_stills
from tests.model_factory import make_model_dir


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model_dir(tmp_path_factory.mktemp("model") / "m")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_stills(tmp_path_factory.mktemp("stills") / "folder")


@pytest.fixture
def data(tmp_path: Path, model: Path, folder: Path) -> Path:
    keep_analysis(tmp_path / "data", model, folder)
    return tmp_path / "data"


@pytest.fixture
def session(qtbot: QtBot, data: Path, model: Path, folder: Path) -> Iterator[Session]:
    with running(data, model) as session:
        ready(session, folder)
        session.until(session.analysed, "the kept analysis")
        in_front(session, session.app.window)
        yield session
