"""The gate: the models in resources/models are complete, honest about themselves, and as good
as their cards say.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from kd_core.artifacts.checkpoint import load_student
from kd_core.artifacts.replay import read_replay
from kd_core.artifacts.teacher_folder import load_teacher
from kd_core.data.folders import read_samples, relabel
from kd_core.data.image_files import load_crops
from kd_core.data.splits import read_split
from kd_core.evaluation.robustness import CHANGES
from kd_core.schema.card_text import as_markdown
from kd_core.schema.model_card import RESEARCH_USE, read_card
from kd_core.schema.model_files import MARKDOWN_NAME, REPLAY_NAME
from kd_core.schema.run_files import HISTORY_NAME
from kd_core.schema.taxonomy import LOWER_GI
from kd_core.training.validation import logits_of, replayed_logits
from kd_core.vision.predictor import Predictor
from tests.places import SHIPPED_MODELS

MODELS = SHIPPED_MODELS
STUDENT = MODELS / "student"
TEACHERS = sorted((MODELS / "teachers").glob("*"))
EVERY = [STUDENT, *TEACHERS]
MEGABYTE = 1 << 20


def test_there_are_two_teachers_and_they_are_small() -> None:
    assert len(TEACHERS) >= 2
    assert (
        sum(path.stat().st_size for teacher in TEACHERS for path in teacher.iterdir())
        < 32 * MEGABYTE
    )


@pytest.mark.parametrize("folder", EVERY, ids=lambda folder: folder.name)
def test_every_file_is_the_one_the_card_describes(folder: Path) -> None:
    card = read_card(folder)
    assert card.files
    for name, digest in card.files.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest, name
    found = {path.name for path in folder.iterdir()} - {HISTORY_NAME}
    assert found == {"card.json", MARKDOWN_NAME, *card.files}


@pytest.mark.parametrize("folder", EVERY, ids=lambda folder: folder.name)
def test_every_card_says_what_the_model_is_what_it_is_not_for_and_what_it_is_worth(
    folder: Path,
) -> None:
    card = read_card(folder)
    assert card.classes == LOWER_GI
    assert card.notice == RESEARCH_USE
    assert "iagnosis" in card.not_for
    source = card.data.source
    assert "CC BY 4.0" in source
    assert "Borgli" in source
    assert card.scores["test"].n > 400
    assert card.naming is not None
    assert card.thresholds == {}
    assert set(card.checks.robustness) == {"unchanged", *CHANGES}
    assert card.checks.shortcuts is not None
    assert card.checks.shortcuts.probes
    assert (folder / MARKDOWN_NAME).read_text(encoding="utf-8") == as_markdown(card)


def test_the_student_points_at_lesions_as_its_card_says_and_loads() -> None:
    card = Predictor.load(STUDENT).card
    assert card.version.endswith(card.files["student.safetensors"][:8])
    assert card.checks.explanation is not None
    assert {"gradcam", "hirescam", "layercam", "eigencam"} <= set(card.checks.explanation.scores)


def test_teacher_and_student_were_taught_by_the_same_split() -> None:
    versions = {(read_card(teacher).name, read_card(teacher).version) for teacher in TEACHERS}
    taught_by = {(row.name, row.version) for row in read_card(STUDENT).training.teachers}
    assert taught_by <= versions


def test_the_replay_set_is_of_this_student_and_remembers_what_it_knew() -> None:
    """read_replay refuses the latents of another stem.

    Eight bits may cost a few of 345 predictions.
    """
    path = MODELS / REPLAY_NAME
    assert path.stat().st_size < 12 * MEGABYTE
    student, card = load_student(STUDENT)
    replay = read_replay(path, student)
    assert replay.classes == LOWER_GI
    assert "CC BY 4.0" in replay.source
    held_out = replay.labels[replay.held_out].numpy()
    assert len(held_out) == card.scores["validation"].n
    right = float((replayed_logits(student, replay).argmax(axis=1) == held_out).mean())
    assert right == pytest.approx(card.scores["validation"].accuracy, abs=0.015)
    assert not set(LOWER_GI) - {LOWER_GI[int(label)] for label in replay.labels[~replay.held_out]}


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "folder",
    [
        pytest.param(STUDENT, id=STUDENT.name),
        *(pytest.param(path, id=path.name, marks=pytest.mark.slow) for path in TEACHERS),
    ],
)
def test_its_scores_on_the_test_groups_are_those_of_the_card(
    folder: Path, shared_data: Path
) -> None:
    """Scored again from the weights; one image of 461 may turn on another machine."""
    samples, _ = relabel(
        read_samples(shared_data / "hyperkvasir-lower-gi"), LOWER_GI, ignore_unknown=True
    )
    crops, kept, _ = load_crops(read_split(MODELS / "split.json").part(samples, "test"))
    truth = np.array([LOWER_GI.index(sample.label) for sample in kept])
    model = (
        load_student(folder)[0]
        if folder == STUDENT
        else load_teacher(folder, LOWER_GI).teacher.teacher
    )
    output = logits_of(model, crops).argmax(axis=1)
    scores = read_card(folder).scores["test"]
    assert len(truth) == scores.n
    assert float((output == truth).mean()) == pytest.approx(scores.accuracy, abs=0.003)


def test_no_group_is_in_two_parts(shared_data: Path) -> None:
    samples, _ = relabel(
        read_samples(shared_data / "hyperkvasir-lower-gi"), LOWER_GI, ignore_unknown=True
    )
    split = read_split(MODELS / "split.json")
    groups = [
        {sample.group for sample in split.part(samples, part)} for part in ("train", "val", "test")
    ]
    assert not groups[0] & groups[1]
    assert not groups[0] & groups[2]
    assert not groups[1] & groups[2]
