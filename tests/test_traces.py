"""What the programs leave on a machine, as its kernel saw it: no internet socket, and no file
but where the user said.
"""

from __future__ import annotations

import json
import os
import shutil
import stat
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.kd_core.retrained import reader_labels
from tests.traced import REPOSITORY, Traced, traced

STUDENT = REPOSITORY / "resources" / "models" / "student"
DEMO = REPOSITORY / "resources" / "demo" / "phantom.mp4"


def assert_left_nothing(seen: Traced, folder: Path, *places: Path) -> None:
    """No socket, nothing outside ``places``, an empty home, and of temporary files none is left."""
    assert seen.sockets == ()
    assert seen.written, "strace saw nothing at all"
    assert seen.written_outside(*places, folder / "tmp") == set()
    assert list((folder / "home").iterdir()) == []
    assert list((folder / "tmp").iterdir()) == []


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Two classes of the shipped student, twelve pictures each."""
    for label in ("polyps", "cecum"):
        (tmp_path / "data" / label).mkdir(parents=True)
        for number in range(12):
            noise = np.random.default_rng(number).integers(60, 250, (9, 11, 3), np.uint8)
            cv2.imwrite(
                str(tmp_path / "data" / label / f"{number}.png"), cv2.resize(noise, (160, 128))
            )
    return tmp_path / "data"


def test_the_tracer_sees_a_socket_and_a_file(tmp_path: Path) -> None:
    (tmp_path / "leak.py").write_text(
        "import socket, pathlib\nsocket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
        "(pathlib.Path.home() / 'left').write_text('x')\n"
    )
    seen = traced(["leak"], tmp_path, {"PYTHONPATH": str(tmp_path)})
    assert len(seen.sockets) == 1
    assert seen.written_outside() == {tmp_path / "home" / "left"}


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_analyse(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    words = [
        "endoscope_app",
        "analyse",
        str(DEMO),
        "--out",
        str(out / "r.json"),
        "--csv",
        str(out / "r.csv"),
    ]
    seen = traced(words, tmp_path, seconds=200)
    assert seen.done.returncode == 0, seen.done.stderr
    assert len(json.loads((out / "r.json").read_text())["frames"]) == 1000
    assert_left_nothing(seen, tmp_path, out)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_window_its_file_dialog_and_its_child(tmp_path: Path) -> None:
    data = tmp_path / "procedures"
    seen = traced(["tests.traced_window", str(data)], tmp_path, seconds=250)
    assert seen.done.returncode == 0, seen.done.stderr
    assert "explained" in seen.done.stdout
    # Where the data folder lies is remembered outside of it
    remembered = tmp_path / "home" / ".config" / "endoscope-app" / "data-folders.json"
    assert [path for path in (tmp_path / "home").rglob("*") if path.is_file()] == [remembered]
    assert str(data) in remembered.read_text()
    shutil.rmtree(tmp_path / "home" / ".config")
    assert_left_nothing(seen, tmp_path, data, tmp_path / "home" / ".config")
    assert [path.name for path in (data / "predictions").iterdir()], "nothing was analysed"
    assert (data / "cache" / "QtProject.conf").is_file(), (
        "the file dialog kept nothing, so that it keeps it here was not seen"
    )
    if os.name == "posix":
        assert {stat.S_IMODE(path.stat().st_mode) & 0o077 for path in (data, *data.rglob("*"))} == {
            0
        }


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    "command",
    ["predict", *(pytest.param(name, marks=pytest.mark.slow) for name in ("evaluate", "train"))],
)
def test_the_core(tmp_path: Path, pictures: Path, command: str) -> None:
    out = tmp_path / "out"
    words = {
        "evaluate": ["--model", str(STUDENT), "--data", str(pictures), "--plots", str(out)],
        "predict": ["--model", str(STUDENT), str(pictures / "polyps" / "0.png")],
        "train": [
            "--data",
            str(pictures),
            "--classes",
            "polyps,cecum",
            "--epochs",
            "1",
            "--out",
            str(out),
            "--cache",
            str(out / "cache"),
        ],
    }[command]
    seen = traced(["kd_core", command, *words], tmp_path, seconds=250)
    assert seen.done.returncode == 0, seen.done.stderr
    assert seen.sockets == ()
    assert seen.written_outside(out, tmp_path / "tmp") == set()
    assert [*(tmp_path / "home").iterdir(), *(tmp_path / "tmp").iterdir()] == []


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_retraining(tmp_path: Path) -> None:
    out, models = tmp_path / "out", REPOSITORY / "resources" / "models"
    labels = reader_labels(tmp_path / "labels")
    words = [
        "--labels",
        str(labels),
        "--base",
        str(STUDENT),
        "--teachers",
        str(models / "teachers" / "efficientnet_lite0"),
    ]
    words += [
        "--replay",
        str(models / "replay.safetensors"),
        "--scheme",
        "response",
        "--epochs",
        "1",
        "--out",
        str(out / "candidate"),
    ]
    seen = traced(["kd_core", "retrain", *words, "--events"], tmp_path, seconds=250)
    assert seen.done.returncode == 0, seen.done.stderr
    assert (out / "candidate" / "card.json").is_file()
    assert_left_nothing(seen, tmp_path, out)
