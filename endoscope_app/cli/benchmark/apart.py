"""What it costs that files are decoded by processes of their own: each figure beside that of
decoding in this very process, in turn.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from endoscope_app.analysis.frame_analysis import Analysis
from endoscope_app.cli.benchmark.figures import ApartFigures
from endoscope_app.media.opening import open_source
from endoscope_app.media.opening_here import open_here
from endoscope_app.media.source import FrameSource
from endoscope_app.viewing.classifier import Classifier

SEEKS = 60
IN_ORDER = 300
_WAYS: tuple[Callable[[Path], FrameSource], ...] = (open_source, open_here)


def measure_apart(clip: Path, classifier: Classifier, runs: int) -> ApartFigures:
    """Medians of ``runs``; a ratio is that of two figures of the same run, apart over here."""
    found: list[list[list[float]]] = []
    for _ in range(runs):
        # The same order of both ways by turns would favour one on a machine that drifts
        ways = _WAYS if len(found) % 2 == 0 else _WAYS[::-1]
        measured = {way: _figures(way, clip, classifier) for way in ways}
        found.append([measured[way] for way in _WAYS])
    table = np.array(found)  # (runs, ways, figures)
    apart, here = np.median(table, axis=0)
    ratios = np.median(table[:, 0] / table[:, 1], axis=0)
    return ApartFigures(
        analysis_fps=round(float(apart[0]), 1),
        analysis_here_fps=round(float(here[0]), 1),
        analysis_ratio=round(float(ratios[0]), 3),
        seek_ms=round(float(apart[1]), 2),
        seek_here_ms=round(float(here[1]), 2),
        seek_ratio=round(float(ratios[1]), 3),
        in_order_fps=round(float(apart[2]), 1),
        in_order_here_fps=round(float(here[2]), 1),
        in_order_ratio=round(float(ratios[2]), 3),
        open_ms=round(float(apart[3]), 1),
        open_here_ms=round(float(here[3]), 1),
    )


def analysis_speed(clip: Path, classifier: Classifier, way: Callable[[Path], FrameSource]) -> float:
    """Frames per second of a whole analysis, with the opening."""
    counts: list[int] = []
    begun = time.perf_counter()
    with way(clip) as source:
        analysis = Analysis(source, classifier, background=False)
        analysis.run(lambda _start, rows: counts.append(len(rows)))
    return sum(counts) / (time.perf_counter() - begun)


def _figures(way: Callable[[Path], FrameSource], clip: Path, classifier: Classifier) -> list[float]:
    """Analysed frames per second, ms a seek (median), frames per second read in order, ms until
    the first frame.
    """
    begun = time.perf_counter()
    with way(clip) as source:
        source.read(0)
        opened = time.perf_counter()
        count = source.info.frame_count
        seeks = []
        for index in np.random.default_rng(1).integers(0, count, SEEKS).tolist():
            before = time.perf_counter()
            source.read(index)
            seeks.append((time.perf_counter() - before) * 1000)
        last = min(IN_ORDER, count)
        before = time.perf_counter()
        for index in range(last):
            source.read(index)
        in_order = last / (time.perf_counter() - before)
    speed = analysis_speed(clip, classifier, way)
    return [speed, statistics.median(seeks), in_order, (opened - begun) * 1000]
