"""Runs that flicker become one finding: what a reader sees as one thing is one row to decide."""

from __future__ import annotations

from collections.abc import Sequence

from endoscope_app.analysis.findings import Finding, by_time
from endoscope_app.media.frame_times import SLACK_MS, FrameTimes


def join_findings(
    runs: Sequence[Finding],
    times: FrameTimes,
    joining_s: float,
    minimum_s: float,
    groups: Sequence[Sequence[int]] = (),
) -> list[Finding]:
    """``runs`` of any length, by time -> findings of at least ``minimum_s`` seconds, by time.

    Runs of one class that are at most ``joining_s`` seconds apart are one, unless the recorder
    paused in between, or something of another class lies there that is long enough to be a finding
    itself. The probability of what is joined is the mean over the frames of its runs. ``groups``:
    classes of each class group that the model tells apart; only one of the same group lies between.
    """
    if groups:
        return by_time(
            item
            for labels in groups
            for item in join_findings(
                [run for run in runs if run.label in labels], times, joining_s, minimum_s
            )
        )
    parts = times.parts
    joined: list[Finding] = []
    frames: list[int] = []  # of the runs in each of ``joined``
    last: dict[int, int] = {}  # class -> its latest place in ``joined``
    long_starts: dict[int, int] = {}  # class -> where its latest run that is long enough begins
    for run in runs:
        place = last.get(run.label)
        apart = None if place is None else joined[place]
        if (
            place is not None
            and apart is not None
            and parts[apart.stop - 1] == parts[run.start]
            and _gap_ms(times, apart.stop, run.start) <= 1000 * joining_s + SLACK_MS
            and not _interrupted(long_starts, run.label, apart.stop)
        ):
            frames[place] += run.stop - run.start
            joined[place] = _joined(apart, run, frames[place])
        else:
            last[run.label] = len(joined)
            joined.append(run)
            frames.append(run.stop - run.start)
        if times.span_ms(run.start, run.stop) >= 1000 * minimum_s - SLACK_MS:
            long_starts[run.label] = run.start
    return [
        item
        for item in joined
        if times.span_ms(item.start, item.stop) >= 1000 * minimum_s - SLACK_MS
    ]


def _gap_ms(times: FrameTimes, stop: int, start: int) -> float:
    """From the end of the frame before ``stop`` to the frame ``start``."""
    return float(times.times_ms[start] - times.times_ms[stop - 1] - times.durations_ms[stop - 1])


def _interrupted(long_starts: dict[int, int], label: int, since: int) -> bool:
    return any(start >= since for other, start in long_starts.items() if other != label)


def _joined(before: Finding, run: Finding, frames: int) -> Finding:
    """``frames``: of both together, without what lies between."""
    new = run.stop - run.start
    mean = (before.mean_probability * (frames - new) + run.mean_probability * new) / frames
    # Of the surer one: its frame stands for the whole
    surer = run if run.mean_probability > before.mean_probability else before
    return Finding(before.label, before.start, run.stop, surer.peak_index, mean)
