"""The student in resources/models/student: complete, honest about itself, and as good as its card says."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from kd_core.contract.model_card import read_card
from kd_core.contract.taxonomy import LOWER_GI
from kd_core.datasets.folders import read_samples, relabel
from kd_core.datasets.splits import read_split
from kd_core.predictor import Predictor

MODELS = Path(__file__).resolve().parent.parent.parent / "resources" / "models"
STUDENT = MODELS / "student"


def test_its_card_says_what_it_is_and_what_it_is_not_for() -> None:
    card = read_card(STUDENT)
    assert card.classes == LOWER_GI
    assert "Not a medical device" in card.notice
    assert "Diagnosis" in card.not_for
    source = str(card.data["source"])
    assert "CC BY 4.0" in source
    assert "Borgli" in source
    assert card.scores["test"]["n"] > 400


def test_it_loads() -> None:
    assert Predictor.load(STUDENT).card.version.endswith(read_card(STUDENT).files["student.safetensors"][:8])


@pytest.mark.timeout(240)
def test_its_scores_on_the_held_out_groups_are_those_of_the_card(shared_data: Path, tmp_path: Path) -> None:
    """Scored again from the ONNX file through the command; no picture of the test part has a group in training."""
    data = shared_data / "hyperkvasir-lower-gi"
    words = ["evaluate", "--model", str(STUDENT), "--data", str(data), "--split", str(MODELS / "split.json"), "--part", "test"]
    command = [sys.executable, "-m", "kd_core", *words, "--ignore-unknown", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    scored, card = json.loads(done.stdout), read_card(STUDENT).scores["test"]
    assert scored["n"] == card["n"]
    for name in ("accuracy", "macro_f1", "mcc"):
        assert scored[name] == pytest.approx(card[name], abs=0.005), name


def test_no_group_is_in_two_parts(shared_data: Path) -> None:
    samples, _ = relabel(read_samples(shared_data / "hyperkvasir-lower-gi"), LOWER_GI, ignore_unknown=True)
    split = read_split(MODELS / "split.json")
    groups = [{sample.group for sample in split.part(samples, part)} for part in ("train", "val", "test")]
    assert not groups[0] & groups[1]
    assert not groups[0] & groups[2]
    assert not groups[1] & groups[2]
