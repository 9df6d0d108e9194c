"""Other heat maps of the paused frame: drawn by a child process, so that the application itself
never loads torch.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import shiboken6
from PySide6.QtCore import QObject, QProcess
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from endoscope_app.base.child_process import end_all
from endoscope_app.base.errors import AppError
from endoscope_app.viewing.explain_process import ExplainProcess
from tests.model_factory import make_model_dir

FRAME = np.random.default_rng(0).integers(40, 220, (180, 240, 4), dtype=np.uint8)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model_dir(tmp_path_factory.mktemp("model") / "m")


@pytest.fixture
def process(qtbot: QtBot, tmp_path: Path) -> Iterator[ExplainProcess]:
    made = ExplainProcess(tmp_path / "scratch")
    yield made
    made.close()


@pytest.mark.timeout(120)
def test_a_method_of_the_package_draws_over_the_frame(
    qtbot: QtBot, process: ExplainProcess, model: Path, tmp_path: Path
) -> None:
    with qtbot.waitSignal(process.finished, timeout=90_000) as done:
        process.start(FRAME, model, "layercam", "polyps")
        assert process.running
    assert done.args is not None
    drawn = done.args[0]
    assert drawn.shape == FRAME.shape
    assert np.abs(drawn[..., :3].astype(int) - FRAME[..., :3]).mean() > 1
    assert not process.running
    assert list((tmp_path / "scratch").iterdir()) == []


@pytest.mark.timeout(120)
def test_a_class_the_model_does_not_have_is_one_sentence(
    qtbot: QtBot, process: ExplainProcess, model: Path
) -> None:
    with qtbot.waitSignal(process.failed, timeout=90_000) as done:
        process.start(FRAME, model, "gradcam", "appendix")
    assert done.args is not None
    error = done.args[0]
    assert isinstance(error, AppError)
    assert "appendix" in str(error)
    assert "Traceback" not in str(error)


def test_cancel_ends_it_and_leaves_no_frame_behind(
    qtbot: QtBot, process: ExplainProcess, model: Path, tmp_path: Path
) -> None:
    process.start(FRAME, model, "scorecam", "polyps")
    assert len(list((tmp_path / "scratch").iterdir())) == 1
    process.cancel()
    assert not process.running
    assert list((tmp_path / "scratch").iterdir()) == []


def test_a_child_that_was_let_go_ends_after_what_started_it(
    qtbot: QtBot, qapp: QApplication, model: Path, tmp_path: Path
) -> None:
    """Closing the dialog destroys what started the child at once."""
    for _ in range(3):
        parent = QObject()
        process = ExplainProcess(tmp_path / "scratch", parent)
        process.start(FRAME, model, "scorecam", "polyps")
        process.start(FRAME, model, "gradcam", "polyps")
        process.cancel()
        assert len(qapp.findChildren(QProcess)) >= 2
        shiboken6.delete(parent)
    end_all()
    qtbot.waitUntil(lambda: not qapp.findChildren(QProcess), timeout=30_000)


def test_a_folder_that_cannot_be_written_is_said(qtbot: QtBot, tmp_path: Path, model: Path) -> None:
    (tmp_path / "file").write_text("")
    process = ExplainProcess(tmp_path / "file" / "scratch")
    with qtbot.waitSignal(process.failed, timeout=1000) as done:
        process.start(FRAME, model, "gradcam", "polyps")
    assert done.args is not None
    assert "--data-dir" in str(done.args[0])
    assert not process.running
