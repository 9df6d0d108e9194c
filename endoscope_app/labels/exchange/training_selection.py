"""Which frames a retraining learns from, by the labels alone. No Qt.

No image is opened, so that a plan can be had at any time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from endoscope_app.labels.exchange import export_wording
from endoscope_app.labels.library.label_reader import LabelReader
from endoscope_app.labels.library.records import FrameLabel, Procedure, RangeLabel
from kd_core.schema.reader_labels import NONE_OF_THESE

#: An import can name any frame: of a procedure whose length is not known, none beyond ten days at
#: 25 per second.
MOST_FRAMES = 25 * 3600 * 24 * 10
_COLUMNS = ("index", "label", "span", "pts", "has_pts")


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
    ``disputed``: by fingerprint, frames left out because two readers have not said the same.
    """

    labels: tuple[str, ...]
    names: tuple[str, ...]
    procedures: tuple[ProcedureFrames, ...]
    sampling: RangeSampling = field(default_factory=RangeSampling)
    disputed: Mapping[str, int] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """Frames in all, before near ones are left out."""
        return sum(len(chosen.index) for chosen in self.procedures)

    @property
    def from_ranges(self) -> int:
        """Of those, frames of ranges: so many may be near to the one before."""
        return sum(int((chosen.span >= 0).sum()) for chosen in self.procedures)

    def counts(self, chosen: ProcedureFrames) -> dict[str, int]:
        """Frames of one procedure per label, only those that there are."""
        counts = Counter(chosen.label.tolist())
        return {self.labels[place]: counts[place] for place in sorted(counts)}

    def label_ids(self) -> tuple[str, ...]:
        """An id per label, of a frame or a range, by which it is known again."""
        ids = (each for chosen in self.procedures for each in self._label_ids_of(chosen))
        return tuple(dict.fromkeys(ids))

    def fresh(self, chosen: ProcedureFrames, before: Collection[str]) -> dict[str, int]:
        """As ``counts``, of frames whose label's id is not in ``before``."""
        counts: Counter[str] = Counter()
        for place, label_id in zip(chosen.label.tolist(), self._label_ids_of(chosen), strict=True):
            counts[self.labels[place]] += label_id not in before
        return dict(counts)

    def label_id(self, chosen: ProcedureFrames, place: int) -> str:
        """The id of the label that a frame was taken by."""
        span, name = int(chosen.span[place]), self.labels[int(chosen.label[place])]
        at = str(int(chosen.pts[place]))
        if span >= 0:
            label = chosen.ranges[span]
            at = f"{label.first_pts}-{label.last_pts}"
        return f"{chosen.procedure.fingerprint}:{at}:{name}"

    def _label_ids_of(self, chosen: ProcedureFrames) -> Iterator[str]:
        return (self.label_id(chosen, place) for place in range(len(chosen.index)))


def select(
    reader: LabelReader,
    sampling: RangeSampling,
    fingerprints: Collection[str] | None = None,
    learnable: Mapping[str, NDArray[np.bool_]] | None = None,
) -> TrainingSelection:
    """Of these procedures, all for None. Merged classes count as the one that they went into.

    ``learnable``: by fingerprint, the frames (N,) of which alone something is learnt, of procedures
    that were read twice.

    Frames labelled with a class or agreed on, frames marked as none of the classes, and frames of
    ranges: a frame's own label wins over ranges, and of overlapping ranges the one that was made
    later.
    """
    known = reader.classes()
    targets = [reader.resolved_class(each.id) for each in known]
    keys = tuple(dict.fromkeys(target.key for target in targets))
    called = {target.key: target.name for target in targets}
    codes = {each.id: keys.index(target.key) for each, target in zip(known, targets, strict=True)}
    labelled = reader.labelled_procedures()
    wanted = labelled if fingerprints is None else labelled & set(fingerprints)
    procedures = (each for each in reader.procedures() if each.fingerprint in wanted)
    labelled_frames = [
        _of_procedure(reader, each, codes, len(keys), sampling.step) for each in procedures
    ]
    chosen = [
        _undisputed(frames, (learnable or {}).get(frames.procedure.fingerprint))
        for frames in labelled_frames
    ]
    disputed = {
        before.procedure.fingerprint: len(before.index) - len(after.index)
        for before, after in zip(labelled_frames, chosen, strict=True)
        if len(after.index) < len(before.index)
    }
    labels, names = (
        (*keys, NONE_OF_THESE),
        (*(called[key] for key in keys), export_wording.NONE_OF_THESE_NAME),
    )
    return TrainingSelection(
        labels, names, tuple(frames for frames in chosen if len(frames.index)), sampling, disputed
    )


