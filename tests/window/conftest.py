"""An X server of our own for the tests of the real window."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="module")
def display() -> Iterator[str]:
    """Its name; skipped with a reason where there is none to start."""
    server = shutil.which("Xvfb")
    if server is None:
        pytest.skip("Xvfb is not installed: the real window was not tested")
    read_end, write_end = os.pipe()
    words = [
        server,
        "-displayfd",
        str(write_end),
        "-screen",
        "0",
        "1600x1000x24",
        "-noreset",  # what one client sets outlives it
        "-nolisten",
        "tcp",
    ]
    process = subprocess.Popen(words, pass_fds=[write_end], stderr=subprocess.DEVNULL)
    os.close(write_end)
    try:
        with os.fdopen(read_end) as answer:
            number = answer.readline().strip()
        if not number:
            pytest.skip("Xvfb did not start: the real window was not tested")
        yield f":{number}"
    finally:
        process.terminate()
        process.wait(10)
