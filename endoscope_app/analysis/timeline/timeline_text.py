"""What the timeline says about a place: for tooltips and for readers who do not see it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from endoscope_app.analysis.timeline.range_painting import RangeBar
from endoscope_app.analysis.timeline.scene import Scene
from endoscope_app.base.wording import counted, lasting, percent


def place_words(
    scene: Scene, frame: int, bar: RangeBar | None, position: float, reach: float
) -> str:
    """The range if there is one, then frame and time, the model's class, and the reader's label.

    ``position`` is the fractional frame under the pointer; on the label lane ``reach`` frames
    around it are looked through, because there a label is wider than its frame and the frame named
    is the label's; 0 elsewhere.
    """
    label = scene.labels.near(position, reach) if scene.labels is not None else None
    if label is not None and scene.labels is not None and reach > 0:
        frame = int(scene.labels.frames[label])
    time = scene.time_of(frame)
    lines = [f"Frame {frame:,}" + (f", {time}" if time else ""), _model_words(scene, frame)]
    if bar is not None:
        lines.insert(0, range_words(scene, bar))
    if label is not None and scene.labels is not None and scene.labels.frames[label] == frame:
        lines.append(f"Labelled: {scene.labels.words(label)}")
    if is_among(scene.damaged, frame):
        lines.append("Damaged: not as it was recorded")
    if scene.disagreements is not None and is_among(scene.disagreements, frame):
        lines.append("Reader and model differ")
    return "\n".join(lines)


def range_words(scene: Scene, bar: RangeBar) -> str:
    """Range polyps 1,204-1,260, 2.3 s."""
    return f"Range {bar.name} {span_words(scene, bar.first, bar.last)}"


def span_words(scene: Scene, first: int, last: int) -> str:
    """1,204-1,260, 2.3 s; of stills their number."""
    frames, times = last - first + 1, scene.axis.times
    long = (
        f"{times.span_ms(first, last + 1) / 1000:,.1f} s"
        if times is not None
        else counted(frames, "frame")
    )
    return f"{first:,}-{last:,}, {long}"


def gap_words(scene: Scene, gap: int) -> str:
    """What a gap says of itself; ``gap`` is the frame before it."""
    times = scene.axis.times
    assert times is not None
    return (
        f"The recorder paused for {lasting(times.pause_ms(gap))} after frame {gap:,},"
        f" {scene.time_of(gap)}"
    )


def _model_words(scene: Scene, frame: int) -> str:
    values = scene.timeline.probabilities(frame) if scene.timeline is not None else None
    if values is None:
        return "not analysed yet"
    best = int(values.argmax())
    return f"{scene.names[best]} {percent(float(values[best]))}"


def is_among(frames: NDArray[np.int64], frame: int) -> bool:
    """Whether a frame is one of the ascending ones."""
    at = int(np.searchsorted(frames, frame))
    return at < len(frames) and int(frames[at]) == frame
