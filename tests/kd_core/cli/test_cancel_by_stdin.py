"""A run that speaks JSON lines is stopped by a line "cancel" on its standard input, as by the
first Ctrl+C.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import IO

import pytest

from kd_core.cli.stopping import stop_on_request

PROGRAM = """
import sys, time
from kd_core.cli.stopping import stop_on_request
with stop_on_request(True) as should_stop:
    print("training", flush=True)
    end = time.monotonic() + float(sys.argv[1])
    while time.monotonic() < end and not should_stop():
        time.sleep(0.01)
sys.exit(130 if should_stop() else 0)
"""


def steps_taken(count: int, *, as_json: bool) -> int:
    """Of ``count`` steps those that were taken until a stop was wished."""
    taken = 0
    with stop_on_request(as_json) as should_stop:
        while taken < count and not should_stop():
            taken += 1
            time.sleep(0.005)
    return taken


@pytest.fixture
def standard_input(monkeypatch: pytest.MonkeyPatch) -> Iterator[IO[bytes]]:
    """The writing end of a pipe that is standard input; closing it ends the thread that reads."""
    reading, writing = os.pipe()
    with os.fdopen(reading) as source, os.fdopen(writing, "wb", buffering=0) as sink:
        monkeypatch.setattr(sys, "stdin", source)
        yield sink
        sink.close()
        time.sleep(0.05)


def test_cancel_on_standard_input_stops_the_run(standard_input: IO[bytes]) -> None:
    standard_input.write(b"something\ncan")
    standard_input.write(b"cel\n")
    assert steps_taken(1000, as_json=True) < 1000


def test_other_words_and_the_end_of_input_do_not(standard_input: IO[bytes]) -> None:
    standard_input.write(b"cancelled\nplease cancel\n")
    standard_input.close()
    assert steps_taken(40, as_json=True) == 40


def test_standard_input_is_left_alone_without_events(standard_input: IO[bytes]) -> None:
    standard_input.write(b"cancel\n")
    assert steps_taken(40, as_json=False) == 40


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
