"""The order of runs, which is that of their beginnings and not that of the clock."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from endoscope_app.retraining.run_folders import RunFolders, RunRecord


def test_a_clock_that_was_set_back_does_not_make_an_old_run_the_newest(tmp_path: Path) -> None:
    times = iter(
        [
            datetime(2026, 5, 3, 17, 0),
            datetime(2025, 1, 1, 8, 0),
            datetime(2025, 1, 1, 8, 0),
            datetime(2027, 1, 1),
        ]
    )
    runs = RunFolders(tmp_path, lambda: next(times).astimezone())
    made = [runs.new(RunRecord("base", {"number": number}, ())) for number in range(4)]
    assert [record.settings["number"] for _, record in runs.all()] == [0, 1, 2, 3]
    latest = runs.latest()
    assert latest is not None
    assert latest[0] == made[-1]


def test_a_hundred_runs_in_a_second_keep_their_order(tmp_path: Path) -> None:
    runs = RunFolders(tmp_path, lambda: datetime(2026, 5, 3, 23, 59, 59).astimezone())
    for number in range(102):
        runs.new(RunRecord("base", {"number": number}, ()))
    assert [record.settings["number"] for _, record in runs.all()] == list(range(102))
