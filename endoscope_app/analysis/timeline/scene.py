"""What a timeline shows and where it is drawn, as plain frozen values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QFont, QPalette

from endoscope_app.analysis.findings import Finding
from endoscope_app.analysis.quality.image_quality import ImageQuality
from endoscope_app.analysis.timeline.axis import Axis
from endoscope_app.analysis.timeline.geometry import Lanes, Scale, Strips, time_label
from endoscope_app.analysis.timeline.label_lanes import HumanLabels
from endoscope_app.analysis.timeline.painter import mixed
from endoscope_app.analysis.timeline.range_painting import RangeBar, Ranges
from endoscope_app.analysis.timeline_data import Timeline
from endoscope_app.media.frame_times import FrameTimes


@dataclass(frozen=True)
class Scene:
    """Everything the timeline shows; view is the zoomed strip's part of the axis."""

    timeline: Timeline | None = None
    names: Sequence[str] = ()
    colours: Sequence[QColor] = ()
    axis: Axis = field(default_factory=lambda: Axis(0))
    findings: Sequence[Finding] = field(default_factory=list)
    view: tuple[float, float] = (0.0, 1.0)
    labels: HumanLabels | None = None
    ranges: Ranges = field(default_factory=Ranges)
    disagreements: NDArray[np.int64] | None = None
    damaged: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    """Frames that came out damaged, ascending."""
    quality: ImageQuality | None = None
    quality_lane: bool = True
    colour_lane: bool = True

    @property
    def frame_count(self) -> int:
        return self.timeline.frame_count if self.timeline is not None else 0

    @property
    def lanes(self) -> Lanes:
        """Which lanes there are beneath the strips: of labels only where something is labelled.

        Those of the images keep their place while nothing is measured: an analysis that begins must
        not make the picture smaller.
        """
        images = Lanes(quality=self.quality_lane, colours=self.colour_lane)
        if self.frame_count == 0:
            return images
        return replace(
            images,
            labels=len(self.labels.tracks) if self.labels is not None and len(self.labels) else 0,
            disagreements=self.disagreements is not None and len(self.disagreements) > 0,
            range_rows=self.ranges.row_count,
        )

    def range_colour(self, bar: RangeBar) -> QColor | None:
        """From the label colours, or the model's where no labels were set; None for a code that
        has no colour.
        """
        colours = self.labels.colours if self.labels is not None else self.colours
        return colours[bar.colour] if 0 <= bar.colour < len(colours) else None

    def scale(self, rows: Strips, overview: bool) -> Scale:
        """Between frames and pixels, in the overview or the zoomed strip."""
        first, last = (0.0, max(self.axis.length, 1e-6)) if overview else self.view
        return Scale(first, last, rows.strip.left(), rows.strip.width(), self.axis)

    def with_timeline(
        self,
        timeline: Timeline | None,
        names: Sequence[str],
        colours: Sequence[QColor],
        times: FrameTimes | None,
        *,
        kept: bool,
    ) -> Scene:
        """Of another procedure, without findings; ``kept``: of the same one, where view and
        damaged frames stay. Labels, ranges and disagreements stay in any case.
        """
        frames = timeline.frame_count if timeline is not None else 0
        same_axis = kept and times is self.axis.times
        axis = self.axis if same_axis else Axis(frames, times if frames else None)
        return replace(
            self,
            timeline=timeline,
            names=list(names),
            colours=list(colours),
            axis=axis,
            findings=[],
            view=self.view if kept else (0.0, max(axis.length, 1e-6)),
            damaged=self.damaged if kept else np.zeros(0, np.int64),
            quality=self.quality if kept else None,
        )

    def middle(self, frame: int) -> float:
        """The position of a frame's middle on the axis."""
        return (self.axis.at(frame) + self.axis.end(frame)) / 2

    def shows(self, frame: int) -> bool:
        """Whether the zoomed strip shows it."""
        first, last = self.view
        return first <= self.middle(frame) < last

    def flag_text(self, frame: int) -> str:
        """What stands at the playhead's foot."""
        time = self.time_of(frame)
        return f"{time}  ·  {frame:,}" if time else f"{frame:,}"

    def time_of(self, frame: int) -> str:
        """Empty for stills."""
        times = self.axis.times
        return (
            time_label(float(times.times_ms[frame]) / 1000, 0.1)
            if times is not None and 0 <= frame < len(times)
            else ""
        )


@dataclass(frozen=True)
class Canvas:
    """Where it is drawn: logical size, device pixel ratio, colours, font."""

    size: QSize
    ratio: float
    palette: QPalette
    font: QFont

    def shade(self, share: float) -> QColor:
        """Between the strip's background (0) and the text (1)."""
        return mixed(
            self.palette.color(QPalette.ColorRole.Base),
            self.palette.color(QPalette.ColorRole.Text),
            share,
        )
