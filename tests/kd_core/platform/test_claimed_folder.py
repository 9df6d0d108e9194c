"""Two trainings never work in one folder, and one that was killed leaves it free."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import kd_core
from kd_core.api import reproduction
from kd_core.platform import claimed_folder
from kd_core.platform.claimed_folder import LOCK_NAME, claimed
from kd_core.schema.errors import DataError
from tests.kd_core.test_own_things import MACHINE, TINY, Own, source
from tests.places import REPOSITORY

HOLDER = """
import sys
from pathlib import Path
from kd_core.platform import claimed_folder
from kd_core.platform.claimed_folder import claimed
with claimed(Path(sys.argv[1])):
    print("claimed", flush=True)
    sys.stdin.read()
"""


@contextmanager
def held_by_another(folder: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", HOLDER, str(folder)]
    with subprocess.Popen(
        command, cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "claimed\n"
        try:
            yield process
        finally:
            process.kill()


def train(out: Path) -> None:
    kd_core.train_student(source(), out, config=TINY, student=Own, machine=MACHINE)


def teach(out: Path) -> None:
    kd_core.train_teacher(source(), out, backbone=Own(2), config=TINY, machine=MACHINE)


def reproduce(out: Path) -> None:
    reproduction.reproduce(source(), out, teachers=["own-teacher"], seeds=1, machine=MACHINE)


@pytest.mark.parametrize("begin", [train, teach, reproduce])
def test_a_second_training_into_a_folder_is_refused_and_changes_nothing_there(
    tmp_path: Path, begin: Callable[[Path], None]
) -> None:
    (tmp_path / "run-state.safetensors").write_bytes(b"of the first")
    with held_by_another(tmp_path):
        with pytest.raises(DataError, match=r"Another training is at work in .*Wait until"):
            begin(tmp_path)
        assert (tmp_path / "run-state.safetensors").read_bytes() == b"of the first"
        assert {path.name for path in tmp_path.iterdir()} == {LOCK_NAME, "run-state.safetensors"}


def test_one_that_was_killed_leaves_the_folder_free_and_one_that_ends_leaves_no_lock(
    tmp_path: Path,
) -> None:
    with held_by_another(tmp_path) as process:
        process.kill()
        process.wait()
    assert (tmp_path / LOCK_NAME).exists()
    train(tmp_path)
    assert (tmp_path / "card.json").exists()
    assert not (tmp_path / LOCK_NAME).exists()


def test_a_holder_that_goes_while_another_waits_at_its_lock_does_not_let_two_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = claimed(tmp_path)
    first.__enter__()
    opened = []

    def lock_after_the_first_has_gone(handle: int) -> None:
        opened.append(handle)
        if len(opened) == 1:  # the file is deleted between our opening and our lock
            first.__exit__(None, None, None)
        kept(handle)

    kept = claimed_folder._lock
    monkeypatch.setattr(claimed_folder, "_lock", lock_after_the_first_has_gone)
    with claimed(tmp_path):
        assert len(opened) == 2, "the deleted file is no lock"
        with pytest.raises(DataError), claimed(tmp_path):
            pass
    assert not (tmp_path / LOCK_NAME).exists()


def test_where_nothing_can_be_locked_a_training_is_not_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_locks(_handle: int) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr("kd_core.platform.claimed_folder._lock", no_locks)
    with claimed(tmp_path), claimed(tmp_path):
        pass
