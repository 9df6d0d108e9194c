"""Where things lie in the timeline: strips, the mapping between an axis and pixels, and the ticks.

Plain numbers, logical pixels.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF

from endoscope_app.analysis.timeline.axis import Axis

MARGIN = 10
OVERVIEW = 18
LANE = 6
AXIS = 20
STRIP = 70
GAPS = (6, 8, 3)
"""Free pixels above the overview, between overview and findings lane, and between lane and
zoomed strip.
"""
FIXED = sum(GAPS) + OVERVIEW + LANE + AXIS
STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)
"""Seconds a reader counts in."""
MINOR = {
    0.1: 2,
    0.2: 2,
    0.5: 5,
    1: 5,
    2: 4,
    5: 5,
    10: 5,
    15: 3,
    30: 6,
    60: 6,
    120: 4,
    300: 5,
    600: 5,
    900: 3,
    1800: 6,
    3600: 6,
    7200: 4,
}
"""Into how many parts the small ticks cut each step."""


LABELS, TICKS, RANGE = 10, 4, 13
"""Heights beneath the zoomed strip: human labels, disagreement ticks, one row of range bars."""
TRACK = 12
"""Height of the labels of one group, with its name, where there are several."""
THIN_LABELS, THIN_TICKS, THIN_RANGES = 6, 3, 4
"""The same beneath the overview."""
QUALITY, COLOURS = 4, 7
"""Heights of the lanes of the images: their quality beneath both strips, their colours beneath the
overview.
"""
LANE_GAP = 2
MOST_ROWS = 3
"""Rows of range bars of one group; further overlapping ranges share the last ones."""
MOST_RANGE_ROWS = 5
"""Rows that take height; more are as much lower."""


@dataclass(frozen=True)
class Lanes:
    """What the reader has made, and what the images are like: only what is there takes height."""

    labels: int = 0
    """Tracks of labels."""
    disagreements: bool = False
    range_rows: int = 0
    quality: bool = False
    colours: bool = False

    @property
    def thin(self) -> tuple[int, int, int]:
        """Heights beneath the overview: labels, ticks, ranges."""
        return (
            THIN_LABELS * (self.labels > 0),
            THIN_TICKS * self.disagreements,
            THIN_RANGES * (self.range_rows > 0),
        )

    @property
    def full(self) -> tuple[int, int, int]:
        """Heights beneath the zoomed strip: labels, ticks, ranges."""
        return (
            LABELS if self.labels == 1 else TRACK * self.labels,
            TICKS * self.disagreements,
            RANGE * min(self.range_rows, MOST_RANGE_ROWS),
        )

    @property
    def height(self) -> int:
        """Pixels that all lanes take from the timeline, gaps included."""
        images = self.images(overview=True) + self.images(overview=False)
        return _tall(self.thin) + _tall(self.full) + _tall(images)

    def images(self, *, overview: bool) -> tuple[int, int]:
        """Heights beneath the human lanes of a strip: colours, quality."""
        return COLOURS * (self.colours and overview), QUALITY * self.quality


NO_LANES = Lanes()


def _tall(heights: Iterable[int]) -> int:
    return sum(height + LANE_GAP for height in heights if height)


@dataclass(frozen=True)
class LaneRows:
    """The human lanes beneath one strip, from the top; an absent one has no height."""

    labels: QRectF
    ticks: QRectF
    ranges: QRectF

    @property
    def bottom(self) -> float:
        return self.ranges.bottom()

    def holds(self, y: float) -> bool:
        """Whether a height lies on a lane of labels or ticks."""
        return any(
            row.height() > 0 and row.top() - LANE_GAP <= y < row.bottom()
            for row in (self.labels, self.ticks)
        )


@dataclass(frozen=True)
class ImageRows:
    """The lanes of the images beneath the human lanes of a strip; an absent one has no height."""

    colours: QRectF
    quality: QRectF

    @property
    def bottom(self) -> float:
        return self.quality.bottom()


@dataclass(frozen=True)
class Strips:
    """The rows of a timeline of a given size: overview with its lanes, findings, zoomed strip
    with its lanes, axis.
    """

    overview: QRectF
    thin: LaneRows
    lane: QRectF
    strip: QRectF
    full: LaneRows
    axis: QRectF
    thin_images: ImageRows
    full_images: ImageRows

    @property
    def border(self) -> float:
        """The height where the overview's part ends and the zoomed part begins."""
        return (self.thin_images.bottom + self.lane.top()) / 2

    def lanes(self, overview: bool) -> LaneRows:
        return self.thin if overview else self.full

    def images(self, overview: bool) -> ImageRows:
        return self.thin_images if overview else self.full_images


