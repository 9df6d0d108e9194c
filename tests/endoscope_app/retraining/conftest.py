"""Fixtures of several tests here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.retraining.comparison.comparison_dialog import ComparisonDialog
from endoscope_app.retraining.retraining_flow import RetrainingFlow
from endoscope_app.retraining.run_folders import RunFolders, RunRecord
from endoscope_app.shell.main_window import MainWindow
from tests.endoscope_app.app_session import Session, running
from tests.endoscope_app.comparing_session import SHIPPED
from tests.endoscope_app.comparison_run import STUDENT, make_run
from tests.endoscope_app.comparison_stage import Make, comparison
from tests.endoscope_app.retraining_stage import contents, labelled, make_flow, models_in


@pytest.fixture
def make(qtbot: QtBot) -> Make:
    def made(**changed: object) -> ComparisonDialog:
        dialog = ComparisonDialog(comparison(**changed))
        qtbot.addWidget(dialog)
        dialog.show()
        return dialog

    return made


@pytest.fixture
def store(tmp_path: Path) -> Iterator[LabelStore]:
    with labelled(tmp_path / "labels") as library_store:
        yield library_store


@pytest.fixture
def flow(flows: Callable[[str], RetrainingFlow]) -> RetrainingFlow:
    return flows("proves")


@pytest.fixture
def flows(
    qtbot: QtBot, tmp_path: Path, store: LabelStore
) -> Iterator[Callable[[str], RetrainingFlow]]:
    """Makes the flow of a window of its own; whatever a test does, the models stay as they are."""
    made: list[RetrainingFlow] = []
    models_in(tmp_path)
    before = contents(tmp_path / "models")

    def make(what: str, silence: int = 10_000) -> RetrainingFlow:
        window = MainWindow()
        qtbot.addWidget(window)
        made.append(make_flow(window, store, tmp_path, what, silence))
        made[-1].closing._ask = lambda _: "keep"  # pytest-qt closes windows
        return made[-1]

    yield make
    for one in made:
        one.close()
    assert contents(tmp_path / "models") == before


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def run(data: Path) -> Path:
    return make_run(RunFolders(data / "runs").new(RunRecord(SHIPPED, {}, ())))


@pytest.fixture
def session(qtbot: QtBot, data: Path, run: Path) -> Iterator[Session]:
    with running(data, STUDENT) as session:
        session.until(lambda: session.app.classifier is not None, "the model to begin with")
        yield session
