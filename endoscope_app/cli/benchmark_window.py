"""The parts of the benchmark that need the window: each run is a fresh process, so start-up and
peak memory are its own.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from endoscope_app.base.errors import AppError
from endoscope_app.cli.benchmark_clip import make_clip
from endoscope_app.cli.benchmark_labels import LABELS, make_label_export, make_library
from kd_core.schema.json_text import decode_json
from kd_core.schema.model_card import read_card

LIVE_SECONDS = 20
MEMORY_FRAMES = 45_000
MEMORY_SECONDS = 8
MODULE = "endoscope_app.cli.window_main"
TARGETS: dict[str, dict[str, float]] = {
    "live": {"frames_dropped": 0, "ui_lateness_p99_ms": 16, "decoded_to_painted_p95_ms": 40},
    "start": {"window_s": 0.6, "first_classified_s": 1.5},
    "memory": {"peak_mib": 350},
    "labels": {"label_act_p95_ms": 20, "next_disagreement_p95_ms": 50, "review_list_shown_ms": 300},
}


def measure_live(clip: Path, model: Path, runs: int, *, analyse: bool = False) -> dict[str, Any]:
    """Twenty seconds of playback with the heat map on; medians, and the most frames that any
    run dropped.
    """
    words = ["--seconds", str(LIVE_SECONDS), *(["--analyse"] if analyse else [])]
    made = [_child("live", clip, model, *words) for _ in range(runs)]
    return _medians(made) | {
        "frames_dropped": max(run["frames_dropped"] for run in made),
        "targets": TARGETS["live"],
    }


def measure_live_while_training(clip: Path, model: Path, folder: Path) -> dict[str, Any]:
    """As measure_live, while a student is retrained on frames of the clip by the app's own
    process for that.
    """
    labels = make_label_export(clip, folder / "labels", read_card(model).classes)
    return _child(
        "training", clip, model, "--seconds", str(LIVE_SECONDS), "--labels", str(labels)
    ) | {"targets": TARGETS["live"]}


def measure_start(clip: Path, model: Path, runs: int) -> dict[str, Any]:
    """Seconds from the start of the process to the painted window and to the first classified
    frame.
    """
    return _medians(
        [_child("start", clip, model, "--began", repr(time.time())) for _ in range(runs)]
    ) | {"targets": TARGETS["start"]}


def measure_memory(clip: Path, model: Path, folder: Path) -> dict[str, Any]:
    """Peak memory with a procedure of 45,000 frames: opened, played, seeked; and once more
    while it is being analysed.
    """
    long_clip = lengthen(clip, folder / "long.mp4", MEMORY_FRAMES)
    quiet = _child("memory", long_clip, model, "--seconds", str(MEMORY_SECONDS))
    busy = _child("memory", long_clip, model, "--seconds", str(MEMORY_SECONDS), "--analyse")
    return quiet | {"peak_while_analysing_mib": busy["peak_mib"], "targets": TARGETS["memory"]}


def measure_labels(clip: Path, model: Path, folder: Path) -> dict[str, Any]:
    """Key presses in the real window over a library of 100,000 labels, with a procedure of
    45,000 labelled frames open.
    """
    long_clip = lengthen(clip, folder / "labelled.mp4", MEMORY_FRAMES)
    here = make_library(folder / "data", long_clip, model)
    made = _child("labels", long_clip, model, "--data", str(folder / "data"))
    return (
        {"labels": LABELS, "labels_of_the_procedure": here} | made | {"targets": TARGETS["labels"]}
    )


def make_memory_clip(path: Path) -> Path:
    """A 1080p clip of few bytes a second, so that its long copy fits a small disk."""
    return make_clip(path, width=1920, height=1080, fps=25, frames=250, bit_rate=1_000_000)


def lengthen(clip: Path, path: Path, frames: int) -> Path:
    """Copy the packets of ``clip`` again and again, later each time, until there are
    ``frames``; nothing is encoded.
    """
    written, shift = 0, 0
    with av.open(str(path), "w") as target, av.open(str(clip)) as source:
        stream = source.streams.video[0]
        copy = target.add_stream_from_template(stream)
        step = round(
            1
            / (
                Fraction(stream.average_rate or 25)
                * Fraction(stream.time_base or Fraction(1, 1000))
            )
        )
        while written < frames:
            last = shift
            source.seek(0)
            for packet in source.demux(stream):
                if not packet.size or packet.pts is None or packet.dts is None:
                    continue
                packet.pts, packet.dts, packet.stream = packet.pts + shift, packet.dts + shift, copy
                last = max(last, packet.pts)
                target.mux(packet)
                written += 1
                if written == frames:
                    break
            shift = last + step
    return path


def _child(mode: str, clip: Path, model: Path, *words: str) -> dict[str, Any]:
    environment = dict(os.environ)
    if sys.platform.startswith("linux") and not (
        environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY")
    ):
        # The figures name the platform they were taken on
        environment["QT_QPA_PLATFORM"] = "offscreen"
    command = [sys.executable, "-m", MODULE, mode, str(clip), str(model), *words]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise AppError(
            "The window could not be measured.", "Run it alone to see why.", done.stderr[-500:]
        )
    return decode_json(done.stdout.splitlines()[-1], dict[str, Any])


def _medians(runs: list[dict[str, Any]]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, value in runs[0].items():
        numeric = isinstance(value, int | float)
        made[name] = round(statistics.median(run[name] for run in runs), 3) if numeric else value
    return made
