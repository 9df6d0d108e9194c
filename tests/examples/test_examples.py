"""The examples of resources/examples run as they stand, on tiny drawn data."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from kd_core.schema.taxonomy import LOWER_GI
from tests.kd_core.training.test_distil import teacher_folder
from tests.model_factory import make_model_dir
from tests.places import REPOSITORY

EXAMPLES = REPOSITORY / "resources" / "examples"
#: Makes every training as short as can be: the examples take the defaults.
SHORT = """
import runpy, sys
import msgspec, torch
import kd_core.api.training as training
torch.set_num_threads(1)
class Short(training.TrainingRun):
    def __init__(self, recipe, config, *rest, **more):
        short = msgspec.structs.replace(config, epochs=1, views=1)
        super().__init__(recipe, short, *rest, **more)
training.TrainingRun = Short
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def run(name: str, *words: str | Path, short: bool = False) -> str:
    """Standard output of an example that must succeed."""
    start = ["-c", SHORT] if short else []
    command = [sys.executable, *start, str(EXAMPLES / name), *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=500)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def six_classes(tmp_path: Path) -> Path:
    """Class folders of the lower GI tract, each of a colour of its own."""
    generator = np.random.default_rng(0)
    for place, label in enumerate(LOWER_GI):
        folder = tmp_path / "data" / label
        folder.mkdir(parents=True)
        for number in range(5):
            image = generator.integers(0, 90, (64, 64, 3), np.uint8)
            image[:, :, place % 3] += np.uint8(60 + 15 * place)
            cv2.imwrite(str(folder / f"{number}.png"), image)
    return tmp_path / "data"


def test_a_card_is_read(tmp_path: Path) -> None:
    told = run("read_card.py", make_model_dir(tmp_path / "model"))
    assert "classes: " + ", ".join(LOWER_GI) in told
    assert "not for: Diagnosis" in told


def test_a_video_is_classified(tmp_path: Path) -> None:
    model = make_model_dir(tmp_path / "model")
    told = run("classify_video.py", model, REPOSITORY / "resources" / "demo" / "phantom.mp4")
    lines = told.splitlines()
    assert len(lines) > 5
    assert lines[0].startswith("    0.00 s")


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_an_own_student_is_trained(six_classes: Path, tmp_path: Path) -> None:
    told = run("own_student.py", six_classes, tmp_path / "student", short=True)
    assert told.splitlines()[-1] == "two-convolutions"


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_an_own_loss_counts(six_classes: Path, tmp_path: Path) -> None:
    teacher = teacher_folder(tmp_path / "teacher", LOWER_GI)
    told = run("own_loss.py", six_classes, teacher, tmp_path / "student", short=True)
    assert "'margin': " in told


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_student_is_distilled(six_classes: Path, tmp_path: Path) -> None:
    told = run("distil.py", six_classes, tmp_path / "out", short=True)
    assert "confusion (rows are the truth" in told
    assert (tmp_path / "out" / "student" / "card.json").is_file()
