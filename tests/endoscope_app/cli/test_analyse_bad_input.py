"""``endoscope-app analyse`` of what is damaged, badly named or no procedure: how it ends."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from endoscope_app.viewing.classifier import Classifier
from tests.endoscope_app import clips
from tests.endoscope_app.analyse_process import COUNT, analyse, picture, read
from tests.endoscope_app.analysis_tools import one_by_one
from tests.model_factory import make_model_dir


@pytest.fixture(scope="module")
def model_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model_dir(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return clips.make_clip(tmp_path_factory.mktemp("clip") / "a.mp4", COUNT)


@pytest.mark.parametrize(
    "name",
    ["notes.mp4", "notes.txt", "empty.mp4", "gone.mp4", "empty folder", "all broken", "broken.jpg"],
)
def test_what_is_no_procedure_gets_one_sentence(tmp_path: Path, model_dir: Path, name: str) -> None:
    path = tmp_path / name
    if "." not in name:
        path.mkdir()
        if name == "all broken":
            (path / "a.jpg").write_bytes(b"\xff\xd8\xff broken")
    elif name != "gone.mp4":
        path.write_bytes(b"" if name == "empty.mp4" else b"A report, not a video.\n" * 100)
    done = analyse(
        path, "--out", tmp_path / "r.json", "--csv", tmp_path / "r.csv", "--model", model_dir
    )
    assert done.returncode == 2
    assert name in done.stderr
    assert done.stderr.startswith("endoscope-app: ")
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "r.json").exists()
    assert not (tmp_path / "r.csv").exists()


@pytest.mark.parametrize(
    "content",
    [b"", b"no picture", b"\xff\xd8\xff broken after its head"],
    ids=["empty", "foreign", "torn"],
)
def test_one_broken_picture_among_good_ones_is_named_and_shows_in_the_status(
    tmp_path: Path, model_dir: Path, content: bytes
) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in (1, 2, 9, 10):
        picture(folder / f"frame {number}.png", number)
    (folder / "frame 3.jpg").write_bytes(content)
    done = analyse(folder, "--out", tmp_path / "r.json", "--model", model_dir)
    assert done.returncode == 1
    assert "1 image" in done.stderr or "1 of 5 frames" in done.stderr
    result = read(tmp_path / "r.json")
    assert len(result["frames"]) == 4
    classifier = Classifier.load(model_dir)
    single = [
        float(one_by_one(folder / f"frame {number}.png", classifier).max())
        for number in (1, 2, 9, 10)
    ]
    assert [frame["probability"] for frame in result["frames"]] == pytest.approx(single, abs=1e-4)


def test_a_truncated_video_gives_what_can_be_read_and_says_that_it_is_not_all(
    tmp_path: Path, model_dir: Path
) -> None:
    path = clips.make_clip(tmp_path / "cut.mp4", 75, container_options={"movflags": "faststart"})
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])
    done = analyse(path, "--out", tmp_path / "r.json", "--model", model_dir)
    assert done.returncode == 1
    assert "The file is damaged after" in done.stderr
    result = read(tmp_path / "r.json")
    assert 20 < len(result["frames"]) == result["source"]["frames"] < 75
    assert result["source"]["notes"]


@pytest.mark.parametrize("name", ["Müllers Koloskopie 🎥 (2).mp4", "-- a 'quoted' \"name\".mp4"])
def test_names_that_are_no_plain_words(
    tmp_path: Path, model_dir: Path, clip: Path, name: str
) -> None:
    folder = tmp_path / "Ordner mit Ümläuten 🩺"
    folder.mkdir()
    path = folder / name
    path.write_bytes(clip.read_bytes())
    done = analyse(
        path,
        "--out",
        folder / "Ergebnis ä.json",
        "--csv",
        folder / "Ergebnis ä.csv",
        "--model",
        model_dir,
    )
    assert done.returncode == 0, done.stderr
    assert read(folder / "Ergebnis ä.json")["source"]["path"] == name
    assert (folder / "Ergebnis ä.csv").stat().st_size > 0


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has names that are no text")
def test_a_name_that_is_no_utf8(tmp_path: Path, model_dir: Path, clip: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/M\xfcller.mp4"))
    path.write_bytes(clip.read_bytes())
    done = analyse(path, "--out", tmp_path / "r.json", "--model", model_dir)
    assert done.returncode == 0, done.stderr
    assert read(tmp_path / "r.json")["source"]["path"] == path.name


def test_a_result_that_cannot_be_written_or_was_not_asked_for(
    tmp_path: Path, model_dir: Path, clip: Path
) -> None:
    done = analyse(clip, "--out", tmp_path / "no such folder" / "r.json", "--model", model_dir)
    assert done.returncode == 2
    assert "could not be written" in done.stderr.splitlines()[-1]
    done = analyse(clip, "--model", model_dir)
    assert done.returncode == 2
    assert "--out" in done.stderr
    done = analyse(clip, "--out", tmp_path / "r.json", "--model", tmp_path / "no model")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "r.json").exists()
