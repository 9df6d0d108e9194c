"""A run that speaks JSON lines is stopped by a line "cancel" on its standard input, as by the
first Ctrl+C.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import IO, Any

import pytest

from kd_core.cli.training_options import carry_out
from kd_core.schema.events import PartStarted, RunEnded, RunEvent

PROGRAM = """
import sys, time
from kd_core.cli.training_options import carry_out
from kd_core.schema.events import PartStarted, RunEnded
class Run:
    def events(self, should_stop, workers):
        yield PartStarted("training")
        end = time.monotonic() + float(sys.argv[1])
        while time.monotonic() < end and not should_stop():
            time.sleep(0.01)
        yield RunEnded("stopped" if should_stop() else "finished", "")
sys.exit(carry_out(Run(), True))
"""


class Steps:
    """A run of up to ``count`` steps that counts those it took."""

    def __init__(self, count: int) -> None:
        self.taken, self._count = 0, count

    def events(self, should_stop: Callable[[], bool], workers: Any) -> Iterator[RunEvent]:
        yield PartStarted("training")
        for _ in range(self._count):
            if should_stop():
                yield RunEnded("stopped", "Stopped.")
                return
            self.taken += 1
            time.sleep(0.005)
        yield RunEnded("finished", "Done.")


@pytest.fixture
def standard_input(monkeypatch: pytest.MonkeyPatch) -> Iterator[IO[bytes]]:
    """The writing end of a pipe that is standard input; closing it ends the thread that reads."""
    reading, writing = os.pipe()
    with os.fdopen(reading) as source, os.fdopen(writing, "wb", buffering=0) as sink:
        monkeypatch.setattr(sys, "stdin", source)
        yield sink
        sink.close()
        time.sleep(0.05)


def test_cancel_on_standard_input_stops_the_run(
    standard_input: IO[bytes], capsys: pytest.CaptureFixture[str]
) -> None:
    run = Steps(1000)
    standard_input.write(b"something\ncan")
    standard_input.write(b"cel\n")
    assert carry_out(run, as_json=True) == 130
    assert run.taken < 1000
    assert '"outcome":"stopped"' in capsys.readouterr().out


def test_other_words_and_the_end_of_input_do_not(
    standard_input: IO[bytes], capsys: pytest.CaptureFixture[str]
) -> None:
    run = Steps(40)
    standard_input.write(b"cancelled\nplease cancel\n")
    standard_input.close()
    assert carry_out(run, as_json=True) == 0
    assert run.taken == 40


def test_standard_input_is_left_alone_without_events(
    standard_input: IO[bytes], capsys: pytest.CaptureFixture[str]
) -> None:
    run = Steps(40)
    standard_input.write(b"cancel\n")
    assert carry_out(run, as_json=False) == 0
    assert run.taken == 40


@pytest.mark.parametrize(("seconds", "said", "status"), [("0.2", b"", 0), ("30", b"cancel\n", 130)])
def test_the_waiting_thread_does_not_keep_the_process_nor_say_anything(
    seconds: str, said: bytes, status: int
) -> None:
    child = subprocess.Popen(
        [sys.executable, "-W", "error", "-c", PROGRAM, seconds],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert child.stdin is not None
    assert child.stdout is not None
    assert child.stderr is not None
    with child:
        assert b"training" in child.stdout.readline()
        child.stdin.write(said)
        child.stdin.flush()
        # Standard input is still open: nobody tells the thread to go
        assert child.wait(20) == status
        assert child.stderr.read() == b""
