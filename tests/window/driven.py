"""The real program once, from its start to its end, under an X server of our own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

from tests.places import REPOSITORY


def driven(display: str, driver: str, *words: object, seconds: float) -> dict[str, Any]:
    """What ``driver``, a module of tests.window, saw: the last line that it printed.

    It must have failed in nothing.
    """
    environment = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
    command = [sys.executable, "-m", f"tests.window.{driver}", *map(str, words)]
    done = subprocess.run(
        command,
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    seen: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    assert seen["failures"] == [], seen["failures"]
    assert seen["platform"] == "xcb"
    return seen
