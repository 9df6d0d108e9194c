"""A complete model folder without training: an untrained student behaves like any other as far as files and shapes go."""

from __future__ import annotations

from pathlib import Path

import torch

from kd_core.contract.taxonomy import LOWER_GI
from kd_core.model_folder import write_model_folder
from kd_core.models.student import Student


def make_model_dir(path: Path, classes: tuple[str, ...] = LOWER_GI, seed: int = 0) -> Path:
    """Write a student with random weights to ``path`` (made if needed) and return it. The same seed gives the same weights."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        student = Student(len(classes))
    # Untrained logits hardly differ; a larger head makes the predicted class depend on the picture.
    with torch.no_grad():
        student.head.weight.mul_(20.0)
    write_model_folder(student, path, name="untrained", classes=classes, data={"source": "none: random weights"})
    return path
