"""Exported models: the numbers are torch's, the batch is free, and the command says what it
wrote and what int8 costs.
"""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
import pytest
import torch
from numpy.typing import NDArray

from kd_core.__main__ import main
from kd_core.artifacts import onnx_export as export
from kd_core.artifacts.checkpoint import load_student
from kd_core.artifacts.teacher_folder import write_teacher_folder
from kd_core.models.teacher import Teacher
from kd_core.schema.errors import ModelError
from kd_core.schema.model_card import read_card
from kd_core.schema.model_origin import DataNotes, TrainingNotes
from kd_core.schema.taxonomy import LOWER_GI

Array = NDArray[np.float32]
Output = pytest.CaptureFixture[str]
METADATA = {"version": "1-test", "classes": '["a","b","c"]', "preprocessing": "{}"}


def run_onnx(content: bytes, images: Array) -> list[Array]:
    """Logits and features of an ONNX file."""
    made: list[Array] = ort.InferenceSession(content, providers=["CPUExecutionProvider"]).run(
        ["logits", "features"], {"input": images}
    )
    return made


def metadata_of(content: bytes) -> dict[str, str]:
    return {item.key: item.value for item in onnx.load_from_string(content).metadata_props}


def noise(count: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(count, 3, 224, 224, generator=torch.Generator().manual_seed(seed))


@torch.no_grad()
def random_teacher(name: str) -> Teacher:
    """Random weights; one step sets the batch norms, without which an EfficientNet's last map
    is 1e-7 and every export is right.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        teacher = Teacher(name, 3, weights=None, dropout=0.5)
        norms = [module for module in teacher.modules() if isinstance(module, torch.nn.BatchNorm2d)]
        for norm in norms:
            norm.momentum = 1.0
        teacher.train()
        teacher(torch.randn(4, 3, 96, 96))
    return teacher.eval()


@pytest.mark.parametrize(("name", "channels"), [("efficientnet_lite0", 1280), ("resnet18", 512)])
def test_a_teacher_in_onnx_runtime_says_what_it_says_in_torch(name: str, channels: int) -> None:
    teacher = random_teacher(name)
    content = export.to_onnx(teacher, METADATA)
    for count in (1, 2):
        images = noise(count, seed=count)
        with torch.inference_mode():
            wanted = teacher(images)
        logits, features = run_onnx(content, images.numpy())
        assert logits.shape == (count, 3)
        assert features.shape == (count, channels, 7, 7)
        assert wanted.features.abs().max() > 0.1
        scale = max(1.0, float(wanted.features.abs().max()))
        np.testing.assert_allclose(
            features / scale, wanted.features.numpy() / scale, rtol=0, atol=1e-4
        )
        np.testing.assert_allclose(logits, wanted.logits.numpy(), rtol=0, atol=1e-4)
    stored = metadata_of(content)
    weights = np.frombuffer(bytes.fromhex(stored.pop("head_weight")), np.float32).reshape(
        3, channels
    )
    np.testing.assert_array_equal(weights, teacher.head.weight.detach().numpy())
    assert stored == METADATA


def test_a_teacher_left_in_training_mode_is_exported_as_it_answers_in_use() -> None:
    """With dropout and the batch's own statistics its outputs would be others."""
    teacher = random_teacher("efficientnet_lite0").train()
    content = export.to_onnx(teacher, {})
    with torch.inference_mode():
        wanted = teacher.eval()(noise(2)).logits.numpy()
    np.testing.assert_allclose(run_onnx(content, noise(2).numpy())[0], wanted, rtol=0, atol=1e-4)


def test_the_difference_is_that_of_the_worst_number_and_of_the_right_model(model_dir: Path) -> None:
    student, _ = load_student(model_dir)
    content = export.to_onnx(student, {})
    assert export.difference_to_torch(content, student, noise(2)) < 1e-4
    with torch.no_grad():
        student.head.bias[2] += 0.25
    assert export.difference_to_torch(content, student, noise(2)) == pytest.approx(0.25, abs=1e-4)


def test_a_torch_program_keeps_answers_batch_and_metadata(model_dir: Path) -> None:
    student, _ = load_student(model_dir)
    content = export.to_program(student, METADATA)
    extra = {export.METADATA_NAME: ""}
    program = torch.export.load(io.BytesIO(content), extra_files=extra).module()
    for count in (1, 5):
        with torch.inference_mode():
            wanted = student(noise(count))
            logits, features = program(noise(count))
        assert torch.allclose(logits, wanted.logits, rtol=0, atol=1e-5)
        assert torch.allclose(features, wanted.features, rtol=0, atol=1e-5)
    assert json.loads(extra[export.METADATA_NAME]) == METADATA
    assert len(content) < 2 * 4 * 52_000 + 100_000, "the sample image is not in it"


def test_a_torch_program_that_holds_no_numbers_is_refused(model_dir: Path) -> None:
    student, _ = load_student(model_dir)
    torch.nn.init.constant_(student.head.bias, float("nan"))
    with pytest.raises(ModelError, match="differs from the trained one by nan"):
        export.to_program(student, {})


def said_by(capsys: Output, status: int, *words: str | Path) -> tuple[str, str]:
    capsys.readouterr()
    assert main(["export", *(str(word) for word in words)]) == status
    captured = capsys.readouterr()
    return captured.out, captured.err


def test_the_command_writes_int8_and_states_the_loss(
    model_dir: Path, data_dir: Path, tmp_path: Path, capsys: Output
) -> None:
    out = tmp_path / "int8.onnx"
    words = ("--model", model_dir, "--out", out, "--int8", "--data", data_dir)
    made: dict[str, Any] = json.loads(said_by(capsys, 0, *words, "--json")[0])
    assert made["bytes"] == made["int8"]["int8"]["bytes"] == out.stat().st_size
    # 13 of 20 of each class: what .15 and .2 leave
    assert made["int8"]["calibration_images"] == 26
    assert made["int8"]["images"] == 6
    assert 0 <= made["int8"]["same_class"] <= 1
    assert metadata_of(out.read_bytes())["version"] == read_card(model_dir).version
    said, err = said_by(capsys, 0, *words)
    assert err == ""
    assert "on 6 validation images, scales from 26 training images" in said
    assert f"float    {made['int8']['float']['accuracy']:.4f}" in said
    assert f"same class on {100 * made['int8']['same_class']:.1f} %" in said


def test_the_command_leaves_other_classes_out_only_when_told(
    model_dir: Path, data_dir: Path, tmp_path: Path, capsys: Output
) -> None:
    (data_dir / "polyps").rename(data_dir / "hemorrhoids")
    words = ("--model", model_dir, "--out", tmp_path / "int8.onnx", "--int8", "--data", data_dir)
    assert "'hemorrhoids' is not known" in said_by(capsys, 2, *words)[1]
    made = json.loads(said_by(capsys, 0, *words, "--ignore-unknown", "--json")[0])
    assert made["int8"]["ignored"] == {"hemorrhoids": 20}


def test_the_command_refuses_int8_without_images_or_outside_onnx(
    model_dir: Path, tmp_path: Path, capsys: Output
) -> None:
    words = ("--model", model_dir, "--out", tmp_path / "made", "--int8")
    assert said_by(capsys, 2, *words)[1].startswith(
        "kd-core: An int8 model needs images to set its scales"
    )
    assert "int8 is made for ONNX only" in said_by(capsys, 2, *words, "--format", "torch")[1]
    assert not list(tmp_path.iterdir())


def test_the_command_says_an_empty_part_and_a_place_that_cannot_be_written(
    model_dir: Path, data_dir: Path, tmp_path: Path, capsys: Output
) -> None:
    split = tmp_path / "split.json"
    assert main(["split", "--data", str(data_dir), "--out", str(split), "--val", "0"]) == 0
    words = ("--model", model_dir, "--int8", "--data", data_dir)
    assert (
        "The validation part of the split is empty."
        in said_by(capsys, 2, *words, "--split", split, "--out", tmp_path / "x.onnx")[1]
    )
    nowhere = tmp_path / "none" / "x"
    for more in (words, ("--model", model_dir, "--format", "torch")):
        assert (
            "cannot be written: No such file or directory."
            in said_by(capsys, 2, *more, "--out", nowhere)[1]
        )


def test_the_command_writes_a_torch_program_and_warns_in_its_help(
    model_dir: Path, tmp_path: Path, capsys: Output
) -> None:
    out = tmp_path / "student.pt2"
    made = json.loads(
        said_by(capsys, 0, "--model", model_dir, "--format", "torch", "--out", out, "--json")[0]
    )
    assert made["difference"] <= made["accepted"] == 1e-5
    assert tuple(torch.export.load(out).module()(noise(2))[0].shape) == (2, len(LOWER_GI))
    with pytest.raises(SystemExit):
        main(["export", "--help"])
    assert "never open one from a source you do not trust" in " ".join(
        capsys.readouterr().out.split()
    )


def test_the_command_exports_the_folder_of_a_teacher(tmp_path: Path, capsys: Output) -> None:
    teacher = random_teacher("efficientnet_lite0").half().float()  # as a folder holds it
    classes = ("polyps", "cecum", "ulcerative-colitis")
    basis = torch.eye(4, teacher.embedding_size)
    card = write_teacher_folder(
        teacher,
        basis,
        [],
        tmp_path / "teacher",
        classes=classes,
        temperature=1.0,
        data=DataNotes(),
        training=TrainingNotes(),
        scores={},
    )
    out = tmp_path / "teacher.onnx"
    made = json.loads(
        said_by(capsys, 0, "--model", tmp_path / "teacher", "--out", out, "--json")[0]
    )
    assert made["model"] == card.version
    assert json.loads(metadata_of(out.read_bytes())["classes"]) == list(classes)
    with torch.inference_mode():
        wanted = teacher(noise(1)).logits.numpy()
    np.testing.assert_allclose(
        run_onnx(out.read_bytes(), noise(1).numpy())[0], wanted, rtol=0, atol=1e-4
    )
