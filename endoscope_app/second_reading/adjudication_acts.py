"""What counts where two readers differ, as one act: the labels that say so and the record of both
opinions stand or fall together, with one undo. No Qt.

Building writes nothing; LabelStore.apply does.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace

from endoscope_app.labels.library import edits
from endoscope_app.labels.library.effective_labels import GROUPS, effective
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.labels.library.records import (
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
        own = [moment(index).pts for index in inside if labels.own[index]]
        yield from edits.clear_frames(library, procedure, own).rows
        yield from _cut_out(store, procedure, item, moment)
        return
    if outcome == NONE_OF_THESE:
        wrong = [moment(index) for index in inside if not labels.unusable[index]]
        yield from edits.mark_unusable(library, procedure, wrong).rows
        return
    chosen = library.class_of_key(outcome)
    if chosen is None:
        raise KeyError(outcome)
    wrong_ones = [index for index in inside if int(labels.first[index]) != chosen.id]
    own_ones = [moment(index) for index in wrong_ones if labels.own[index]]
    # What stands in a group before the chosen class's would count instead of it
    groups = library.groups()
    before = {
        class_id
        for class_id, group in groups.items()
        if GROUPS.index(group) < GROUPS.index(groups[chosen.id])
    }
    for at in own_ones:
        for label in library.labels_at(procedure, at.pts):
            if label.class_id in before:
                yield RowChange("frame_labels", procedure, label, None)
    yield from edits.label_frames(library, procedure, own_ones, chosen.id).rows
    if wrong_ones:
        yield from _cut_out(store, procedure, item, moment, before)
    if len(own_ones) < len(wrong_ones):
        ends = moment(item.first_index), moment(item.last_index)
        number = store.new_id("range_labels")
        yield from edits.add_range(library, procedure, *ends, chosen.id, number).rows


def _cut_out(
    store: LabelStore,
    procedure: str,
    item: Difference,
    moment: MomentOf,
    classes: Collection[int] | None = None,
) -> Iterator[RowChange]:
    """No range, of these classes or of any, reaches into the stretch any more; what lies before and
    after it stays.
    """
    for span in store.read.ranges(procedure):
        if classes is not None and span.class_id not in classes:
            continue
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
