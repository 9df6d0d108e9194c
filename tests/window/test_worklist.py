"""A folder of 40 procedures, one of them broken, through the worklist of the real window: added by
the command, analysed over a kill -9, searched, opened, gone through by keys.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from endoscope_app.__main__ import main as run_command
from endoscope_app.base.paths import DataDir
from kd_core.schema.held_out import HeldOut, write_held_out
from kd_core.schema.run_files import HELD_OUT_NAME
from tests.endoscope_app.clips import make_clip
from tests.window.driven import REPOSITORY, driven

pytestmark = [
    pytest.mark.slow,
    pytest.mark.window,
    pytest.mark.timeout(900),
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Xvfb is for Linux"),
]
BROKEN = "case 4.mp4"
NAMES = [f"case {number}.mp4" for number in range(1, 41)]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder to which the command has added the 40."""
    folder = tmp_path_factory.mktemp("forty")
    for number, name in enumerate(NAMES):
        if name == BROKEN:
            (folder / name).write_bytes(b"no video at all" * 100)
        else:
            make_clip(folder / name, count=6 + number, size=(96, 64))
    data = tmp_path_factory.mktemp("data")
    assert run_command(["add", str(folder), "--data-dir", str(data)]) == 0
    return data


@pytest.fixture(scope="module")
def analysed(data: Path, display: str) -> dict[str, Any]:
    """The window is killed in the middle of the queue, and started again."""
    command = [sys.executable, "-m", "tests.window.worklist_driver", str(data), "queue"]
    environment = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
    with subprocess.Popen(
        command, cwd=REPOSITORY, env=environment, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        for line in child.stdout:
            if line.startswith("analysed ") and int(line.split()[1]) >= 5:
                break
        child.send_signal(signal.SIGKILL)
    assert not list(DataDir.named(str(data)).added.iterdir())
    with sqlite3.connect(data / "labels" / "labels.sqlite") as library:
        (before,) = library.execute(
            "SELECT count(*) FROM worklist WHERE state = 'analysed'"
        ).fetchone()
    library.close()
    assert 5 <= before < 39
    seen = driven(display, "worklist_driver", data, "queue", seconds=600)
    return seen | {"before": before}


def test_the_queue_goes_on_after_a_kill_and_one_broken_file_stops_nothing(
    analysed: dict[str, Any],
) -> None:
    states = {row[0]: row[4] for row in analysed["rows"]}
    assert list(states) == NAMES
    assert {state for name, state in states.items() if name != BROKEN} == {"Analysed"}
    assert BROKEN in states[BROKEN]
    assert states[BROKEN].count(".") >= 2  # a sentence and the way out
    assert sorted(set(analysed["states"])) == ["analysed", "new"]


def test_what_was_analysed_is_kept_where_the_window_finds_it(
    analysed: dict[str, Any], data: Path
) -> None:
    assert len(list((data / "predictions").glob("*.predictions"))) == 39


def test_a_day_by_keys(analysed: dict[str, Any], data: Path, display: str, tmp_path: Path) -> None:
    others = tmp_path / "others"
    others.mkdir()
    for number in range(3):
        make_clip(others / f"other {number}.mp4", count=40 + number, size=(96, 64))
    with sqlite3.connect(data / "labels" / "labels.sqlite") as library:
        rows = library.execute("SELECT fingerprint FROM worklist ORDER BY id").fetchall()
    library.close()
    (data / "runs").mkdir(exist_ok=True)
    write_held_out(data / "runs" / HELD_OUT_NAME, HeldOut((rows[1][0],), (rows[2][0],)))
    seen = driven(display, "worklist_driver", data, "day", others, seconds=800)
    learning = {row[0]: row[3] for row in seen["rows"]}
    assert [learning[f"case {number}.mp4"] for number in (1, 2, 3)] == [
        "",
        "For checking",
        "Learnt from",
    ]
    assert seen["meter"] is False
    assert seen["found"] == ["case 17.mp4"]
    assert seen["headings"] == ["P-07 (2)", "No pseudonym yet (38)"]
    assert seen["order"] == NAMES
    assert seen["labels_on_worklist"] == 0
    assert seen["title"].startswith("case 2.mp4")
    assert seen["title_of_worklist"].startswith("Worklist")
    assert seen["back_at"] == 2
    assert {row[0]: row[4] for row in seen["rows"]}["case 1.mp4"] == "In review"
    assert seen["dropped"]["rows"] == 43
    assert seen["dropped"]["paused"] is True
    assert seen["patients"] == ["P-07"]
    assert seen["sorted"] == ["other 2.mp4", "other 1.mp4", "other 0.mp4"]
    assert seen["new"] == [BROKEN]
    assert seen["found_again"] == {"same_line": True, "rows": 43}
    assert seen["after_removal"] == {"rows": 42, "is_there": False, "labelled": 1}
    with sqlite3.connect(data / "labels" / "labels.sqlite") as library:
        readers = library.execute(
            "SELECT DISTINCT reader FROM journal JOIN journal_rows USING (sequence)"
            " WHERE table_name = 'frame_labels'"
        ).fetchall()
        labels = library.execute("SELECT count(*) FROM frame_labels").fetchone()
    library.close()
    assert readers == [("Dr. Work",)]
    assert labels == (1,)
    for log in data.glob("*.log"):
        assert "case" not in log.read_text()
