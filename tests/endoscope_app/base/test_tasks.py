"""Work off the UI thread: its answer comes back on the UI thread, a fault in words, and none
after closing.
"""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator
from functools import partial

import pytest
from pytestqt.qtbot import QtBot

from endoscope_app.base.background_task import Tasks
from endoscope_app.base.errors import AppError


@pytest.fixture
def tasks(qtbot: QtBot) -> Iterator[Tasks]:
    made = Tasks()
    yield made
    made.close()


def test_the_answer_comes_back_on_the_thread_that_asked(qtbot: QtBot, tasks: Tasks) -> None:
    answers: list[tuple[int, int, int]] = []

    def work() -> int:
        return threading.get_ident()

    tasks.run(work, lambda where: answers.append((where, threading.get_ident(), len(answers))))
    tasks.run(work, lambda where: answers.append((where, threading.get_ident(), len(answers))))
    qtbot.waitUntil(lambda: len(answers) == 2)
    here = threading.get_ident()
    assert [(answered, order) for _, answered, order in answers] == [(here, 0), (here, 1)]
    assert all(worked != here for worked, _, _ in answers)


def test_what_the_world_does_and_what_the_program_does_wrong_are_both_said(
    qtbot: QtBot, tasks: Tasks
) -> None:
    said: list[AppError] = []

    def full() -> None:
        raise AppError("The disk is full.", "Free some space.")

    def broken() -> None:
        raise ZeroDivisionError("a fault")

    tasks.run(full, None, said.append)
    tasks.run(broken, None, said.append)
    qtbot.waitUntil(lambda: len(said) == 2)
    assert str(said[0]) == "The disk is full. Free some space."
    assert "fault in the program" in said[1].sentence
    assert "ZeroDivisionError" in said[1].detail


def test_that_memory_is_used_up_is_no_bug_to_report(qtbot: QtBot, tasks: Tasks) -> None:
    said: list[AppError] = []

    def large() -> None:
        raise MemoryError

    tasks.run(large, None, said.append)
    qtbot.waitUntil(lambda: len(said) == 1)
    assert said[0].sentence == "There is not enough memory for this."
    assert "Close other programs" in said[0].way_out


def test_after_closing_the_work_is_done_and_nobody_is_told(qtbot: QtBot, tasks: Tasks) -> None:
    done = threading.Event()
    told: list[object] = []
    tasks.run(done.set, told.append, told.append)
    tasks.close()
    assert done.is_set()
    qtbot.wait(50)
    assert told == []


class Heavy:
    """What work can reach."""


def test_work_that_is_done_is_held_by_nobody(qtbot: QtBot, tasks: Tasks) -> None:
    answered: list[object] = []
    held = []
    for _ in range(20):  # PySide keeps one of them now and then
        heavy = Heavy()
        held.append(weakref.ref(heavy))
        tasks.run(partial(id, heavy), answered.append)
        del heavy
    qtbot.waitUntil(lambda: len(answered) == 20)
    gc.collect()
    assert [one for one in held if one() is not None] == []


def test_work_that_is_closed_before_it_is_answered_is_held_by_nobody(qtbot: QtBot) -> None:
    tasks, heavy = Tasks(), Heavy()
    held = weakref.ref(heavy)
    tasks.run(partial(id, heavy))
    del heavy
    tasks.close()
    gc.collect()
    assert held() is None
