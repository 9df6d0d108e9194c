"""Runs that share a teacher cache at the same time: each reads what its teacher says, whatever the
others write, throw away or leave behind when they are killed.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from kd_core.data import views
from tests.kd_core.cache_child import live
from tests.kd_core.cached import ANSWER_BYTES, VIEW_BYTES, files
from tests.places import REPOSITORY

MUCH = 10**9


@dataclass(frozen=True)
class Asked:
    """Images ``first`` to ``first + count``; ``is_killed`` in the middle of its filling."""

    first: int
    count: int
    views: int
    limit: int = MUCH
    is_killed: bool = False


def needed(count: int, view_count: int) -> int:
    return count * view_count * (VIEW_BYTES + ANSWER_BYTES)


@contextmanager
def started(folder: Path, asked: Asked, out: Path) -> Iterator[subprocess.Popen[str]]:
    numbers = map(str, (asked.first, asked.count, asked.views, asked.limit))
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.kd_core.cache_child", str(folder), *numbers, str(out)],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield child
    finally:
        child.kill()
        child.communicate()


@pytest.mark.slow
@pytest.mark.parametrize(
    "runs",
    [
        pytest.param([Asked(0, 48, 2), Asked(0, 48, 2)], id="the same"),
        pytest.param([Asked(0, 48, 2), Asked(0, 48, 2, is_killed=True)], id="one killed"),
        pytest.param([Asked(0, 48, 1), Asked(0, 48, 4)], id="fewer views and more"),
        pytest.param(
            [Asked(0, 24, 2, needed(30, 2)), Asked(24, 24, 2, needed(30, 2))],
            id="room for one",
        ),
    ],
)
def test_runs_that_share_a_cache_come_to_what_each_comes_to_alone(
    runs: list[Asked], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "cache"
    with ExitStack() as stack:
        children = [
            stack.enter_context(started(folder, asked, tmp_path / f"{number}.npz"))
            for number, asked in enumerate(runs)
        ]
        for child in children:
            assert child.stdout is not None
            assert child.stdout.readline() == "ready\n"
        for child in children:
            assert child.stdin is not None
            child.stdin.write("go\n")
            child.stdin.flush()
        for child, asked in zip(children, runs, strict=True):
            if asked.is_killed:
                assert child.stdout is not None
                assert child.stdout.readline()
                child.kill()
        for child, asked in zip(children, runs, strict=True):
            child.communicate()
            assert (child.returncode == 0) is not asked.is_killed
    monkeypatch.setattr(views, "has_bf16", lambda device: False)
    for number, asked in enumerate(runs):
        if asked.is_killed:
            continue
        with np.load(tmp_path / f"{number}.npz") as kept:
            found = [kept[name] for name in kept.files]
        exact = live(asked.first, asked.count, asked.views)
        np.testing.assert_array_equal(found[0], exact[0])
        for stored, said in zip(found[1:], exact[1:], strict=True):
            np.testing.assert_allclose(stored, said, rtol=2**-9, atol=1e-5)
    if not any(asked.is_killed for asked in runs):
        assert [path.name for path in files(folder) if path.suffix != ".bin"] == []
