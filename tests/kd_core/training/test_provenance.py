"""What a card tells of how its model was made, and the line that every epoch leaves beside it."""

from __future__ import annotations

import json
import platform
from pathlib import Path

import msgspec
import pytest
import torch

from kd_core.__main__ import main
from kd_core.artifacts.intended_use import not_for, purpose
from kd_core.artifacts.seen_contents import digest_of, read_seen
from kd_core.platform.provenance import git_commit
from kd_core.schema.config import make_config
from kd_core.schema.model_card import card_from, read_card
from kd_core.schema.model_origin import TrainingNotes
from kd_core.schema.run_files import HISTORY_NAME
from kd_core.training.history import read_history
from tests.places import REPOSITORY

Output = pytest.CaptureFixture[str]


def test_a_card_says_what_would_be_needed_to_do_it_again(
    data_dir: Path, tmp_path: Path, capsys: Output
) -> None:
    patients = tmp_path / "patient-4711"
    data_dir.rename(patients)
    out = tmp_path / "made"
    words = ["train", "--data", str(patients), "--out", str(out), "--threads", "1", "--views", "1"]
    assert main([*words, "--epochs", "2", "--precision", "fp32", "--warm-up", "0"]) == 0
    card = read_card(out)
    made = card.training.provenance
    assert made is not None
    assert made.commit == git_commit()
    assert (made.precision, made.threads) == ("fp32", 1)
    assert made.python == platform.python_version()
    assert made.packages["torch"].split("+")[0] == torch.__version__.split("+")[0]
    assert made.command.startswith("kd-core train --data patient-4711 --out made --threads 1")
    assert str(tmp_path) not in (out / "card.json").read_text(encoding="utf-8")
    assert made.data == digest_of(read_seen(out, card) or ())
    assert main(["info", "--model", str(out)]) == 0
    assert "precision" in capsys.readouterr().out

    lines = [json.loads(line) for line in (out / HISTORY_NAME).read_text().split("\n") if line]
    assert [line["epoch"] for line in lines] == [1, 2]
    for line in lines:
        assert line["losses"].keys() == {"cross_entropy"}
        assert {"accuracy", "macro_f1"} <= line["scores"].keys()
        assert line["seconds"] > 0
    assert [event.epoch for event in read_history(out)] == [1, 2]
    # Half a cosine from the highest rate down: one step an epoch, of two.
    highest = make_config(card.training.config, "card.json").learning_rate
    assert [line["learning_rate"] for line in lines] == pytest.approx([highest, highest / 2])
    # A card of before says none of it, and is read.
    plain = json.loads((out / "card.json").read_text(encoding="utf-8"))
    del plain["training"]["provenance"]
    assert card_from(plain).training.provenance is None
    assert "provenance" not in msgspec.to_builtins(TrainingNotes())


def test_the_commit_is_that_of_the_checkout() -> None:
    if not (REPOSITORY / ".git").exists():
        pytest.skip("this is no checkout")
    commit = git_commit().removesuffix("-dirty")
    assert len(commit) == 40
    assert set(commit) <= set("0123456789abcdef")


def test_what_a_model_is_for_is_said_by_its_own_classes_and_data() -> None:
    upper = ("esophagitis", "pylorus", "z-line")
    said = purpose(upper) + not_for(upper, "KVASIR-V2, CC BY 4.0")
    assert "Oesophagitis, Pylorus, Z-line" in said
    assert "than KVASIR-V2 shows" in said
    assert "ower" not in said
    assert "olyp" not in said
    assert "counting polyps" in not_for(("polyp", "cecum"), "")
    assert "than its training data shows" in not_for(upper, "")
