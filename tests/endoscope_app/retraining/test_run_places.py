"""What a run leaves behind does not tell where folders lie: they bear names of people."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from endoscope_app.retraining.run.run_files import EVENTS_NAME, LOG_NAME, RunFiles, read_events
from kd_core.schema.events import RunEnded


@pytest.mark.skipif(os.sep != "/", reason="its lines are written with slashes")
def test_events_and_log_hold_no_place(tmp_path: Path) -> None:
    run = tmp_path / "Zobelmarker, Jane" / "data" / "runs" / "1"
    files = RunFiles(run)
    files.add_line(f"kd-core: {run / 'labels/0001.png'} cannot be read; see {Path.home() / 'x'}")
    files.add_line(f'  File "{run.parent.parent}/cache/torch.py", line 3')
    files.add_event(RunEnded("failed", f"No space on {run}.", str(run / "candidate")))
    files.close()
    assert (run / LOG_NAME).read_text().splitlines() == [
        "kd-core: ./labels/0001.png cannot be read; see ~/x",
        '  File "(data folder)/cache/torch.py", line 3',
    ]
    assert read_events(run) == [RunEnded("failed", "No space on ..", "./candidate")]
    for name in (EVENTS_NAME, LOG_NAME):
        assert b"Zobelmarker" not in (run / name).read_bytes()
