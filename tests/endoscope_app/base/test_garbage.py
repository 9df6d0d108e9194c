"""Dead cycles are collected on one thread, whichever thread made them."""

from __future__ import annotations

import gc
import threading
from pathlib import Path

from pytestqt.qtbot import QtBot

from endoscope_app.base.garbage import GarbageCollection
from tests.endoscope_app.app_session import running
from tests.model_factory import make_model_dir

destroyed_on: list[int] = []


class Cycle:
    """Holds itself, so that only a collection destroys it."""

    def __init__(self) -> None:
        self.itself = self

    def __del__(self) -> None:
        destroyed_on.append(threading.get_ident())


def litter_on_another_thread() -> None:
    def litter() -> None:
        for _ in range(20 * gc.get_threshold()[0]):
            Cycle()

    thread = threading.Thread(target=litter)
    thread.start()
    thread.join()


def test_no_other_thread_destroys_what_dead_cycles_hold() -> None:
    garbage = GarbageCollection()
    destroyed_on.clear()
    litter_on_another_thread()
    assert not destroyed_on
    garbage.collect_due()
    assert set(destroyed_on) == {threading.get_ident()}


def test_what_is_not_due_waits() -> None:
    garbage = GarbageCollection()
    gc.collect()
    destroyed_on.clear()
    Cycle()
    garbage.collect_due()
    assert not destroyed_on


def test_old_garbage_is_collected_too() -> None:
    garbage = GarbageCollection()
    gc.collect()
    destroyed_on.clear()
    survivor = Cycle()
    gc.collect(0)
    gc.collect(1)  # it is of the oldest generation now
    del survivor
    for _ in range(gc.get_threshold()[2] + 1):
        for _ in range(gc.get_threshold()[1] + 1):
            gc.collect(0)
        gc.collect(1)
    garbage.collect_due()
    assert destroyed_on == [threading.get_ident()]


def test_a_started_application_collects_on_its_window_s_thread(
    qtbot: QtBot, tmp_path: Path
) -> None:
    model = make_model_dir(tmp_path / "model")
    gc.enable()  # as a fresh interpreter has it
    with running(tmp_path / "data", model) as session:
        destroyed_on.clear()
        litter_on_another_thread()
        session.until(lambda: bool(destroyed_on), "a collection")
        assert set(destroyed_on) == {threading.get_ident()}
