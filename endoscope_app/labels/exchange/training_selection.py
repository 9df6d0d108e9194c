"""Which frames a retraining learns from, by the labels alone: no image is opened, so that a
plan can be had at any time. No Qt.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from endoscope_app.labels.library.label_reader import LabelReader
from endoscope_app.labels.library.records import FrameLabel, Procedure, RangeLabel
from kd_core.schema.reader_labels import NONE_OF_THESE

#: An import can name any frame: of a recording whose length is not known, none beyond ten days at
#: 25 per second.
MOST_FRAMES = 25 * 3600 * 24 * 10


@dataclass(frozen=True, slots=True)
class RangeSampling:
    """Of a labelled range its first frame, every ``step``-th after it and its last; ``thin``:
    without those nearly like the one before.

    ValueError for a step below 1.
    """

    step: int = 5
    thin: bool = True

    def __post_init__(self) -> None:
        if self.step < 1:
            raise ValueError(f"every {self.step}th frame means nothing")


@dataclass(frozen=True)
class ProcedureFrames:
    """The N chosen frames of one procedure, in the order of their indices.

    ``index`` (N,) int64; ``label`` (N,) int32: places in the selection's ``labels``; ``span`` (N,)
    int64: the id of the range that the frame was taken from, -1 for a frame with a label of its
    own; ``pts`` (N,) int64 ticks, which only frames of their own label and the ends of ranges have
    here: ``has_pts`` (N,) bool. ``pngs``: pts to content hash of the kept image. ``ranges`` by id.
    """

    procedure: Procedure
    index: NDArray[np.int64]
    label: NDArray[np.int32]
    span: NDArray[np.int64]
    pts: NDArray[np.int64]
    has_pts: NDArray[np.bool_]
    pngs: Mapping[int, str]
    ranges: Mapping[int, RangeLabel]


@dataclass(frozen=True)
class TrainingSelection:
    """Frames to learn from.

    ``labels``: class keys, the last being NONE_OF_THESE; ``names``: what the reader calls each.
    """

    labels: tuple[str, ...]
    names: tuple[str, ...]
    procedures: tuple[ProcedureFrames, ...]
    sampling: RangeSampling = field(default_factory=RangeSampling)

    @property
    def count(self) -> int:
        """Frames in all, before near ones are left out."""
        return sum(len(one.index) for one in self.procedures)

    @property
    def from_ranges(self) -> int:
        """Of those, frames of ranges: so many may be near to the one before."""
        return sum(int((one.span >= 0).sum()) for one in self.procedures)

    def counts(self, chosen: ProcedureFrames) -> dict[str, int]:
        """Frames of one procedure per label, only those that there are."""
        found = Counter(chosen.label.tolist())
        return {self.labels[place]: found[place] for place in sorted(found)}

    def words(self) -> tuple[str, ...]:
        """One word per label, frame or range, by which it is known again whatever the clock
        says.
        """
        return tuple(
            dict.fromkeys(word for chosen in self.procedures for word in self._words_of(chosen))
        )

    def fresh(self, chosen: ProcedureFrames, before: Collection[str]) -> dict[str, int]:
        """As ``counts``, of frames whose label's word is not in ``before``."""
        made: Counter[str] = Counter()
        for place, word in zip(chosen.label.tolist(), self._words_of(chosen), strict=True):
            made[self.labels[place]] += word not in before
        return dict(made)

    def word(self, chosen: ProcedureFrames, place: int) -> str:
        """The word of the label that a frame was taken by."""
        span, name = int(chosen.span[place]), self.labels[int(chosen.label[place])]
        at = str(int(chosen.pts[place]))
        if span >= 0:
            found = chosen.ranges[span]
            at = f"{found.first_pts}-{found.last_pts}"
        return f"{chosen.procedure.fingerprint}:{at}:{name}"

    def _words_of(self, chosen: ProcedureFrames) -> Iterator[str]:
        return (self.word(chosen, place) for place in range(len(chosen.index)))


