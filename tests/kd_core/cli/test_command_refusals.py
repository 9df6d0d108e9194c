"""The command ``kd-core`` and bad input: one sentence on standard error, status 2, nothing on
standard output, never a traceback.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from kd_core.__main__ import main

Output = pytest.CaptureFixture[str]


def refused(capsys: Output, *words: str | Path) -> str:
    """What is said, without "kd-core: "."""
    capsys.readouterr()
    assert main([str(word) for word in words]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    *before, last = captured.err.splitlines()
    assert all(line.endswith(" ...") for line in before), "only what was being done"
    assert last.startswith("kd-core: ")
    return last.removeprefix("kd-core: ")


@pytest.mark.parametrize(
    "command", ["info", "predict", "evaluate", "explain", "export", "benchmark"]
)
def test_a_folder_that_is_no_model(
    data_dir: Path, tmp_path: Path, capsys: Output, command: str
) -> None:
    image, out = str(data_dir / "polyps" / "00.png"), str(tmp_path / "out.png")
    more = {
        "predict": [image],
        "evaluate": ["--data", str(data_dir)],
        "explain": ["--image", image, "--out", out],
        "export": ["--out", out],
    }.get(command, [])
    assert "no card.json" in refused(capsys, command, "--model", data_dir, *more)
    assert not Path(out).exists()


@pytest.mark.parametrize("command", ["train", "split", "evaluate"])
def test_a_data_set_that_is_none(
    model_dir: Path, tmp_path: Path, capsys: Output, command: str
) -> None:
    words = (
        ["--model", str(model_dir)] if command == "evaluate" else ["--out", str(tmp_path / "made")]
    )
    assert "no data set at" in refused(capsys, command, "--data", tmp_path / "nowhere", *words)
    (tmp_path / "empty").mkdir()
    assert "holds no images" in refused(capsys, command, "--data", tmp_path / "empty", *words)
    for text in ("file,label\nonly-a-file.png\n", "label,file\npolyps\n"):
        (tmp_path / "manifest.csv").write_text(text)
        assert "Row 2 of the manifest" in refused(
            capsys, command, "--data", tmp_path / "manifest.csv", *words
        )


def test_an_unknown_class_in_training(data_dir: Path, tmp_path: Path, capsys: Output) -> None:
    (data_dir / "polyps").rename(data_dir / "poylps")
    said = refused(
        capsys,
        "train",
        "--data",
        data_dir,
        "--out",
        tmp_path / "m",
        "--epochs",
        "1",
        "--threads",
        "1",
        "--classes",
        "cecum,polyps",
    )
    assert said.startswith("The class 'poylps' is not known here")
    assert said.endswith("Did you mean 'polyps'?")
    # Where all classes of the data are taken, it is one, and said to be near a known one.
    assert main(["split", "--data", str(data_dir), "--out", str(tmp_path / "s.json")]) == 0
    assert "'poylps' is no class that is known here; 'polyps' is." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--epochs", "0"], "epochs must be 1 or more"),
        (["--threads", "0"], "--threads must be 1 or more"),
        (["--learning-rate", "-1"], "learning_rate must be above 0"),
        (["--learning-rate", "nan"], "learning_rate must be above 0"),
        (["--classes", "polyps", "--ignore-unknown"], "two or more different classes"),
        (["--classes", "polyps,cecum,polyps"], "two or more different classes"),
        (["--split", "none.json"], "The split none.json cannot be read"),
        (
            ["--classes", "cecum,polyps,impacted-stool"],
            "The data set has no image of impacted-stool.",
        ),
        (["--weight", "kl=1"], "These losses compare with teachers. Use: kd-core distil"),
        (["--weight", "kll=1"], "there is no setting called 'kll'. Did you mean 'kl'?"),
        (["--weight", "kl"], "--weight kl is not NAME=NUMBER."),
        (["--config", "none.json"], "The settings none.json cannot be read"),
    ],
)
def test_trainings_that_cannot_work(
    data_dir: Path, tmp_path: Path, capsys: Output, words: list[str], said: str
) -> None:
    training = (
        "train",
        "--data",
        data_dir,
        "--out",
        tmp_path / "m",
        "--epochs",
        "1",
        "--threads",
        "1",
        "--classes",
        "cecum,polyps",
    )
    assert said in refused(capsys, *training, *words)
    assert not (tmp_path / "m" / "card.json").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--learning-rate", "1e30"], "finite"),
        # 26 images to train on, each 224 x 224 x 3 bytes and a checksum of 4.
        (
            ["--cache-gb", "0.000001"],
            "6 views of these 26 images need 0.023 GB of teacher cache; it may hold 1e-06.",
        ),
    ],
)
def test_trainings_that_fail_on_their_way(
    data_dir: Path, tmp_path: Path, capsys: Output, words: list[str], said: str
) -> None:
    training = [
        "train",
        "--data",
        str(data_dir),
        "--out",
        str(tmp_path / "m"),
        "--epochs",
        "1",
        "--threads",
        "1",
    ]
    assert main([*training, "--classes", "cecum,polyps", *words, "--events"]) == 2
    captured = capsys.readouterr()
    last = captured.err.splitlines()[-1]
    assert last.startswith("kd-core: ")
    assert said in last
    ended = json.loads(captured.out.splitlines()[-1])
    assert (ended["type"], ended["outcome"], ended["model_dir"]) == ("ended", "failed", "")
    assert said in ended["sentence"]
    assert not (tmp_path / "m" / "card.json").exists()


def test_a_training_whose_validation_part_is_empty(
    data_dir: Path, tmp_path: Path, capsys: Output
) -> None:
    split = tmp_path / "split.json"
    assert main(["split", "--data", str(data_dir), "--out", str(split), "--val", "0"]) == 0
    training = (
        "train",
        "--data",
        data_dir,
        "--out",
        tmp_path / "m",
        "--split",
        split,
        "--threads",
        "1",
        "--classes",
        "cecum,polyps",
    )
    said = refused(capsys, *training)
    assert said.startswith("The validation part of the split is empty.")


def test_places_that_cannot_be_written(
    model_dir: Path, data_dir: Path, tmp_path: Path, capsys: Output
) -> None:
    (tmp_path / "file").touch()
    nowhere, image = tmp_path / "nowhere" / "x.png", data_dir / "polyps" / "00.png"
    assert "cannot be made a folder" in refused(
        capsys, "train", "--data", data_dir, "--out", tmp_path / "file", "--threads", "1"
    )
    for words in (
        ("split", "--data", data_dir, "--out", nowhere),
        ("export", "--model", model_dir, "--out", nowhere),
        ("export", "--model", model_dir, "--out", tmp_path),
        ("explain", "--model", model_dir, "--image", image, "--out", nowhere),
    ):
        assert "cannot be written" in refused(capsys, *words)
    assert not list(tmp_path.glob("*.tmp"))


def test_explanations_that_cannot_be_made(
    model_dir: Path, data_dir: Path, tmp_path: Path, capsys: Output
) -> None:
    out = tmp_path / "out.png"
    words = ("explain", "--model", model_dir, "--image", data_dir / "polyps" / "00.png", "--out")
    assert "'hemorrhoids' is not known" in refused(capsys, *words, out, "--class", "hemorrhoids")
    assert "no layer 'nothing'" in refused(capsys, *words, out, "--layer", "nothing")
    assert "cannot be written as '.xyz'" in refused(capsys, *words, tmp_path / "out.xyz")
    assert "is not an image" in refused(
        capsys, "explain", "--model", model_dir, "--image", model_dir / "card.json", "--out", out
    )
    assert not out.exists()


def test_scores_of_nothing(model_dir: Path, data_dir: Path, tmp_path: Path, capsys: Output) -> None:
    split = tmp_path / "split.json"
    assert main(["split", "--data", str(data_dir), "--out", str(split), "--test", "0"]) == 0
    words = ("evaluate", "--model", model_dir, "--data", data_dir, "--part", "test")
    assert refused(capsys, *words, "--split", split).startswith(
        "The test part of the split is empty."
    )
    split.write_text(json.dumps({"seed": 0, "shares": {}, "groups": {}}))
    assert "40 images belong to groups" in refused(capsys, *words, "--split", split)


def test_too_many_broken_images(
    model_dir: Path, data_dir: Path, tmp_path: Path, capsys: Output
) -> None:
    shutil.rmtree(data_dir / "cecum")
    for number in range(19):
        (data_dir / "polyps" / f"{number:02d}.png").write_bytes(b"\x89PNG")
    assert main(["evaluate", "--model", str(model_dir), "--data", str(data_dir)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    lines = captured.err.splitlines()
    assert len(lines) == 20
    assert all(line.endswith("cannot be read and is left out.") for line in lines[:-1])
    assert lines[-1].startswith("kd-core: 19 of 20 images cannot be read.")
    (data_dir / "cecum").mkdir()
    for number in range(20):
        (data_dir / "cecum" / f"{number:02d}.png").write_bytes(b"\x89PNG")
    training = (
        "train",
        "--data",
        data_dir,
        "--out",
        tmp_path / "m",
        "--threads",
        "1",
        "--classes",
        "cecum,polyps",
    )
    assert "39 of 40 images cannot be read: " in refused(capsys, *training)


@pytest.mark.parametrize("shares", [("-0.1", "0.2"), ("0.5", "0.5"), ("nan", "0.2")])
def test_shares_that_leave_nothing(
    data_dir: Path, tmp_path: Path, capsys: Output, shares: tuple[str, str]
) -> None:
    said = refused(
        capsys,
        "split",
        "--data",
        data_dir,
        "--out",
        tmp_path / "s.json",
        f"--val={shares[0]}",
        f"--test={shares[1]}",
    )
    assert said.startswith("The shares of validation and test must be 0 or more")


@pytest.mark.parametrize(
    "words", [["train"], ["info"], ["fly"], ["info", "--modle", "x"], ["predict", "--model", "x"]]
)
def test_wrong_words_show_the_usage(capsys: Output, words: list[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(words)
    assert end.value.code == 2
    assert capsys.readouterr().err.startswith("usage: kd-core")
