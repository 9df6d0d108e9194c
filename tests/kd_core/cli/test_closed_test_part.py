"""The test part of a split is closed to every command but those that are asked for it, and each
look is noted beside the split before it happens; images learnt from are known again.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kd_core.__main__ import main
from kd_core.artifacts.seen_contents import read_seen
from kd_core.schema.model_card import read_card, write_card
from kd_core.schema.openings import openings_file, read_openings
from tests.kd_core.training.test_distil import CLASSES, teacher_folder
from tests.model_factory import make_model_dir

Output = pytest.CaptureFixture[str]


@pytest.fixture
def split(data_dir: Path, tmp_path: Path, capsys: Output) -> Path:
    made = tmp_path / "split.json"
    words = ["split", "--data", str(data_dir), "--out", str(made), "--val", "0.2", "--test", "0.3"]
    assert main(words) == 0
    capsys.readouterr()
    return made


def _asked(*words: str | Path) -> int:
    return main([str(word) for word in words])


def _json(capsys: Output, *words: str | Path) -> Any:
    capsys.readouterr()
    assert _asked(*words, "--json") == 0
    return json.loads(capsys.readouterr().out)


def test_only_asking_for_it_opens_the_test_part_and_every_look_is_noted(
    data_dir: Path, split: Path, tmp_path: Path, capsys: Output
) -> None:
    model = make_model_dir(tmp_path / "patient-4711" / "model", classes=CLASSES)
    other = make_model_dir(tmp_path / "other", classes=CLASSES)
    of_data = ("--data", data_dir, "--split", split)
    assert _json(capsys, "evaluate", "--model", model, *of_data)["n"] == 8
    assert _json(capsys, "compare", model, other, *of_data)["n"] == 8
    assert _json(capsys, "probe", *of_data)["test"] == 8
    assert _asked("card", "--model", model, "--quick", *of_data) == 0
    assert not openings_file(split).exists()

    opened = ("--part", "test")
    assert _json(capsys, "evaluate", "--model", model, *of_data, *opened)["n"] == 12
    assert _json(capsys, "compare", model, other, *of_data, *opened)["n"] == 12
    assert _json(capsys, "probe", *of_data, *opened)["test"] == 12
    assert _asked("card", "--model", model, *of_data, *opened) == 0
    assert "The test part of split.json is opened for time 4" in capsys.readouterr().err
    looks = read_openings(split)
    assert [look.command.split()[1] for look in looks] == ["evaluate", "compare", "probe", "card"]
    card = read_card(model)
    assert [[m.version for m in look.models] for look in looks] == [
        [card.version],
        [card.version, read_card(other).version],
        [],
        [card.version],
    ]
    assert looks[0].models[0].sha256 == card.files["student.safetensors"]
    assert all(look.when.endswith("Z") for look in looks)
    # A folder may be called after a patient.
    assert "patient-4711" not in openings_file(split).read_text(encoding="utf-8")
    assert "--split split.json" in looks[0].command


def test_what_cannot_be_noted_is_not_opened(
    data_dir: Path, split: Path, tmp_path: Path, capsys: Output
) -> None:
    model = make_model_dir(tmp_path / "model", classes=CLASSES)
    openings_file(split).mkdir()
    words = ("--model", model, "--data", data_dir, "--split", split, "--part", "test")
    for command in ("evaluate", "card"):
        assert _asked(command, *words) == 2
        said = capsys.readouterr()
        assert said.out == ""
        assert "The test part stays closed: its opening cannot be noted" in said.err
    assert "test" not in read_card(model).scores


def test_training_leaves_it_closed_and_the_model_knows_what_it_has_learnt_from(
    data_dir: Path, split: Path, tmp_path: Path, capsys: Output
) -> None:
    out = tmp_path / "made"
    training = ("train", "--data", data_dir, "--split", split, "--out", out, "--threads", "1")
    # The word of before says nothing new, and is no longer shown.
    assert _asked(*training, "--epochs", "1", "--views", "1", "--keep-test-closed") == 0
    assert "on 8 validation images" in capsys.readouterr().err
    card = read_card(out)
    assert "test" not in card.scores
    assert not openings_file(split).exists()
    assert len(read_seen(out, card) or ()) == 20
    with pytest.raises(SystemExit):
        main(["train", "--help"])
    assert "keep-test-closed" not in capsys.readouterr().out

    of_all = _json(capsys, "evaluate", "--model", out, "--data", data_dir)
    assert (of_all["n"], of_all["seen_in_training"]) == (40, 20)
    assert _asked("evaluate", "--model", out, "--data", data_dir) == 0
    said = capsys.readouterr()
    assert "has learnt from 20 of these 40 images: scores on them say nothing" in said.err
    assert "20 of the 40 images were seen in training" in said.out
    assert _asked("evaluate", "--model", out, "--data", data_dir, "--split", split) == 0
    assert "learnt from" not in capsys.readouterr().err


def test_a_teacher_knows_it_too_and_a_model_of_before_says_that_it_does_not(
    data_dir: Path, split: Path, tmp_path: Path, capsys: Output
) -> None:
    teacher = teacher_folder(tmp_path / "teacher")
    assert (
        _json(capsys, "evaluate", "--model", teacher, "--data", data_dir)["seen_in_training"] == 0
    )
    old = make_model_dir(tmp_path / "old", classes=CLASSES)
    made = _json(capsys, "evaluate", "--model", old, "--data", data_dir)
    assert made["seen_in_training"] is None
    assert _asked("evaluate", "--model", old, "--data", data_dir) == 0
    assert "does not say which images it has learnt from" in capsys.readouterr().err
    card = read_card(old)
    (old / "seen.safetensors").write_bytes(b"no tensors")
    card.files["seen.safetensors"] = ""
    write_card(old, card)
    assert _asked("evaluate", "--model", old, "--data", data_dir) == 2
    assert "seen.safetensors is damaged" in capsys.readouterr().err
