"""A run that was interrupted: offered by the next window, resumed, discarded, never joined."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.retraining.retraining_flow import RetrainingFlow
from endoscope_app.retraining.run import wording
from endoscope_app.retraining.run.interrupted_run import resumable
from endoscope_app.retraining.run.run_files import claimed_elsewhere, ending, read_events
from endoscope_app.retraining.run_folders import RunFolders
from endoscope_app.retraining.starting_point import StartingModel
from endoscope_app.retraining.wording import PRESS_TO_RESUME
from endoscope_app.shell.main_window import MainWindow
from kd_core.schema.held_out import read_held_out
from tests.endoscope_app.fault_stage import run, start, window_of
from tests.endoscope_app.label_library import OTHER, REPOSITORY
from tests.endoscope_app.retraining_stage import (
    CLASSES,
    contents,
    folder_of,
    make_flow,
    opened,
    press,
)

INTERRUPTED = "was interrupted at pass 1 of 3."


def test_a_killed_window_leaves_a_run_that_the_next_one_offers(
    qtbot: QtBot, flows: Callable[[str], RetrainingFlow]
) -> None:
    killed = flows("works")
    start(qtbot, killed)
    folder = folder_of(killed)
    killed.close()  # as kill -9 leaves it: no end is written
    following = flows("proves")
    assert INTERRUPTED in window_of(following).banner.label.text()
    assert PRESS_TO_RESUME in window_of(following).banner.label.text()
    opened(following)
    assert following.dialog is not None
    assert INTERRUPTED in following.dialog.shown_text()
    outcome, _ = run(qtbot, following, "Resume")
    assert (outcome, folder_of(following)) == ("finished", folder)
    assert window_of(following).banner.label.text() == ""
    assert resumable(following._runs) is None


def test_the_application_is_killed_at_random_moments_and_its_orphan_is_never_joined(
    qtbot: QtBot, tmp_path: Path, store: LabelStore, flows: Callable[[str], RetrainingFlow]
) -> None:
    store.close()
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "QT_QPA_PLATFORM": "offscreen"}
    chance = random.Random(7)
    for wanted in ("PartStarted", "EpochEnded"):
        command = [
            sys.executable,
            "-m",
            "tests.endoscope_app.retraining_crash_child",
            str(tmp_path),
        ]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, env=environment, cwd=REPOSITORY
        ) as child:
            assert child.stdout is not None
            assert any(line.strip() == wanted for line in child.stdout)
            time.sleep(chance.random() * 0.2)
            if wanted == "EpochEnded":
                assert claimed_elsewhere(tmp_path / "runs")
            child.send_signal(signal.SIGKILL)
            child.wait()
        qtbot.waitUntil(lambda: not claimed_elsewhere(tmp_path / "runs"), timeout=10_000)
    runs = RunFolders(tmp_path / "runs")
    left = resumable(runs)
    assert left is not None
    assert left.epoch == 1
    assert len(runs.all()) == 1  # the second start, with the same choice, took up the first
    with LabelStore(tmp_path / "labels") as again:
        following = make_flow(MainWindow(), again, tmp_path, "proves")
        assert INTERRUPTED in window_of(following).banner.label.text()
        assert run(qtbot, following, "Resume")[0] == "finished"
        following.close()


def test_what_was_interrupted_can_be_discarded(
    qtbot: QtBot, flows: Callable[[str], RetrainingFlow]
) -> None:
    killed = flows("works")
    start(qtbot, killed)
    folder = folder_of(killed)
    killed.close()
    assert read_held_out(folder / "sides.json").held_out == (OTHER.fingerprint,)
    following = flows("proves")
    opened(following)
    press(following.dialog, "Discard")
    assert not (folder / "labels").exists()
    assert not (folder / "candidate").exists()
    assert window_of(following).banner.label.text() == ""
    # No model learnt from anything, so the choice is free
    assert not killed._runs.held_out.exists()
    end = ending(read_events(folder))
    assert end is not None
    assert end.outcome == "cancelled"
    assert window_of(flows("proves")).banner.label.text() == ""


def test_a_run_from_another_model_can_only_be_discarded(
    qtbot: QtBot, flows: Callable[[str], RetrainingFlow], tmp_path: Path
) -> None:
    killed = flows("works")
    start(qtbot, killed)
    killed.close()
    following = flows("proves")
    following.use(StartingModel(tmp_path / "models" / "base-1", "base-2", CLASSES))
    opened(following)
    assert following.dialog is not None
    assert "It was started from model base-1" in following.dialog.shown_text()
    with pytest.raises(StopIteration):
        press(following.dialog, "Resume")


def test_a_second_window_is_refused_in_words_and_does_not_call_the_run_interrupted(
    qtbot: QtBot, flows: Callable[[str], RetrainingFlow]
) -> None:
    first = flows("works")
    start(qtbot, first)
    before = contents(folder_of(first) / "labels")
    second = flows("proves")
    assert window_of(second).banner.label.text() == ""
    opened(second)
    press(second.dialog, "Start")
    assert second.dialog is not None
    assert wording.BUSY in second.dialog.shown_text()
    assert not second.busy
    assert contents(folder_of(first) / "labels") == before
    assert len(first._runs.all()) == 1
