"""`kd-core calibrate` gives an older card the naming level that it lacks: by the validation part,
with the weights as they are and the test part closed.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec
import numpy as np
import pytest

from kd_core.__main__ import main
from kd_core.evaluation.abstention import naming_level
from kd_core.schema.card_text import NO_PROVENANCE, as_markdown
from kd_core.schema.model_card import read_card, write_card
from kd_core.schema.model_checks import UnsureOfOthers
from kd_core.schema.model_files import CARD_NAME, MARKDOWN_NAME
from kd_core.schema.model_origin import TrainingNotes
from kd_core.schema.model_scores import Abstention, PartScores
from kd_core.schema.openings import openings_file
from kd_core.signing.model_signature import signature_state
from tests.kd_core.training.test_distil import CLASSES, teacher_folder
from tests.model_factory import make_model_dir
from tests.present import present
from tests.signed_models import signed

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

Output = pytest.CaptureFixture[str]


@pytest.fixture
def split(data_dir: Path, tmp_path: Path, capsys: Output) -> Path:
    made = tmp_path / "split.json"
    words = ["split", "--data", str(data_dir), "--out", str(made), "--val", "0.2", "--test", "0.3"]
    assert main(words) == 0
    capsys.readouterr()
    return made


def older(folder: Path) -> Path:
    """With thresholds per class, no provenance, and what they named of both parts."""
    named = Abstention(n=12, coverage=0.4, precision=0.9)
    card = msgspec.structs.replace(
        read_card(folder),
        naming=None,
        thresholds=dict.fromkeys(CLASSES, 0.9),
        training=TrainingNotes(scheme="an older run"),
        scores={
            "validation": PartScores(n=8, accuracy=0.5, abstention=named),
            "test": PartScores(n=12, accuracy=0.25, abstention=named),
        },
    )
    others = UnsureOfOthers(3, {"black": 0.125})
    checks = msgspec.structs.replace(
        card.checks, unsure_of_others=others, test_opened="2026-11-30", robustness={"unchanged": 1}
    )
    write_card(folder, msgspec.structs.replace(card, checks=checks))
    return folder


def _digests(folder: Path) -> dict[str, str]:
    files = (path for path in folder.iterdir() if path.name not in (CARD_NAME, MARKDOWN_NAME))
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def _calibrated(folder: Path, data: Path, split: Path) -> int:
    words = ["calibrate", "--model", folder, "--data", data, "--split", split]
    return main([str(word) for word in words])


@pytest.mark.parametrize("kind", ["student", "teacher"])
def test_a_level_takes_the_place_of_thresholds_and_everything_else_stays(
    kind: str, data_dir: Path, split: Path, tmp_path: Path, capsys: Output
) -> None:
    folder = tmp_path / kind
    older(make_model_dir(folder, classes=CLASSES) if kind == "student" else teacher_folder(folder))
    before, weights = read_card(folder), _digests(folder)
    assert _calibrated(folder, data_dir, split) == 0
    card = read_card(folder)
    naming = present(card.naming)
    assert naming.chosen.startswith("20")
    assert card.thresholds == {}
    assert {card.threshold(name) for name in CLASSES} == {naming.level}
    # of the eight validation images alone; what thresholds named of others is no longer known
    assert present(card.scores["validation"].abstention).n == 8
    assert card.scores["test"] == PartScores(n=12, accuracy=0.25)
    assert set(present(card.checks.unsure_of_others).shares) > {"black"}
    assert _digests(folder) == weights
    assert not openings_file(split).exists()
    kept = msgspec.structs.replace(
        card,
        naming=None,
        thresholds=before.thresholds,
        scores=before.scores,
        checks=msgspec.structs.replace(
            card.checks, unsure_of_others=before.checks.unsure_of_others
        ),
    )
    assert kept == before
    page = (folder / MARKDOWN_NAME).read_text(encoding="utf-8")
    assert page == as_markdown(card)
    assert f"Chosen on {naming.chosen}, after the training." in page
    assert NO_PROVENANCE in page
    assert page in capsys.readouterr().out


def test_the_level_is_the_one_that_training_would_have_chosen(
    data_dir: Path, split: Path, tmp_path: Path
) -> None:
    from kd_core.api.loading import load_model
    from kd_core.api.predictions import chosen_samples
    from kd_core.data.image_files import read_rgb

    folder = older(make_model_dir(tmp_path / "model", classes=CLASSES))
    samples, _ = chosen_samples(data_dir, CLASSES, split, "val", ignore_unknown=False)
    loaded = load_model(folder)
    rows = np.stack(
        [loaded.predict([read_rgb(Path(one.path))])[0].probabilities for one in samples]
    )
    truth = np.array([CLASSES.index(one.label) for one in samples])
    assert _calibrated(folder, data_dir, split) == 0
    found = present(read_card(folder).naming)
    assert msgspec.structs.replace(found, chosen="") == naming_level(rows, truth)


def test_a_card_that_has_a_level_is_left_as_it_is(
    data_dir: Path, split: Path, tmp_path: Path, capsys: Output
) -> None:
    folder = older(make_model_dir(tmp_path / "model", classes=CLASSES))
    assert _calibrated(folder, data_dir, split) == 0
    card = (folder / CARD_NAME).read_bytes()
    capsys.readouterr()
    assert _calibrated(folder, data_dir, split) == 2
    assert "has a naming level" in capsys.readouterr().err
    assert (folder / CARD_NAME).read_bytes() == card


def test_a_signed_model_loses_its_signature_which_is_said(
    data_dir: Path, split: Path, tmp_path: Path, capsys: Output
) -> None:
    folder = signed(older(make_model_dir(tmp_path / "model", classes=CLASSES)))
    assert signature_state(folder).kind == "fits"
    assert _calibrated(folder, data_dir, split) == 0
    assert signature_state(folder).kind == "none"
    assert "the signature was taken away: sign it again" in capsys.readouterr().err
