"""``endoscope-app analyse`` in a process of its own: what it writes, and from which settings."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from endoscope_app.base.paths import shipped_model
from endoscope_app.cli.analyse import run_analyse
from endoscope_app.media.opening import open_source
from endoscope_app.models.model_registry import ModelRegistry
from endoscope_app.viewing.classifier import Classifier
from kd_core.schema.model_card import read_card
from tests.endoscope_app import clips
from tests.endoscope_app.analyse_process import COUNT, analyse, picture, read
from tests.endoscope_app.analysis_tools import Looks, one_by_one
from tests.model_factory import make_model_dir


@pytest.fixture(scope="module")
def model_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model_dir(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return clips.make_clip(tmp_path_factory.mktemp("clip") / "a.mp4", COUNT)


def test_every_frame_of_a_video_in_json_and_csv(
    tmp_path: Path, model_dir: Path, clip: Path
) -> None:
    done = analyse(
        clip, "--out", tmp_path / "r.json", "--csv", tmp_path / "r.csv", "--model", model_dir
    )
    assert done.returncode == 0, done.stderr
    assert f"{COUNT} of {COUNT} frames analysed" in done.stderr
    result = read(tmp_path / "r.json")
    classifier = Classifier.load(model_dir)
    expected = one_by_one(clip, classifier)
    with open_source(clip) as source:
        times = [source.time_ms(index) for index in range(COUNT)]
        assert {
            name: result["source"][name] for name in ("path", "frames", "fps", "fingerprint")
        } == {
            "path": clip.name,
            "frames": COUNT,
            "fps": 25.0,
            "fingerprint": source.info.fingerprint,
        }
    assert result["model"]["version"] == classifier.version
    assert tuple(result["model"]["classes"]) == classifier.classes
    assert "Not a medical device" in result["notice"]
    assert result["coverage"] == "complete"
    assert [frame["index"] for frame in result["frames"]] == list(range(COUNT))
    for frame, row in zip(result["frames"], expected, strict=True):
        assert set(frame) == {
            "index",
            "time_ms",
            "label",
            "probability",
            "unsure",
            "damaged",
            "quality",
        }
        assert frame["label"] == classifier.classes[row.argmax()]
        assert frame["probability"] == pytest.approx(row.max(), abs=1e-4)
        assert frame["unsure"] == (row.max() < 0.5)  # the model of the tests gives no thresholds
    np.testing.assert_allclose([frame["time_ms"] for frame in result["frames"]], times, atol=1e-3)

    with (tmp_path / "r.csv").open(encoding="utf-8-sig", newline="") as file:
        header, *rows = csv.reader(file)
    assert header == [
        "frame",
        "time_ms",
        "label",
        "probability",
        "unsure",
        "damaged",
        *classifier.classes,
    ]
    np.testing.assert_allclose(
        [[float(value) for value in row[6:]] for row in rows], expected, atol=1e-4
    )
    told = [
        (int(row[0]), float(row[1]), row[2], float(row[3]), bool(int(row[4])), bool(int(row[5])))
        for row in rows
    ]
    # The table has no column for an estimate of quality
    assert told == [
        tuple(value for key, value in frame.items() if key != "quality")
        for frame in result["frames"]
    ]


def test_every_still_is_a_finding_inside_the_file_of_a_known_class(
    tmp_path: Path, model_dir: Path
) -> None:
    folder = tmp_path / "one picture again and again"
    folder.mkdir()
    for number in range(100):
        picture(folder / f"{number}.png", 3)
    assert analyse(folder, "--out", tmp_path / "r.json", "--model", model_dir).returncode == 0
    result = read(tmp_path / "r.json")
    assert [finding["start"] for finding in result["findings"]] == list(range(100))
    for finding in result["findings"]:
        assert 0 <= finding["start"] <= finding["peak"] < finding["stop"] <= 100
        assert finding["label"] in result["model"]["classes"]
        assert finding["start_ms"] <= finding["stop_ms"]


def test_neither_torch_nor_qt_is_loaded(tmp_path: Path, model_dir: Path, clip: Path) -> None:
    done = analyse(clip, "--out", tmp_path / "r.json", "--model", model_dir, spied=True)
    assert done.returncode == 0, done.stderr
    assert "LOADED []" in done.stderr


@pytest.mark.parametrize("order", ["before", "with =", "after"])
def test_the_data_folder_gives_model_and_settings(tmp_path: Path, clip: Path, order: str) -> None:
    """As the window would: the model promoted last there, and findings by the reader's own
    settings.
    """
    data = tmp_path / "data"
    registry = ModelRegistry(data / "models", shipped_model())
    version = registry.adopt(make_model_dir(tmp_path / "m"))
    registry.promote(version, "Dr. Test")
    (data / "settings.json").write_text(
        '{"minimum_finding_s": 0, "smoothing_s": 0, "joining_s": 0, "usable_only": false}'
    )
    before = {path: path.read_bytes() for path in data.rglob("*") if path.is_file()}
    command = ["analyse", str(clip), "--out", str(tmp_path / "r.json")]
    words = {
        "before": ["--data-dir", str(data), *command],
        "with =": [f"--data-dir={data}", *command],
        "after": [*command, "--data-dir", str(data)],
    }[order]
    done = subprocess.run(
        [sys.executable, "-m", "endoscope_app", *words],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    document = read(tmp_path / "r.json")
    assert document["model"]["version"] == version
    named = [frame["label"] for frame in document["frames"] if not frame["unsure"]]
    # without smoothing and without a shortest finding, each frame that is named belongs to one
    assert sum(finding["stop"] - finding["start"] for finding in document["findings"]) == len(named)
    assert {path: path.read_bytes() for path in data.rglob("*") if path.is_file()} == before


def test_a_damaged_data_folder_is_said_and_the_shipped_model_used(
    tmp_path: Path, clip: Path
) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "active.json").write_bytes(b"\xff")
    (tmp_path / "settings.json").write_bytes(b"{")
    done = analyse(clip, "--out", tmp_path / "r.json", "--data-dir", tmp_path)
    assert done.returncode == 0
    assert "model that came with the program is used" in done.stderr
    assert "defaults are used" in done.stderr
    assert read(tmp_path / "r.json")["model"]["version"] == read_card(shipped_model()).version


def test_a_data_folder_is_not_made_by_reading_it(
    tmp_path: Path, clip: Path, model_dir: Path
) -> None:
    done = analyse(
        clip, "--out", tmp_path / "r.json", "--data-dir", tmp_path / "missing", "--model", model_dir
    )
    assert done.returncode == 0
    assert not (tmp_path / "missing").exists()


def test_the_file_is_looked_through_and_fingerprinted_once(
    tmp_path: Path, model_dir: Path, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = Looks(monkeypatch)
    words = [str(clip), "--out", str(tmp_path / "r.json"), "--model", str(model_dir)]
    assert run_analyse([*words, "--data-dir", str(tmp_path / "data")]) == 0
    assert len(read(tmp_path / "r.json")["frames"]) == COUNT
    assert (looks.demuxed, looks.fingerprinted) == (1, 1)


def test_where_files_lie_is_said_only_when_it_is_asked_for(
    tmp_path: Path, model_dir: Path, clip: Path
) -> None:
    folder = tmp_path / "Doe, Jane 1950"
    folder.mkdir()
    path = folder / "colon.mp4"
    path.write_bytes(clip.read_bytes())
    written = tmp_path / "r.json", tmp_path / "r.csv"
    words = (path, "--out", written[0], "--csv", written[1], "--model", model_dir)
    assert analyse(*words).returncode == 0
    for file in written:
        assert folder.name not in file.read_text()
        assert str(tmp_path) not in file.read_text()
    assert read(written[0])["source"]["path"] == "colon.mp4"
    assert analyse(*words, "--full-paths").returncode == 0
    assert read(written[0])["source"]["path"] == str(path)


def test_a_quick_look_says_that_it_is_one_and_finds_nothing(
    tmp_path: Path, model_dir: Path, clip: Path
) -> None:
    long = clips.make_clip(tmp_path / "long.mp4", 1_600, size=(96, 64), gop=50, b_frames=0)
    options = ("--quick", "--out", tmp_path / "r.json", "--model", model_dir)
    done = analyse(long, *options)
    assert done.returncode == 0, done.stderr
    result = read(tmp_path / "r.json")
    assert result["coverage"] == "quick look, one frame in 50: no findings are searched in it"
    assert [frame["index"] for frame in result["frames"]] == list(range(0, 1_600, 50))
    assert result["findings"] == []
    refused = analyse(clip, *options)
    assert refused.returncode != 0
    assert "Leave --quick out" in refused.stderr
