"""Frames that come out damaged are marked in the analysis, on the timeline, over the image, and
in what ``analyse`` writes.
"""

from __future__ import annotations

import csv
import hashlib
import json
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QPalette
from pytestqt.qtbot import QtBot

from endoscope_app.__main__ import main
from endoscope_app.analysis.prediction_store import PredictionStore
from endoscope_app.analysis.timeline.geometry import strips
from endoscope_app.analysis.wording import DAMAGED
from tests.endoscope_app.app_session import Session, running
from tests.endoscope_app.clips import make_clip
from tests.endoscope_app.label_session import go
from tests.model_factory import make_model_dir

COUNT = 60
TS_PACKET = 188


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model_dir(tmp_path_factory.mktemp("model") / "m")


@pytest.fixture(scope="module")
def damaged_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A transport stream in whose middle the payload of twelve packets is overwritten, which
    the decoder notices.
    """
    folder = tmp_path_factory.mktemp("clips")
    make_clip(folder / "whole.ts", COUNT, gop=10, b_frames=0, options={"crf": "5"})
    data = bytearray((folder / "whole.ts").read_bytes())
    middle = len(data) // TS_PACKET // 2
    for packet in range(middle, middle + 12):
        garbage = bytes((place * 37 + packet * 11) % 251 for place in range(TS_PACKET - 40))
        data[packet * TS_PACKET + 40 : (packet + 1) * TS_PACKET] = garbage
    path = folder / "damaged.ts"
    path.write_bytes(data)
    return path


def frame_hashes(path: Path) -> list[str]:
    """Of every frame as ffmpeg itself decodes it."""
    words = [
        "-v",
        "quiet",
        "-threads",
        "1",
        "-i",
        str(path),
        "-map",
        "0:v:0",
        "-fps_mode",
        "passthrough",
        "-f",
        "framemd5",
        "-",
    ]
    said = subprocess.run(["ffmpeg", *words], capture_output=True, text=True, check=False).stdout
    return [
        line.split(",")[-1].strip()
        for line in said.splitlines()
        if line and not line.startswith("#")
    ]


@pytest.fixture(scope="module")
def differing(damaged_clip: Path) -> set[int]:
    """Frames that ffmpeg shows otherwise than those of the whole clip."""
    whole, torn = frame_hashes(damaged_clip.with_name("whole.ts")), frame_hashes(damaged_clip)
    assert len(whole) == len(torn) == COUNT
    found = {
        number for number, (one, other) in enumerate(zip(whole, torn, strict=True)) if one != other
    }
    assert found
    return found


@pytest.fixture
def session(qtbot: QtBot, tmp_path: Path, model: Path) -> Iterator[Session]:
    with running(tmp_path / "data", model) as session:
        yield session


def marks(session: Session) -> list[int]:
    found: list[int] = session.app.window.timeline.display.scene.damaged.tolist()
    return found


def test_damage_is_counted_marked_and_kept(
    qtbot: QtBot, tmp_path: Path, model: Path, damaged_clip: Path, differing: set[int]
) -> None:
    with running(tmp_path / "data", model) as session:
        session.open(damaged_clip)
        session.until(
            lambda: session.analysed() and not session.app.analysis.running, "the analysis"
        )
        found = marks(session)
        assert found
        assert set(found) <= differing
        words = session.app.window.progress.text()
        assert words.startswith("All frames analysed · ")
        assert f"{len(found)} damaged frame" in words
        go(session, found[0])
        assert session.app.window.frame_view.warning() == DAMAGED
        go(session, 2)
        assert session.app.window.frame_view.warning() == ""
        assert "Damaged" in hover(session, found[0])
        assert "Damaged" not in hover(session, 2)
    with running(tmp_path / "data", model) as session:
        session.open(damaged_clip)
        session.until(session.analysed, "what was kept")
        assert not session.app.analysis.running
        assert marks(session) == found


def hover(session: Session, frame: int) -> str:
    timeline = session.app.window.timeline
    rows = strips(timeline.width(), timeline.height(), timeline.display.scene.lanes)
    return timeline.hover.text(
        QPointF(
            round(timeline.display.stage.scale(False).x(frame + 0.5)),
            round(rows.strip.center().y()),
        )
    )


def test_a_mark_is_a_cross_at_its_frames_place(session: Session, damaged_clip: Path) -> None:
    session.open(damaged_clip)
    session.until(lambda: session.analysed() and bool(marks(session)), "the analysis")
    timeline = session.app.window.timeline
    rows = strips(timeline.width(), timeline.height(), timeline.display.scene.lanes)
    across = timeline.display.stage.scale(False).x(marks(session)[0])
    # Far from the playhead the strips are dim
    timeline.set_current(timeline.display.stage.frame_under(across + 16, False))
    image = timeline.grab().toImage()
    bright = timeline.palette().color(QPalette.ColorRole.Text)

    def text_pixels(frame: int) -> int:
        x = round(timeline.display.stage.scale(False).x(frame + 0.5))
        area = [
            (x + across, round(rows.strip.bottom()) - up)
            for across in range(-5, 6)
            for up in range(1, 10)
        ]
        return sum(_near(image.pixelColor(*place), bright) for place in area)

    assert text_pixels(marks(session)[0]) >= 6
    assert text_pixels(10) == 0


def _near(one: QColor, other: QColor) -> bool:
    return (
        max(
            abs(one.red() - other.red()),
            abs(one.green() - other.green()),
            abs(one.blue() - other.blue()),
        )
        < 40
    )


def test_analyse_lists_the_damage_and_ends_with_1(
    tmp_path: Path,
    model: Path,
    damaged_clip: Path,
    differing: set[int],
    capsys: pytest.CaptureFixture[str],
) -> None:
    out, table = tmp_path / "r.json", tmp_path / "r.csv"
    assert (
        main(
            [
                "analyse",
                str(damaged_clip),
                "--out",
                str(out),
                "--csv",
                str(table),
                "--model",
                str(model),
            ]
        )
        == 1
    )
    assert "damaged" in capsys.readouterr().err
    result = json.loads(out.read_text(encoding="utf-8"))
    listed = result["source"]["damaged"]
    assert listed
    assert set(listed) <= differing
    assert [frame["index"] for frame in result["frames"] if frame["damaged"]] == listed
    with table.open(encoding="utf-8-sig", newline="") as file:
        assert [
            int(row["frame"]) for row in csv.DictReader(file) if row["damaged"] == "1"
        ] == listed
    whole = damaged_clip.with_name("whole.ts")
    assert main(["analyse", str(whole), "--out", str(out), "--model", str(model)]) == 0
    assert json.loads(out.read_text(encoding="utf-8"))["source"]["damaged"] == []


def test_analyse_of_a_copy_that_broke_off_ends_with_1(
    tmp_path: Path, model: Path, shared_cases: Path
) -> None:
    out = tmp_path / "r.json"
    assert (
        main(
            [
                "analyse",
                str(shared_cases / "mkv_cut_at_60_percent.mkv"),
                "--out",
                str(out),
                "--model",
                str(model),
            ]
        )
        == 1
    )
    assert json.loads(out.read_text(encoding="utf-8"))["source"]["notes"]


def test_images_that_turn_out_broken_are_marked_and_not_tried_again(
    qtbot: QtBot, tmp_path: Path, model: Path
) -> None:
    folder = tmp_path / "stills"
    folder.mkdir()
    noise = np.random.default_rng(1)
    for number in range(6):
        cv2.imwrite(
            str(folder / f"{number}.jpg"), noise.integers(0, 255, (90, 120, 3)).astype(np.uint8)
        )
    whole = (folder / "3.jpg").read_bytes()
    (folder / "3.jpg").write_bytes(whole[:30] + bytes(40))  # begins as an image does
    with running(tmp_path / "data", model) as session:
        session.open(folder)
        session.until(
            lambda: not session.app.analysis.running and bool(marks(session)), "the analysis"
        )
        assert marks(session) == [3]
        assert (
            session.app.window.progress.text()
            == "5 of 6 frames analysed, the others cannot be read · 1 damaged frame"
        )
    with running(tmp_path / "data", model) as session:
        session.open(folder)
        session.until(lambda: marks(session) == [3], "what was kept")
        assert not session.app.analysis.running


def test_an_analysis_from_before_damage_was_kept_is_still_read(tmp_path: Path) -> None:
    """Written byte by byte as the first layout was: magic, counts, key, digest, known bits,
    probabilities.
    """
    store, fingerprint = PredictionStore(tmp_path), "ab" * 20
    raw = np.arange(20, dtype="<f2").reshape(10, 2)
    known = np.arange(10) % 3 != 0
    bits, body = np.packbits(known).tobytes(), raw.tobytes()
    key = hashlib.sha256(f"{fingerprint}\0v1".encode()).digest()
    digest = hashlib.sha256(struct.pack("<II", 10, 2) + key + bits + body).digest()
    store.path(fingerprint, "v1").write_bytes(
        struct.pack("<8sII32s32s", b"EAPRED01", 10, 2, key, digest) + bits + body
    )
    found = store.load(fingerprint, "v1", 10, 2)
    assert found is not None
    np.testing.assert_array_equal(found.raw, raw)
    np.testing.assert_array_equal(found.known, known)
    assert not found.damaged.any()
    store.save(fingerprint, "v1", found.raw, found.known, ~known)
    again = store.load(fingerprint, "v1", 10, 2)
    assert again is not None
    np.testing.assert_array_equal(again.damaged, ~known)
