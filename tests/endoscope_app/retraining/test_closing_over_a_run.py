"""A window that is closed while it retrains."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from endoscope_app.retraining.retraining_flow import RetrainingFlow
from endoscope_app.retraining.run.closing_question import Answer
from endoscope_app.retraining.run.interrupted_run import resumable
from endoscope_app.retraining.run.run_files import claimed_elsewhere
from tests.endoscope_app.fault_stage import start, window_of
from tests.endoscope_app.retraining_stage import (
    folder_of,
    opened,
    press,
)


def test_a_window_is_not_closed_over_a_run_without_asking(
    qtbot: QtBot, flows: Callable[[str], RetrainingFlow], monkeypatch: pytest.MonkeyPatch
) -> None:
    retraining = flows("works")
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
    qtbot: QtBot, flows: Callable[[str], RetrainingFlow]
) -> None:
    retraining = flows("works")
    retraining.closing._ask = lambda _: "discard"
    start(qtbot, retraining)
    assert window_of(retraining).close()
    assert not retraining.busy
    assert resumable(retraining._runs) is None
    assert not (folder_of(retraining) / "candidate").exists()
    assert not claimed_elsewhere(retraining._runs.root)


def test_a_run_that_ends_while_it_is_asked_is_kept_as_it_ended(
    qtbot: QtBot, flows: Callable[[str], RetrainingFlow]
) -> None:
    retraining = flows("proves")

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
