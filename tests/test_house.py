"""The house itself: who may import whom, what a fresh process loads, and that README's promises
about files hold.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import pytest

from tests.places import REPOSITORY

WATCH = """
import json, sys, tempfile
from pathlib import Path
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication
from endoscope_app.app import App
from endoscope_app.base.paths import DataDir, demo_clip, shipped_model
application = QApplication(["x"])
with tempfile.TemporaryDirectory() as data:
    app = App(DataDir.open(data), shipped_model())
    app.start()
    app.open(demo_clip())
    for _ in range(600):
        loop = QEventLoop(); QTimer.singleShot(50, loop.quit); loop.exec()
        if app.prediction_view.prediction is not None:
            break
    classified = app.prediction_view.prediction is not None
    app.window.close(); app.close()
loaded = sorted({name.split(".")[0] for name in sys.modules})
print(json.dumps({"classified": classified, "loaded": loaded}))
"""


def test_the_import_contracts_hold() -> None:
    # In a process of its own: it switches off every logger that it finds.
    program = (
        "import sys; from importlinter.cli import lint_imports;"
        " sys.exit(lint_imports(cache_dir=None))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.timeout(120)
def test_with_a_video_open_and_frames_classified_the_app_has_loaded_no_torch() -> None:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-c", WATCH],
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout.splitlines()[-1])
    assert seen["classified"]
    assert "onnxruntime" in seen["loaded"]
    assert not {"torch", "torchvision", "pytorch_grad_cam", "matplotlib"} & set(seen["loaded"])


def test_every_path_that_the_readme_names_exists() -> None:
    text = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"resources/[\w./-]+\w", text))
    assert len(named) >= 2
    assert [path for path in sorted(named) if not (REPOSITORY / path).exists()] == []


def test_the_readme_lists_every_room() -> None:
    text = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    rooms = [
        path.name
        for top in ("kd_core", "endoscope_app")
        for path in (REPOSITORY / top).iterdir()
        if (path / "__init__.py").exists()
    ]
    assert len(rooms) > 8
    assert [room for room in rooms if f"{room}/" not in text] == []
