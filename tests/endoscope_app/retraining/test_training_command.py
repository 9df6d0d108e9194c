"""The command of a retraining: what was chosen in it, word for word."""

from __future__ import annotations

import math
from pathlib import Path

from endoscope_app.retraining.plan.training_choice import RetrainFiles, TrainingChoice
from kd_core.cli.run_settings import folders_of
from kd_core.cli.running import parsed


def retrain_files(folder: Path) -> RetrainFiles:
    names = ("labels", "base", "replay", "held-out.json", "out", "cache")
    labels, base, replay, held_out, out, cache = (folder / name for name in names)
    return RetrainFiles(labels, base, replay, held_out, out, cache)


def test_the_command_understands_every_word_of_a_choice(tmp_path: Path) -> None:
    files = retrain_files(tmp_path)
    choice = TrainingChoice("feature", True, ("a", "b"), 3.5, 5e-4, 6, 42, {"hint": 0.7, "kl": 1.0})
    options = parsed("retrain", [*choice.arguments(files), "--threads", "1", "--events"])
    assert (options.scheme, options.thorough, options.teachers, options.temperature) == (
        "feature",
        True,
        ["a", "b"],
        3.5,
    )
    assert (options.learning_rate, options.epochs, options.seed, options.weight) == (
        5e-4,
        6,
        42,
        ["hint=0.7", "kl=1"],
    )
    assert (options.labels, options.held_out, options.out) == (
        files.labels,
        files.held_out,
        files.out,
    )
    plain = parsed("retrain", TrainingChoice(teachers=("a",)).arguments(files))
    assert (plain.epochs, plain.thorough, plain.weight) == (None, False, None)
    assert set(TrainingChoice(temperature=math.nan).problems()) == {"teachers", "temperature"}


def test_a_comma_in_a_teachers_path_separates_nothing(tmp_path: Path) -> None:
    files = retrain_files(tmp_path)
    folders = [tmp_path / "Endoscopy, app" / name for name in ("a", "b")]
    for folder in folders:
        folder.mkdir(parents=True)
    options = parsed("retrain", TrainingChoice(teachers=tuple(map(str, folders))).arguments(files))
    assert folders_of(options.teachers) == folders
