"""What every test gets: no stray thread is left behind, and real data is found or skipped with
a reason.
"""

from __future__ import annotations

import gc
import os
import re
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent

import kd_core  # noqa: F401  (before any test imports onnxruntime: it tells it to be quiet)
from endoscope_app.base.freed_memory import give_back
from endoscope_app.base.garbage import GarbageCollection
from endoscope_app.base.unfinished import NOTES_VARIABLE
from tests.places import REPOSITORY

# No test reads or writes what the person who runs it keeps.
for _variable in ("XDG_DATA_HOME", "XDG_CONFIG_HOME"):
    os.environ[_variable] = str(
        Path(tempfile.gettempdir()) / "endoscope-app-tests-keep-nothing-here"
    )
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

#: What one process of the suite may hold at its end.
LARGEST_KB = 2 << 20
HELD = pytest.StashKey[list[int]]()
#: Started once by a library for the whole process and never stopped by it.
LIBRARY_THREADS = ("asyncio_", "pytest_timeout", "tqdm")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The real labelled frames beside the checkout (or at ENDOSCOPE_TEST_DATA); tests that need
    them skip where they are missing.
    """
    folder = Path(os.environ.get("ENDOSCOPE_TEST_DATA", REPOSITORY.parent / "shared" / "data"))
    if not (folder / "hyperkvasir-lower-gi" / "manifest.csv").is_file():
        pytest.skip(f"the real frames are not at {folder} (set ENDOSCOPE_TEST_DATA)")
    return folder


@pytest.fixture(scope="session")
def shared_cases() -> Path:
    """Inputs that once failed, beside the checkout (or at ENDOSCOPE_TEST_CASES); tests that
    need them skip where they are missing.
    """
    folder = Path(os.environ.get("ENDOSCOPE_TEST_CASES", REPOSITORY.parent / "shared" / "cases"))
    if not (folder / "README.md").is_file():
        pytest.skip(f"the collected cases are not at {folder} (set ENDOSCOPE_TEST_CASES)")
    return folder


@pytest.fixture(scope="session", autouse=True)
def _freed_memory_goes_back_to_the_system() -> Iterator[None]:
    """A training process keeps it for its next step; in this one, where hundreds of commands
    run, it would only add up.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kd_core.__main__.keep_freed_memory", lambda: False)
        yield


@pytest.fixture(autouse=True)
def _notes_of_a_test_are_its_own() -> Iterator[None]:
    """Where a process notes what it is writing: in the data folder that it opened last, which is an
    earlier test's.
    """
    yield
    os.environ.pop(NOTES_VARIABLE, None)


@pytest.fixture(scope="session", autouse=True)
def _garbage() -> Iterator[GarbageCollection]:
    """As in a started window: widgets of a closed one are not destroyed by another thread, where
    a collection happened to start.
    """
    yield GarbageCollection()
    gc.enable()


@pytest.fixture(autouse=True)
def _garbage_of_a_test_goes_with_it(_garbage: GarbageCollection) -> Iterator[None]:
    yield
    _delete_closed_widgets()
    _garbage.collect_due()


def _delete_closed_widgets() -> None:
    """What pytest-qt closes is deleted "later", by the turn of an event loop that most tests never
    enter again: processEvents leaves these events alone.
    """
    if QCoreApplication.instance() is not None:
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture(autouse=True)
def _closed_windows_are_freed(request: pytest.FixtureRequest) -> Iterator[None]:
    """A started window tells the garbage collector to leave alone what is there, as it lives as
    long as the program; here it does not.
    """
    yield
    if gc.get_freeze_count():
        gc.unfreeze()
        gc.collect()
    if request.node.get_closest_marker("slow") is not None:
        _give_memory_back()


def _give_memory_back() -> None:
    """What a training in this process has freed, too."""
    gc.collect()
    give_back()


def _held_kb() -> int:
    """What this process holds now; 0 where the system does not say."""
    _give_memory_back()
    status = Path("/proc/self/status")
    found = re.search(r"VmRSS:\s+(\d+) kB", status.read_text()) if status.is_file() else None
    return int(found[1]) if found is not None else 0


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """What a process of pytest-xdist held at its end, told to the one that judges; one that
    crashed says nothing.
    """
    held = node.config.stash.setdefault(HELD, [])
    held.append(int(getattr(node, "workeroutput", {}).get("held_kb", 0)))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """One process of the suite stays small: a leak would otherwise show only on a small
    machine, as a test that is killed.
    """
    worker = getattr(session.config, "workeroutput", None)
    if worker is not None:
        worker["held_kb"] = _held_kb()
        return
    held = [*session.config.stash.get(HELD, []), _held_kb()]
    print(
        "\nAt their end the tests' processes held"
        f" {', '.join(f'{one >> 10:,}' for one in held)} MB."
    )
    if max(held) > LARGEST_KB:
        print(f"That is more than {LARGEST_KB >> 10:,} MB.")
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(autouse=True)
def _no_thread_left_behind() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    deadline = time.monotonic() + 2.0
    while True:
        left = [
            t
            for t in threading.enumerate()
            if t not in before and not t.name.startswith(LIBRARY_THREADS) and _runs(t)
        ]
        if not left:
            return
        if time.monotonic() > deadline:
            pytest.fail(f"threads left behind: {[t.name for t in left]}")
        time.sleep(0.02)


def _runs(thread: threading.Thread) -> bool:
    """Python keeps Qt's threads in its list as dummies after they have ended: the system knows
    better.
    """
    if not isinstance(thread, threading._DummyThread):
        return True
    tasks = Path("/proc/self/task")
    return tasks.is_dir() and (tasks / str(thread.native_id)).exists()