def strips(width: int, height: int, lanes: Lanes = NO_LANES) -> Strips:
    """The zoomed strip takes what the fixed rows leave."""
    across = max(1, width - 2 * MARGIN)
    tall = max(20, height - FIXED - lanes.height)
    overview = QRectF(MARGIN, GAPS[0], across, OVERVIEW)
    thin = LaneRows(*_beneath(overview, lanes.thin))
    thin_images = ImageRows(*_beneath(thin.ranges, lanes.images(overview=True)))
    lane = QRectF(MARGIN, thin_images.bottom + GAPS[1], across, LANE)
    strip = QRectF(MARGIN, lane.bottom() + GAPS[2], across, tall)
    full = LaneRows(*_beneath(strip, lanes.full))
    full_images = ImageRows(*_beneath(full.ranges, lanes.images(overview=False)))
    axis = QRectF(MARGIN, full_images.bottom, across, AXIS)
    return Strips(overview, thin, lane, strip, full, axis, thin_images, full_images)


def _beneath(row: QRectF, heights: Iterable[int]) -> list[QRectF]:
    rows, top = [], row.bottom()
    for height in heights:
        top += LANE_GAP if height else 0
        rows.append(QRectF(row.left(), top, row.width(), height))
        top += height
    return rows


@dataclass(frozen=True)
class Scale:
    """Positions first..last (exclusive) of an axis spread over width pixels from left on."""

    first: float
    last: float
    left: float
    width: float
    axis: Axis

    @property
    def pixels_a_unit(self) -> float:
        """Pixels of a usual frame."""
        return self.width / (self.last - self.first)

    def across(self, position: float) -> float:
        """The pixel of a position on the axis."""
        return self.left + (position - self.first) * self.pixels_a_unit

    def x(self, frame: float) -> float:
        """Where a frame begins."""
        return self.across(self.axis.at(frame))

    def end(self, frame: int) -> float:
        """Where a frame ends."""
        return self.across(self.axis.end(frame))

    def place(self, x: float) -> float:
        """The position on the axis under x."""
        return self.first + (x - self.left) / self.pixels_a_unit

    def position(self, x: float) -> float:
        """The fractional frame under x."""
        return self.axis.frame(self.place(x))

    def edges(self, columns: int) -> NDArray[np.float64]:
        """(columns + 1,) the fractional frames between columns of equal width."""
        return self.axis.frames(
            self.first
            + np.arange(columns + 1, dtype=np.float64) * ((self.last - self.first) / columns)
        )


def clamped_view(first: float, last: float, length: float, least: float) -> tuple[float, float]:
    """The nearest view inside 0..length that is at least ``least`` wide."""
    span = min(max(last - first, min(least, length)), length)
    middle = (first + last) / 2
    start = first if span == last - first else middle - span / 2
    start = min(max(start, 0.0), length - span)
    return start, start + span


def zoomed(
    view: tuple[float, float], factor: float, around: float, length: float, least: float
) -> tuple[float, float]:
    """The view magnified by factor (below 1: wider) with ``around`` kept under the same pixel
    as far as the ends allow.
    """
    first, last = view
    span = min(max((last - first) / factor, min(least, length)), length)
    share = (around - first) / (last - first)
    start = around - share * span
    return clamped_view(start, start + span, length, least)


def time_label(seconds: float, step: float) -> str:
    """m:ss, h:mm:ss from an hour on, with a decimal when the step is below a second."""
    tenths = round(seconds * 10)
    whole, tenth = divmod(tenths, 10)
    minutes, second = divmod(whole, 60)
    hours, minute = divmod(minutes, 60)
    text = f"{hours}:{minute:02d}:{second:02d}" if hours else f"{minute}:{second:02d}"
    return f"{text}.{tenth}" if step < 1 else text


def tick_step(units_a_pixel: float, label_width: float, in_time: bool) -> tuple[float, int]:
    """(step, minor parts) so that labels of label_width pixels do not touch; units are seconds,
    or frames for stills.
    """
    wanted = units_a_pixel * label_width
    if in_time:
        step = next((step for step in STEPS if step >= wanted), None)
        if step is not None:
            return step, MINOR[step]
    power = 10.0 ** math.floor(math.log10(max(wanted, 1)))
    step = next(
        power * factor for factor in (1, 2, 5, 10) if power * factor >= wanted or factor == 10
    )
    return step, 5 if step >= 5 else 1


def ticks(scale: Scale, label_width: float) -> Iterator[tuple[float, str | None]]:
    """(x, label) for each tick, at the frames' own times, or at frame numbers for stills; small
    ticks have no label.
    """
    axis = scale.axis
    if axis.times is None:
        step, parts = tick_step(1 / scale.pixels_a_unit, label_width, in_time=False)
        for index in range(
            math.ceil(scale.first / step * parts - 1e-9),
            math.floor(scale.last / step * parts + 1e-9) + 1,
        ):
            frame = index * step / parts
            yield scale.across(frame), None if index % parts else f"{round(frame):,}"
        return
    step, parts = tick_step(axis.unit_ms / 1000 / scale.pixels_a_unit, label_width, in_time=True)
    for position, index in axis.moments(1000 * step / parts, scale.first, scale.last):
        yield (
            scale.across(position),
            None if index % parts else time_label(index * step / parts, step),
        )
