"""A clip whose analysis is kept, labelled by a first reader in the real window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.endoscope_app.app_session import Session, running
from tests.endoscope_app.clips import make_clip
from tests.endoscope_app.second_reading.reading_session import BY_FIRST, FIRST, read
from tests.endoscope_app.segments.segment_session import COUNT, keep_analysis, reviewing
from tests.model_factory import make_model_dir


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model_dir(tmp_path_factory.mktemp("model") / "m")


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clips") / "procedure.mp4", count=COUNT)


@pytest.fixture
def data(tmp_path: Path, model: Path, clip: Path) -> Path:
    keep_analysis(tmp_path / "data", model, clip)
    return tmp_path / "data"


@pytest.fixture
def session(
    qtbot: QtBot, data: Path, model: Path, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Session]:
    """Questions are answered with yes."""
    monkeypatch.setattr("endoscope_app.second_reading.blind_reading.ask", lambda *_: True)
    with running(data, model, reader=FIRST) as session:
        reviewing(session, clip)
        read(session, BY_FIRST)
        yield session
