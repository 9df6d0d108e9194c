"""The real window on a real (virtual) X server: what offscreen tests cannot see, such as the
active window and its shortcuts.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.places import REPOSITORY

SCREENSHOT = REPOSITORY / "artifacts" / "window.png"


@pytest.fixture(scope="module")
def seen(display: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the driver saw on one tour of the window."""
    SCREENSHOT.parent.mkdir(exist_ok=True)
    SCREENSHOT.unlink(missing_ok=True)
    data = tmp_path_factory.mktemp("data")
    environment = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
    words = [sys.executable, "-m", "tests.window.driver", str(data), str(SCREENSHOT)]
    done = subprocess.run(
        words,
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    made: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    made["data"], made["stderr"] = data, done.stderr
    return made


pytestmark = [
    pytest.mark.slow,
    pytest.mark.window,
    pytest.mark.timeout(420),
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Xvfb is for Linux"),
]


def test_every_key_of_the_tour_did_what_it_must(seen: dict[str, Any]) -> None:
    assert seen["failures"] == []
    assert seen["platform"] == "xcb"
    assert seen["played_to"] > 15  # a second and a half at 25 frames a second, on a busy machine
    assert seen["finding_at"] in seen["findings"]


def test_the_phantom_is_labelled_as_one(seen: dict[str, Any]) -> None:
    assert "PHANTOM" in seen["caption"]
    assert seen["title"].startswith("phantom.mp4")


def test_the_process_has_loaded_no_torch(seen: dict[str, Any]) -> None:
    assert seen["torch"] == []


def test_closing_leaves_nothing_running_and_says_nothing(seen: dict[str, Any]) -> None:
    assert seen["threads_running"] == []
    assert seen["close_s"] < 5
    assert seen["stderr"] == ""


def test_the_analysis_is_kept_and_the_log_names_no_file(seen: dict[str, Any]) -> None:
    data: Path = seen["data"]
    assert list((data / "predictions").rglob("*.npz")) or list((data / "predictions").rglob("*.*"))
    for log in data.glob("*.log"):
        assert "phantom" not in log.read_text()


def test_the_screenshot_shows_a_picture(seen: dict[str, Any]) -> None:
    import cv2

    picture = cv2.imread(str(SCREENSHOT))
    assert picture is not None
    assert picture.shape[0] > 600
    assert picture.std() > 20  # an empty dark window is nearly flat
