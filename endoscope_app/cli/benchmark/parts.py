"""The parts of the benchmark, and which of them need the drawn clip."""

from __future__ import annotations

import argparse
from pathlib import Path

from endoscope_app.base.paths import demo_clip
from endoscope_app.cli.benchmark import window_parts
from endoscope_app.cli.benchmark.apart import measure_apart
from endoscope_app.cli.benchmark.clip import make_clip
from endoscope_app.cli.benchmark.decoding import measure_analysis, measure_seeks
from endoscope_app.cli.benchmark.figures import (
    AnalysisFigures,
    ApartFigures,
    PeerFigures,
    QuickFigures,
    SeekFigures,
    WindowPart,
)
from endoscope_app.cli.benchmark.peer import measure_peer
from endoscope_app.cli.benchmark.quick import measure_quick_look
from endoscope_app.cli.benchmark.spoken import say
from endoscope_app.media.opening import open_source
from endoscope_app.viewing.classifier import Classifier

PARTS = (
    "analysis",
    "quick",
    "seek",
    "apart",
    "live",
    "start",
    "memory",
    "labels",
    "stills",
    "training",
)
ON_THE_CLIP = {"analysis", "quick", "seek", "apart", "live", "training"}

Part = AnalysisFigures | QuickFigures | ApartFigures | SeekFigures | PeerFigures | WindowPart


def measure(
    wanted: set[str], folder: Path, options: argparse.Namespace, model: Path
) -> dict[str, Part]:
    """The parts of ``wanted``, and the peer where ``options`` names one, by name.

    ``folder``: for what is drawn and made. Raises AppError where something cannot be measured.
    """
    parts: dict[str, Part] = {}
    clip = options.clip
    if clip is not None:
        open_source(clip).close()  # what is no recording is refused before anything is timed
    elif options.peer or wanted & ON_THE_CLIP:
        clip = _drawn(folder / "1080p25.mp4", 25, 25 * options.seconds)
    if "analysis" in wanted:
        parts["analysis"] = measure_analysis(clip, Classifier.load(model), options.runs)
    if "quick" in wanted:
        say("a quick look")
        parts["quick"] = measure_quick_look(clip, Classifier.load(model), options.runs)
    if "seek" in wanted:
        parts["seek"] = measure_seeks(clip, numbered=options.clip is None)
    if "apart" in wanted:
        say("decoding apart and here")
        parts["apart"] = measure_apart(clip, Classifier.load(model), options.runs)
    if options.peer:
        say(f"beside {options.peer}")
        parts[f"peer_{options.peer}"] = measure_peer(
            clip, model, options.runs, numbered=options.clip is None
        )
    if "live" in wanted:
        say("playing at 25 frames per second")
        parts["live_25" if options.clip is None else "live"] = window_parts.measure_live(
            clip, model, options.runs
        )
        say("playing while analysing")
        parts["live_while_analysing"] = window_parts.measure_live(clip, model, 1, analyse=True)
        if options.clip is None:
            say("playing at 50 frames per second")
            fast = _drawn(folder / "1080p50.mp4", 50, 50 * (window_parts.LIVE_SECONDS + 3))
            parts["live_50"] = window_parts.measure_live(fast, model, options.runs)
    if "start" in wanted:
        say("starting")
        parts["start"] = window_parts.measure_start(
            options.clip or demo_clip(), model, max(3, options.runs)
        )
    if "memory" in wanted:
        say("a procedure of 45,000 frames")
        short = options.clip or window_parts.make_memory_clip(folder / "short.mp4")
        parts["memory"] = window_parts.measure_memory(short, model, folder)
    if "labels" in wanted:
        say("100,000 labels, 45,000 of them on the frames of one procedure")
        short = options.clip or window_parts.make_memory_clip(folder / "short.mp4")
        parts["labels"] = window_parts.measure_labels(short, model, folder)
    if "stills" in wanted:
        say("a folder of 30,000 stills")
        parts["stills"] = window_parts.measure_stills(model, folder, options.runs)
    if "training" in wanted:
        say("playing while a student is retrained")
        parts["live_while_training"] = window_parts.measure_live_while_training(clip, model, folder)
    return parts


def _drawn(path: Path, fps: int, frames: int) -> Path:
    """1080p; the same for all that is measured after it."""
    if not path.exists():
        say("drawing a clip")
        make_clip(path, width=1920, height=1080, fps=fps, frames=frames)
    return path
