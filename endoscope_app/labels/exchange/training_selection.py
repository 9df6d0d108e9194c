"""Which frames a retraining learns from, by the labels alone. No Qt.

No image is opened, so that a plan can be had at any time.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from endoscope_app.labels.exchange import export_wording
from endoscope_app.labels.library.effective_labels import GROUPS
from endoscope_app.labels.library.frame_slots import groups_of
from endoscope_app.labels.library.label_reader import LabelReader
from endoscope_app.labels.library.records import FrameLabel, Procedure, RangeLabel
from kd_core.schema.reader_labels import NONE_OF_THESE

#: An import can name any frame: of a procedure whose length is not known, none beyond ten days at
#: 25 per second.
MOST_FRAMES = 25 * 3600 * 24 * 10
NONE = -1
_COLUMNS = ("index", "label", "by_group", "span", "span_by_group", "pts", "has_pts")


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

    ``index`` (N,) int64; ``label`` (N,) int32: places in the selection's ``labels``; ``by_group``
    (N, G) int32: the same of each group, NONE where it has none; ``span`` (N,)
    int64: the id of the range that the frame was taken from, -1 for a frame with a label of its
    own; ``span_by_group`` (N, G) int64: the id of the range that says the class of the group, -1
    where that is a label of the frame's own, or none; ``pts`` (N,) int64 ticks, which only frames
    of their own label and the ends of ranges have here: ``has_pts`` (N,) bool. ``pngs``: pts to
    content hash of the kept image. ``ranges`` by id.
    """

    procedure: Procedure
    index: NDArray[np.int64]
    label: NDArray[np.int32]
    span: NDArray[np.int64]
    pts: NDArray[np.int64]
    has_pts: NDArray[np.bool_]
    pngs: Mapping[int, str]
    ranges: Mapping[int, RangeLabel]
    by_group: NDArray[np.int32]
    span_by_group: NDArray[np.int64]

    @property
    def several(self) -> int:
        """Frames with labels of more than one group."""
        return int((np.count_nonzero(self.by_group != NONE, axis=1) > 1).sum())


