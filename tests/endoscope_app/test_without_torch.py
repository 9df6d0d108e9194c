"""The viewer where only the base packages are installed: all but retraining works, which says what
to install.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from endoscope_app.base.paths import resources_dir
from kd_core.platform.learning_side import PACKAGES
from tests.kd_core.platform.test_imports import HEAVY

#: Makes the packages as good as missing.
HIDDEN = f"""
import sys
class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {sorted(PACKAGES)!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Hidden())
"""
STUDENT = resources_dir() / "models" / "student"


def run_hidden(program: str, *words: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", HIDDEN + program, *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=110)


def test_what_is_hidden_is_what_is_heavy() -> None:
    assert {*HEAVY} - {"PySide6"} <= PACKAGES


def test_the_demo_is_analysed(tmp_path: Path) -> None:
    program = "from endoscope_app.__main__ import main; sys.exit(main(sys.argv[1:]))"
    demo, table = resources_dir() / "demo" / "phantom.mp4", tmp_path / "frames.csv"
    done = run_hidden(program, "analyse", demo, "--csv", table)
    assert done.returncode == 0, done.stderr
    assert len(table.read_text().splitlines()) > 100


def test_every_module_of_the_window_is_there() -> None:
    done = run_hidden("import endoscope_app.app, endoscope_app.run_window")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("method", ["gradcam", "eigencam", "scorecam"])
def test_an_image_is_classified_and_explained(tmp_path: Path, method: str) -> None:
    image, out = tmp_path / "image.png", tmp_path / "map.png"
    noise = np.random.default_rng(0).integers(60, 250, (7, 9, 3), np.uint8)
    cv2.imwrite(str(image), cv2.resize(noise, (320, 256)))
    program = "from kd_core.__main__ import main; sys.exit(main(sys.argv[1:]))"
    done = run_hidden(program, "predict", "--model", STUDENT, image, "--json")
    assert done.returncode == 0, done.stderr
    best = json.loads(done.stdout)["images"][0]
    words = ("explain", "--model", STUDENT, "--image", image, "--out", out, "--json")
    done = run_hidden(program, *words, "--method", method)
    assert done.returncode == 0, done.stderr
    parsed = json.loads(done.stdout)
    assert (parsed["class"], round(parsed["probability"], 4)) == (
        best["label"],
        round(best["probability"], 4),
    )
    assert out.stat().st_size > 1000


def test_what_needs_the_learning_side_says_what_to_install(tmp_path: Path) -> None:
    program = "from kd_core.__main__ import main; sys.exit(main(sys.argv[1:]))"
    words = ("--labels", tmp_path, "--base", STUDENT, "--teachers", "t", "--replay", "r")
    done = run_hidden(program, "retrain", *words, "--out", tmp_path / "new", "--events")
    assert done.returncode == 2
    ended = json.loads(done.stdout.splitlines()[-1])
    assert ended["outcome"] == "failed"
    assert "is not installed (" in ended["sentence"]
    assert 'pip install "endoscope-app[train]"' in ended["sentence"]
    assert done.stderr.count("\n") == 1
