"""What nobody foresaw, in words: also where there is no memory to say much."""

from __future__ import annotations

import errno
from pathlib import Path

import cv2
import numpy as np
import pytest

from endoscope_app import __main__ as program
from endoscope_app.base import faults, log
from endoscope_app.base.errors import AppError
from endoscope_app.base.faults import fault_in_words
from endoscope_app.cli import add
from kd_core import __main__ as core
from kd_core.schema.lack_of_memory import SENTENCE, lacks_memory


def raised(error: Exception, cause: Exception | None = None) -> Exception:
    try:
        raise error from cause
    except Exception as met:
        return met


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        OSError(errno.ENOMEM, "Cannot allocate memory"),
        cv2.error("(-4:Insufficient memory) Failed to allocate 9216 bytes"),
        RuntimeError("std::bad_alloc"),
        RuntimeError("can't start new thread"),
        ImportError("libtorch.so: failed to map segment from shared object"),
        raised(KeyError("while cleaning up"), MemoryError()),
    ],
)
def test_that_memory_is_used_up_is_said_whoever_says_it(error: Exception) -> None:
    assert fault_in_words(error, "A bug.", "a test").sentence == SENTENCE


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("a bug"),
        FileNotFoundError(errno.ENOENT, "No such file"),
        ValueError("no label is called 'out of memory'"),
    ],
)
def test_anything_else_is_a_bug(error: Exception) -> None:
    assert not lacks_memory(error)
    assert fault_in_words(error, "A bug.", "a test").sentence == "A bug."


def test_it_is_said_where_memory_does_not_reach_for_the_log(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(_error: BaseException, _where: str) -> None:
        raise MemoryError

    monkeypatch.setattr(faults, "log_fault", full)
    said = fault_in_words(raised(MemoryError()), "A bug.", "a test")
    assert (said.sentence, said.detail) == (SENTENCE, "")


def test_what_was_half_done_is_let_go_before_it_is_said() -> None:
    def work() -> None:
        half_done = [np.zeros(10)]
        raise MemoryError(len(half_done))

    with pytest.raises(MemoryError) as caught:
        work()
    inner = caught.traceback[-1].frame.raw
    assert "half_done" in inner.f_locals
    fault_in_words(caught.value, "A bug.", "a test")
    assert "half_done" not in inner.f_locals


def test_a_chain_of_faults_that_bites_its_tail_is_logged(tmp_path: Path) -> None:
    first, second = KeyError("Miller, Anna"), ValueError("Miller, Anna")
    first.__cause__, second.__context__ = second, first
    log.start_logging(tmp_path / "log")
    try:
        log.log_fault(first, "a test")
    finally:
        log.start_logging(None)
    text = (tmp_path / "log").read_text()
    assert text.split()[-5:] == ["ValueError", "which", "led", "to", "KeyError"]
    assert "Miller" not in text


def test_commands_say_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object) -> int:
        raise MemoryError

    monkeypatch.setattr(add, "run_add", full)
    assert program.main(["add", "x"]) == 2
    assert capsys.readouterr().err.startswith(f"endoscope-app: {SENTENCE} ")
    monkeypatch.setattr(core, "run", full)
    assert core.main(["config"]) == 2
    assert capsys.readouterr().err.startswith(f"kd-core: {SENTENCE} ")


def test_commands_do_not_hide_a_bug(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> int:
        raise ZeroDivisionError

    monkeypatch.setattr(add, "run_add", broken)
    with pytest.raises(ZeroDivisionError):
        program.main(["add", "x"])


def test_a_refusal_is_no_lack_of_memory() -> None:
    assert not lacks_memory(AppError("There is no label.", "Label one."))
