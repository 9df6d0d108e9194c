"""The shipped student, teachers and replay set without one of their classes, and a reader's labels
that teach it anew.

Its head's row, the teachers' rows and its replayed outputs are taken away. What its stages saw of
the class remains, so this says whether a class is learnt, named and found, not how hard a class of
quite another look would be.
"""

from __future__ import annotations

import copy
import csv
from pathlib import Path
from typing import NamedTuple

import torch
from torch import nn

from endoscope_app.base.paths import resources_dir
from kd_core.artifacts.checkpoint import load_student
from kd_core.artifacts.model_folder import write_model_folder
from kd_core.artifacts.replay import Replay, read_replay, write_replay
from kd_core.artifacts.teacher_folder import load_teacher, write_teacher_folder
from kd_core.data.folders import read_samples, relabel
from kd_core.data.splits import read_split
from kd_core.models.teacher import Teacher
from kd_core.schema.manifest import Sample
from kd_core.schema.model_origin import DataNotes, TrainingNotes
from kd_core.schema.taxonomy import LOWER_GI

TAUGHT, OF_EACH_OTHER, PROCEDURES = 30, 8, 8
MODELS = resources_dir() / "models"


class LeftOut(NamedTuple):
    """Folders and files for ``kd-core retrain``, and frames of other groups to ask about."""

    base: Path
    teachers: tuple[Path, ...]
    replay: Path
    labels: Path
    unseen: list[Sample]


def left_out(root: Path, data: Path, name: str) -> LeftOut:
    """Everything under ``root``; ``data``: the folder of the real frames; the class ``name``
    goes by the label "left-out".
    """
    student, card = load_student(MODELS / "student")
    places = [place for place, one in enumerate(card.classes) if one != name]
    classes = tuple(card.classes[place] for place in places)
    smaller = copy.deepcopy(student)
    smaller.head = nn.Linear(student.head.in_features, len(classes))
    with torch.no_grad():
        smaller.head.weight.copy_(student.head.weight[places])
        smaller.head.bias.copy_(student.head.bias[places])
    write_model_folder(
        smaller, root / "base", name="student", classes=classes, temperature=card.temperature
    )
    replay = read_replay(MODELS / "replay.safetensors", student)
    kept = replay.labels != card.classes.index(name)
    labels = torch.tensor([places.index(int(label)) for label in replay.labels[kept]])
    logits, held_out = replay.logits[kept][:, places], replay.held_out[kept]
    others = Replay(
        replay.latents[kept],
        replay.scale,
        labels,
        logits,
        held_out,
        classes,
        replay.stem,
        replay.source,
    )
    write_replay(others, root / "replay.safetensors")
    teachers = tuple(
        _teacher(folder.parent, card.classes, places, root)
        for folder in sorted(MODELS.glob("teachers/*/card.json"))
    )
    manifest, unseen = _labels(root / "labels", data / "hyperkvasir-lower-gi", name)
    return LeftOut(root / "base", teachers, root / "replay.safetensors", manifest, unseen)


def _teacher(folder: Path, classes: tuple[str, ...], places: list[int], root: Path) -> Path:
    loaded = load_teacher(folder, classes)
    teacher, basis = loaded.teacher.teacher, loaded.teacher.basis
    assert basis is not None
    assert isinstance(teacher, Teacher)
    head = nn.Linear(teacher.head.in_features, len(places))
    with torch.no_grad():
        head.weight.copy_(teacher.head.weight[places])
        head.bias.copy_(teacher.head.bias[places])
    teacher.head = head
    names = tuple(classes[place] for place in places)
    write_teacher_folder(
        teacher,
        basis,
        loaded.seen,
        root / folder.name,
        classes=names,
        temperature=1.0,
        data=DataNotes(),
        training=TrainingNotes(),
        scores={},
    )
    return root / folder.name


def _labels(folder: Path, data: Path, name: str) -> tuple[Path, list[Sample]]:
    """A manifest of TAUGHT frames of the class and OF_EACH_OTHER of every other, none of which
    was trained on; and the rest.
    """
    samples, _ = relabel(read_samples(data), LOWER_GI, ignore_unknown=True)
    split = read_split(MODELS / "split.json")
    fresh = [sample for part in ("test", "val") for sample in split.part(samples, part)]
    taught: dict[str, list[Sample]] = {label: [] for label in LOWER_GI}
    groups: set[str] = set()
    for sample in sorted(fresh, key=lambda one: Path(one.path).name):
        own = taught[sample.label]
        if (
            len(own) < (TAUGHT if sample.label == name else OF_EACH_OTHER)
            and sample.group not in groups
        ):
            own.append(sample)
            groups.add(sample.group)
    folder.mkdir()
    with (folder / "manifest.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["file", "label", "group", "patient"])
        for label, own in taught.items():
            for number, sample in enumerate(own):
                procedure = number % PROCEDURES
                rows.writerow(
                    [
                        sample.path,
                        "left-out" if label == name else label,
                        f"procedure{procedure}",
                        f"P{procedure}",
                    ]
                )
    return folder, [
        sample for sample in fresh if sample.group not in groups and sample.label == name
    ]
