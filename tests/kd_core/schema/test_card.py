"""The card of a finished model: the test part is opened once, and what was measured is on the
page.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from kd_core.__main__ import main
from kd_core.evaluation.robustness import CHANGES
from kd_core.schema.card_text import as_markdown, in_words
from kd_core.schema.evidence import Evidence
from kd_core.schema.model_card import ModelCard, read_card
from kd_core.schema.model_checks import Checks, PromotedInSpite
from kd_core.schema.model_files import MARKDOWN_NAME
from kd_core.vision.predictor import Predictor
from kd_core.vision.preprocess import constants
from tests.kd_core.training.test_distil import CLASSES, teacher_folder
from tests.model_factory import make_model_dir
from tests.present import present

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

Output = pytest.CaptureFixture[str]


@pytest.fixture
def split(data_dir: Path, tmp_path: Path, capsys: Output) -> Path:
    made = tmp_path / "split.json"
    assert (
        main(
            ["split", "--data", str(data_dir), "--out", str(made), "--val", "0.2", "--test", "0.3"]
        )
        == 0
    )
    capsys.readouterr()
    return made


def card_of(model: Path, data: Path, split: Path, *more: str) -> int:
    return main(
        [
            "card",
            "--model",
            str(model),
            "--data",
            str(data),
            "--split",
            str(split),
            "--quick",
            *more,
        ]
    )


def test_a_student_is_examined_once_and_its_page_says_so(
    data_dir: Path, split: Path, tmp_path: Path, capsys: Output
) -> None:
    model = make_model_dir(tmp_path / "model", classes=CLASSES)
    before = read_card(model)
    assert card_of(model, data_dir, split, "--part", "val") == 0
    assert read_card(model) == before  # on validation it only prints

    assert card_of(model, data_dir, split, "--part", "test") == 0
    page, card = capsys.readouterr().out, read_card(model)
    assert (model / MARKDOWN_NAME).read_text() in page
    assert "Scores: test, 12 images" in page
    assert card.scores["test"].n == 12
    assert set(card.checks.robustness) == {"unchanged", *CHANGES}
    assert card.version == before.version
    assert Predictor.load(model).card == card

    assert card_of(model, data_dir, split, "--part", "test") == 2
    assert "was opened for this model on" in capsys.readouterr().err
    assert card_of(model, data_dir, split, "--part", "test", "--again") == 0


def test_a_teacher_has_a_card_of_the_same_form(
    data_dir: Path, split: Path, tmp_path: Path, capsys: Output
) -> None:
    folder = teacher_folder(tmp_path / "teacher")
    assert card_of(folder, data_dir, split, "--part", "test") == 0
    card = read_card(folder)
    assert card.scores["test"].n == 12
    assert "Robustness" in (folder / MARKDOWN_NAME).read_text()


def test_a_run_keeps_the_test_part_closed_where_it_is_told_to(
    data_dir: Path, split: Path, tmp_path: Path, capsys: Output
) -> None:
    """And learns silence on the way: the loss is named in the events, the naming level is in the
    card.
    """
    out = tmp_path / "made"
    words = [
        "train",
        "--data",
        str(data_dir),
        "--split",
        str(split),
        "--classes",
        ",".join(CLASSES),
        "--out",
        str(out),
    ]
    words += [
        "--epochs",
        "1",
        "--views",
        "1",
        "--threads",
        "1",
        "--weight",
        "silence=0.5",
        "--keep-test-closed",
    ]
    assert main(words) == 0
    told = capsys.readouterr().err
    assert "outlier_exposure " in told
    assert "on 8 validation images" in told
    card = read_card(out)
    assert "test" not in card.scores
    assert card.thresholds == {}
    level = present(card.naming).level
    assert {card.threshold(name) for name in CLASSES} == {level}
    assert card.scores["validation"].abstention is not None


def test_a_page_leaves_out_what_was_never_measured_and_keeps_its_tables_whole() -> None:
    card = ModelCard(
        name="m",
        version="1",
        created="",
        architecture="a|b",
        classes=("x", "y"),
        preprocessing=constants(),
    )
    page = as_markdown(card)
    assert "Scores" not in page
    assert "unsure" not in page
    rich = msgspec.structs.replace(
        card,
        checks=Checks(robustness={"unchanged": 0.9, "a|b": 0.85}),
        thresholds={"x": 1.01, "y": 0.7},
    )
    rows = [line for line in as_markdown(rich).splitlines() if line.startswith("|")]
    assert "| a/b | 0.850 | -5.0 |" in rows
    assert "| x | never named |" in rows
    assert "| y | 0.70 |" in rows


def test_a_page_says_how_it_compares_and_why_it_was_promoted_all_the_same() -> None:
    checks = Checks(
        comparison=Evidence(sentence="Better: 3 of 5 wrong frames are now right."),
        promoted_in_spite_of=PromotedInSpite(
            ("cecum", "polyps"), "new scope", "Dr A", "2026-11-21T10:00:00Z"
        ),
    )
    card = ModelCard(
        name="m",
        version="2",
        parent="1",
        created="",
        architecture="a",
        classes=("x",),
        preprocessing=constants(),
        checks=checks,
    )
    page = as_markdown(card)
    assert "## Compared with 1\n\nBetter: 3 of 5 wrong frames are now right." in page
    assert (
        "Promoted by Dr A on 2026-11-21 although recall was lost (cecum, polyps): new scope" in page
    )


def test_values_in_words() -> None:
    assert in_words({"a": 0.123456, "b": [1, 2], "c": "d"}) == "a 0.1235; b 1, 2; c d"
