"""KVASIR-V2 and the whole of Hyper-KVASIR by the commands of every other data set: a split, a
student, its scores; in miniature, drawn.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from kd_core.__main__ import main
from kd_core.schema.model_card import read_card
from tests.kd_core.data.test_split_command import hyper_kvasir, kvasir_v2

Output = pytest.CaptureFixture[str]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.mark.parametrize(
    ("make", "count", "named"),
    [(kvasir_v2, 8, "Dyed and lifted polyp"), (hyper_kvasir, 23, "Barrett's oesophagus")],
)
def test_a_download_is_split_learnt_from_and_scored(
    tmp_path: Path,
    capsys: Output,
    make: Callable[[Path, int], Path],
    count: int,
    named: str,
) -> None:
    data, split, out = make(tmp_path / "data", 4), tmp_path / "split.json", tmp_path / "student"
    generator = np.random.default_rng(0)
    for file in sorted(data.rglob("*.jpg")):
        cv2.imwrite(str(file), generator.integers(40, 250, (64, 64, 3), np.uint8))
    of_data = ["--data", str(data), "--split", str(split)]
    assert main(["split", "--data", str(data), "--out", str(split)]) == 0
    training = ["train", *of_data, "--data-name", "A download, CC BY 4.0", "--out", str(out)]
    assert main([*training, "--epochs", "1", "--views", "1", "--threads", "1", "--no-cache"]) == 0
    card = read_card(out)
    assert len(card.classes) == count
    assert named in card.purpose
    assert "lower" not in card.purpose.casefold()
    assert "than A download shows" in card.not_for
    capsys.readouterr()
    assert main(["evaluate", "--model", str(out), *of_data, "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert (made["n"], made["ignored"], made["seen_in_training"]) == (count, {}, 0)
