"""The command ``kd-core`` in process, from class folders to a trained, scored, explained and
exported model.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from kd_core.__main__ import main
from kd_core.artifacts.checkpoint import load_student
from kd_core.cli.command_table import COMMANDS
from kd_core.schema.model_card import RESEARCH_USE, read_card
from kd_core.schema.student_shapes import PLAIN
from kd_core.schema.taxonomy import LOWER_GI
from kd_core.vision.predictor import Predictor

Output = pytest.CaptureFixture[str]


def run(capsys: Output, *words: str | Path) -> tuple[str, str]:
    """A command that must succeed: its standard output and standard error."""
    capsys.readouterr()
    assert main([str(word) for word in words]) == 0
    captured = capsys.readouterr()
    return captured.out, captured.err


def as_json(capsys: Output, *words: str | Path) -> Any:
    """Standard output holds one JSON object and nothing else."""
    return json.loads(run(capsys, *words, "--json")[0])


def test_a_model_is_trained_written_and_described(
    data_dir: Path, tmp_path: Path, capsys: Output
) -> None:
    split, out = tmp_path / "split.json", tmp_path / "made" / "model"
    said, _ = run(
        capsys,
        "split",
        "--data",
        data_dir,
        "--out",
        split,
        "--val",
        "0.2",
        "--test",
        "0.3",
        "--seed",
        "5",
        "--source",
        "here",
    )
    assert said.splitlines() == [
        "train: 20 images: cecum 10, polyps 10",
        "val: 8 images: cecum 4, polyps 4",
        "test: 12 images: cecum 6, polyps 6",
    ]
    stored = json.loads(split.read_text())
    assert (stored["seed"], stored["source"], len(stored["groups"])) == (5, "here", 40)

    words = (
        "train",
        "--data",
        data_dir,
        "--split",
        split,
        "--out",
        out,
        "--epochs",
        "1",
        "--threads",
        "1",
        "--name",
        "tiny",
        "--student",
        PLAIN,
    )
    said, told = run(
        capsys, *words, "--classes", "cecum,polyps", "--data-name", "crops", "--seed", "7"
    )
    assert said == ""
    assert "epoch 1: cross_entropy " in told
    assert "on 8 validation images." in told

    # The one step that an epoch of 20 images takes is in the weights.
    assert load_student(out)[0].state_dict()["stages.0.1.num_batches_tracked"] == 1
    card = as_json(capsys, "info", "--model", out)
    assert card["name"] == "tiny"
    assert card["architecture"] == PLAIN
    assert card["classes"] == ["cecum", "polyps"]
    assert card["notice"] == RESEARCH_USE
    assert 0.25 <= card["temperature"] <= 8
    assert card["data"]["source"] == "crops"
    assert "20 train, 8 validation, 12 test" in card["data"]["split"]
    assert (card["training"]["config"]["epochs"], card["training"]["config"]["seed"]) == (1, 7)
    assert {part: scores["n"] for part, scores in card["scores"].items()} == {"validation": 8}
    plain, _ = run(capsys, "info", "--model", out)
    for part in (
        "tiny " + card["version"],
        RESEARCH_USE,
        card["purpose"],
        card["not_for"],
        "macro_f1",
    ):
        assert part in plain

    # What the card says of the validation part is what `evaluate` finds through the ONNX file.
    scored = as_json(capsys, "evaluate", "--model", out, "--data", data_dir, "--split", split)
    assert scored["confusion"] == card["scores"]["validation"]["confusion"]
    assert scored["ece"] == pytest.approx(card["scores"]["validation"]["ece"], abs=1e-3)


@pytest.mark.slow
def test_training_speaks_json_lines_and_other_classes(
    data_dir: Path, tmp_path: Path, capsys: Output
) -> None:
    words = (
        "train",
        "--data",
        data_dir,
        "--out",
        tmp_path / "m",
        "--epochs",
        "1",
        "--threads",
        "1",
        "--classes",
        "polyps,normal-cecum",
    )
    said, told = run(capsys, *words, "--events")
    events = [json.loads(line) for line in said.splitlines()]
    parts = [event["name"] for event in events if event["type"] == "part"]
    assert parts == ["reading images", "making views", "training"]
    assert [event["type"] for event in events if event["type"] not in ("part", "progress")] == [
        "started",
        "epoch",
        "ended",
    ]
    started = next(event for event in events if event["type"] == "started")
    assert started["classes"] == ["polyps", "normal-cecum"]
    assert (events[-1]["outcome"], events[-1]["model_dir"]) == ("finished", str(tmp_path / "m"))
    assert told.splitlines() == [
        "kd-core: No groups are known here: near-copies of test images may be trained on. See:"
        " kd-core dedupe DIR --out groups.csv"
    ]
    assert Predictor.load(tmp_path / "m").card.classes == ("polyps", "normal-cecum")


def test_predictions_are_the_predictors(model_dir: Path, data_dir: Path, capsys: Output) -> None:
    images = [data_dir / "polyps" / "03.png", data_dir / "cecum" / "04.png"]
    made = as_json(capsys, "predict", "--model", model_dir, *images)
    assert made["model"] == read_card(model_dir).version
    assert tuple(made["classes"]) == LOWER_GI
    assert [row["file"] for row in made["images"]] == [str(path) for path in images]
    predictor = Predictor.load(model_dir)
    for path, row in zip(images, made["images"], strict=True):
        expected = predictor.predict([np.asarray(cv2.imread(str(path)))[:, :, ::-1]])[
            0
        ].probabilities
        assert list(row["probabilities"].values()) == pytest.approx(expected.tolist(), abs=1e-6)
        assert row["label"] == LOWER_GI[int(expected.argmax())]
        assert (
            row["probability"]
            == row["probabilities"][row["label"]]
            == max(row["probabilities"].values())
        )
    plain, _ = run(capsys, "predict", "--model", model_dir, images[0])
    assert (
        plain
        == f"{images[0]}: {made['images'][0]['label']} {made['images'][0]['probability']:.3f}\n"
    )


def test_a_broken_image_is_named_and_the_others_are_done(
    model_dir: Path, data_dir: Path, tmp_path: Path, capsys: Output
) -> None:
    (tmp_path / "bad.png").write_text("no image")
    words = [
        "predict",
        "--model",
        model_dir,
        tmp_path / "bad.png",
        data_dir / "polyps" / "00.png",
        "--json",
    ]
    assert main([str(word) for word in words]) == 2
    captured = capsys.readouterr()
    assert [Path(row["file"]).name for row in json.loads(captured.out)["images"]] == ["00.png"]
    assert captured.err.count("\n") == 1
    assert captured.err.startswith("kd-core: bad.png is not an image")


def test_scores_agree_with_the_single_predictions(
    model_dir: Path, data_dir: Path, capsys: Output
) -> None:
    made = as_json(capsys, "evaluate", "--model", model_dir, "--data", data_dir)
    assert {"n", "accuracy", "macro_f1", "mcc", "ece", "per_class", "confusion"} <= made.keys()
    expected = np.zeros((6, 6), int)
    for label in ("cecum", "polyps"):
        for row in as_json(
            capsys, "predict", "--model", model_dir, *sorted((data_dir / label).iterdir())
        )["images"]:
            expected[LOWER_GI.index(label), LOWER_GI.index(row["label"])] += 1
    assert made["confusion"] == expected.tolist()
    assert made["n"] == 40
    assert made["accuracy"] == pytest.approx(np.trace(expected) / 40)
    assert list(made["per_class"]) == made["classes"] == list(LOWER_GI)
    assert made["per_class"]["polyps"]["support"] == made["per_class"]["cecum"]["support"] == 20
    assert (made["ignored"], made["unreadable"]) == ({}, [])
    table, _ = run(capsys, "evaluate", "--model", model_dir, "--data", data_dir)
    assert f"accuracy {made['accuracy']:.4f}" in table
    assert "on 40 images" in table


def test_other_names_of_a_class_are_mapped_and_unknown_ones_left_out_when_asked(
    model_dir: Path, data_dir: Path, capsys: Output
) -> None:
    (data_dir / "polyps").rename(data_dir / "ulcerative-colitis-grade-2")
    (data_dir / "cecum").rename(data_dir / "normal-cecum")
    shutil.copytree(data_dir / "normal-cecum", data_dir / "hemorrhoids")
    words = ("evaluate", "--model", model_dir, "--data", data_dir)
    made = as_json(capsys, *words, "--ignore-unknown")
    assert {name: row["support"] for name, row in made["per_class"].items() if row["support"]} == {
        "cecum": 20,
        "ulcerative-colitis": 20,
    }
    assert made["ignored"] == {"hemorrhoids": 20}
    assert "left out: 20 hemorrhoids" in run(capsys, *words, "--ignore-unknown")[0]
    assert main([str(word) for word in words]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert (
        captured.err
        == f"kd-core: The class 'hemorrhoids' is not known here; known are {', '.join(LOWER_GI)}.\n"
    )


def test_the_export_is_the_models_own_graph(
    model_dir: Path, tmp_path: Path, capsys: Output
) -> None:
    said, _ = run(capsys, "export", "--model", model_dir, "--out", tmp_path / "again.onnx")
    content = (tmp_path / "again.onnx").read_bytes()
    assert hashlib.sha256(content).hexdigest() in said
    assert "largest difference to torch" in said
    assert content == (model_dir / "student.onnx").read_bytes()


def test_an_explanation_is_drawn_and_described(
    model_dir: Path, data_dir: Path, tmp_path: Path, capsys: Output
) -> None:
    image, out, kept = data_dir / "polyps" / "01.png", tmp_path / "drawn.png", tmp_path / "map.npy"
    words = ("explain", "--model", model_dir, "--image", image, "--out", out)
    made = as_json(capsys, *words, "--class", "polyp", "--map", kept)
    assert (made["class"], made["method"], made["map_size"]) == ("polyps", "gradcam", [14, 14])
    rows = as_json(capsys, "predict", "--model", model_dir, image)["images"]
    assert made["probability"] == pytest.approx(rows[0]["probabilities"]["polyps"], abs=1e-4)
    heat = np.load(kept)
    assert heat.shape == (14, 14)
    assert heat.max() <= 1
    drawn = np.asarray(cv2.imread(str(out)))
    assert drawn.shape == (128, 128, 3)
    assert (drawn != np.asarray(cv2.imread(str(image)))).any()
    assert run(capsys, *words)[0].startswith(
        f"{rows[0]['label']} {rows[0]['probability']:.3f}: gradcam of stages.10"
    )
    assert as_json(capsys, *words, "--method", "layercam", "--layer", "stages.4")["map_size"] == [
        28,
        28,
    ]


def test_the_installed_command_fails_with_one_sentence_and_a_status(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "kd_core", "info", "--model", str(tmp_path / "none")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    assert (
        done.stderr
        == f"kd-core: There is no model folder at {tmp_path / 'none'}. Choose a folder that holds"
        " card.json.\n"
    )


def test_help_names_every_command(capsys: Output) -> None:
    for words in ([], ["--help"]):
        with pytest.raises(SystemExit) as end:
            main(words)
        assert end.value.code == 0
        said = capsys.readouterr().out
        assert set(COMMANDS) <= {
            line.split()[0] for line in said.splitlines() if line.startswith("  ")
        }
        assert RESEARCH_USE in " ".join(said.split())
