"""Ctrl+R before it is known what was analysed already: done once it is known."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from pytestqt.qtbot import QtBot

from endoscope_app.analysis.prediction_store import PredictionStore
from tests.endoscope_app.app_session import Session, running
from tests.endoscope_app.clips import make_clip
from tests.model_factory import make_model_dir


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return make_clip(tmp_path / "clip.mp4", count=40)


@contextmanager
def _reading_held() -> Iterator[threading.Event]:
    """What is kept of a procedure is read only when the event is set."""
    go_on = threading.Event()
    load = PredictionStore.load

    def held(store: PredictionStore, *of: Any) -> Any:
        go_on.wait(60)
        return load(store, *of)

    with patch.object(PredictionStore, "load", held):
        try:
            yield go_on
        finally:
            go_on.set()


@pytest.fixture
def session(qtbot: QtBot, tmp_path: Path) -> Iterator[Session]:
    data = tmp_path / "data"
    data.mkdir()
    (data / "settings.json").write_text('{"analyse_on_open": false}')
    with running(data, make_model_dir(tmp_path / "model")) as session:
        yield session


def test_an_analysis_asked_for_while_the_kept_one_is_read_begins_after_it(
    session: Session, clip: Path
) -> None:
    with _reading_held() as go_on:
        session.open(clip)
        assert session.app.analysis.timeline is None
        session.press("Ctrl+R")
        go_on.set()
        session.until(session.analysed, "the analysis that was asked for")


@pytest.mark.parametrize("end", ["cancelled", "another procedure"])
def test_it_does_not_begin_where_that_was_taken_back(
    session: Session, clip: Path, tmp_path: Path, end: str
) -> None:
    with _reading_held() as go_on:
        session.open(clip)
        session.press("Ctrl+R")
        if end == "cancelled":
            session.press("Ctrl+.")
        else:
            session.open(make_clip(tmp_path / "other.mp4", count=30))
        go_on.set()
        session.until(lambda: session.app.analysis.timeline is not None, "what is kept")
        assert not session.app.analysis.running
        assert not session.analysed()
