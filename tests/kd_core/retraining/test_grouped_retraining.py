"""A model with a softmax for each class group learns a reader's labels of every group."""

from __future__ import annotations

import csv
from pathlib import Path

import cv2
import msgspec
import pytest
import torch

from kd_core.__main__ import main
from kd_core.artifacts.model_folder import write_model_folder
from kd_core.models.student import Student
from kd_core.retraining.kept_knowledge import grouped_logits
from kd_core.retraining.reader_data import data_set, read_labels
from kd_core.schema.class_groups import usual_group
from kd_core.schema.class_heads import NO_LABEL, heads_for
from kd_core.schema.evidence import read_evidence
from kd_core.schema.held_out import HeldOut
from kd_core.schema.model_card import read_card
from kd_core.schema.naming_level import NamingLevel
from kd_core.vision.predictor import Predictor
from tests.kd_core.grouped_images import CLASSES, image_of, written_manifest
from tests.kd_core.training.test_distil import teacher_folder

COLUMNS = ("file", "label", "group", "patient", "pathology", "landmarks", "preparation", "other")
#: Of each procedure: pathology, preparation, other.
FRAMES = (
    ("polyps", "bbps-2-3", ""),
    ("polyps", "bbps-0-1", ""),
    ("ulcerative-colitis", "bbps-2-3", "snare"),
    ("", "bbps-0-1", "snare"),
)


def reader_labels(folder: Path, procedures: int = 4) -> Path:
    """As the application writes what is to be learnt."""
    folder.mkdir()
    rows: list[tuple[str, ...]] = [COLUMNS]
    for procedure in range(procedures):
        for number, (pathology, preparation, other) in enumerate(FRAMES):
            name = f"{procedure}-{number}.png"
            image = image_of(pathology, preparation, 1000 + 10 * procedure + number)
            cv2.imwrite(str(folder / name), image[:, :, ::-1])
            first = pathology or preparation or other
            patient = f"p{procedure}"
            rows.append((name, first, f"a{procedure}", patient, pathology, "", preparation, other))
    with (folder / "manifest.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    return folder


def base_folder(out: Path) -> Path:
    """An untrained student of two class groups, with levels that it was given."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        student = Student(len(CLASSES))
    naming = NamingLevel(level=0.5, target=0.95, named=10)
    heads = heads_for(CLASSES, [usual_group(name) for name in CLASSES])
    levelled = tuple(msgspec.structs.replace(head, naming=naming) for head in heads)
    write_model_folder(student, out, name="base", classes=CLASSES, heads=levelled)
    return out


def test_labels_of_every_group_are_read_and_a_new_class_begins_its_group(tmp_path: Path) -> None:
    folder, heads = reader_labels(tmp_path / "labels"), read_card(base_folder(tmp_path / "b")).heads
    labels = read_labels(folder, CLASSES, heads)
    assert labels.classes == (*CLASSES, "snare")
    assert [(head.group, head.classes, head.none) for head in labels.heads] == [
        ("Pathology", ("polyps", "ulcerative-colitis"), True),
        ("Preparation", ("bbps-0-1", "bbps-2-3"), False),
        ("Other", ("snare",), True),
    ]
    data = data_set(
        labels.samples,
        labels.classes,
        HeldOut(learnt=("a0", "a1", "a2"), held_out=("a3",)),
        "x",
        heads=labels.heads,
    )
    assert data.train.head_labels is not None
    unknown = NO_LABEL
    assert data.train.head_labels[:4].tolist() == [
        [0, 1, unknown],
        [0, 0, unknown],
        [1, 1, 0],
        [unknown, 0, 0],
    ]
    single = read_labels(folder, CLASSES)
    assert single.heads == ()
    assert {sample.label for sample in single.samples} == {
        "polyps",
        "ulcerative-colitis",
        "bbps-0-1",
    }


def test_what_one_softmax_says_becomes_logits_beside_none() -> None:
    """Softmax over a group and 0 is the marginal again."""
    logits = torch.randn(4, 5, dtype=torch.float64)
    made = grouped_logits(logits, [[0, 3], [1, 2, 4]])
    shares = logits.softmax(1)
    own = torch.cat([made[:, [0, 3]], torch.zeros(4, 1, dtype=torch.float64)], 1).softmax(1)
    assert torch.allclose(own[:, :2], shares[:, [0, 3]])
    assert torch.allclose(own[:, 2], shares[:, [1, 2, 4]].sum(1))


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_candidate_is_taught_all_groups_and_compared_by_label(tmp_path: Path) -> None:
    base, known = base_folder(tmp_path / "base"), written_manifest(tmp_path / "known", 4)
    teacher = teacher_folder(tmp_path / "teacher", CLASSES)
    split, replay = tmp_path / "split.json", tmp_path / "replay.safetensors"
    labels, out = reader_labels(tmp_path / "labels", 5), tmp_path / "run" / "candidate"

    def command(*words: str | Path) -> None:
        assert main([str(word) for word in words]) == 0

    command("split", "--data", known, "--out", split)
    where = ("--data", known, "--split", split)
    command("replay", "--model", base, "--teachers", teacher, *where, "--out", replay)
    common = ("--base", base, "--teachers", teacher, "--replay", replay, "--out", out)
    command("retrain", "--labels", labels, *common, "--epochs", "2", "--views", "1")
    card = read_card(out)
    assert card.parent == read_card(base).version
    assert [head.group for head in card.heads] == ["Pathology", "Preparation", "Other"]
    for head in card.heads[:2]:
        assert head.naming is not None
        assert head.naming.level >= 0.5
    held_out = card.scores["held-out procedures"]
    assert set(held_out.by_group) >= {"Pathology", "Preparation"}
    evidence = read_evidence(out)
    assert evidence.held_out is not None
    assert evidence.held_out.frames == held_out.n
    row = Predictor.load(out).predict([image_of("polyps", "bbps-2-3", 5)])[0].probabilities
    assert row.shape == (5,)
    assert (out / "report.html").is_file()
