"""What is said of an analysis that could not be saved is true for as long as it is said."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from endoscope_app.analysis.prediction_store import PredictionStore
from endoscope_app.base.errors import AppError
from tests.endoscope_app.app_session import running
from tests.endoscope_app.clips import make_clip
from tests.model_factory import make_model_dir

FULL = "The disk is full, so the analysis could not be saved."


def test_a_full_disk_is_not_complained_of_once_the_analysis_is_saved(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AppError(FULL)

    with running(tmp_path / "data", make_model_dir(tmp_path / "m")) as session:
        with monkeypatch.context() as full:
            full.setattr(PredictionStore, "save", refuse)
            session.open(make_clip(tmp_path / "procedure.mp4", count=20))
            session.until(session.analysed, "the analysis")
            session.until(lambda: session.message() == FULL, "the complaint")
        app = session.app
        assert app.player.info is not None
        assert app.classifier is not None
        assert app.analysis.timeline is not None
        app.analysis._kept.save(
            app.player.info, app.classifier, app.analysis.timeline, app.analysis.measures
        )
        session.until(lambda: session.message() == "", "the complaint is withdrawn")
