"""A program without a procedure, whose label library is open."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from endoscope_app.media import opening
from tests.endoscope_app.app_session import Session, running
from tests.endoscope_app.clips import make_clip
from tests.model_factory import make_model_dir


@pytest.fixture(autouse=True)
def _decoded_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """What files hold is decoded by this process, where a test can look at it, and quickly."""
    monkeypatch.setattr(opening, "decodes_apart", lambda: False)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model_dir(tmp_path_factory.mktemp("model") / "m")


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clips") / "procedure.mp4", count=20)


@pytest.fixture
def session(qtbot: QtBot, tmp_path: Path, model: Path) -> Iterator[Session]:
    with running(tmp_path / "data", model) as session:
        session.until(lambda: not session.app.labels.session.not_open_because, "the library")
        yield session
