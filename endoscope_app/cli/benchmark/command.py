"""``endoscope-app benchmark``: what the application reaches on this machine, each figure beside its
target.

Speeds are medians of several runs; a ratio compares two figures of the same run, because machines
drift.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import av
import msgspec
import numpy as np

from endoscope_app.base.errors import AppError
from endoscope_app.base.paths import demo_clip, shipped_model
from endoscope_app.cli.benchmark import window_parts
from endoscope_app.cli.benchmark.apart import analysis_speed, measure_apart
from endoscope_app.cli.benchmark.clip import make_clip, read_number
from endoscope_app.cli.benchmark.figures import (
    AnalysisFigures,
    ApartFigures,
    QuickFigures,
    SeekFigures,
    WindowPart,
)
from endoscope_app.cli.benchmark.quick import measure_quick_look
from endoscope_app.media.opening import open_source
from endoscope_app.viewing.classifier import Classifier

PARTS = ("analysis", "quick", "seek", "apart", "live", "start", "memory", "labels", "training")
SEEKS = 200

Part = AnalysisFigures | QuickFigures | ApartFigures | SeekFigures | WindowPart


def run_benchmark(arguments: list[str]) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="endoscope-app benchmark", description=__doc__)
    parser.add_argument(
        "--json",
        action="store_true",
        help="numbers for programs; standard output holds nothing else",
    )
    parser.add_argument(
        "--clip", type=Path, help="a video to measure on (default: one is drawn, 1080p25 H.264)"
    )
    parser.add_argument(
        "--seconds", type=int, default=60, help="length of the drawn clip (default: %(default)s)"
    )
    parser.add_argument(
        "--runs", type=int, default=3, help="runs of each speed (default: %(default)s)"
    )
    parser.add_argument(
        "--parts", default=",".join(PARTS), help="comma-separated (default: %(default)s)"
    )
    parser.add_argument("--model", type=Path, help="a model folder (default: the shipped student)")
    options = parser.parse_args(arguments)
    wanted = options.parts.split(",")
    if unknown := set(wanted) - set(PARTS):
        raise AppError(
            f"There is no part called {', '.join(sorted(unknown))}.",
            f"Parts are {', '.join(PARTS)}.",
        )
    model = options.model or shipped_model()
    with tempfile.TemporaryDirectory(prefix="endoscope-benchmark-") as folder:
        parts = _measure(set(wanted), Path(folder), options, model)
    printed = {name: _printed(part) for name, part in parts.items()}
    print(json.dumps(printed) if options.json else "\n".join(_rows(printed)))
    return 0


def _measure(
    wanted: set[str], folder: Path, options: argparse.Namespace, model: Path
) -> dict[str, Part]:
    parts: dict[str, Part] = {}
    clip = options.clip
    if clip is None and wanted & {"analysis", "quick", "seek", "apart", "live", "training"}:
        _say("drawing a clip")
        clip = make_clip(
            folder / "1080p25.mp4", width=1920, height=1080, fps=25, frames=25 * options.seconds
        )
    if "analysis" in wanted:
        parts["analysis"] = measure_analysis(clip, Classifier.load(model), options.runs)
    if "quick" in wanted:
        _say("a quick look")
        parts["quick"] = measure_quick_look(clip, Classifier.load(model), options.runs)
    if "seek" in wanted:
        parts["seek"] = measure_seeks(clip, numbered=options.clip is None)
    if "apart" in wanted:
        _say("decoding apart and here")
        parts["apart"] = measure_apart(clip, Classifier.load(model), options.runs)
    if "live" in wanted:
        _say("playing at 25 frames per second")
        parts["live_25" if options.clip is None else "live"] = window_parts.measure_live(
            clip, model, options.runs
        )
        _say("playing while analysing")
        parts["live_while_analysing"] = window_parts.measure_live(clip, model, 1, analyse=True)
        if options.clip is None:
            _say("playing at 50 frames per second")
            fast = make_clip(
                folder / "1080p50.mp4",
                width=1920,
                height=1080,
                fps=50,
                frames=50 * (window_parts.LIVE_SECONDS + 3),
            )
            parts["live_50"] = window_parts.measure_live(fast, model, options.runs)
    if "start" in wanted:
        _say("starting")
        parts["start"] = window_parts.measure_start(
            options.clip or demo_clip(), model, max(3, options.runs)
        )
    if "memory" in wanted:
        _say("a procedure of 45,000 frames")
        short = options.clip or window_parts.make_memory_clip(folder / "short.mp4")
        parts["memory"] = window_parts.measure_memory(short, model, folder)
    if "labels" in wanted:
        _say("100,000 labels, 45,000 of them on the frames of one procedure")
        short = options.clip or window_parts.make_memory_clip(folder / "short.mp4")
        parts["labels"] = window_parts.measure_labels(short, model, folder)
    if "training" in wanted:
        _say("playing while a student is retrained")
        parts["live_while_training"] = window_parts.measure_live_while_training(clip, model, folder)
    return parts


def measure_analysis(clip: Path, classifier: Classifier, runs: int) -> AnalysisFigures:
    """Whole-file analysis against FFmpeg decoding to nowhere through PyAV with two threads, in
    turn; frames/s and their ratio.
    """
    decode, analysis = [], []
    for run in range(runs):
        _say(f"analysis: run {run + 1} of {runs}")
        decode.append(_decode_speed(clip))
        analysis.append(analysis_speed(clip, classifier, open_source))
    ratios = [fast / slow for fast, slow in zip(analysis, decode, strict=True)]
    return AnalysisFigures(
        decode_only_fps=round(statistics.median(decode), 1),
        analysis_fps=round(statistics.median(analysis), 1),
        ratio=round(statistics.median(ratios), 3),
    )


def measure_seeks(clip: Path, *, numbered: bool) -> SeekFigures:
    """Random seeks, timed; exact when the image carries its own number, or else equals the
    one met by decoding in order.
    """
    _say("seeking")
    with open_source(clip) as source:
        total = source.info.frame_count
        wanted = np.random.default_rng(1).integers(0, total, SEEKS).tolist()
        expected = {} if numbered else dict(_digests(clip, set(wanted)))
        spent, exact = [], 0
        for index in wanted:
            begun = time.perf_counter()
            image = source.read(index).image
            spent.append((time.perf_counter() - begun) * 1000)
            exact += (
                read_number(image) == index
                if numbered
                else hash(image.tobytes()) == expected[index]
            )
    p50, p95 = np.percentile(spent, [50, 95])
    return SeekFigures(SEEKS, int(exact), round(float(p50), 1), round(float(p95), 1))


def _digests(clip: Path, wanted: set[int]) -> Iterator[tuple[int, int]]:
    with open_source(clip) as source:
        for index in range(max(wanted) + 1):
            image = source.read(index).image
            if index in wanted:
                yield index, hash(image.tobytes())


def _decode_speed(clip: Path) -> float:
    begun, count = time.perf_counter(), 0
    with av.open(str(clip)) as file:
        stream = file.streams.video[0]
        stream.thread_type, stream.thread_count = "AUTO", 2
        for _ in file.decode(stream):
            count += 1
    return count / (time.perf_counter() - begun)


def _printed(part: Part) -> Mapping[str, object]:
    return part.printed() if isinstance(part, WindowPart) else msgspec.structs.asdict(part)


def _rows(printed: Mapping[str, Mapping[str, object]]) -> Iterator[str]:
    for part, figures in printed.items():
        for name, value in figures.items():
            yield f"{part:10} {name:20} {value}"


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