def select(
    reader: LabelReader, sampling: RangeSampling, fingerprints: Collection[str] | None = None
) -> TrainingSelection:
    """Of these procedures, all for None. Merged classes count as the one that they went into.

    Frames labelled with a class or agreed on, frames marked as none of the classes, and frames of
    ranges: a frame's own label wins over ranges, and of overlapping ranges the one that was made
    later.
    """
    known = reader.classes()
    targets = [reader.resolved_class(one.id) for one in known]
    keys = tuple(dict.fromkeys(one.key for one in targets))
    called = {one.key: one.name for one in targets}
    codes = {one.id: keys.index(target.key) for one, target in zip(known, targets, strict=True)}
    labelled = reader.labelled_procedures()
    wanted = labelled if fingerprints is None else labelled & set(fingerprints)
    procedures = (one for one in reader.procedures() if one.fingerprint in wanted)
    chosen = [_of_procedure(reader, one, codes, len(keys), sampling.step) for one in procedures]
    labels, names = (*keys, NONE_OF_THESE), (*(called[key] for key in keys), "none of these")
    return TrainingSelection(
        labels, names, tuple(one for one in chosen if len(one.index)), sampling
    )


def _of_procedure(
    reader: LabelReader, procedure: Procedure, codes: Mapping[int, int], none: int, step: int
) -> ProcedureFrames:
    count = procedure.frame_count if procedure.frame_count > 0 else MOST_FRAMES
    # Others are of no frame
    own = [one for one in reader.frame_labels(procedure.fingerprint) if one.frame_index < count]
    ranges = reader.ranges(procedure.fingerprint)
    parts = [_own(own, codes, none)]
    free = _free(own, ranges, count)
    for found in sorted(ranges, key=lambda one: -one.id):  # a later one takes its frames first
        parts.append(_of_range(found, codes[found.class_id], step, free))
    index, label, span, pts, has_pts = (
        np.concatenate(columns) for columns in zip(*parts, strict=True)
    )
    order = np.lexsort((pts, index))
    pngs = {one.pts: one.png for one in own if one.png is not None}
    columns = index[order], label[order], span[order], pts[order], has_pts[order]
    return ProcedureFrames(procedure, *columns, pngs, {one.id: one for one in ranges})


Columns = tuple[
    NDArray[np.int64], NDArray[np.int32], NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]
]


def _own(labels: list[FrameLabel], codes: Mapping[int, int], none: int) -> Columns:
    count = len(labels)
    return (
        np.fromiter((one.frame_index for one in labels), np.int64, count),
        np.fromiter(
            (none if one.class_id is None else codes[one.class_id] for one in labels),
            np.int32,
            count,
        ),
        np.full(count, -1, np.int64),
        np.fromiter((one.pts for one in labels), np.int64, count),
        np.ones(count, np.bool_),
    )


def _free(own: list[FrameLabel], ranges: list[RangeLabel], count: int) -> NDArray[np.bool_]:
    """Frames that no label has taken yet: those with one of their own are taken from the start,
    and none is beyond ``count``.
    """
    free = np.ones(min(count, max((one.last_index for one in ranges), default=-1) + 1), np.bool_)
    taken = np.fromiter((one.frame_index for one in own), np.int64, len(own))
    free[taken[taken < len(free)]] = False
    return free


def _of_range(found: RangeLabel, code: int, step: int, free: NDArray[np.bool_]) -> Columns:
    """The range's frames that are free; all that it covers are taken after it."""
    end = min(found.last_index, len(free))
    every = np.append(np.arange(found.first_index, end, step, dtype=np.int64), found.last_index)
    every = every[every < len(free)]
    index = every[free[every]]
    free[found.first_index : found.last_index + 1] = False
    is_first, is_last = index == found.first_index, index == found.last_index
    pts = np.where(is_first, found.first_pts, np.where(is_last, found.last_pts, 0)).astype(np.int64)
    count = len(index)
    return (
        index,
        np.full(count, code, np.int32),
        np.full(count, found.id, np.int64),
        pts,
        is_first | is_last,
    )
