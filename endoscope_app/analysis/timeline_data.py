"""Raw probabilities of every frame of one procedure under one model version, readable at any
zoom for the price of the columns drawn.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from endoscope_app.analysis.columns import column_spans
from endoscope_app.analysis.pyramid import FACTOR, Cells, Pyramid, cells_of_frames
from kd_core.schema.naming_level import UNSURE_BELOW
from kd_core.vision.head_probabilities import leading_classes

UNKNOWN = -1
PEAK_AT_LEAST = 0.5
"""A class that is not a column's winner is worth showing from this probability on: it was the
prediction for some frames in there.
"""
MOST_CELLS = 16
"""Cells read per column on average, where some columns are narrower than others."""


@dataclass(frozen=True)
class Columns:
    """What to draw in each of n columns; every array has length n.

    label int16: class with the largest summed probability, -1 where no frame is known; confidence
    float32: mean probability of that class over the known frames; uncertain float32 0..1: share of
    known frames whose best class is weak or hardly ahead; peak_label int16: another class that was
    the prediction for a few neighbouring frames in the column, or -1; peak_share float32 0..1:
    share of known frames it won; peak_confidence float32: its largest mean over those few frames.
    touched: how many cells were read to make this (evidence that the cost does not follow the
    procedure's length). quick bool: nothing but a quick look is known of it.
    """

    label: NDArray[np.int16]
    confidence: NDArray[np.float32]
    uncertain: NDArray[np.float32]
    peak_label: NDArray[np.int16]
    peak_share: NDArray[np.float32]
    peak_confidence: NDArray[np.float32]
    touched: int
    quick: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.label)

    def filled(self, looked: Columns) -> Columns:
        """With what a quick look saw where no frame is known."""
        quick = (self.label == UNKNOWN) & (looked.label != UNKNOWN)
        return replace(
            self,
            label=np.where(quick, looked.label, self.label),
            confidence=np.where(quick, looked.confidence, self.confidence),
            uncertain=np.where(quick, looked.uncertain, self.uncertain),
            touched=self.touched + looked.touched,
            quick=quick,
        )


class Track(NamedTuple):
    """A class group by itself: its classes are the ``columns`` of the whole."""

    name: str
    columns: NDArray[np.int16]
    timeline: Timeline

    def window(self, edges: NDArray[np.float64]) -> Columns:
        """As ``Timeline.window``, labels by their places in the whole."""
        own = self.timeline.window(edges)
        return replace(own, label=self._whole(own.label), peak_label=self._whole(own.peak_label))

    def named(self) -> NDArray[np.int16]:
        """(N,) the class of every frame, by its place in the whole; -1 where it is unknown, or none
        of the group is likelier.
        """
        raw = self.timeline.raw.astype(np.float32)
        none = 1 - raw.sum(axis=1)
        labels = np.where(raw.max(axis=1, initial=0) >= none, self.timeline.labels(), UNKNOWN)
        return self._whole(labels.astype(np.int16))

    def _whole(self, labels: NDArray[np.int16]) -> NDArray[np.int16]:
        return np.where(labels >= 0, self.columns[np.maximum(labels, 0)], labels).astype(np.int16)


class Timeline:
    """Probabilities (N, C) as float16, which frames are known, and the pyramid over them.

    One thread only.
    """

    def __init__(
        self,
        frame_count: int,
        class_count: int,
        thresholds: NDArray[np.floating[Any]] | None = None,
        groups: Sequence[tuple[str, Sequence[int]]] = (),
    ) -> None:
        """thresholds (C,): the probability from which on the model names a class; below it the
        frame is uncertain. groups: name and columns of each class group that the model tells apart.
        """
        if frame_count < 0 or class_count < 1:
            raise ValueError(
                f"a timeline needs frames and classes, not {frame_count} and {class_count}"
            )
        self.frame_count = frame_count
        self.class_count = class_count
        self._raw = np.zeros((frame_count, class_count), np.float16)
        self._known = np.zeros(frame_count, np.bool_)
        self._labels = np.full(frame_count, UNKNOWN, np.int16)
        self._known_count = 0
        self.damaged: NDArray[np.bool_] = np.zeros(frame_count, np.bool_)
        """(N,) frames that came out damaged, or not at all; a known one was analysed all the
        same.
        """
        least = np.full(class_count, UNSURE_BELOW) if thresholds is None else thresholds
        self._thresholds: NDArray[np.float32] = np.asarray(least, np.float32)
        self._pyramid = Pyramid(frame_count, self._thresholds)
        self.quick: Timeline | None = None
        """What a quick look saw: each of its frames stands for those around it. Nothing but the
        drawing reads it.
        """
        self.tracks: tuple[Track, ...] = tuple(
            Track(
                name,
                np.array(columns, np.int16),
                Timeline(frame_count, len(columns), self._thresholds[list(columns)]),
            )
            for name, columns in groups
        )
        """One of each class group, where the model tells several apart."""

    @classmethod
    def restored(
        cls,
        raw: NDArray[np.float16],
        known: NDArray[np.bool_],
        thresholds: NDArray[np.floating[Any]] | None = None,
        groups: Sequence[tuple[str, Sequence[int]]] = (),
    ) -> Timeline:
        """From what PredictionStore.load gave: raw (N, C) and known (N,)."""
        timeline = cls(raw.shape[0], raw.shape[1], thresholds, groups)
        timeline._set(0, np.where(known[:, None], raw, np.float16(0)), known)
        return timeline

    @property
    def tried(self) -> NDArray[np.bool_]:
        """(N,) frames that are known, or could not be decoded."""
        tried: NDArray[np.bool_] = np.logical_or(self._known, self.damaged)
        return tried

    def mark_corrupt(self, frames: Collection[int]) -> bool:
        """These hold damaged data; whether any of them is news.

        One that is not known yet is not marked: it will be told again.
        """
        places = np.fromiter(frames, np.int64, len(frames))
        return self._mark(places[self._known[places]])

    def mark_lost(self, frames: Collection[int]) -> bool:
        """The decoder made nothing of these; whether any of them is news."""
        return self._mark(np.fromiter(frames, np.int64, len(frames)))

    def _mark(self, places: NDArray[np.int64]) -> bool:
        is_news = not bool(self.damaged[places].all())
        self.damaged[places] = True
        return is_news

    def write(self, start: int, probabilities: NDArray[np.float32]) -> None:
        """Frames start..start+n are now known; probabilities (n, C).

        Costs O(n + log N), overwriting is allowed.
        """
        if probabilities.ndim != 2 or probabilities.shape[1] != self.class_count:
            raise ValueError(
                f"expected (n, {self.class_count}) probabilities, got {probabilities.shape}"
            )
        if start < 0 or start + len(probabilities) > self.frame_count:
            raise ValueError(
                f"frames {start}..{start + len(probabilities)} are outside 0..{self.frame_count}"
            )
        if not np.isfinite(probabilities).all():
            raise ValueError("probabilities must be finite")
        self._set(start, probabilities.astype(np.float16), np.ones(len(probabilities), np.bool_))

    def write_quick(self, start: int, stop: int, probabilities: NDArray[np.floating[Any]]) -> None:
        """A quick look saw this (C,) in a frame that stands for start..stop."""
        if self.quick is None:
            self.quick = Timeline(self.frame_count, self.class_count, self._thresholds)
        self.quick.write(start, np.repeat(probabilities[None].astype(np.float32), stop - start, 0))
        for track in self.tracks:
            track.timeline.write_quick(start, stop, probabilities[track.columns])

    def _set(self, start: int, raw: NDArray[np.float16], known: NDArray[np.bool_]) -> None:
        stop = start + len(raw)
        if stop == start:
            return
        self._known_count += int(known.sum()) - int(self._known[start:stop].sum())
        self._raw[start:stop] = raw
        self._known[start:stop] = known
        # argmax of what is stored, not of what came in: a restored timeline must give the same
        # labels
        leading = leading_classes(
            raw.astype(np.float32),
            self._thresholds,
            [track.columns.tolist() for track in self.tracks],
        )
        self._labels[start:stop] = np.where(known, leading, UNKNOWN)
        self._pyramid.update(start, self._raw, self._known, stop)
        for track in self.tracks:
            track.timeline._set(start, raw[:, track.columns], known)

    @property
    def track_names(self) -> tuple[str, ...]:
        """Of the class groups."""
        return tuple(track.name for track in self.tracks)

    @property
    def known_count(self) -> int:
        return self._known_count

    @property
    def raw(self) -> NDArray[np.float16]:
        """(N, C), zero where unknown; the timeline's own array, not to be written to."""
        return self._raw

    @property
    def known(self) -> NDArray[np.bool_]:
        """(N,); the timeline's own array, not to be written to."""
        return self._known

    def is_known(self, index: int) -> bool:
        return 0 <= index < self.frame_count and bool(self._known[index])

    def probabilities(self, index: int) -> NDArray[np.float32] | None:
        """(C,) of one frame, or None where unknown."""
        return self._raw[index].astype(np.float32) if self.is_known(index) else None

    def labels(self) -> NDArray[np.int16]:
        """(N,) best class of each frame, -1 where unknown; a copy.

        Of a model that tells class groups apart that of the first group that is named.
        """
        return self._labels.copy()

    def unsure(self) -> NDArray[np.bool_]:
        """(N,): known frames whose best class stays below its threshold."""
        best = np.maximum(self._labels, 0)
        top = self._raw[np.arange(self.frame_count), best].astype(np.float32)
        unsure: NDArray[np.bool_] = self._known & (top < self._thresholds[best])
        return unsure

    def window(self, edges: NDArray[np.float64]) -> Columns:
        """What n columns show: column i the frames edges[i]..edges[i + 1], fractions allowed, never
        falling; O(columns).

        A column that is narrower than what can be told apart shows what lies under its middle.
        Columns outside the procedure are unknown.
        """
        columns = len(edges) - 1
        if (
            columns < 1
            or not np.isfinite(edges).all()
            or (np.diff(edges) < 0).any()
            or edges[-1] <= edges[0]
        ):
            raise ValueError(f"no window of {columns} columns")
        left, right = edges[:-1], edges[1:]
        inside = (left < self.frame_count) & (right > 0)
        if not inside.any():
            return _nothing(columns, self.class_count)
        shown = self._shown(edges, inside)
        if self.quick is None or (shown.label[inside] != UNKNOWN).all():
            return shown
        return shown.filled(self.quick.window(edges))

    def _shown(self, edges: NDArray[np.float64], inside: NDArray[np.bool_]) -> Columns:
        columns = len(edges) - 1
        size, number = self._level(float(edges[-1] - edges[0]) / columns, edges)
        buckets = -(-self.frame_count // size)
        low, high = column_spans(edges, size)
        low, high = np.clip(low, 0, buckets - 1), np.clip(high, 1, buckets)
        first, last = int(low[inside].min()), int(high[inside].max())
        low, high = np.clip(low, first, last - 1), np.clip(high, first + 1, last)
        joined = self._cells(number, first, last).join(
            low - first, np.maximum(high, low + 1) - first
        )
        return _summary(joined, inside, last - first)

    def _level(self, span: float, edges: NDArray[np.float64]) -> tuple[int, int]:
        """(frames in a bucket, level) to read: as fine as the narrowest column asks for, or as
        MOST_CELLS allows.
        """
        narrowest = max(float(np.diff(edges).min()), FACTOR * span / MOST_CELLS, 1.0)
        size, number = 1, 0
        while size * FACTOR <= narrowest + 1e-9 and number < self._pyramid.depth:
            size, number = size * FACTOR, number + 1
        return size, number

    def _cells(self, number: int, low: int, high: int) -> Cells:
        if number == 0:
            return cells_of_frames(self._raw[low:high], self._known[low:high], self._thresholds)
        return self._pyramid.level(number).part(low, high)


def _summary(cells: Cells, inside: NDArray[np.bool_], touched: int) -> Columns:
    """One drawn column from each cell; those outside the procedure become unknown."""
    rows = np.arange(len(cells.count))
    some = inside & (cells.count > 0)
    count = np.maximum(cells.count, 1)
    winner = cells.total.argmax(axis=1)
    rivals = cells.peak.copy()
    rivals[rows, winner] = 0
    rival = rivals.argmax(axis=1)
    height = rivals[rows, rival]
    seen = some & (height >= PEAK_AT_LEAST)
    return Columns(
        label=np.where(some, winner, UNKNOWN).astype(np.int16),
        confidence=np.where(some, cells.total[rows, winner] / count, 0).astype(np.float32),
        uncertain=np.where(some, cells.uncertain / count, 0).astype(np.float32),
        peak_label=np.where(seen, rival, UNKNOWN).astype(np.int16),
        peak_share=np.where(seen, cells.votes[rows, rival] / count, 0).astype(np.float32),
        peak_confidence=np.where(seen, height, 0).astype(np.float32),
        touched=touched,
        quick=np.zeros(len(some), np.bool_),
    )


def _nothing(columns: int, classes: int) -> Columns:
    return _summary(Cells.empty(columns, classes), np.zeros(columns, np.bool_), 0)
