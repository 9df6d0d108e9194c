"""A place on the timeline as text, for tool tips and for readers who do not see it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF

from endoscope_app.analysis.quality import wording as quality_wording
from endoscope_app.analysis.quality.kinds import Kind
from endoscope_app.analysis.timeline import wording
from endoscope_app.analysis.timeline.range_painting import RangeBar
from endoscope_app.analysis.timeline.scene import Scene
from endoscope_app.analysis.timeline.stage import Stage
from endoscope_app.media.part import Part, part_at

NEAR_LABEL = 2.0
"""Pixels around the pointer in which the label lane looks for a label to name."""


def place_text(stage: Stage, position: QPointF) -> str:
    """Of a point of the widget: the range if there is one, then frame and time, the model's
    class, and the reader's label; over a gap only the pause.
    """
    overview = stage.is_overview(position)
    scale, x, hit = stage.scale(overview), position.x(), stage.range_at(position)
    border = stage.part_under(x, overview) if hit is None else None
    if border is not None:
        return _border_text(stage.scene, border)
    if hit is None and (gap := stage.gap_under(x, overview)) is not None:
        return _gap_text(stage.scene, gap)
    in_label_lane = stage.rows.lanes(overview).holds(position.y())
    reach = scale.position(x + NEAR_LABEL) - scale.position(x) if in_label_lane else 0.0
    bar = hit[0] if hit is not None else None
    return _frame_text(stage.scene, stage.frame_at(position), bar, scale.position(x), reach)


def _frame_text(
    scene: Scene, frame: int, bar: RangeBar | None, position: float, reach: float
) -> str:
    """``position`` is the fractional frame under the pointer; on the label lane ``reach`` frames
    around it are looked through, because there a label is wider than its frame and the frame named
    is the label's; 0 elsewhere.
    """
    label = scene.labels.near(position, reach) if scene.labels is not None else None
    if label is not None and scene.labels is not None and reach > 0:
        frame = int(scene.labels.frames[label])
    lines = [wording.frame(frame, scene.time_of(frame)), _model_text(scene, frame)]
    files = scene.axis.times.files if scene.axis.times is not None else ()
    part = part_at(files, frame)
    if part is not None and part.is_missing:
        lines[1] = wording.away(part.path.name)
    elif part is not None:
        lines.append(wording.part(files.index(part) + 1, len(files), part.path.name))
    if bar is not None:
        lines.insert(0, range_text(scene, bar))
    if label is not None and scene.labels is not None and scene.labels.frames[label] == frame:
        lines.append(wording.label(scene.labels.text_of(frame)))
    lines += _quality_text(scene, frame)
    if _is_among(scene.damaged, frame):
        lines.append(wording.DAMAGED)
    if scene.disagreements is not None and _is_among(scene.disagreements, frame):
        lines.append(wording.DIFFERENCE)
    return "\n".join(lines)


def range_text(scene: Scene, bar: RangeBar) -> str:
    """Range polyps 1,204-1,260, 2.3 s."""
    return wording.range_text(bar.name, _span(scene, bar.first, bar.last))


def mark_text(scene: Scene, first: int, last: int) -> str:
    """Mark 1,204-1,260, 2.3 s."""
    return wording.mark_text(_span(scene, first, last))


def _span(scene: Scene, first: int, last: int) -> str:
    times = scene.axis.times
    return wording.span(first, last, times.span_ms(first, last + 1) if times is not None else None)


def _gap_text(scene: Scene, gap: int) -> str:
    """``gap`` is the frame before it."""
    times = scene.axis.times
    assert times is not None
    return wording.gap(times.pause_ms(gap), gap, scene.time_of(gap))


def _border_text(scene: Scene, part: Part) -> str:
    """Where a file begins."""
    times = scene.axis.times
    assert times is not None
    number = times.files.index(part) + 1
    place = wording.part_begins(number, len(times.files), part.path.name)
    frame = wording.frame(part.first, scene.time_of(part.first))
    if part.is_missing:
        return "\n".join((place, frame, wording.away(part.path.name)))
    paused_ms = times.paused_between(part.first - 1, part.first)
    if paused_ms > 0:
        return "\n".join(
            (place, frame, wording.gap(paused_ms, part.first - 1, scene.time_of(part.first - 1)))
        )
    return "\n".join(
        (place, frame, wording.WITHOUT_PAUSE if part.is_continued else wording.UNKNOWN_PAUSE)
    )


def _model_text(scene: Scene, frame: int) -> str:
    timeline = scene.timeline
    values = timeline.probabilities(frame) if timeline is not None else None
    if values is None and timeline is not None and timeline.quick is not None:
        looked = timeline.quick.probabilities(frame)
        if looked is not None:
            return f"{_told(scene, looked)} ({wording.QUICK_LOOK})"
    return wording.NOT_ANALYSED if values is None else _told(scene, values)


def _told(scene: Scene, values: NDArray[np.float32]) -> str:
    tracks = scene.timeline.tracks if scene.timeline is not None else ()
    told = []
    for columns in (track.columns for track in tracks) if tracks else (np.arange(len(values)),):
        best = int(columns[values[columns].argmax()])
        if not tracks or values[best] >= 1 - values[columns].sum():
            told.append(wording.prediction(scene.names[best], float(values[best])))
    return ", ".join(told) or wording.NOTHING_NAMED


def _quality_text(scene: Scene, frame: int) -> list[str]:
    """What keeps the image from being judged, if anything does."""
    if scene.quality is None or frame >= len(scene.quality.kinds):
        return []
    kind = Kind(int(scene.quality.kinds[frame]))
    return [quality_wording.estimate(kind)] if kind > Kind.USABLE else []


def _is_among(frames: NDArray[np.int64], frame: int) -> bool:
    """Whether a frame is one of the ascending ones."""
    at = int(np.searchsorted(frames, frame))
    return at < len(frames) and int(frames[at]) == frame
