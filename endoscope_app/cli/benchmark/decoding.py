"""Whole-file analysis beside decoding alone, and seeks that must meet their frame."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np

from endoscope_app.cli.benchmark.apart import analysis_speed
from endoscope_app.cli.benchmark.clip import read_number
from endoscope_app.cli.benchmark.figures import AnalysisFigures, SeekFigures
from endoscope_app.cli.benchmark.spoken import say
from endoscope_app.media.opening import open_source
from endoscope_app.media.source import FrameSource
from endoscope_app.viewing.classifier import Classifier

SEEKS = 200
ROUNDS, STEPS, SEEN = 3, 100, 30


def measure_analysis(clip: Path, classifier: Classifier, runs: int) -> AnalysisFigures:
    """Whole-file analysis against FFmpeg decoding to nowhere through PyAV with two threads, in
    turn; frames/s and their ratio.
    """
    decode, analysis = [], []
    for run in range(runs):
        say(f"analysis: run {run + 1} of {runs}")
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
    say("seeking")
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
        forward, backward, seen = _steps(source)
    p50, p95 = np.percentile(spent, [50, 95])
    return SeekFigures(
        seeks=SEEKS,
        exact=int(exact),
        p50_ms=round(float(p50), 1),
        p95_ms=round(float(p95), 1),
        forward_ms=round(forward, 2),
        backward_ms=round(backward, 2),
        backward_ratio=round(backward / forward, 3),
        seen_ms=round(seen, 2),
    )


def _steps(source: FrameSource) -> tuple[float, float, float]:
    """Milliseconds of a step forwards and of a step backwards over the same frames, and of a jump
    among the last SEEN that were shown; means of all, medians of ROUNDS.

    Each walk begins with nothing kept, at a frame that is not timed.
    """
    last = source.info.frame_count - 1
    steps = min(STEPS, last)
    found = []
    for turn in range(ROUNDS):
        begin = (last - steps) * turn // max(1, ROUNDS - 1)
        walk = range(begin, begin + steps + 1)
        near = [
            walk[-1 - back]
            for back in np.random.default_rng(turn).permutation(min(SEEN, steps)).tolist()
        ]
        forward = _walk_ms(source, list(walk))
        seen = _walk_ms(source, near, first=False)
        found.append((forward, _walk_ms(source, list(walk[::-1])), seen))
    return tuple(np.median(found, axis=0).tolist())


def _walk_ms(source: FrameSource, frames: list[int], *, first: bool = True) -> float:
    """Milliseconds of each frame; with ``first`` from a frame to which the reader has jumped."""
    if first:
        source.rest()
        source.read(frames[0])
    begun = time.perf_counter()
    for frame in frames[first:]:
        source.read(frame)
    return (time.perf_counter() - begun) * 1000 / len(frames[first:])


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
