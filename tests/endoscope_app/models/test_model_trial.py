"""A model that does harm is imported through the dialog: it costs a sentence; nothing comes in."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper
from PySide6.QtCore import QProcess, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from endoscope_app.models import model_trial
from kd_core.schema.model_files import ONNX_NAME
from kd_core.vision import trial
from tests.endoscope_app.app_session import Session, running
from tests.endoscope_app.models_stage import button, import_and_confirm, opened, version
from tests.kd_core.damaged_model import exchange
from tests.model_factory import make_model_dir


@pytest.fixture
def session(qtbot: QtBot, tmp_path: Path) -> Iterator[Session]:
    with running(tmp_path / "data", make_model_dir(tmp_path / "first")) as made:
        yield made


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """A model from elsewhere."""
    return make_model_dir(tmp_path / "other", seed=1)


def versions(session: Session) -> list[str]:
    return [entry.version for entry in session.app.models.exchange.registry.entries()]


def ask_for(session: Session, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Press Import in the dialog, name a folder, and confirm what is shown of it."""
    dialog = opened(session)
    monkeypatch.setattr(session.app.models.list.files, "folder", lambda *_: folder)
    import_and_confirm(session, dialog)


def refused(session: Session, folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """What the dialog says of it; nothing has come in."""
    before = versions(session)
    ask_for(session, folder, monkeypatch)
    dialog = session.app.models.list.dialog
    assert dialog is not None
    session.until(lambda: bool(dialog.problem()), "the refusal")
    assert versions(session) == before
    assert not session.app.models.exchange.busy
    return dialog.problem()


def test_a_sound_model_comes_in_after_its_trial(
    session: Session, other: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask_for(session, other, monkeypatch)
    session.until(lambda: version(other) in versions(session), "the model")


def test_a_model_of_nan_is_refused_in_the_dialog(
    session: Session, other: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = onnx.load(other / ONNX_NAME)
    tensor = model.graph.initializer[0]
    numbers = np.full_like(numpy_helper.to_array(tensor), np.nan)
    tensor.CopyFrom(numpy_helper.from_array(numbers, tensor.name))
    exchange(other, ONNX_NAME, model.SerializeToString())
    assert "weights that are no numbers" in refused(session, other, monkeypatch)


def test_a_link_in_the_folder_is_refused_before_anything_is_tried(
    session: Session, other: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[object] = []
    monkeypatch.setattr(model_trial.ModelTrial, "start", lambda *given: started.append(given))
    shutil.move(other / ONNX_NAME, tmp_path / "elsewhere.onnx")
    (other / ONNX_NAME).symlink_to(tmp_path / "elsewhere.onnx")
    assert refused(session, other, monkeypatch)
    assert not started


@pytest.mark.skipif(sys.platform == "win32", reason="this system has no such signals")
@pytest.mark.parametrize("fall", ["SIGSEGV", "SIGKILL", "SIGXCPU"])
def test_a_model_that_fells_its_process_costs_a_sentence(
    session: Session, other: Path, monkeypatch: pytest.MonkeyPatch, fall: str
) -> None:
    monkeypatch.setattr(
        model_trial, "COMMAND", ("-c", f"import os, signal; os.kill(os.getpid(), signal.{fall})")
    )
    assert "was not imported" in refused(session, other, monkeypatch)


def endless(session: Session, other: Path, monkeypatch: pytest.MonkeyPatch) -> QProcess:
    """A trial that has begun and never comes to an end."""
    monkeypatch.setattr(model_trial, "COMMAND", ("-c", "import signal; signal.pause()"))
    ask_for(session, other, monkeypatch)
    found: list[QProcess] = []

    def started() -> bool:
        found[:] = session.app.models.exchange.findChildren(QProcess)
        return bool(found) and found[0].state() == QProcess.ProcessState.Running

    session.until(started, "the trial")
    return found[0]


@pytest.mark.skipif(sys.platform == "win32", reason="this system has no such signals")
def test_a_trial_without_end_is_stopped_by_a_button(
    session: Session, other: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = endless(session, other, monkeypatch)
    number = process.processId()
    dialog = session.app.models.list.dialog
    assert dialog is not None
    QTest.mouseClick(button(dialog, "Stop trying"), Qt.MouseButton.LeftButton)
    assert not session.app.models.exchange.busy
    assert button(dialog, "Import…").isEnabled()
    assert not button(dialog, "Stop trying").isVisible()
    session.until(lambda: not alive(number), "the end of the child")


@pytest.mark.skipif(sys.platform == "win32", reason="this system has no such signals")
def test_closing_ends_a_trial(
    session: Session, other: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = endless(session, other, monkeypatch).processId()
    session.app.window.close()
    session.until(lambda: not alive(number), "the end of the child")


def alive(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.skipif(sys.platform != "linux", reason="limits on memory hold on Linux")
def test_the_trial_holds_itself_to_its_limits(other: Path) -> None:
    def tried(*before: str) -> subprocess.CompletedProcess[bytes]:
        code = f"from kd_core.vision import trial; {';'.join(before)}; trial.main([{str(other)!r}])"
        return subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)

    assert tried("pass").returncode == 0
    greedy = "trial.np.full = lambda *_: bytearray(trial.MEMORY_BYTES)"
    assert b"MemoryError" in tried(greedy).stderr
    endless_loop = "trial.PROCESSOR_SECONDS = 1; trial.limit = lambda f=trial.limit: f(seconds=1)"
    busy = "trial.np.full = lambda *_: [None for _ in iter(int, 1)]"
    assert tried(endless_loop, busy).returncode in (-signal.SIGXCPU, -signal.SIGKILL)
    assert trial.MEMORY_BYTES < 4 << 30
