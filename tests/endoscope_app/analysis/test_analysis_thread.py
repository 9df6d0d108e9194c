"""Analysis in the background of the window: chunks, progress with the time left, and one
message at the end.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from endoscope_app.analysis import procedure_analysis
from endoscope_app.analysis.analysis_thread import AnalysisThread
from endoscope_app.analysis.analysis_view import AnalysisView
from endoscope_app.analysis.prediction_store import PredictionStore
from endoscope_app.analysis.procedure_analysis import ProcedureAnalysis
from endoscope_app.base.background_task import Tasks
from endoscope_app.base.current_settings import CurrentSettings
from endoscope_app.base.errors import AppError
from endoscope_app.base.settings import Settings
from endoscope_app.media.opening import open_source
from endoscope_app.media.source import SharedFrames
from endoscope_app.shell.main_window import MainWindow
from endoscope_app.viewing.class_names import ClassNames
from tests.endoscope_app import clips
from tests.endoscope_app.analysis_tools import COUNT, WAIT_S, WatchedClassifier, joined, one_by_one
from tests.endoscope_app.frame_times import steady
from tests.model_factory import make_model_dir

WAIT_MS = int(WAIT_S * 1000)


@pytest.fixture
def classifier(tmp_path: Path) -> WatchedClassifier:
    return WatchedClassifier(make_model_dir(tmp_path / "model"))


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return clips.make_clip(tmp_path_factory.mktemp("clip") / "a.mp4", COUNT)


def opened(path: Path) -> SharedFrames:
    with open_source(path) as source:
        return source


@pytest.fixture
def thread_of(qtbot: QtBot) -> Iterator[list[AnalysisThread]]:
    """Threads put in here are stopped and waited for."""
    threads: list[AnalysisThread] = []
    yield threads
    for thread in threads:
        thread.stop()
        assert thread.wait(WAIT_MS)


def test_the_thread_hands_over_every_chunk_and_says_when_it_ends(
    qtbot: QtBot, clip: Path, classifier: WatchedClassifier, thread_of: list[AnalysisThread]
) -> None:
    thread = AnalysisThread(7, opened(clip), classifier, None)
    thread_of.append(thread)
    assert thread.model_version == classifier.version
    with qtbot.waitSignal(thread.ended, timeout=WAIT_MS) as ended:
        thread.start()
    assert ended.args == [7, None]
    table, known = joined(thread.take_chunks(), COUNT, len(classifier.classes))
    assert known.all()
    np.testing.assert_allclose(table, one_by_one(clip, classifier), atol=1e-5)
    assert thread.take_chunks() == []


@pytest.mark.parametrize(
    "fault",
    [AppError("The drive is gone.", "Plug it in."), RuntimeError("a bug"), MemoryError()],
    ids=["world", "bug", "memory"],
)
def test_the_thread_ends_with_one_message_and_keeps_what_was_done(
    qtbot: QtBot,
    clip: Path,
    classifier: WatchedClassifier,
    thread_of: list[AnalysisThread],
    fault: Exception,
) -> None:
    classifier.allowed, classifier.fault = 40, fault
    classifier.go_on.set()
    thread = AnalysisThread(1, opened(clip), classifier, None)
    thread_of.append(thread)
    with qtbot.waitSignal(thread.ended, timeout=WAIT_MS) as ended:
        thread.start()
    assert ended.args is not None
    generation, problem = ended.args
    assert isinstance(problem, AppError)
    assert generation == 1
    assert problem is fault or (
        ("not enough memory" in problem.sentence)
        if isinstance(fault, MemoryError)
        else ("fault in the program" in problem.sentence)
    )
    assert problem.way_out
    assert joined(thread.take_chunks(), COUNT, len(classifier.classes))[1].any()


def test_a_file_that_vanishes_before_the_run_ends_it_in_words(
    qtbot: QtBot, tmp_path: Path, classifier: WatchedClassifier, thread_of: list[AnalysisThread]
) -> None:
    frames = opened(clips.make_clip(tmp_path / "stick.mp4", COUNT))
    (tmp_path / "stick.mp4").unlink()
    thread = AnalysisThread(1, frames, classifier, None)
    thread_of.append(thread)
    with qtbot.waitSignal(thread.ended, timeout=WAIT_MS) as ended:
        thread.start()
    assert ended.args is not None
    assert "stick.mp4" in str(ended.args[1])
    assert thread.take_chunks() == []


class Reader:
    """The window during an analysis, and every progress it showed."""

    def __init__(
        self,
        qtbot: QtBot,
        classifier: WatchedClassifier,
        store: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        self.window = MainWindow()
        qtbot.addWidget(self.window)
        self.tasks = Tasks(self.window)
        settings = CurrentSettings(Settings())
        view = AnalysisView(
            settings,
            ClassNames(),
            timeline_view=self.window.timeline,
            parent=self.window,
        )
        self.analysis = ProcedureAnalysis(
            self.window,
            self.tasks,
            PredictionStore(store),
            settings,
            view,
            progress=self.window.progress,
            frame_view=self.window.frame_view,
        )
        self.analysis.use(classifier, [QColor("red")] * len(classifier.classes))
        self.shown: list[tuple[float | None, str]] = []
        progress = self.window.progress
        monkeypatch.setattr(progress, "show_state", lambda text: self.shown.append((None, text)))
        monkeypatch.setattr(
            progress, "show_running", lambda share, text: self.shown.append((share, text))
        )

    def known(self) -> int:
        return self.analysis.timeline.known_count if self.analysis.timeline else 0

    def shares(self) -> list[float]:
        return [share for share, _ in self.shown if share is not None]


@pytest.fixture
def reader(
    qtbot: QtBot, classifier: WatchedClassifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Reader]:
    # A clock fifty times as fast: an estimate is shown after a second of work.
    monkeypatch.setattr(
        procedure_analysis, "time", SimpleNamespace(monotonic=lambda: time.monotonic() * 50)
    )
    made = Reader(qtbot, classifier, tmp_path / "store", monkeypatch)
    yield made
    classifier.go_on.set()
    made.analysis.close()
    made.tasks.wait()


def test_progress_only_grows_and_says_how_long_it_will_take(
    qtbot: QtBot, reader: Reader, clip: Path, classifier: WatchedClassifier
) -> None:
    classifier.allowed = 40
    with open_source(clip) as source:
        reader.analysis.open(source, steady(COUNT))
    qtbot.waitUntil(
        lambda: bool(reader.shown) and reader.shown[-1][1].endswith(" left"), timeout=WAIT_MS
    )
    assert re.fullmatch(
        r"Analysing \d+ of 120 · \d+:\d\d(:\d\d)?(\.\d+)? left", reader.shown[-1][1]
    )
    assert 0 < reader.known() <= 40
    classifier.go_on.set()
    qtbot.waitUntil(
        lambda: not reader.analysis.running and reader.known() == COUNT, timeout=WAIT_MS
    )
    assert reader.shares() == sorted(reader.shares())
    assert len(set(reader.shares())) > 1
    assert reader.shown[-1] == (None, "All frames analysed")


def test_a_cancelled_analysis_is_kept_and_goes_on_with_the_rest(
    qtbot: QtBot, reader: Reader, clip: Path, classifier: WatchedClassifier
) -> None:
    classifier.allowed = 40
    with open_source(clip) as source:
        reader.analysis.open(source, steady(COUNT))
    qtbot.waitUntil(classifier.held.is_set, timeout=WAIT_MS)
    reader.analysis.cancel()
    classifier.go_on.set()
    qtbot.waitUntil(lambda: not reader.analysis.running, timeout=WAIT_MS)
    done = reader.known()
    assert 0 < done < COUNT
    assert reader.shown[-1] == (None, f"{done} of 120 frames analysed – Ctrl+R continues")
    # As after a restart: what was saved is loaded again, the rest is computed.
    classifier.allowed, classifier.pictures = 10**9, 0
    with open_source(clip) as source:
        reader.analysis.open(source, steady(COUNT))
    qtbot.waitUntil(
        lambda: reader.known() == COUNT and not reader.analysis.running, timeout=WAIT_MS
    )
    assert classifier.pictures == COUNT - done
    assert reader.analysis.timeline is not None
    np.testing.assert_allclose(
        reader.analysis.timeline.raw, one_by_one(clip, classifier), atol=2e-3
    )
