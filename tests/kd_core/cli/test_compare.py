"""``kd-core compare``: two models on the same images, and no more said than the images bear
out.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from kd_core.__main__ import main
from kd_core.schema.model_card import RESEARCH_USE, read_card
from kd_core.schema.taxonomy import LOWER_GI
from tests.model_factory import make_model_dir

Output = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def other_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model of another seed: as untrained, of other opinions."""
    return make_model_dir(tmp_path_factory.mktemp("models") / "other", seed=1)


def compared(capsys: Output, *words: str | Path) -> Any:
    capsys.readouterr()
    assert main(["compare", *map(str, words), "--json"]) == 0
    return json.loads(
        capsys.readouterr().out, parse_constant=lambda word: pytest.fail(f"{word} is no JSON")
    )


def said_by(capsys: Output, model: Path, data: Path) -> dict[str, str]:
    """File -> class, from the command `predict`."""
    capsys.readouterr()
    assert (
        main(["predict", "--model", str(model), *map(str, sorted(data.glob("*/*.png"))), "--json"])
        == 0
    )
    return {row["file"]: row["label"] for row in json.loads(capsys.readouterr().out)["images"]}


def test_a_model_against_itself_is_undecided_and_nothing_differs(
    model_dir: Path, data_dir: Path, capsys: Output
) -> None:
    made = compared(capsys, model_dir, model_dir, "--data", data_dir)
    rows = [made["accuracy"], made["macro_f1"], made["recall"]["polyps"], made["recall"]["cecum"]]
    for row in rows:
        assert (row["difference"], row["low"], row["high"], row["b_is"]) == (0, 0, 0, "undecided")
        assert row["a"] == row["b"]
    assert {name for name, row in made["recall"].items() if row is None} == set(LOWER_GI) - {
        "polyps",
        "cecum",
    }
    assert (made["only_a_right"], made["only_b_right"], made["differing"], made["differ"]) == (
        0,
        0,
        0,
        [],
    )
    assert made["both_right"] + made["neither_right"] == made["n"] == 40


def test_counts_and_names_are_those_of_the_single_predictions(
    model_dir: Path, other_dir: Path, data_dir: Path, capsys: Output
) -> None:
    made = compared(capsys, model_dir, other_dir, "--data", data_dir)
    a, b = said_by(capsys, model_dir, data_dir), said_by(capsys, other_dir, data_dir)
    truth = {file: Path(file).parent.name for file in a}
    differing = [file for file in a if a[file] != b[file]]
    assert len(differing) > 20  # else the list below would show nothing
    assert made["differing"] == len(differing)
    assert made["differ"] == [
        {"file": f, "truth": truth[f], "a": a[f], "b": b[f]} for f in differing[:20]
    ]
    assert made["only_a_right"] == sum(a[f] == truth[f] != b[f] for f in a)
    assert made["only_b_right"] == sum(b[f] == truth[f] != a[f] for f in a)
    assert made["both_right"] == sum(a[f] == truth[f] == b[f] for f in a)
    assert made["neither_right"] == sum(a[f] != truth[f] != b[f] for f in a)
    assert made["accuracy"]["difference"] == pytest.approx(
        (made["only_b_right"] - made["only_a_right"]) / 40
    )
    right = sum(b[f] == "polyps" for f in b if truth[f] == "polyps")
    assert made["recall"]["polyps"]["b"] == pytest.approx(right / 20)
    assert (made["a"]["model"], made["b"]["model"]) == (
        read_card(model_dir).version,
        read_card(other_dir).version,
    )


def labelled_by(capsys: Output, model: Path, data: Path) -> Path:
    """A manifest that labels each image as ``model`` calls it, each a group of its own."""
    rows = "".join(
        f"{file},{label},g{place}\n"
        for place, (file, label) in enumerate(said_by(capsys, model, data).items())
    )
    manifest = data / "manifest.csv"
    manifest.write_text("file,label,group\n" + rows)
    return manifest


def test_a_against_b_is_the_reverse_of_b_against_a(
    model_dir: Path, other_dir: Path, data_dir: Path, capsys: Output
) -> None:
    manifest = labelled_by(capsys, model_dir, data_dir)
    there = compared(capsys, model_dir, other_dir, "--data", manifest)
    back = compared(capsys, other_dir, model_dir, "--data", manifest)
    assert there["accuracy"]["difference"] != 0
    turned = {"better": "worse", "worse": "better", "undecided": "undecided"}
    for name in ("accuracy", "macro_f1"):
        assert there[name]["b_is"] == turned[back[name]["b_is"]]
        assert there[name]["low"] == pytest.approx(-back[name]["high"])
    assert there["only_a_right"] == back["only_b_right"]


