"""A complete model folder without training: an untrained student behaves like any other as far
as files and shapes go.
"""

from __future__ import annotations

from pathlib import Path

import torch

from kd_core.artifacts.model_folder import write_model_folder
from kd_core.models.student import Student
from kd_core.schema.model_origin import DataNotes
from kd_core.schema.taxonomy import LOWER_GI


def make_model_dir(path: Path, classes: tuple[str, ...] = LOWER_GI, seed: int = 0) -> Path:
    """Write a student with random weights to ``path`` (made if needed) and return it.

    The same seed gives the same weights.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        student = Student(len(classes))
        _settle_statistics(student)
    write_model_folder(
        student,
        path,
        name="untrained",
        classes=classes,
        data=DataNotes(source="none: random weights"),
    )
    return path


@torch.no_grad()
def _settle_statistics(student: Student) -> None:
    """One forward pass that sets the batch norms: without it the last map is some 1e-3 and
    every class equally likely.
    """
    norms = [module for module in student.modules() if isinstance(module, torch.nn.BatchNorm2d)]
    for norm in norms:
        norm.momentum = 1.0
    student.train()
    student(torch.randn(4, 3, 64, 64))
    student.eval()
    for norm in norms:
        norm.momentum = 0.1
    # Still flat: a larger head makes the predicted class depend on the picture.
    student.head.weight.mul_(10.0)
