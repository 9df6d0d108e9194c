"""How soon a quick look shows the whole timeline, beside the analysis of every frame."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

import numpy as np

from endoscope_app.analysis.frame_analysis import Analysis
from endoscope_app.analysis.quick_analysis import QuickAnalysis
from endoscope_app.analysis.quick_look import QuickLook
from endoscope_app.base.errors import AppError
from endoscope_app.cli.benchmark.figures import QuickFigures
from endoscope_app.media.opening import open_source
from endoscope_app.media.source import FrameSource
from endoscope_app.media.source_times import times_of
from endoscope_app.viewing.classifier import Classifier


def measure_quick_look(clip: Path, classifier: Classifier, runs: int) -> QuickFigures:
    """Medians of ``runs``, a quick look and a complete analysis in turn.

    Raises AppError where the clip is too short for a quick look.
    """
    spent: list[tuple[float, float, float]] = []
    frames = looks = 0
    with open_source(clip) as source:
        for _ in range(runs):
            look = QuickLook.planned(source.key_frames(), times_of(source), len(classifier.classes))
            if look is None:
                raise AppError("The clip is too short for a quick look.", "Name a longer one.")
            frames, looks = look.count, len(look.frames)
            full, whole = _looked(source, classifier, look)
            begun = time.perf_counter()
            Analysis(source, classifier, background=False).run(lambda *_: None)
            spent.append((full, whole, time.perf_counter() - begun))
    full, whole, complete = (statistics.median(values) for values in zip(*spent, strict=True))
    return QuickFigures(
        frames=frames,
        looks=looks,
        full_timeline_s=round(full, 2),
        whole_look_s=round(whole, 2),
        complete_s=round(complete, 2),
        share=round(statistics.median(one[1] / one[2] for one in spent), 4),
    )


def _looked(source: FrameSource, classifier: Classifier, look: QuickLook) -> tuple[float, float]:
    """Seconds until the first stage is over, and all of them."""
    stages = look.missing(np.zeros(look.count, np.bool_))
    first = set(stages[0].tolist())
    begun = time.perf_counter()
    at_full: list[float] = []

    def on_look(frame: int, _: object) -> None:
        first.discard(frame)
        if not first and not at_full:
            at_full.append(time.perf_counter() - begun)

    QuickAnalysis(source, classifier, background=False).run(stages, on_look)
    whole = time.perf_counter() - begun
    return (at_full[0] if at_full else whole), whole
