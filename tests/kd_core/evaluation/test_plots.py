"""The drawn scores: files that open again, words that can be read, the notice on every one."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path

import cv2
import matplotlib
import numpy as np
import pytest

from kd_core.__main__ import main
from kd_core.evaluation.plots import confusion_diagram, recall_diagram, reliability_diagram
from kd_core.schema.errors import DataError
from kd_core.schema.model_card import RESEARCH_USE, read_card
from kd_core.schema.model_scores import ReliabilityBin
from kd_core.schema.taxonomy import LOWER_GI

Output = pytest.CaptureFixture[str]
Draw = Callable[[Path], None]
VERSION = "2026.01.02-abcdef12"
CLASSES = ("polyps", "cecum", "ulcerative-colitis")
CONFUSION = np.array([[8, 2, 0], [1, 2, 0], [0, 0, 0]])
ROWS = [ReliabilityBin(0.4, 0.6, 5, 0.5, 0.4), ReliabilityBin(0.8, 1.0, 8, 0.93, 1.0)]
DIAGRAMS: dict[str, Draw] = {
    "reliability": lambda path: reliability_diagram(ROWS, 0.0815, VERSION, path),
    "confusion": lambda path: confusion_diagram(CONFUSION, CLASSES, VERSION, path),
    "recall": lambda path: recall_diagram(CONFUSION, CLASSES, VERSION, path),
}


def words_of(path: Path) -> list[str]:
    """Every line of text in an SVG that parses as XML."""
    root = ElementTree.parse(path).getroot()
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    return [
        "".join(item.itertext()).strip() for item in root.iter("{http://www.w3.org/2000/svg}text")
    ]


@pytest.mark.parametrize("name", DIAGRAMS)
def test_a_png_opens_again_large_enough_for_print(tmp_path: Path, name: str) -> None:
    DIAGRAMS[name](tmp_path / "drawn.png")
    image = np.asarray(cv2.imread(str(tmp_path / "drawn.png")))
    assert 500 < image.shape[0] < 3000
    assert 900 < image.shape[1] < 3000
    assert (image[:5] == 255).all()  # white paper
    assert 0.005 < (image < 200).any(axis=2).mean() < 0.6


@pytest.mark.parametrize("name", DIAGRAMS)
def test_an_svg_holds_its_words_the_version_and_the_notice(tmp_path: Path, name: str) -> None:
    DIAGRAMS[name](tmp_path / "drawn.svg")
    words = words_of(tmp_path / "drawn.svg")
    assert RESEARCH_USE == "For research and education. Not a medical device."
    assert RESEARCH_USE in words
    assert f"Model {VERSION}, 13 images" in words


def test_the_confusion_holds_shares_and_counts(tmp_path: Path) -> None:
    DIAGRAMS["confusion"](tmp_path / "drawn.svg")
    words = words_of(tmp_path / "drawn.svg")
    for name in CLASSES:
        assert words.count(name) == 2  # along both sides
    for shown in ("80%", "8", "20%", "2", "33%", "1", "67%"):
        assert shown in words
    # Five cells of nine are empty, the row without images among them: a count and no share. Never
    # nan.
    assert words.count("0") == 5
    assert not [word for word in words if "nan" in word]


def test_recall_names_every_class_and_its_images(tmp_path: Path) -> None:
    DIAGRAMS["recall"](tmp_path / "drawn.svg")
    assert {"polyps (10)", "cecum (3)", "ulcerative-colitis (0)"} <= set(
        words_of(tmp_path / "drawn.svg")
    )


def test_reliability_states_its_error(tmp_path: Path) -> None:
    DIAGRAMS["reliability"](tmp_path / "drawn.svg")
    assert "Reliability: expected calibration error 0.082" in words_of(tmp_path / "drawn.svg")


def test_a_class_named_like_a_formula_is_written_as_it_is(tmp_path: Path) -> None:
    confusion_diagram(
        np.eye(2, dtype=np.int64), (r"$\frac$", "a_1$"), VERSION, tmp_path / "drawn.svg"
    )
    assert {r"$\frac$", "a_1$"} <= set(words_of(tmp_path / "drawn.svg"))


@pytest.mark.parametrize("name", DIAGRAMS)
def test_the_same_scores_give_the_same_file_and_no_setting_is_left_changed(
    tmp_path: Path, name: str
) -> None:
    before = dict(matplotlib.rcParams)
    for file in ("one.svg", "two.svg"):
        DIAGRAMS[name](tmp_path / file)
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()
    assert dict(matplotlib.rcParams) == before


def test_other_suffixes_and_places_that_cannot_be_written_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"as '\.gif'"):
        DIAGRAMS["recall"](tmp_path / "drawn.gif")
    with pytest.raises(DataError, match="cannot be written: No such file"):
        DIAGRAMS["recall"](tmp_path / "nowhere" / "drawn.png")


def test_evaluate_draws_into_a_new_folder(
    model_dir: Path, data_dir: Path, tmp_path: Path, capsys: Output
) -> None:
    folder = tmp_path / "report" / "plots"
    words = ["evaluate", "--model", str(model_dir), "--data", str(data_dir), "--plots", str(folder)]
    assert main([*words, "--plot-format", "svg", "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert made["plots"] == [
        str(folder / f"{name}.svg") for name in ("reliability", "confusion", "recall")
    ]
    assert sorted(folder.iterdir()) == sorted(Path(path) for path in made["plots"])
    for path in made["plots"]:
        assert f"Model {read_card(model_dir).version}, 40 images" in words_of(Path(path))
    assert set(LOWER_GI) <= set(words_of(folder / "confusion.svg"))
    counts = [word for word in words_of(folder / "confusion.svg") if re.fullmatch(r"\d+", word)]
    assert sum(map(int, counts)) == 40
    assert main(words) == 0
    assert f"drawn: {folder / 'recall.png'}" in capsys.readouterr().out.splitlines()
    assert cv2.imread(str(folder / "recall.png")) is not None


def test_a_file_in_place_of_the_folder_is_refused_before_the_work(
    model_dir: Path, data_dir: Path, tmp_path: Path, capsys: Output
) -> None:
    (tmp_path / "taken").write_text("mine")
    words = [
        "evaluate",
        "--model",
        str(model_dir),
        "--data",
        str(data_dir),
        "--plots",
        str(tmp_path / "taken"),
    ]
    assert main(words) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(f"kd-core: The folder {tmp_path / 'taken'} cannot be made: ")
    assert (tmp_path / "taken").read_text() == "mine"


def test_drawing_loads_neither_torch_nor_pyplot(
    model_dir: Path, data_dir: Path, tmp_path: Path
) -> None:
    program = """
import sys
from kd_core.__main__ import main
assert main(sys.argv[1:]) == 0
assert "matplotlib.figure" in sys.modules
assert not {"torch", "matplotlib.pyplot"} & set(sys.modules)
"""
    words = [
        "evaluate",
        "--model",
        str(model_dir),
        "--data",
        str(data_dir),
        "--plots",
        str(tmp_path / "plots"),
    ]
    done = subprocess.run(
        [sys.executable, "-c", program, *words],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
