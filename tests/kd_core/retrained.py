"""A retraining that has just ended, without its training: both models (the candidate knows a
class more), labels, a replay set.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import torch

from kd_core.artifacts.checkpoint import load_student
from kd_core.artifacts.model_folder import write_model_folder
from kd_core.artifacts.replay import Replay, quantised, stem_digest, write_replay
from kd_core.models.student import stem_of
from kd_core.retraining.extended import extended_student
from kd_core.retraining.reader_data import ReaderData, data_set, read_labels
from kd_core.schema.held_out import HeldOut
from kd_core.schema.model_card import read_card
from kd_core.schema.model_origin import DataNotes, TrainingNotes
from tests.model_factory import make_model_dir

KNOWN = ("cecum", "polyps")
NEW_CLASS = "<b>x"
HELD_OUT = 12
#: Temperature of the candidate: its probabilities are not those of its logits as they are.
TEMPERATURE = 2.0


class Retrained(NamedTuple):
    """Folders of both models and of the labels, the replay file, and the data as the run read
    it.
    """

    base: Path
    out: Path
    labels: Path
    replay: Path
    data: ReaderData


def retrained(root: Path) -> Retrained:
    """Under ``root``: HELD_OUT frames of the procedure q are held out, as many of p were learnt
    from.
    """
    base, out, replay = (
        make_model_dir(root / "base", KNOWN),
        root / "run" / "candidate",
        root / "replay.safetensors",
    )
    student, card = load_student(base)
    torch.manual_seed(1)
    with torch.no_grad():
        latents, scale = quantised(stem_of(student, torch.randn(8, 3, 64, 64)))
        seen = torch.zeros(4, student.head.in_features)
        grown = extended_student(student, [seen + 1], seen).eval()
        grown.head.weight.add_(torch.randn_like(grown.head.weight) * 4)
    logits = torch.randn(8, len(KNOWN))
    stored = Replay(
        latents,
        scale,
        torch.arange(8) % 2,
        logits,
        torch.arange(8) > 1,
        KNOWN,
        stem_digest(student),
        "random",
    )
    write_replay(stored, replay)
    notes = TrainingNotes(
        scheme="none", config={"epochs": 3, "losses": {"kl": 0.5, "guide": 0.0}}, best_epoch=3
    )
    write_model_folder(
        grown,
        out,
        name="student",
        classes=(*KNOWN, NEW_CLASS),
        temperature=TEMPERATURE,
        parent=card.version,
        training=notes,
        data=DataNotes(source="labels of a reader"),
    )
    labels = reader_labels(root / "run" / "labels")
    samples, classes, warnings, _ = read_labels(labels, read_card(base).classes)
    return Retrained(
        base,
        out,
        labels,
        replay,
        data_set(samples, classes, HeldOut(("q",), ("p",)), "labels of a reader", warnings),
    )


def reader_labels(folder: Path, new_class: str = NEW_CLASS) -> Path:
    """Images of two procedures in class folders with a manifest; of q every third is of the
    new class, and times run backwards.
    """
    lines = ["file,label,group"]
    for number in range(2 * HELD_OUT):
        label = (*KNOWN, new_class)[number % 3]
        name = f"{'abc'[number % 3]}/f{100 - number:06d}-p{100 - number}.png"
        image = np.random.default_rng(number).integers(60, 250, (7, 9, 3), np.uint8)
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(folder / name), cv2.resize(image, (160, 128)))
        lines.append(f"{name},{label},{'pq'[number % 2]}")
    (folder / "manifest.csv").write_text("\n".join(lines) + "\n")
    return folder
