"""The quick look through the window: there before the analysis, kept, and never a finding."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from pytestqt.qtbot import QtBot

from endoscope_app.analysis.prediction_store import PredictionStore, Stored
from endoscope_app.analysis.timeline.geometry import strips
from tests.endoscope_app.app_session import Session, running
from tests.endoscope_app.clips import make_clip
from tests.endoscope_app.held_analysis import analysis_held
from tests.model_factory import make_model_dir
from tests.present import present

COUNT, GOP = 1_600, 50


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(
        tmp_path_factory.mktemp("clips") / "long.mp4", COUNT, size=(96, 64), gop=GOP, b_frames=0
    )


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return make_model_dir(tmp_path / "model")


@pytest.fixture
def session(qtbot: QtBot, tmp_path: Path, model: Path) -> Iterator[Session]:
    with running(tmp_path / "data", model) as session:
        yield session


def kept(session: Session) -> Stored | None:
    info, classifier = present(session.app.player.info), present(session.app.classifier)
    store = PredictionStore(session.app._data.predictions).quick
    return store.load(info.fingerprint, classifier.version, COUNT, len(classifier.classes))


def is_full(session: Session) -> bool:
    timeline = session.app.analysis.timeline
    return timeline is not None and timeline.quick is not None and bool(timeline.quick.known.all())


def hover(session: Session, frame: int) -> str:
    timeline = session.app.window.timeline
    rows = strips(timeline.width(), timeline.height(), timeline.display.scene.lanes)
    across = round(timeline.display.stage.scale(False).x(frame + 0.5))
    return timeline.hover.text(QPointF(across, round(rows.strip.center().y())))


def state(session: Session) -> str:
    return session.app.window.progress.text()


def listed(session: Session) -> str:
    return session.app.window.segments._progress.text()


def whole_look(session: Session) -> bool:
    found = kept(session)
    return found is not None and int(found.known.sum()) == COUNT // GOP


def test_the_timeline_is_full_while_nearly_nothing_is_analysed_and_says_what_it_shows(
    session: Session, clip: Path
) -> None:
    with analysis_held(clip):
        session.open(clip)
        session.until(lambda: is_full(session), "a full timeline")
        timeline = present(session.app.analysis.timeline)
        # kept as soon as it is whole, so that a kill costs nothing of it
        session.until(lambda: whole_look(session), "the quick look on disk")
        assert timeline.known_count < COUNT // 4
        assert timeline.window(np.array([COUNT - 200.0, COUNT - 1.0])).quick.all()
        assert "Quick look, not analysed yet" in hover(session, COUNT - 100)
        begun = "Quick look shown · Analysing"
        session.until(lambda: state(session).startswith(begun), "the state")
        session.until(lambda: "% analysed" in listed(session), "the list says how much it rests on")
        session.press("Ctrl+.")
        session.until(lambda: not session.app.analysis.running, "the end")
        assert state(session).startswith("Quick look at one frame in 50 · ")
        assert state(session).endswith("Ctrl+R continues")


def test_no_finding_comes_of_a_quick_look_alone(
    session: Session, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as nothing:
        # Every frame is looked for in vain: what is left is the quick look
        nothing.setattr("endoscope_app.analysis.frame_analysis.pieces_to_do", lambda *_: [])
        session.open(clip)
        session.until(lambda: is_full(session), "a full timeline")
        session.until(lambda: not session.app.analysis.running, "the end")
    assert present(session.app.analysis.timeline).known_count == 0
    assert session.app.analysis_view.findings == ()
    assert listed(session) == "No segment yet · quick look only"


def test_it_is_there_at_once_when_the_procedure_is_opened_again_and_goes_once_all_is_analysed(
    qtbot: QtBot, tmp_path: Path, clip: Path, model: Path
) -> None:
    data = tmp_path / "data"
    with running(data, model) as session, analysis_held(clip):
        session.open(clip)
        session.until(lambda: whole_look(session), "the quick look on disk")
    settings = data / "settings.json"
    settings.write_text('{"analyse_on_open": false}')
    with running(data, model) as session:
        session.open(clip)
        session.until(lambda: session.app.analysis.timeline is not None, "what is kept")
        assert is_full(session)
        assert state(session).startswith("Quick look at one frame in 50 · ")
        session.press("Ctrl+R")
        session.until(session.analysed, "the analysis of every frame")
        session.until(lambda: not session.app.analysis.running, "the end")
        assert state(session) == "All frames analysed"
        assert "Quick look" not in hover(session, COUNT - 100)
        session.until(lambda: kept(session) is None, "it is needed no longer")
        session.until(lambda: "·" not in listed(session), "the list rests on every frame")
