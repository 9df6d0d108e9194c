"""What becomes of a retraining when things go wrong: always a sentence, never another active
model, and mostly a way to go on.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from endoscope_app.labels.library import edits
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.retraining.retraining_flow import RetrainingFlow
from endoscope_app.retraining.run import wording
from endoscope_app.retraining.run.closing_question import Answer
from endoscope_app.retraining.run.interrupted_run import resumable
from endoscope_app.retraining.run.run_files import claimed_elsewhere, ending, read_events
from endoscope_app.retraining.run.training_run import named
from endoscope_app.retraining.run_folders import RunFolders
from endoscope_app.retraining.starting_point import StartingModel
from endoscope_app.retraining.wording import PRESS_TO_RESUME
from endoscope_app.shell.main_window import MainWindow
from kd_core.schema.events import EpochEnded
from kd_core.schema.held_out import read_held_out
from tests.endoscope_app.label_library import OTHER, POLYPS, PROCEDURE, READER, REPOSITORY, moment
from tests.endoscope_app.retraining_stage import (
    CLASSES,
    contents,
    folder_of,
    labelled,
    make_flow,
    models_in,
    opened,
    press,
)

INTERRUPTED = "was interrupted at pass 1 of 3."


@pytest.fixture
def store(tmp_path: Path) -> Iterator[LabelStore]:
    with labelled(tmp_path / "labels") as made:
        yield made


@pytest.fixture
def flow(
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


def start(qtbot: QtBot, retraining: RetrainingFlow, event: type = EpochEnded) -> None:
    """Open, start, and wait for an event of the trainer."""
    opened(retraining)
    with qtbot.waitSignal(
        retraining.process.event_came,
        timeout=15_000,
        check_params_cb=lambda one: isinstance(one, event),
    ):
        press(retraining.dialog, "Start")


def run(qtbot: QtBot, retraining: RetrainingFlow, button: str = "Start") -> tuple[str, str]:
    """Open, press, and wait for the end: outcome, and what the dialog says."""
    opened(retraining)
    with qtbot.waitSignal(retraining.ended, timeout=15_000) as done:
        press(retraining.dialog, button)
    assert done.args is not None
    assert retraining.dialog is not None
    return done.args[0], retraining.dialog.shown_text()


def window_of(retraining: RetrainingFlow) -> MainWindow:
    window = retraining.parent()
    assert isinstance(window, MainWindow)
    return window


@pytest.mark.parametrize(
    ("what", "sentence"),
    [
        ("dies_later", wording.KILLED),
        ("disk_later", wording.OUT_OF_DISK),
        ("memory_later", wording.OUT_OF_MEMORY),
    ],
)
def test_a_trainer_that_died_after_an_epoch_can_be_gone_on_with_at_once(
    qtbot: QtBot, flow: Callable[[str], RetrainingFlow], what: str, sentence: str
) -> None:
    first = flow(what)
    outcome, words = run(qtbot, first)
    assert (outcome, sentence in words) == ("failed", True)
    first.process._trainer = (*first.process._trainer[:2], "proves")
    with qtbot.waitSignal(first.ended, timeout=15_000) as done:
        press(first.dialog, "Resume")
    assert done.args == ["finished", folder_of(first)]
    assert first._runs.last_measured() is None  # half a run does not say how long a whole one takes


@pytest.mark.parametrize(
    ("what", "sentence"),
    [
        ("babbles", wording.NO_RESULT),
        ("garbage", "All the same."),
        ("memory", wording.OUT_OF_MEMORY),
    ],
)
def test_a_trainer_that_says_nothing_sensible_ends_in_a_sentence(
    qtbot: QtBot, flow: Callable[[str], RetrainingFlow], what: str, sentence: str
) -> None:
    _, words = run(qtbot, flow(what))
    assert sentence in words


def test_a_trainer_that_hangs_is_told_of_in_the_dialog_and_without_one(
    qtbot: QtBot, flow: Callable[..., RetrainingFlow]
) -> None:
    retraining = flow("hang", 300)
    opened(retraining)
    press(retraining.dialog, "Start")
    qtbot.waitUntil(
        lambda: (
            retraining.dialog is not None
            and "reported nothing for" in retraining.dialog.shown_text()
        ),
        timeout=10_000,
    )
    press(retraining.dialog, "Cancel")
    qtbot.waitUntil(lambda: not retraining.busy, timeout=5000)


def test_a_killed_window_leaves_a_run_that_the_next_one_offers(
    qtbot: QtBot, flow: Callable[[str], RetrainingFlow]
) -> None:
    killed = flow("works")
    start(qtbot, killed)
    folder = folder_of(killed)
    killed.close()  # as kill -9 leaves it: no end is written
    following = flow("proves")
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
    qtbot: QtBot, tmp_path: Path, store: LabelStore, flow: Callable[[str], RetrainingFlow]
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
    qtbot: QtBot, flow: Callable[[str], RetrainingFlow]
) -> None:
    killed = flow("works")
    start(qtbot, killed)
    folder = folder_of(killed)
    killed.close()
    assert read_held_out(folder / "sides.json").held_out == (OTHER.fingerprint,)
    following = flow("proves")
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
    assert window_of(flow("proves")).banner.label.text() == ""


def test_a_run_from_another_model_can_only_be_discarded(
    qtbot: QtBot, flow: Callable[[str], RetrainingFlow], tmp_path: Path
) -> None:
    killed = flow("works")
    start(qtbot, killed)
    killed.close()
    following = flow("proves")
    following.use(StartingModel(tmp_path / "models" / "base-1", "base-2", CLASSES))
    opened(following)
    assert following.dialog is not None
    assert "It was started from model base-1" in following.dialog.shown_text()
    with pytest.raises(StopIteration):
        press(following.dialog, "Resume")


def test_a_second_window_is_refused_in_words_and_does_not_call_the_run_interrupted(
    qtbot: QtBot, flow: Callable[[str], RetrainingFlow]
) -> None:
    first = flow("works")
    start(qtbot, first)
    before = contents(folder_of(first) / "labels")
    second = flow("proves")
    assert window_of(second).banner.label.text() == ""
    opened(second)
    press(second.dialog, "Start")
    assert second.dialog is not None
    assert wording.BUSY in second.dialog.shown_text()
    assert not second.busy
    assert contents(folder_of(first) / "labels") == before
    assert len(first._runs.all()) == 1


def test_a_label_changed_during_training_is_not_in_it_and_that_is_said(
    qtbot: QtBot, flow: Callable[[str], RetrainingFlow], store: LabelStore
) -> None:
    retraining = flow("proves")
    opened(retraining)
    with qtbot.waitSignal(retraining.ended, timeout=15_000) as done:
        press(retraining.dialog, "Start")
        store.apply(
            edits.label_frames(store.read, PROCEDURE.fingerprint, [moment(70)], POLYPS), READER
        )
    assert done.args is not None
    assert retraining.dialog is not None
    assert "1 label was changed since." in retraining.dialog.shown_text()
    _, record = retraining._runs.all()[-1]
    assert len(record.labels) == 30


def test_frames_whose_recording_is_gone_are_left_out_and_counted(
    qtbot: QtBot, flow: Callable[[str], RetrainingFlow], store: LabelStore
) -> None:
    store.apply(
        edits.label_frames(store.read, PROCEDURE.fingerprint, [moment(70), moment(71)], POLYPS),
        READER,
    )
    retraining = flow("proves")
    _, words = run(qtbot, retraining)
    assert "2 labelled frames were left out" in words
    _, record = retraining._runs.all()[-1]
    assert record.left_out == (
        f"{PROCEDURE.fingerprint}:2800:polyps",
        f"{PROCEDURE.fingerprint}:2840:polyps",
    )


def test_without_a_single_picture_nothing_is_trained(
    qtbot: QtBot, flow: Callable[[str], RetrainingFlow], tmp_path: Path
) -> None:
    for path in (tmp_path / "labels" / "frames").rglob("*.png"):
        path.unlink()
    outcome, words = run(qtbot, flow("proves"))
    assert (outcome, wording.NO_IMAGES in words) == ("failed", True)


def test_a_window_is_not_closed_over_a_run_without_asking(
    qtbot: QtBot, flow: Callable[[str], RetrainingFlow], monkeypatch: pytest.MonkeyPatch
) -> None:
    retraining = flow("works")
    window, asked = window_of(retraining), []
    window.closed.connect(retraining.close)

    def answer(word: Answer) -> Callable[[QWidget], Answer]:
        return lambda parent: (asked.append(parent), word)[1]

    monkeypatch.setattr(retraining.closing, "_ask", answer("stay"))
    start(qtbot, retraining)
    window.show()
    assert not window.close()
    assert retraining.busy
    monkeypatch.setattr(retraining.closing, "_ask", answer("keep"))
    assert window.close()
    assert not retraining.busy
    assert asked == [window, window]
    left = resumable(retraining._runs)
    assert left is not None
    assert left.epoch == 1
    assert window.close()  # nothing runs any more, so nothing is asked
    assert len(asked) == 2


def test_stop_and_discard_at_closing_leaves_nothing_to_go_on_with(
    qtbot: QtBot, flow: Callable[[str], RetrainingFlow]
) -> None:
    retraining = flow("works")
    retraining.closing._ask = lambda _: "discard"
    start(qtbot, retraining)
    assert window_of(retraining).close()
    assert not retraining.busy
    assert resumable(retraining._runs) is None
    assert not (folder_of(retraining) / "candidate").exists()
    assert not claimed_elsewhere(retraining._runs.root)


def test_a_run_that_ends_while_it_is_asked_is_kept_as_it_ended(
    qtbot: QtBot, flow: Callable[[str], RetrainingFlow]
) -> None:
    retraining = flow("proves")

    def answer(parent: QWidget) -> Answer:
        qtbot.waitUntil(lambda: not retraining.busy, timeout=15_000)
        assert window_of(retraining).close()
        return "discard"

    retraining.closing._ask = answer
    opened(retraining)
    press(retraining.dialog, "Start")
    assert retraining.busy
    assert window_of(retraining).close()
    assert (folder_of(retraining) / "candidate" / "evidence.json").exists()


def test_a_refusal_names_procedures_as_the_reader_does(
    qtbot: QtBot, flow: Callable[[str], RetrainingFlow]
) -> None:
    outcome, words = run(qtbot, flow("refused_by_fingerprint"))
    assert (outcome, "Procedure colon 2 cannot be held out." in words) == ("failed", True)


def test_a_cut_fingerprint_is_named_too_and_what_could_be_two_is_not() -> None:
    names = {"ab" * 20: "first", "ab" * 10 + "cd" * 10: "second", "ef" * 20: ""}
    assert named(f"Of {'ab' * 20} and {'ab' * 10 + 'cd'}.", names) == "Of first and second."
    assert (
        named(f"Of {'ab' * 8}, {'ef' * 20} and 2,026.", names)
        == f"Of {'ab' * 8}, {'ef' * 20} and 2,026."
    )
