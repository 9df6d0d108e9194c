"""``endoscope-app analyse`` run by tests in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from tests.endoscope_app import clips
from tests.places import REPOSITORY

COUNT = 30


#: Runs the command as ``python -m`` would and names the modules it should never have needed.
SPY = """
import sys
from endoscope_app.__main__ import main
status = main(sys.argv[1:])
heavy = {"torch", "torchvision", "PySide6", "pytorch_grad_cam", "onnx", "safetensors"}
print("LOADED", sorted(heavy & {name.split(".")[0] for name in sys.modules}), file=sys.stderr)
sys.exit(status)
"""


def analyse(*words: str | Path, spied: bool = False) -> subprocess.CompletedProcess[str]:
    """Without a display, so that a hidden need for one shows."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    }
    start = ["-c", SPY] if spied else ["-m", "endoscope_app"]
    command: list[str | Path] = [sys.executable, *start, "analyse", *words]
    done = subprocess.run(
        command,
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    return done


def read(path: Path) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return made


def picture(path: Path, number: int) -> Path:
    cv2.imencode(path.suffix, np.ascontiguousarray(clips.numbered_picture(number)[..., ::-1]))[
        1
    ].tofile(path)
    return path
