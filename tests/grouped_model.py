"""Models with a softmax for each class group: one that says the same of every image (a polyp, good
preparation, and no landmark), and one that can be retrained.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
import torch

from kd_core.artifacts.checkpoint import load_student
from kd_core.artifacts.model_folder import write_model_folder
from kd_core.models.student import Student
from kd_core.schema.class_groups import usual_group
from kd_core.schema.class_heads import heads_for
from kd_core.schema.model_origin import DataNotes
from kd_core.schema.naming_level import NamingLevel
from kd_core.schema.taxonomy import LOWER_GI
from tests.places import SHIPPED_MODELS

#: Logits, by which a polyp has e^4 / (e^4 + 2) = 96 %, good preparation e^3 / (e^3 + 2) = 91 %,
#: and no landmark 1 / (1 + e^-3) = 95 %.
LOGITS = {"polyps": 4.0, "bbps-2-3": 3.0, "cecum": -3.0}


def make_grouped_dir(path: Path) -> Path:
    """Write it to ``path`` and return that."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        student = Student(len(LOWER_GI))
    with torch.no_grad():
        student.head.weight.zero_()
        student.head.bias.copy_(torch.tensor([LOGITS.get(name, 0.0) for name in LOWER_GI]))
    write_model_folder(
        student,
        path,
        name="grouped",
        classes=LOWER_GI,
        heads=heads_for(LOWER_GI, [usual_group(name) for name in LOWER_GI]),
        data=DataNotes(source="none: chosen weights"),
    )
    return path


def make_grouped_student(path: Path) -> Path:
    """The shipped student's weights under a softmax for each class group, which the shipped replay
    set and reference models teach on; written to ``path``, which is returned.
    """
    student, card = load_student(SHIPPED_MODELS / "student")
    heads = heads_for(card.classes, [usual_group(name) for name in card.classes])
    naming = NamingLevel(level=0.5, target=0.95, named=10)
    write_model_folder(
        student,
        path,
        name="grouped",
        classes=card.classes,
        heads=tuple(msgspec.structs.replace(head, naming=naming) for head in heads),
        data=DataNotes(source="the shipped student's"),
    )
    return path
