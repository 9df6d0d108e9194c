"""The commands on a procedure in several files, each in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from endoscope_app.media.opening import open_joined
from endoscope_app.media.part_list import read_part_list
from endoscope_app.worklist import inbox
from tests.endoscope_app.joining_session import COUNTS, make_parts
from tests.model_factory import make_model_dir


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return make_parts(tmp_path_factory.mktemp("in"))


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model_dir(tmp_path_factory.mktemp("model") / "m")


def run(*words: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "endoscope_app", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_several_paths_and_a_folder_of_videos_are_analysed_as_one_procedure(
    tmp_path: Path, parts: list[Path], model: Path
) -> None:
    with open_joined(parts) as source:
        identity = source.info.fingerprint
    for number, given in enumerate((parts, [parts[0].parent])):
        out = tmp_path / f"{number}.json"
        place = ("--model", model, "--data-dir", tmp_path / "data")
        done = run("analyse", *given, "--out", out, *place)
        assert done.returncode == 0, done.stderr
        assert "do not say how much time lies between" in done.stderr
        source_said = json.loads(out.read_text())["source"]
        assert source_said["fingerprint"] == identity
        assert source_said["frames"] == sum(COUNTS)
        assert [Path(part["path"]).name for part in source_said["parts"]] == [
            part.name for part in parts
        ]
        assert [part["first"] for part in source_said["parts"]] == [0, 20, 36]


def test_a_part_that_cannot_be_opened_is_named(
    tmp_path: Path, parts: list[Path], model: Path
) -> None:
    gone = tmp_path / "gone.mp4"
    done = run("analyse", parts[0], gone, "--out", tmp_path / "x.json", "--model", model)
    assert done.returncode == 2
    assert "Part 2 of 2 cannot be opened: “gone.mp4” is no longer there." in done.stderr


def test_a_report_is_of_all_parts(tmp_path: Path, parts: list[Path], model: Path) -> None:
    out = tmp_path / "report.txt"
    place = ("--model", model, "--data-dir", tmp_path / "data")
    done = run("report", *parts, "--file-name", "--out", out, *place)
    assert done.returncode == 0, done.stderr
    assert "part1–10.mp4 (3 parts)" in out.read_text()


def test_parts_are_added_as_one_line(tmp_path: Path, parts: list[Path]) -> None:
    data = tmp_path / "data"
    for given in ((parts[0].parent,), (parts[1], parts[0])):
        done = run("add", "--joined", *given, "--data-dir", data)
        assert (done.returncode, done.stderr) == (0, "")
        assert "1 procedure added" in done.stdout
        (file,) = inbox.waiting(data / "added")
        (line,) = inbox.paths_of(file)
        assert line.stat().st_mode & 0o077 == 0
        assert read_part_list(line) == (parts if len(given) == 1 else [parts[1], parts[0]])
        inbox.taken(file)
    alone = run("add", "--joined", parts[0], "--data-dir", data)
    assert alone.returncode == 2
    assert "These are not the parts of one procedure." in alone.stderr