def _undisputed(frames: ProcedureFrames, learnable: NDArray[np.bool_] | None) -> ProcedureFrames:
    if learnable is None:
        return frames
    is_in = frames.index < len(learnable)
    is_in[is_in] = learnable[frames.index[is_in]]
    columns = {name: getattr(frames, name)[is_in] for name in _COLUMNS}
    return replace(frames, **columns)


def _of_procedure(
    reader: LabelReader, procedure: Procedure, codes: Mapping[int, int], none: int, step: int
) -> ProcedureFrames:
    count = procedure.frame_count if procedure.frame_count > 0 else MOST_FRAMES
    # Others are of no frame
    labels = reader.frame_labels(procedure.fingerprint)
    own = [label for label in labels if label.frame_index < count]
    ranges = reader.ranges(procedure.fingerprint)
    parts = [_own(own, codes, none)]
    free = _free(own, ranges, count)
    for span in sorted(ranges, key=lambda span: -span.id):  # a later range takes its frames first
        parts.append(_of_range(span, codes[span.class_id], step, free))
    index, code, range_id, pts, has_pts = (
        np.concatenate(columns) for columns in zip(*parts, strict=True)
    )
    order = np.lexsort((pts, index))
    pngs = {label.pts: label.png for label in own if label.png is not None}
    columns = index[order], code[order], range_id[order], pts[order], has_pts[order]
    return ProcedureFrames(procedure, *columns, pngs, {span.id: span for span in ranges})


Columns = tuple[
    NDArray[np.int64], NDArray[np.int32], NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]
]


def _own(labels: list[FrameLabel], codes: Mapping[int, int], none: int) -> Columns:
    count = len(labels)
    return (
        np.fromiter((label.frame_index for label in labels), np.int64, count),
        np.fromiter(
            (none if label.class_id is None else codes[label.class_id] for label in labels),
            np.int32,
            count,
        ),
        np.full(count, -1, np.int64),
        np.fromiter((label.pts for label in labels), np.int64, count),
        np.ones(count, np.bool_),
    )


def _free(own: list[FrameLabel], ranges: list[RangeLabel], count: int) -> NDArray[np.bool_]:
    """Frames that no label has taken yet; none is beyond ``count``.

    Those with a label of their own are taken from the start.
    """
    free = np.ones(min(count, max((span.last_index for span in ranges), default=-1) + 1), np.bool_)
    taken = np.fromiter((label.frame_index for label in own), np.int64, len(own))
    free[taken[taken < len(free)]] = False
    return free


def _of_range(span: RangeLabel, code: int, step: int, free: NDArray[np.bool_]) -> Columns:
    """The range's frames that are free; all that it covers are taken after it."""
    end = min(span.last_index, len(free))
    every = np.append(np.arange(span.first_index, end, step, dtype=np.int64), span.last_index)
    every = every[every < len(free)]
    index = every[free[every]]
    free[span.first_index : span.last_index + 1] = False
    is_first, is_last = index == span.first_index, index == span.last_index
    pts = np.where(is_first, span.first_pts, np.where(is_last, span.last_pts, 0)).astype(np.int64)
    count = len(index)
    return (
        index,
        np.full(count, code, np.int32),
        np.full(count, span.id, np.int64),
        pts,
        is_first | is_last,
    )