class _Code(NamedTuple):
    """A class: its place among the labels, and that of its group in GROUPS."""

    place: int
    lane: int


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

    @property
    def several(self) -> int:
        """Frames with labels of more than one group."""
        return sum(chosen.several for chosen in self.procedures)

    def label_ids(self, *, all_groups: bool = False) -> tuple[str, ...]:
        """An id per label, of a frame or a range, by which it is known again.

        Of the label that a frame is learnt by; ``all_groups``: of those of every group.
        """
        ids = (
            each
            for chosen in self.procedures
            for place in range(len(chosen.index))
            for each in self.said(chosen, place, all_groups=all_groups).values()
        )
        return tuple(dict.fromkeys(ids))

    def said(self, chosen: ProcedureFrames, place: int, *, all_groups: bool) -> dict[str, str]:
        """What a frame teaches: label to its id; one label, or ``all_groups``: one of each group.

        In the order of the groups.
        """
        lanes = np.flatnonzero(chosen.by_group[place] != NONE) if all_groups else ()
        if not len(lanes):
            return {self.labels[int(chosen.label[place])]: self.label_id(chosen, place)}
        said = zip(chosen.by_group[place, lanes], chosen.span_by_group[place, lanes], strict=True)
        return {
            self.labels[int(label)]: self._id(chosen, place, int(span), int(label))
            for label, span in said
        }

    def label_id(self, chosen: ProcedureFrames, place: int) -> str:
        """The id of the label that a frame was taken by."""
        return self._id(chosen, place, int(chosen.span[place]), int(chosen.label[place]))

    def _id(self, chosen: ProcedureFrames, place: int, span: int, label: int) -> str:
        at = str(int(chosen.pts[place]))
        if span >= 0:
            ends = chosen.ranges[span]
            at = f"{ends.first_pts}-{ends.last_pts}"
        return f"{chosen.procedure.fingerprint}:{at}:{self.labels[label]}"


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
    ranges: a frame's own label wins over ranges of its group, and of overlapping ranges the one
    that was made later. A frame with labels of several groups is taken once, by its label of the
    first group: pathology, landmarks, preparation, other. The others go with it.
    """
    known = reader.classes()
    targets = [reader.resolved_class(each.id) for each in known]
    keys = tuple(dict.fromkeys(target.key for target in targets))
    called = {target.key: target.name for target in targets}
    lanes = groups_of(known)
    codes = {
        each.id: _Code(keys.index(target.key), GROUPS.index(lanes[each.id]))
        for each, target in zip(known, targets, strict=True)
    }
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
    reader: LabelReader, procedure: Procedure, codes: Mapping[int, _Code], none: int, step: int
) -> ProcedureFrames:
    count = procedure.frame_count if procedure.frame_count > 0 else MOST_FRAMES
    # Others are of no frame
    labels = reader.frame_labels(procedure.fingerprint)
    own = [label for label in labels if label.frame_index < count]
    ranges = reader.ranges(procedure.fingerprint)
    said = _Said(own, ranges, codes, count)
    parts = [_own(own)]
    # a later range takes its frames first, and one of the first group before all others
    in_turn = sorted(ranges, key=lambda span: (codes[span.class_id].lane, -span.id))
    free = said.free()
    for span in in_turn:
        parts.append(_of_range(span, step, free))
    index, range_id, pts, has_pts = (
        np.concatenate(columns) for columns in zip(*parts, strict=True)
    )
    order = np.lexsort((pts, index))
    index, range_id, pts, has_pts = (column[order] for column in (index, range_id, pts, has_pts))
    by_group, span_by_group = said.of(index)
    pngs = {label.pts: label.png for label in own if label.png is not None}
    spans = {span.id: span for span in ranges}
    label = first_of(by_group, none)
    return ProcedureFrames(
        procedure, index, label, range_id, pts, has_pts, pngs, spans, by_group, span_by_group
    )


def first_of(by_group: NDArray[np.int32], none: int) -> NDArray[np.int32]:
    """(N,) the class of the first group that has one of (N, G) classes; ``none`` for no class."""
    label = np.full(len(by_group), none, np.int32)
    for lane in by_group.T[::-1]:
        np.copyto(label, lane, where=lane >= 0)
    return label


class _Said:
    """What is said of every frame that anything is said of, group by group."""

    def __init__(
        self,
        own: list[FrameLabel],
        ranges: list[RangeLabel],
        codes: Mapping[int, _Code],
        count: int,
    ) -> None:
        last = max((span.last_index for span in ranges), default=-1)
        self._count = min(count, last + 1)
        self._ranges = [
            (span, codes[span.class_id]) for span in sorted(ranges, key=lambda span: span.id)
        ]
        self._own: dict[int, list[_Code]] = {}
        self._unusable = {label.frame_index for label in own if label.class_id is None}
        for label in own:
            given = self._own.setdefault(label.frame_index, [])
            if label.class_id is not None:
                given.append(codes[label.class_id])

    def free(self) -> NDArray[np.bool_]:
        """Frames that no label of their own has taken; none is beyond the last range."""
        free = np.ones(self._count, np.bool_)
        taken = np.fromiter(self._own, np.int64, len(self._own))
        free[taken[taken < self._count]] = False
        return free

    def of(self, index: NDArray[np.int64]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """(N, G) the place of the class of each group, NONE where there is none, and (N, G) the id
        of the range that says so, -1 for a label of the frame's own. ``index`` rises.
        """
        said = np.full((len(index), len(GROUPS)), NONE, np.int32)
        spans = np.full(said.shape, -1, np.int64)
        for span, code in self._ranges:
            ends = (span.first_index, min(span.last_index, self._count - 1) + 1)
            first, end = np.searchsorted(index, ends)
            said[first:end, code.lane], spans[first:end, code.lane] = code.place, span.id
        for row, frame in enumerate(index.tolist()):
            if frame in self._unusable:
                said[row], spans[row] = NONE, -1
            for code in self._own.get(frame, ()):
                said[row, code.lane], spans[row, code.lane] = code.place, -1
        return said, spans


Columns = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]


def _own(labels: list[FrameLabel]) -> Columns:
    """Every frame with a label of its own, once."""
    frames = {label.frame_index: label.pts for label in labels}
    count = len(frames)
    return (
        np.fromiter(frames, np.int64, count),
        np.full(count, -1, np.int64),
        np.fromiter(frames.values(), np.int64, count),
        np.ones(count, np.bool_),
    )


def _of_range(span: RangeLabel, step: int, free: NDArray[np.bool_]) -> Columns:
    """The range's frames that are free; all that it covers are taken after it."""
    end = min(span.last_index, len(free))
    every = np.append(np.arange(span.first_index, end, step, dtype=np.int64), span.last_index)
    every = every[every < len(free)]
    index = every[free[every]]
    free[span.first_index : span.last_index + 1] = False
    is_first, is_last = index == span.first_index, index == span.last_index
    pts = np.where(is_first, span.first_pts, np.where(is_last, span.last_pts, 0)).astype(np.int64)
    return index, np.full(len(index), span.id, np.int64), pts, is_first | is_last
