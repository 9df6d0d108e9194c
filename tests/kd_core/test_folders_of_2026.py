"""What kd-core of November 2026 wrote is read for ever: models, a replay set, a split, a run."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from kd_core.__main__ import main
from kd_core.artifacts.checkpoint import load_student
from kd_core.artifacts.replay import read_replay
from kd_core.artifacts.teacher_folder import load_teacher
from kd_core.data.splits import read_split
from kd_core.reproduction.reproduce import Result
from kd_core.schema import old_keys
from kd_core.schema.config import TrainConfig, decode_plain, make_config, merged
from kd_core.schema.errors import ModelError
from kd_core.schema.manifest import Sample
from kd_core.schema.model_card import read_card
from kd_core.schema.model_origin import ParameterCounts
from kd_core.schema.student_shapes import PLAIN
from kd_core.schema.taxonomy import LOWER_GI
from kd_core.training.resume import fingerprint_of
from kd_core.vision import preprocess
from kd_core.vision.predictor import Predictor
from tests.conftest import REPOSITORY
from tests.kd_core.training.test_resume import CONFIG, epochs_of, training

FIXTURE = REPOSITORY / "tests" / "fixtures" / "core_2026_11"
VERSION = "2026.11.30-0bcaa271"
#: What the program of then called the run of those settings.
FINGERPRINT = "500d064d30b12657775c466481df6eed1d65644b6cb8ab0b20a1944f30c940cf"
#: The probabilities that the program of then gave for ``mixed``.
PROBABILITIES = (0.04802, 0.00458, 0.60250, 0.00090, 0.01885, 0.32515)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(FIXTURE, tmp_path / "core")
    for name in ("teacher", "run"):
        shutil.unpack_archive(FIXTURE / f"{name}.tar.xz", tmp_path / "core", filter="data")
    return tmp_path / "core"


def mixed() -> NDArray[np.uint8]:
    """Four colours in bands, of the very size that the student sees."""
    colours = np.array([(200, 60, 60), (60, 60, 200), (120, 130, 60), (90, 90, 90)], np.uint8)
    return np.ascontiguousarray(np.broadcast_to(colours.repeat(56, 0)[:, None], (224, 224, 3)))


def test_the_student_predicts_as_it_did(folder: Path) -> None:
    predictor = Predictor.load(folder / "model")
    assert (predictor.card.version, predictor.card.classes) == (VERSION, LOWER_GI)
    assert predictor.card.name == "student of squares"
    (made,) = predictor.predict([mixed()])
    np.testing.assert_allclose(made.probabilities, PROBABILITIES, atol=2e-4)
    student, card = load_student(folder / "model")
    assert card.version == VERSION
    assert sum(parameter.numel() for parameter in student.parameters()) == 51_478


def test_its_card_is_read_by_those_who_show_it(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["info", "--model", str(folder / "model")]) == 0
    assert VERSION in capsys.readouterr().out
    card = read_card(folder / "model")
    assert card.scores["test"].accuracy == 1.0
    assert (card.training.best_epoch, card.training.parameters) == (7, ParameterCounts(51_478))
    assert (card.data.source, card.data.images, card.data.unreadable) == ("drawn squares", 72, 0)


def test_the_teachers_logits_are_in_the_order_that_is_wanted(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It saw images in another way, so it teaches nobody now; its file is read as it was."""
    with pytest.raises(ModelError, match="preprocessing 2, not 3"):
        load_teacher(folder / "teacher", LOWER_GI)
    then = preprocess.constants(version=2)
    monkeypatch.setattr(preprocess, "constants", lambda size: then)
    loaded = load_teacher(folder / "teacher", LOWER_GI)
    assert (loaded.card.name, len(loaded.seen)) == ("efficientnet_lite0", 48)
    turned = load_teacher(folder / "teacher", LOWER_GI[::-1])
    image = torch.rand(1, 3, 224, 224, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        torch.testing.assert_close(
            loaded.teacher(image).logits.flip(1), turned.teacher(image).logits
        )


def test_the_replay_set_fits_its_student(folder: Path) -> None:
    student, _ = load_student(folder / "model")
    replay = read_replay(folder / "replay.safetensors", student)
    assert (replay.classes, replay.source) == (LOWER_GI, "drawn squares")
    assert (len(replay.labels), int(replay.held_out.sum())) == (18, 12)
    assert replay.latent(torch.arange(2)).shape == (2, 64, 14, 14)


def test_the_split_parts_as_it_did(folder: Path) -> None:
    split = read_split(folder / "split.json")
    assert (split.seed, split.source) == (7, "drawn squares")
    samples = [Sample(group, "polyps", group) for group in split.groups]
    assert [len(split.part(samples, name)) for name in ("train", "val", "test")] == [48, 12, 12]


def test_settings_of_a_run_are_understood(folder: Path) -> None:
    path = folder / "config.json"
    config = merged(TrainConfig(), decode_plain(path.read_bytes(), path.name), path.name)
    assert (
        config.epochs,
        config.batch_size,
        config.learning_rate,
        config.views,
        config.weight_decay,
    ) == (14, 8, 0.01, 2, 0.03)
    assert (
        config.losses.cross_entropy,
        config.losses.kl,
        config.temperature,
        config.weighting,
    ) == (0.9, 0.1, 3.0, "entropy")


def test_settings_that_had_other_names_are_understood_and_name_the_same_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A run of then resumes only where its settings and data give the fingerprint of then; and
    images are prepared and augmented as then, which they no longer are.
    """
    then = {"frozen_front": True, "losses": {"silence": 0.5, "kl": 1}}
    # What they left to the defaults of then
    config = make_config({**then, "ema": 0.99, "warm_up_epochs": 3}, "settings of November 2026")
    assert (config.frozen_stem, config.losses.outlier_exposure) == (True, 0.5)
    assert fingerprint_of(config, "x") != FINGERPRINT
    monkeypatch.setattr("kd_core.training.resume.preprocess.VERSION", 2)
    monkeypatch.setattr("kd_core.training.resume.POLICY_VERSION", 4)
    assert fingerprint_of(config, "x") == FINGERPRINT


def test_a_run_resumes_after_the_epoch_that_it_had_ended(folder: Path) -> None:
    """It had been stopped after the first of three."""
    state, run = folder / "run" / "run-state.safetensors", "a run of November 2026"
    config = msgspec.structs.replace(CONFIG, optimiser="sgd", momentum=0.0)
    again = training(config, state, seed=99, run=run, shape=PLAIN)
    assert [event.epoch for event in epochs_of(again)] == [2, 3]


def test_what_the_first_epoch_had_learnt_comes_back(folder: Path) -> None:
    state, run = folder / "run" / "run-state.safetensors", "a run of November 2026"
    config = msgspec.structs.replace(CONFIG, optimiser="sgd", momentum=0.0, epochs=1)
    again = training(config, state, seed=99, run=run, shape=PLAIN)
    assert epochs_of(again) == []
    assert again.best_epoch == 1
    assert again.best_scores["accuracy"] == pytest.approx(0.5)


def test_bins_that_counted_under_another_name_are_read() -> None:
    """The shipped card has format 2, of the last days of November 2026."""
    card = read_card(REPOSITORY / "resources" / "models" / "student")
    scores = card.scores["test"]
    assert sum(row.images for row in scores.reliability) == scores.n > 0
    assert card.checks.explanation is not None
    assert 0 < card.checks.explanation.means.image < 1


def test_a_row_of_the_table_that_was_done_then_is_not_run_again() -> None:
    plain = {
        "fingerprint": "f",
        "version": "v",
        "scores": {"test": {"n": 4, "accuracy": 0.5}},
        "parameters": {"deployed": 3, "training-only": 2},
        "minutes": 1.5,
        "training": {"scheme": "s", "best epoch": 7},
    }
    result = msgspec.convert(old_keys.result(plain), Result)
    assert result.parameters == ParameterCounts(3, 2)
    assert (result.training.best_epoch, result.scores["test"].accuracy) == (7, 0.5)
