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

import av
import cv2

from endoscope_app.base.errors import AppError
from endoscope_app.base.paths import demo_clip
from endoscope_app.cli.benchmark.clip import make_clip
from endoscope_app.cli.benchmark.figures import Figure, Figures, Targets, WindowPart
from endoscope_app.cli.benchmark.labels import LABELS, make_label_export, make_library
from endoscope_app.media.opening import open_source
from kd_core.schema.json_text import decode_json
from kd_core.schema.model_card import read_card

LIVE_SECONDS = 20
MEMORY_FRAMES = 45_000
MEMORY_SECONDS = 8
STILLS = 30_000
DIFFERENT = 40
MODULE = "endoscope_app.cli.benchmark.window_main"
TARGETS: dict[str, Targets] = {
    "live": {"frames_dropped": 0, "ui_lateness_p99_ms": 16, "decoded_to_painted_p95_ms": 40},
    "start": {"window_s": 0.6, "first_classified_s": 1.2},
    "memory": {"peak_mib": 350},
    "labels": {
        "timeline_whole_s": 0.5,
        "pause_ms": 50,
        "label_act_p95_ms": 20,
        "next_disagreement_p95_ms": 50,
        "review_list_shown_ms": 300,
    },
    "stills": {"stills_shown_s": 1.0},
}


def measure_live(clip: Path, model: Path, runs: int, *, analyse: bool = False) -> WindowPart:
    """Twenty seconds of playback with the heat map on; medians, and the most frames that any
    run dropped.
    """
    options = ["--seconds", str(LIVE_SECONDS), *(["--analyse"] if analyse else [])]
    measured = [_child("live", clip, model, *options) for _ in range(runs)]
    dropped = max(_number(run["frames_dropped"]) for run in measured)
    return WindowPart({**_medians(measured), "frames_dropped": dropped}, TARGETS["live"])


def measure_live_while_training(clip: Path, model: Path, folder: Path) -> WindowPart:
    """As measure_live, while a student is retrained on frames of the clip by the app's own
    process for that.
    """
    labels = make_label_export(clip, folder / "labels", read_card(model).classes)
    options = ("--seconds", str(LIVE_SECONDS), "--labels", str(labels))
    return WindowPart(_child("training", clip, model, *options), TARGETS["live"])


def measure_start(clip: Path, model: Path, runs: int) -> WindowPart:
    """Seconds from the start of the process to the painted window and to the first classified
    frame, as an installed program starts: with its bytecode, which one more start writes first.
    """
    _child("start", clip, model, "--began", repr(time.time()))
    measured = [_child("start", clip, model, "--began", repr(time.time())) for _ in range(runs)]
    return WindowPart(_medians(measured), TARGETS["start"])


def measure_memory(clip: Path, model: Path, folder: Path) -> WindowPart:
    """Peak memory with a procedure of 45,000 frames: opened, played, seeked; and once more
    while it is being analysed.
    """
    long_clip = lengthen(clip, folder / "long.mp4", MEMORY_FRAMES)
    quiet = _child("memory", long_clip, model, "--seconds", str(MEMORY_SECONDS))
    busy = _child("memory", long_clip, model, "--seconds", str(MEMORY_SECONDS), "--analyse")
    return WindowPart({**quiet, "peak_while_analysing_mib": busy["peak_mib"]}, TARGETS["memory"])


def measure_labels(clip: Path, model: Path, folder: Path) -> WindowPart:
    """Key presses in the real window over a library of 100,000 labels, with a procedure of
    45,000 labelled frames open.
    """
    long_clip = lengthen(clip, folder / "labelled.mp4", MEMORY_FRAMES)
    here = make_library(folder / "data", long_clip, model)
    data = ("--data", str(folder / "data"))
    opened = _child("again", demo_clip(), model, *data, "--open", str(long_clip))
    pressed = _child("labels", long_clip, model, *data)
    library: Figures = {"labels": LABELS, "labels_of_the_procedure": here}
    return WindowPart({**library, **opened, **pressed}, TARGETS["labels"])


def measure_stills(model: Path, folder: Path, runs: int) -> WindowPart:
    """A folder of 30,000 stills opened in a window that is alive, each run in a new data folder."""
    make_stills(folder / "stills", STILLS)
    wish = ("--open", str(folder / "stills"))
    measured = [_child("stills", demo_clip(), model, *wish) for _ in range(runs)]
    return WindowPart(_medians(measured), TARGETS["stills"])


def make_stills(folder: Path, count: int) -> None:
    """``count`` JPEG images of the demo, DIFFERENT of them different: names of the same files."""
    folder.mkdir()
    with open_source(demo_clip()) as source:
        for number in range(DIFFERENT):
            image = source.read(number * source.info.frame_count // DIFFERENT).image
            cv2.imwrite(str(folder / f"{number:05d}.jpg"), image[..., :3])
    for number in range(DIFFERENT, count):
        os.link(folder / f"{number % DIFFERENT:05d}.jpg", folder / f"{number:05d}.jpg")


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


def _child(mode: str, clip: Path, model: Path, *options: str) -> Figures:
    environment = dict(os.environ)
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    if sys.platform.startswith("linux") and not (
        environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY")
    ):
        # The figures name the platform they were taken on
        environment["QT_QPA_PLATFORM"] = "offscreen"
    command = [sys.executable, "-m", MODULE, mode, str(clip), str(model), *options]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise AppError(
            "The window could not be measured.", "Run it alone to see why.", done.stderr[-500:]
        )
    return decode_json(done.stdout.splitlines()[-1], Figures)


def _medians(runs: list[Figures]) -> Figures:
    """Of each number the median of all runs; of what is none the first run's."""
    return {name: _median([run[name] for run in runs]) for name in runs[0]}


def _median(values: list[Figure]) -> Figure:
    numbers = [value for value in values if isinstance(value, int | float)]
    return round(statistics.median(numbers), 3) if len(numbers) == len(values) else values[0]


def _number(figure: Figure) -> int | float:
    if not isinstance(figure, int | float):
        raise TypeError(f"{figure!r} is no number")
    return figure
