"""A student with branches is stored without them, and everything that reads its folder works."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest
import safetensors.torch
import torch
from torch import nn

from kd_core.artifacts.checkpoint import load_any_student, load_student
from kd_core.artifacts.model_folder import write_model_folder
from kd_core.artifacts.onnx_export import to_onnx, to_program
from kd_core.artifacts.replay import stem_digest
from kd_core.models.registry import student_maker, student_name
from kd_core.models.student import Student, stem_of, tail_of
from kd_core.retraining.extended import extended_student
from kd_core.schema.config import LossWeights, TrainConfig
from kd_core.schema.model_files import WEIGHTS_NAME
from kd_core.schema.student_shapes import PLAIN, RESIDUAL, STUDENTS
from kd_core.schemes.scheme import Scheme

CLASSES = tuple("abcdefgh")


def settled(shape: str) -> Student:
    """Random weights, and batch norms whose statistics are not the initial ones."""
    torch.manual_seed(3)
    student = Student(len(CLASSES), shape)
    for norm in student.modules():
        if isinstance(norm, nn.BatchNorm2d):
            nn.init.uniform_(norm.weight, 0.5, 1.5)
            norm.momentum = 1.0
    student.train()(torch.randn(4, 3, 64, 64))
    return student.eval()


@pytest.mark.parametrize("shape", STUDENTS)
def test_a_folder_holds_the_deployed_student_under_its_own_name(shape: str, tmp_path: Path) -> None:
    student = settled(shape)
    card = write_model_folder(student, tmp_path, name="s", classes=CLASSES)
    assert card.architecture == student_name(student) == shape
    stored = safetensors.torch.load_file(tmp_path / WEIGHTS_NAME)
    assert not [name for name in stored if "branches" in name]
    learnt = sum(
        tensor.numel()
        for name, tensor in stored.items()
        if "running" not in name and "num_batches" not in name
    )
    assert learnt == card.parameters["deployed"]
    assert 51_750 <= learnt <= 51_849
    images = torch.randn(2, 3, 224, 224)
    loaded, _ = load_student(tmp_path)
    with torch.no_grad():
        torch.testing.assert_close(loaded(images).logits, student(images).logits, atol=1e-5, rtol=0)
        logits, features = ort.InferenceSession(tmp_path / "student.onnx").run(
            ["logits", "features"], {"input": images.numpy()}
        )
        np.testing.assert_allclose(logits, student(images).logits.numpy(), atol=1e-5, rtol=0)
        np.testing.assert_allclose(features, student(images).features.numpy(), atol=2e-5, rtol=1e-5)


def test_writing_a_folder_leaves_the_branches_of_the_student_in_training(tmp_path: Path) -> None:
    student = settled(RESIDUAL)
    write_model_folder(student, tmp_path, name="s", classes=CLASSES)
    assert [name for name in student.state_dict() if "branches" in name]


def test_a_program_and_an_onnx_file_are_made_of_a_student_that_still_has_branches() -> None:
    student = settled(RESIDUAL)
    assert to_onnx(student, {})
    assert to_program(student, {})


def test_a_stored_student_is_stored_again_alike(tmp_path: Path) -> None:
    write_model_folder(settled(RESIDUAL), tmp_path / "a", name="s", classes=CLASSES)
    loaded, _ = load_student(tmp_path / "a")
    write_model_folder(loaded, tmp_path / "b", name="s", classes=CLASSES)
    one, other = ((tmp_path / name / WEIGHTS_NAME).read_bytes() for name in "ab")
    assert one == other


def test_a_stored_student_learns_on_behind_its_stem_and_a_class_more(tmp_path: Path) -> None:
    """What retraining does: latents that were stored keep their meaning."""
    write_model_folder(settled(RESIDUAL), tmp_path / "a", name="s", classes=CLASSES)
    base, _ = load_student(tmp_path / "a")
    images = torch.randn(8, 3, 64, 64)
    with torch.no_grad():
        latents, known = stem_of(base, images), base(images).embedding
    grown = extended_student(base, [known[:2]], known)
    scheme = Scheme(grown, TrainConfig(losses=LossWeights(), frozen_stem=True)).train()
    optimiser = torch.optim.AdamW(scheme.parameters(), 0.01)
    labels = torch.arange(8) % 9
    losses = []
    for _ in range(6):
        optimiser.zero_grad()
        loss = scheme(images, labels, [])["cross_entropy"]
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < losses[0]
    write_model_folder(grown, tmp_path / "b", name="s", classes=(*CLASSES, "i"))
    after, card = load_student(tmp_path / "b")
    assert stem_digest(after) == stem_digest(base)
    assert card.parameters["deployed"] == 51_752 + 161
    with torch.no_grad():
        torch.testing.assert_close(tail_of(after, latents).logits, after(images).logits)
        assert not torch.allclose(after(images).logits[:, :8], base(images).logits)


def test_every_shape_is_registered_and_builds_itself(tmp_path: Path) -> None:
    for shape in STUDENTS:
        made = student_maker(shape)(5)
        assert student_name(made) == student_name(student_maker(shape)) == shape
    assert student_name(Student) == RESIDUAL
    write_model_folder(settled(PLAIN), tmp_path, name="s", classes=CLASSES)
    network, _ = load_any_student(tmp_path)
    assert [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
