"""The program from outside: what it says without a screen, what a benchmark prints, and that no
control is mute.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget
from pytestqt.qtbot import QtBot

from endoscope_app.labels.label_row import LabelRow
from endoscope_app.shell.command_table import COMMANDS
from tests.endoscope_app.app_session import running
from tests.endoscope_app.clips import make_clip
from tests.model_factory import make_model_dir


def _program(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    }
    command = [sys.executable, "-m", "endoscope_app", *words]
    return subprocess.run(
        command,
        env={**kept, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux can lack a screen")
@pytest.mark.parametrize("display", [{}, {"DISPLAY": ":987"}], ids=["none", "dead"])
def test_without_a_screen_it_says_so_in_one_sentence(display: dict[str, str]) -> None:
    done = _program("--demo", **display)
    assert done.returncode == 2
    assert "endoscope-app analyse" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert done.stdout == ""


def test_help_says_what_it_is_not() -> None:
    done = _program("--help")
    assert done.returncode == 0
    assert "Not a medical device" in done.stdout


@pytest.mark.timeout(120)
def test_the_benchmark_prints_ratios_beside_their_targets(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "c.mp4", count=60)
    done = _program(
        "benchmark", "--json", "--parts", "analysis,seek,apart", "--runs", "1", "--clip", str(clip)
    )
    assert done.returncode == 0, done.stderr
    parsed = json.loads(done.stdout)
    assert parsed["seek"]["exact"] == parsed["seek"]["seeks"] == 200
    assert parsed["analysis"]["ratio"] == pytest.approx(
        parsed["analysis"]["analysis_fps"] / parsed["analysis"]["decode_only_fps"], abs=0.002
    )
    assert parsed["analysis"]["ratio_target"] == 0.8
    apart = parsed["apart"]
    for name in ("analysis", "in_order"):
        assert apart[f"{name}_ratio"] == pytest.approx(
            apart[f"{name}_fps"] / apart[f"{name}_here_fps"], rel=0.05
        )
    assert (apart["analysis_ratio_target"], apart["seek_ratio_target"]) == (0.97, 1.03)


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_a_program_of_well_known_parts_is_measured_beside_this_one(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "c.mp4", count=60)
    done = _program(
        *("benchmark", "--json", "--parts", "analysis", "--peer", "opencv"),
        *("--runs", "1", "--clip", str(clip)),
    )
    assert done.returncode == 0, done.stderr
    peer = json.loads(done.stdout)["peer_opencv"]
    assert peer["analysis_times"] == pytest.approx(
        peer["analysis_fps"] / peer["peer_analysis_fps"], rel=0.05
    )
    assert peer["heat_map_times"] == pytest.approx(
        peer["peer_heat_map_ms"] / peer["heat_map_ms"], rel=0.05
    )
    assert peer["exact_seeks"] is None, "the images of this clip carry no number"


def test_a_clip_that_the_peer_cannot_read_is_said_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "c.mp4").write_bytes(b"no video")
    done = _program(
        *("benchmark", "--parts", "analysis", "--peer", "opencv"),
        *("--runs", "1", "--clip", str(tmp_path / "c.mp4")),
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_the_window_is_measured_in_a_process_of_its_own(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "c.mp4", count=60)
    done = _program(
        "benchmark",
        "--json",
        "--parts",
        "start",
        "--runs",
        "1",
        "--clip",
        str(clip),
        QT_QPA_PLATFORM="offscreen",
    )
    assert done.returncode == 0, done.stderr
    start = json.loads(done.stdout)["start"]
    assert 0 < start["window_s"] <= start["first_classified_s"] < 60
    assert start["peak_mib"] > 50


def test_an_unknown_part_is_refused_by_name() -> None:
    done = _program("benchmark", "--parts", "analysis,warp")
    assert done.returncode == 2
    assert "warp" in done.stderr


def test_every_control_is_reached_by_keyboard_and_has_a_name(qtbot: QtBot, tmp_path: Path) -> None:
    with running(tmp_path / "data", make_model_dir(tmp_path / "m")) as session:
        session.open(make_clip(tmp_path / "c.mp4", count=30))
        controls = [
            widget
            for widget in session.app.window.findChildren(QWidget)
            if widget.focusPolicy() != Qt.FocusPolicy.NoFocus
        ]
        seen = [
            widget for widget in controls if widget.isVisible() and not isinstance(widget, QLabel)
        ]
        assert len(seen) > 10
        mute = [type(widget).__name__ for widget in seen if not _name(widget)]
        assert mute == []
        buttons = [
            button
            for button in session.app.window.findChildren(QAbstractButton)
            if button.isVisible()
        ]
        unreachable = [
            button for button in buttons if not button.focusPolicy() & Qt.FocusPolicy.TabFocus
        ]
        # The rows of the label panel are one stop of Tab; Up and Down go from row to row.
        assert {type(button) for button in unreachable} <= {LabelRow}
        assert (
            sum(isinstance(button, LabelRow) and button not in unreachable for button in buttons)
            == 1
        )


def _name(widget: QWidget) -> str:
    text = widget.text() if isinstance(widget, QAbstractButton) else ""
    return widget.accessibleName() or text


def test_no_key_belongs_to_two_commands() -> None:
    keys = [key for command in COMMANDS for key in command.keys]
    assert len(keys) == len(set(keys))
    assert all(command.what for command in COMMANDS)
