"""The training's own process, against a trainer that trains nothing: whatever it does, the
reader gets one sentence.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from endoscope_app.base.errors import AppError
from endoscope_app.retraining.run import wording
from endoscope_app.retraining.run.run_files import EVENTS_NAME, LOG_NAME, ending, read_events
from endoscope_app.retraining.run.trainer import NICENESS, LineReader
from endoscope_app.retraining.run.training_process import Patience, TrainingProcess
from kd_core.schema.events import EpochEnded, PartStarted, RunEnded, RunProgress, RunStarted
from tests.endoscope_app.retraining_stage import FAKE as FAKE_TRAINER

FAKE = (sys.executable, FAKE_TRAINER)
QUICK = Patience(silence=400, terminate=300, kill=300)


@pytest.fixture
def process(qtbot: QtBot) -> Iterator[TrainingProcess]:
    made = TrainingProcess(trainer=FAKE, patience=QUICK)
    yield made
    made.close()


def end_of(qtbot: QtBot, process: TrainingProcess, what: str, run_dir: Path) -> list[Any]:
    """How a run of the fake trainer ended: outcome and sentence."""
    with qtbot.waitSignal(process.ended, timeout=60_000) as done:
        process.start(run_dir, [what])
    assert not process.running
    assert done.args is not None
    return list(done.args)


def test_every_event_is_told_and_written(
    qtbot: QtBot, process: TrainingProcess, tmp_path: Path
) -> None:
    events: list[Any] = []
    process.event_came.connect(events.append)
    assert end_of(qtbot, process, "normal", tmp_path / "runs" / "1") == [
        "finished",
        "Model 1: well.",
    ]
    assert [type(event) for event in events] == [
        PartStarted,
        RunStarted,
        RunProgress,
        EpochEnded,
        RunProgress,
        EpochEnded,
        RunEnded,
    ]
    assert events[3] == EpochEnded(1, {"kl": 1.0}, {"macro_f1": 0.5})
    assert read_events(tmp_path / "runs" / "1") == events
    assert process._garbage == 0


def test_garbage_is_counted_and_shown_and_the_run_goes_on(
    qtbot: QtBot, process: TrainingProcess, tmp_path: Path
) -> None:
    lines: list[str] = []
    process.line_logged.connect(lines.append)
    assert end_of(qtbot, process, "garbage", tmp_path) == ["finished", "All the same."]
    assert process._garbage == 5
    assert len([line for line in lines if line.startswith("not understood: ")]) == 5
    assert max(map(len, lines)) < 300
    assert PartStarted("after the garbage") in read_events(tmp_path)
    assert (tmp_path / LOG_NAME).stat().st_size < 5000


def test_stop_keeps_what_the_trainer_made_of_it(
    qtbot: QtBot, process: TrainingProcess, tmp_path: Path
) -> None:
    process.event_came.connect(
        lambda event: process.stop() if isinstance(event, RunStarted) else None
    )
    assert end_of(qtbot, process, "listens", tmp_path) == [
        "stopped",
        "Stopped with the best so far.",
    ]


@pytest.mark.parametrize("what", ["listens", "hang", "deaf"])
def test_cancel_is_answered_at_once_and_the_process_goes_whatever_it_does(
    qtbot: QtBot, process: TrainingProcess, tmp_path: Path, what: str
) -> None:
    asked: list[float] = []

    def cancel(event: object) -> None:
        if isinstance(event, RunStarted):
            begun = time.monotonic()
            process.cancel()
            process.cancel()
            asked.append(time.monotonic() - begun)

    process.event_came.connect(cancel)
    assert end_of(qtbot, process, what, tmp_path) == ["cancelled", wording.CANCELLED]
    assert len(asked) == 1
    assert asked[0] < 0.1
    end = ending(read_events(tmp_path))
    assert end is not None
    assert (end.outcome, end.model_dir) == ("cancelled", "")


def test_a_silent_trainer_is_told_of_and_can_be_cancelled(
    qtbot: QtBot, process: TrainingProcess, tmp_path: Path
) -> None:
    with qtbot.waitSignal(process.fell_silent, timeout=60_000) as done:
        process.start(tmp_path, ["hang"])
    assert done.args is not None
    assert "reported nothing for" in done.args[0]
    assert process.running
    with qtbot.waitSignal(process.ended, timeout=5000):
        process.cancel()


@pytest.mark.parametrize(
    ("what", "sentence"),
    [
        ("killed", wording.KILLED),
        ("memory", wording.OUT_OF_MEMORY),
        ("disk", wording.OUT_OF_DISK),
        ("refused", "There is no labelled frame to learn from."),
        ("proof_fails", wording.fault(1)),
        ("silent", wording.NO_RESULT),
        ("no_such_thing", wording.fault(1)),
    ],
)
def test_every_bad_end_is_one_sentence_and_stands_in_the_file(
    qtbot: QtBot, process: TrainingProcess, tmp_path: Path, what: str, sentence: str
) -> None:
    assert end_of(qtbot, process, what, tmp_path) == ["failed", sentence]
    end = ending(read_events(tmp_path))
    assert end is not None
    assert (end.outcome, end.sentence) == ("failed", sentence)


def test_what_cannot_be_started_is_one_sentence(qtbot: QtBot, tmp_path: Path) -> None:
    process = TrainingProcess(trainer=(str(tmp_path / "nothing"),))
    assert end_of(qtbot, process, "x", tmp_path) == ["failed", wording.NOT_STARTED]


def test_two_at_once_are_refused_in_words(
    qtbot: QtBot, process: TrainingProcess, tmp_path: Path
) -> None:
    process.start(tmp_path / "1", ["hang"])
    # The same program, and another with the same folder of runs
    for other in (process, TrainingProcess(trainer=FAKE)):
        with pytest.raises(AppError, match="already running"):
            other.start(tmp_path / "2", ["normal"])
    process.close()
    assert end_of(qtbot, process, "normal", tmp_path / "2")[0] == "finished"


def test_a_folder_that_cannot_be_written_is_refused(
    qtbot: QtBot, process: TrainingProcess, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(AppError, match="cannot be written"):
        process.start(tmp_path / "file" / "1", ["normal"])
    assert not process.running


def test_closing_ends_the_child_and_leaves_a_run_that_can_be_gone_on_with(
    qtbot: QtBot, process: TrainingProcess, tmp_path: Path
) -> None:
    with qtbot.waitSignal(process.event_came, timeout=60_000):
        process.start(tmp_path, ["deaf"])
    process.close()
    assert not process.running
    assert ending(read_events(tmp_path)) is None
    # half a line, as a crash leaves it, swallows nothing of what the next start says
    with (tmp_path / EVENTS_NAME).open("ab") as file:
        file.write(b'{"type":"par')
    assert end_of(qtbot, process, "normal", tmp_path)[0] == "finished"
    events = read_events(tmp_path)
    assert [type(event) for event in events[-7:]][:2] == [PartStarted, RunStarted]
    assert ending(events) is not None


@pytest.mark.skipif(sys.platform == "win32", reason="niceness is of Unix")
def test_the_child_is_nice_and_waits_without_spinning(
    qtbot: QtBot, process: TrainingProcess, tmp_path: Path
) -> None:
    with qtbot.waitSignal(process.ended, timeout=60_000):
        process.start(tmp_path, ["nice", "--seed", "3"], threads=1)
    first, second = [
        event.name for event in read_events(tmp_path) if isinstance(event, PartStarted)
    ]
    assert first.split()[1:] == ["PASSIVE", "--seed", "3", "--threads", "1", "--events"]
    assert int(second) >= NICENESS


def test_lines_come_whole_whatever_the_pieces() -> None:
    text = b"first\n\nsecond\r\nthird"
    for size in (1, 2, 5, 100):
        reader = LineReader()
        lines = [
            line for at in range(0, len(text), size) for line in reader.take(text[at : at + size])
        ]
        assert lines == [b"first", b"second"]
        assert reader.rest() == [b"third"]


def test_a_line_without_end_does_not_fill_the_memory() -> None:
    reader = LineReader(largest=10)
    assert reader.take(b"x" * 25) == [b"x" * 10]
    assert [reader.take(b"y" * 25), reader.take(b"y" * 25)] == [[], []]
    assert reader.take(b"z\nnext\n") == [b"next"]
