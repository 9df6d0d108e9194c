"""``kd-core predict`` for a program that waits: teachers too, a list of images, and a line
for each as soon as it is done.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kd_core.__main__ import main
from kd_core.artifacts.teacher_folder import load_teacher
from kd_core.data.image_files import read_rgb
from kd_core.schema.model_card import read_card
from kd_core.vision.preprocess import prepare
from tests.kd_core.training.test_distil import CLASSES, teacher_folder

Output = pytest.CaptureFixture[str]


def lines(capsys: Output, *words: str | Path, status: int = 0) -> tuple[list[dict[str, Any]], str]:
    assert main(["predict", *map(str, words), "--lines"]) == status
    captured = capsys.readouterr()
    return [json.loads(line) for line in captured.out.splitlines()], captured.err


def listed(folder: Path, *images: Path) -> Path:
    path = folder / "list.txt"
    path.write_text("".join(f"{image}\n" for image in images), encoding="utf-8")
    return path


def test_a_teacher_predicts_as_its_network_does_on_the_same_input(
    data_dir: Path, tmp_path: Path, capsys: Output
) -> None:
    import torch

    folder = teacher_folder(tmp_path / "teacher")
    image = data_dir / "polyps" / "03.png"
    made, _ = lines(capsys, "--model", folder, image)
    head, row = made
    assert head == {
        "model": read_card(folder).version,
        "name": "mobilenet_v3_large",
        "classes": list(CLASSES),
        "total": 1,
    }
    teacher = load_teacher(folder, CLASSES).teacher.teacher.eval()
    with torch.no_grad():
        logits = (
            teacher(torch.from_numpy(prepare(read_rgb(image))[0][None]))
            .logits[0]
            .numpy()
            .astype(np.float64)
        )
    expected = np.exp(logits) / np.exp(logits).sum()
    assert [row["probabilities"][name] for name in CLASSES] == pytest.approx(
        expected.tolist(), abs=1e-4
    )
    assert row["label"] == CLASSES[int(expected.argmax())]


def test_a_list_gives_what_the_words_give_and_counts(
    model_dir: Path, data_dir: Path, tmp_path: Path, capsys: Output
) -> None:
    images = [data_dir / "polyps" / "03.png", data_dir / "cecum" / "04.png"]
    made, _ = lines(capsys, "--model", model_dir, "--list", listed(tmp_path, *images))
    named, _ = lines(capsys, "--model", model_dir, *images)
    assert made == named
    assert [(row["file"], row["done"]) for row in made[1:]] == [
        (str(images[0]), 1),
        (str(images[1]), 2),
    ]
    assert main(["predict", "--model", str(model_dir), *map(str, images), "--json"]) == 0
    whole = json.loads(capsys.readouterr().out)
    assert [row["probabilities"] for row in whole["images"]] == [
        row["probabilities"] for row in made[1:]
    ]


def test_a_broken_image_has_a_line_of_its_own(
    model_dir: Path, data_dir: Path, tmp_path: Path, capsys: Output
) -> None:
    (tmp_path / "bad.png").write_text("no image")
    paths = listed(tmp_path, tmp_path / "bad.png", data_dir / "polyps" / "00.png")
    made, told = lines(capsys, "--model", model_dir, "--list", paths, status=2)
    assert "bad.png is not an image" in made[1]["problem"]
    assert "probabilities" not in made[1]
    assert (made[2]["done"], "label" in made[2]) == (2, True)
    assert told.startswith("kd-core: bad.png")


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xff\xfe\xff"])
def test_a_list_of_nothing_is_refused(
    model_dir: Path, tmp_path: Path, capsys: Output, content: bytes
) -> None:
    path = tmp_path / "list.txt"
    path.write_bytes(content)
    made, told = lines(capsys, "--model", model_dir, "--list", path, status=2)
    assert made == []
    assert told.startswith(f"kd-core: The list {path}")


def test_images_and_a_list_at_once_show_the_usage(
    model_dir: Path, tmp_path: Path, capsys: Output
) -> None:
    with pytest.raises(SystemExit) as end:
        main(["predict", "--model", str(model_dir), "a.png", "--list", str(tmp_path / "list.txt")])
    assert end.value.code == 2
    assert "not allowed with" in capsys.readouterr().err


def test_a_line_is_out_before_the_next_image_is_read(
    model_dir: Path, data_dir: Path, tmp_path: Path
) -> None:
    """The second image is a pipe that nobody fills before the first line has arrived: opening
    it would wait.
    """
    import os

    if not hasattr(os, "mkfifo"):
        pytest.skip("no pipes with a name on this system")
    first, second = data_dir / "polyps" / "00.png", tmp_path / "second.png"
    os.mkfifo(second)
    words = [sys.executable, "-m", "kd_core", "predict", "--model", str(model_dir), "--lines"]
    words += ["--list", str(listed(tmp_path, first, second))]
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as child:
        assert child.stdout is not None
        assert json.loads(child.stdout.readline())["total"] == 2
        assert json.loads(child.stdout.readline())["done"] == 1
        second.write_bytes(b"no image")
        assert json.loads(child.stdout.readline())["done"] == 2
        assert child.wait(30) == 2
