"""What counts where two readers differ, as one act: the labels that say so and the record of both
opinions stand or fall together, with one undo. No Qt.

Building writes nothing; LabelStore.apply does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from endoscope_app.labels.library import edits
from endoscope_app.labels.library.effective_labels import EffectiveLabels, effective
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.labels.library.records import (
    FRAME_KINDS,
    Act,
    FrameMoment,
    RangeLabel,
    RowChange,
)
from endoscope_app.labels.library.second_reading_records import OPEN, Adjudication
from endoscope_app.second_reading.two_readings import Difference
from kd_core.schema.reader_labels import NONE_OF_THESE

MomentOf = Callable[[int], FrameMoment]


def adjudicate(
    store: LabelStore, procedure: str, item: Difference, outcome: str, moment: MomentOf, title: str
) -> Act:
    """``outcome``: a class's key, NONE_OF_THESE, empty for no label at all, or OPEN, which leaves
    the labels as they are. KeyError for a class that is not there.
    """
    rows = [*_label_rows(store, procedure, item, outcome, moment)]
    first, last = moment(item.first_index), moment(item.last_index)
    before = _standing(store, procedure, item)
    after = Adjudication(
        store.new_id("adjudications") if before is None else before.id,
        first.pts,
        last.pts,
        item.first_index,
        item.last_index,
        item.first_said,
        item.second_said,
        outcome,
    )
    return Act(
        title, (*rows, RowChange("adjudications", procedure, before, after)), scope=procedure
    )


def _standing(store: LabelStore, procedure: str, item: Difference) -> Adjudication | None:
    ends = (item.first_index, item.last_index)
    known = store.read.adjudications(procedure)
    return next((one for one in known if (one.first_index, one.last_index) == ends), None)


def _label_rows(
    store: LabelStore, procedure: str, item: Difference, outcome: str, moment: MomentOf
) -> Iterator[RowChange]:
    """The changes that make every frame of the stretch count as the outcome says."""
    if outcome == OPEN:
        return
    library, inside = store.read, range(item.first_index, item.last_index + 1)
    labels = effective(library, procedure, item.last_index + 1)
    if not outcome:
        own = [moment(index).pts for index in inside if _is_own(labels, index)]
        yield from edits.clear_frames(library, procedure, own).rows
        yield from _cut_out(store, procedure, item, moment)
        return
    if outcome == NONE_OF_THESE:
        wrong = [
            moment(index) for index in inside if labels.kind[index] != FRAME_KINDS.index("unusable")
        ]
        yield from edits.mark_unusable(library, procedure, wrong).rows
        return
    chosen = library.class_of_key(outcome)
    if chosen is None:
        raise KeyError(outcome)
    wrong_ones = [index for index in inside if int(labels.class_id[index]) != chosen.id]
    own_ones = [moment(index) for index in wrong_ones if _is_own(labels, index)]
    yield from edits.label_frames(library, procedure, own_ones, chosen.id).rows
    if len(own_ones) < len(wrong_ones):
        ends = moment(item.first_index), moment(item.last_index)
        number = store.new_id("range_labels")
        yield from edits.add_range(library, procedure, *ends, chosen.id, number).rows


def _is_own(labels: EffectiveLabels, index: int) -> bool:
    return bool(labels.kind[index] >= 0 and not labels.from_range[index])


def _cut_out(
    store: LabelStore, procedure: str, item: Difference, moment: MomentOf
) -> Iterator[RowChange]:
    """No range reaches into the stretch any more; what lies before and after it stays."""
    for span in store.read.ranges(procedure):
        if span.last_index < item.first_index or span.first_index > item.last_index:
            continue
        parts = list(_rest(span, item, moment))
        yield RowChange("range_labels", procedure, span, parts[0] if parts else None)
        for part in parts[1:]:
            number = store.new_id("range_labels")
            yield RowChange("range_labels", procedure, None, replace(part, id=number))


def _rest(span: RangeLabel, item: Difference, moment: MomentOf) -> Iterator[RangeLabel]:
    if span.first_index < item.first_index:
        end = moment(item.first_index - 1)
        yield replace(span, last_pts=end.pts, last_index=end.frame_index)
    if span.last_index > item.last_index:
        start = moment(item.last_index + 1)
        yield replace(span, first_pts=start.pts, first_index=start.frame_index)
