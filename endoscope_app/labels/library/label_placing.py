"""Where labels stand: after a procedure's content, or the program's way of counting its frames,
has changed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from endoscope_app.labels.library import wording
from endoscope_app.labels.library.edits import compound, register_procedure
from endoscope_app.labels.library.label_reader import LabelReader
from endoscope_app.labels.library.records import (
    Act,
    FrameLabel,
    FrameMoment,
    Procedure,
    RangeLabel,
    RowChange,
)
from endoscope_app.labels.library.segment_placing import (
    PlaceOf,
    SecondsOf,
    carried_pairs,
    carried_segments,
)


@dataclass(frozen=True)
class CarryOver:
    """``act`` moves ``carried`` labels.

    Staying where they are: ``gone``, whose frame is no longer there or is another one now; ``torn``
    ranges, in which frames were added or taken away; ``taken``, whose frame has a label already.
    """

    act: Act
    carried: int
    gone: int
    torn: int
    taken: int

    def sentence(self) -> str:
        """What was moved, and what was not and why, for the reader."""
        left = (
            (self.gone, wording.FRAME_GONE),
            (self.torn, wording.RANGE_TORN),
            (self.taken, wording.FRAME_TAKEN),
        )
        behind = [wording.stays_behind(number, why) for number, why in left if number]
        return " ".join((wording.carried_over(self.carried), *behind))


def by_stamp(stamps: Sequence[int]) -> PlaceOf:
    """For content whose stamps mean the same before and after: a label goes to the frame of its
    stamp.
    """
    index_of = {int(stamp): index for index, stamp in enumerate(stamps)}
    return lambda pts, _: FrameMoment(pts, index_of[pts]) if pts in index_of else None


def by_offset(stamps: Sequence[int], first: int, count: int) -> PlaceOf:
    """For a file of ``count`` frames that are those from ``first`` on of a procedure with these
    stamps.
    """

    def place_of(_: int, index: int) -> FrameMoment | None:
        at = first + index
        return FrameMoment(int(stamps[at]), at) if 0 <= index < count else None

    return place_of


def by_table(places: Mapping[int, FrameMoment]) -> PlaceOf:
    """Looked up by the stamp of before."""
    return lambda pts, _: places.get(pts)


def carry_over(
    library: LabelReader,
    old_fingerprint: str,
    procedure: Procedure,
    place_of: PlaceOf,
    seconds_of: SecondsOf = float,
    taken_by_others: Collection[int] = (),
) -> CarryOver:
    """Move the labels of ``old_fingerprint`` to ``procedure``, each to its frame, as one act that
    its undo takes back whole.

    A frame that is labelled under the new fingerprint already keeps that label. What cannot be
    placed stays: nothing is lost. Decided segments go with them; ``seconds_of``: see there.
    ``taken_by_others``: stamps that count as labelled too.
    """
    new = procedure.fingerprint
    old = library.procedure(old_fingerprint)
    if old is not None and library.procedure(new) is None:
        procedure = replace(procedure, patient=procedure.patient or old.patient)
    changes = [*register_procedure(library, procedure).rows]
    labelled: dict[int, int | None] = dict.fromkeys(taken_by_others)
    labelled |= {label.pts: None for label in library.frame_labels(new)}
    gone = torn = taken = 0
    for label in library.frame_labels(old_fingerprint):
        at = place_of(label.pts, label.frame_index)
        if at is None:
            gone += 1
        elif labelled.get(at.pts, label.pts) != label.pts:
            taken += 1
        else:  # all labels of a frame go to the same one
            labelled[at.pts] = label.pts
            moved = replace(label, pts=at.pts, frame_index=at.frame_index)
            changes += [
                RowChange("frame_labels", old_fingerprint, label, None),
                RowChange("frame_labels", new, None, moved),
            ]
    for span in library.ranges(old_fingerprint):
        ends = place_of(span.first_pts, span.first_index), place_of(span.last_pts, span.last_index)
        if ends[0] is None or ends[1] is None:
            gone += 1
        elif ends[1].frame_index - ends[0].frame_index != span.last_index - span.first_index:
            torn += 1
        else:
            moved_span = replace(
                span,
                first_pts=ends[0].pts,
                last_pts=ends[1].pts,
                first_index=ends[0].frame_index,
                last_index=ends[1].frame_index,
            )
            changes += [
                RowChange("range_labels", old_fingerprint, span, None),
                RowChange("range_labels", new, None, moved_span),
            ]
    carried = sum(change.table != "procedures" for change in changes) // 2
    changes += carried_segments(library, old_fingerprint, new, place_of, seconds_of)
    changes += carried_pairs(library, old_fingerprint, new, place_of)
    undoable = any(change.table != "procedures" for change in changes)
    act = Act(wording.carry_over_title(carried), tuple(changes), undoable=undoable, scope=new)
    return CarryOver(act, carried, gone, torn, taken)


def carry_all(
    library: LabelReader,
    sources: Sequence[tuple[str, PlaceOf]],
    procedure: Procedure,
    seconds_of: SecondsOf = float,
) -> CarryOver:
    """As ``carry_over`` of several procedures (fingerprint, and where its frames are), as one act.

    Where two of them have a label on one frame, that of the first goes there.
    """
    known = map(library.procedure, (fingerprint for fingerprint, _ in sources))
    patients = (old.patient for old in known if old is not None and old.patient)
    if library.procedure(procedure.fingerprint) is None:
        procedure = replace(procedure, patient=next(patients, ""))
    taken: set[int] = set()
    done: list[CarryOver] = []
    for fingerprint, place_of in sources:
        done.append(carry_over(library, fingerprint, procedure, place_of, seconds_of, taken))
        rows = (change.after for change in done[-1].act.rows)
        taken |= {row.pts for row in rows if isinstance(row, FrameLabel)}
    carried, gone, torn, behind = (
        sum(getattr(each, name) for each in done) for name in ("carried", "gone", "torn", "taken")
    )
    act = compound(wording.carry_over_title(carried), [each.act for each in done])
    act = replace(act, scope=procedure.fingerprint)
    return CarryOver(act, carried, gone, torn, behind)


def are_settled(library: LabelReader, fingerprint: str, stamps: NDArray[np.int64]) -> bool:
    """Whether every label stands at the index of its stamp, ``stamps`` (N,): asked at every
    opening, of 100,000 labels too.
    """
    own = library.label_arrays(fingerprint)
    ends = [
        end
        for span in library.ranges(fingerprint)
        for end in ((span.first_pts, span.first_index), (span.last_pts, span.last_index))
    ]
    pts = np.concatenate([own.pts, np.array([end[0] for end in ends], np.int64)])
    places = np.concatenate([own.frame_index, np.array([end[1] for end in ends], np.int64)])
    return bool((places < len(stamps)).all()) and bool((stamps[places] == pts).all())


def settle(library: LabelReader, fingerprint: str, stamps: Sequence[int]) -> Act:
    """Every label at the index of its stamp; those whose stamp is of no frame beyond the last
    index, where nothing shows or counts them.

    Undo passes over it: where a stamp lies is a fact.
    """
    index_of = {int(stamp): index for index, stamp in enumerate(stamps)}
    beyond = _Beyond(len(stamps), without_frame(library, fingerprint, len(stamps)))
    changes: list[RowChange] = []
    lost: dict[int, int] = {}
    for label in library.frame_labels(fingerprint):
        index = index_of.get(label.pts, lost.get(label.pts))
        if index is None:  # all labels of a frame go to the same one
            index = beyond.place(label.frame_index, label.frame_index)[0]
            lost[label.pts] = index
        changes.append(
            RowChange("frame_labels", fingerprint, label, replace(label, frame_index=index))
        )
    for span in library.ranges(fingerprint):
        first, last = index_of.get(span.first_pts), index_of.get(span.last_pts)
        if first is None or last is None:
            first, last = beyond.place(span.first_index, span.last_index)
        changes.append(RowChange("range_labels", fingerprint, span, _between(span, first, last)))
    moved = tuple(change for change in changes if change.before != change.after)
    return Act(wording.PLACES_TITLE, moved, undoable=False, scope=fingerprint)


def kept_by_number(library: LabelReader, known: Procedure, now: Procedure) -> bool:
    """Whether the labels of ``known`` are kept by the number of their frame although ``now`` its
    frames have better stamps.

    Version 1 counted the frames of files whose clock restarts or stands still; they are known by
    byte position since.
    """
    if (
        known.stamp_kind not in ("", "count")
        or now.stamp_kind != "position"
        or known.frame_count != now.frame_count
    ):
        return False
    own, spans = library.label_arrays(known.fingerprint), library.ranges(known.fingerprint)
    ends = [
        (item.first_pts, item.last_pts) == (item.first_index, item.last_index) for item in spans
    ]
    return bool((own.pts == own.frame_index).all()) and all(ends) and len(own.pts) + len(spans) > 0


def stamped_anew(library: LabelReader, fingerprint: str, stamps: Sequence[int]) -> Act:
    """Labels that are kept by the number of their frame, under the stamp of that frame instead.

    It can be undone as any act: earlier acts know the labels by their numbers, and can only be
    undone after it.
    """
    changes: list[RowChange] = []
    for label in library.frame_labels(fingerprint):
        moved = replace(label, pts=int(stamps[label.frame_index]))
        changes += [
            RowChange("frame_labels", fingerprint, label, None),
            RowChange("frame_labels", fingerprint, None, moved),
        ]
    for span in library.ranges(fingerprint):
        ends = int(stamps[span.first_index]), int(stamps[span.last_index])
        changes.append(
            RowChange(
                "range_labels",
                fingerprint,
                span,
                replace(span, first_pts=ends[0], last_pts=ends[1]),
            )
        )
    return Act(wording.BY_NUMBER_TITLE, tuple(changes), scope=fingerprint)


def without_frame(
    library: LabelReader, fingerprint: str, frame_count: int
) -> list[FrameLabel | RangeLabel]:
    """The labels that belong to no frame, once they are settled."""
    frames = [
        label for label in library.frame_labels(fingerprint) if label.frame_index >= frame_count
    ]
    return [
        *frames,
        *(span for span in library.ranges(fingerprint) if span.last_index >= frame_count),
    ]


def remove(fingerprint: str, labels: Sequence[FrameLabel | RangeLabel]) -> Act:
    """Delete these labels, as one act."""
    rows = [
        RowChange(
            "frame_labels" if isinstance(label, FrameLabel) else "range_labels",
            fingerprint,
            label,
            None,
        )
        for label in labels
    ]
    return Act(wording.remove_lost_title(len(rows)), tuple(rows), scope=fingerprint)


def _between(span: RangeLabel, first: int, last: int) -> RangeLabel:
    if first <= last:
        return replace(span, first_index=first, last_index=last)
    return replace(
        span, first_pts=span.last_pts, last_pts=span.first_pts, first_index=last, last_index=first
    )


class _Beyond:
    """Indices after the last frame, each given once; what stands there already stays."""

    def __init__(self, count: int, standing: Sequence[FrameLabel | RangeLabel]) -> None:
        self._count = count
        self._next = max((_last(label) + 1 for label in standing), default=count)

    def place(self, first: int, last: int) -> tuple[int, int]:
        if last >= self._count:
            return first, last
        start = self._next
        self._next += last - first + 1
        return start, start + last - first


def _last(label: FrameLabel | RangeLabel) -> int:
    return label.frame_index if isinstance(label, FrameLabel) else label.last_index