def test_better_and_worse_are_found_where_they_are(
    model_dir: Path, other_dir: Path, data_dir: Path, capsys: Output
) -> None:
    """Images labelled as model A calls them: A is always right, and B is worse as soon as it
    often says otherwise.
    """
    manifest = labelled_by(capsys, model_dir, data_dir)
    made = compared(capsys, model_dir, other_dir, "--data", manifest)
    assert (made["accuracy"]["a"], made["accuracy"]["b_is"], made["only_b_right"]) == (
        1.0,
        "worse",
        0,
    )
    assert (
        compared(capsys, other_dir, model_dir, "--data", manifest)["accuracy"]["b_is"] == "better"
    )
    # The same images in one group: one draw is like any other, so nothing is known.
    manifest.write_text(
        "file,label,group\n"
        + "".join(
            line.rpartition(",")[0] + ",one\n" for line in manifest.read_text().splitlines()[1:]
        )
    )
    alone = compared(capsys, model_dir, other_dir, "--data", manifest)
    assert alone["groups"] == 1
    assert (alone["accuracy"]["low"], alone["accuracy"]["high"], alone["accuracy"]["b_is"]) == (
        -1.0,
        1.0,
        "undecided",
    )


def test_the_same_classes_in_another_order_are_compared_by_name(
    model_dir: Path, data_dir: Path, tmp_path: Path, capsys: Output
) -> None:
    turned = make_model_dir(tmp_path / "turned", classes=LOWER_GI[::-1], seed=0)
    made = compared(capsys, model_dir, turned, "--data", data_dir)
    b = said_by(capsys, turned, data_dir)
    assert made["accuracy"]["b"] == pytest.approx(
        sum(label == Path(file).parent.name for file, label in b.items()) / 40
    )
    # The same weights under turned names: class i of A is class 5 - i of B, so they never agree.
    assert made["differing"] == 40
    assert all(LOWER_GI.index(row["a"]) == 5 - LOWER_GI.index(row["b"]) for row in made["differ"])


def test_other_classes_are_refused_in_words(
    model_dir: Path, data_dir: Path, tmp_path: Path, capsys: Output
) -> None:
    few = make_model_dir(tmp_path / "few", classes=("cecum", "polyps", "pylorus"))
    assert main(["compare", str(model_dir), str(few), "--data", str(data_dir)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert (
        captured.err
        == "kd-core: The two models do not have the same classes: only A knows bbps-0-1, bbps-2-3,"
        " impacted-stool, ulcerative-colitis; only B knows pylorus. Choose two models of the"
        " same classes.\n"
    )


def test_one_part_of_a_split_is_compared(
    model_dir: Path, other_dir: Path, data_dir: Path, tmp_path: Path, capsys: Output
) -> None:
    split = tmp_path / "split.json"
    assert (
        main(
            [
                "split",
                "--data",
                str(data_dir),
                "--out",
                str(split),
                "--val",
                "0.2",
                "--test",
                "0.3",
                "--seed",
                "5",
            ]
        )
        == 0
    )
    words = ("--data", data_dir, "--split", split)
    assert compared(capsys, model_dir, other_dir, *words)["n"] == 8
    made = compared(capsys, model_dir, other_dir, *words, "--part", "test")
    groups = json.loads(split.read_text())["groups"]
    assert made["n"] == 12
    assert {
        groups[Path(row["file"]).relative_to(data_dir).as_posix()] for row in made["differ"]
    } == {"test"}
    assert (
        compared(
            capsys, model_dir, other_dir, "--data", data_dir, "--split", split, "--part", "val"
        )["n"]
        == 8
    )


def test_the_table_says_it_in_words(
    model_dir: Path, other_dir: Path, data_dir: Path, capsys: Output
) -> None:
    made = compared(capsys, model_dir, other_dir, "--data", data_dir)
    assert main(["compare", str(model_dir), str(other_dir), "--data", str(data_dir)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"A is model {made['a']['model']} ({model_dir})"
    assert RESEARCH_USE in lines[2]
    row = next(line for line in lines if line.startswith("accuracy"))
    assert row.split()[-1] == made["accuracy"]["b_is"]
    assert row.split()[-2] == f"{made['accuracy']['among_all']:.4f}"
    assert "macro-F1 is over the classes that the images show" in lines
    # accuracy, macro-F1, and the recall of two classes
    assert "the chance among all 4 lines (Holm)" in "\n".join(lines)
    assert "how much another seed would change them is not in it" in "\n".join(lines)
    rows = [made["accuracy"], made["macro_f1"], *filter(None, made["recall"].values())]
    assert len(rows) == 4
    for single in rows:
        assert single["chance"] <= single["among_all"] <= min(1, 4 * single["chance"])
        assert single["b_is"] == "undecided" or single["among_all"] <= 0.05
    assert f"[{made['accuracy']['low']:+.3f} {made['accuracy']['high']:+.3f}]" in row
    assert next(line for line in lines if line.startswith("recall bbps-0-1")).endswith(
        "no image has this class"
    )
    assert f"only A {made['only_a_right']}, only B {made['only_b_right']}" in "\n".join(lines)
    first = made["differ"][0]
    shown = Path(first["file"]).relative_to(data_dir).as_posix()
    assert f"  {shown}: {first['truth']}; A says {first['a']}, B says {first['b']}" in lines
    assert len([line for line in lines if line.startswith("  ") and "A says" in line]) == 20


def test_comparing_loads_neither_torch_nor_matplotlib(model_dir: Path, data_dir: Path) -> None:
    program = """
import sys
from kd_core.__main__ import main
assert main(sys.argv[1:]) == 0
assert not {"torch", "matplotlib"} & set(sys.modules)
"""
    words = ["compare", str(model_dir), str(model_dir), "--data", str(data_dir)]
    done = subprocess.run(
        [sys.executable, "-c", program, *words],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
