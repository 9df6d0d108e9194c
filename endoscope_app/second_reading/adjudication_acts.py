"""What counts where two readers differ, as one act: the labels that say so and the record of both
opinions stand or fall together, with one undo. No Qt.

Building writes nothing; LabelStore.apply does.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace

from endoscope_app.labels.library import edits
from endoscope_app.labels.library.effective_labels import GROUPS, EffectiveLabels, effective
from endoscope_app.labels.library.frame_slots import given
from endoscope_app.labels.library.label_arrays import NO_CLASS
from endoscope_app.labels.library.label_reader import LabelReader
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.labels.library.records import (
    Act,
    FrameLabel,
    FrameMoment,
    LabelClass,
    RangeLabel,
    RowChange,
)
from endoscope_app.labels.library.second_reading_records import OPEN, Adjudication
from endoscope_app.second_reading.two_readings import Difference
from kd_core.schema.class_groups import ClassGroup
from kd_core.schema.reader_labels import NONE_OF_THESE

MomentOf = Callable[[int], FrameMoment]


def meant(item: Difference, outcome: str) -> str:
    """What an outcome means for this disagreement: none of these is said of a frame as a whole, so
    where other groups are labelled, it is no label of this group.
    """
    return "" if outcome == NONE_OF_THESE and item.beside and not item.whole else outcome


def adjudicate(
    store: LabelStore, procedure: str, item: Difference, outcome: str, moment: MomentOf, title: str
) -> Act:
    """``outcome``: see ``meant``; a class's key, NONE_OF_THESE, empty for no label of this group,
    or OPEN, which leaves the labels as they are. Labels of other groups stay, unless the frames
    are none of these. KeyError for a class that is not there.
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
    for known in store.read.adjudications(procedure):
        group = _group_of(store.read, known.first_said, known.second_said)
        if (known.first_index, known.last_index) == ends and group == item.group:
            return known
    return None


def _group_of(library: LabelReader, *said: str) -> ClassGroup:
    groups = library.groups()
    classes = [library.class_of_key(key) for key in said]
    return next((groups[each.id] for each in classes if each is not None), GROUPS[0])


def _label_rows(
    store: LabelStore, procedure: str, item: Difference, outcome: str, moment: MomentOf
) -> Iterator[RowChange]:
    """The changes that make every frame of the stretch count as the outcome says."""
    if outcome == OPEN:
        return
    library, inside = store.read, range(item.first_index, item.last_index + 1)
    labels = effective(library, procedure, item.last_index + 1)
    if outcome == NONE_OF_THESE:
        wrong = [moment(index) for index in inside if not labels.unusable[index]]
        yield from edits.mark_unusable(library, procedure, wrong).rows
        return
    if not outcome:
        group = None if item.whole else item.group
        yield from _taken_off(store, procedure, item, moment, group)
        return
    chosen = library.class_of_key(outcome)
    if chosen is None:
        raise KeyError(outcome)
    if library.groups()[chosen.id] != item.group:
        yield from _taken_off(store, procedure, item, moment, item.group)
    yield from _given(store, procedure, item, moment, chosen, labels)


def _taken_off(
    store: LabelStore,
    procedure: str,
    item: Difference,
    moment: MomentOf,
    group: ClassGroup | None,
) -> Iterator[RowChange]:
    """No label of this group, or none at all, in the stretch; one that says unusable stays where
    it is about a group.
    """
    library = store.read
    groups = library.groups()
    classes = {number for number, own in groups.items() if group is None or own == group}
    for index in range(item.first_index, item.last_index + 1):
        for label in library.labels_at(procedure, moment(index).pts):
            if group is None or label.class_id in classes:
                yield RowChange("frame_labels", procedure, label, None)
    yield from _cut_out(store, procedure, item, moment, classes)


def _given(
    store: LabelStore,
    procedure: str,
    item: Difference,
    moment: MomentOf,
    chosen: LabelClass,
    labels: EffectiveLabels,
) -> Iterator[RowChange]:
    """This class in the stretch, as labels of the frames that have their own, else as a range.

    Where the second reader is right against none of these, so are the other groups.
    """
    library = store.read
    lane = GROUPS.index(library.groups()[chosen.id])
    inside = range(item.first_index, item.last_index + 1)
    wrong = [index for index in inside if int(labels.class_id[lane, index]) != chosen.id]
    own = (labels.class_id[lane] != NO_CLASS) & ~labels.from_range[lane] | labels.unusable
    right = library.class_of_key(item.second_said)
    also = item.also if right is not None and right.id == chosen.id else ()
    for index in wrong:
        if own[index]:
            others = [
                each.class_key for each in also if each.first_index <= index <= each.last_index
            ]
            found = [library.class_of_key(key) for key in others]
            classes = [chosen.id, *(each.id for each in found if each is not None)]
            yield from _frame_rows(library, procedure, moment(index), classes)
    if any(not own[index] for index in wrong):
        ends = moment(item.first_index), moment(item.last_index)
        number = store.new_id("range_labels")
        yield from edits.add_range(library, procedure, *ends, chosen.id, number).rows


def _frame_rows(
    library: LabelReader, procedure: str, at: FrameMoment, classes: Collection[int]
) -> Iterator[RowChange]:
    """One frame with labels of these classes, which are of different groups."""
    groups = library.groups()
    before = {label.slot: label for label in library.labels_at(procedure, at.pts)}
    after = dict(before)
    for number in classes:
        label = FrameLabel(at.pts, at.frame_index, "class", number, at.png)
        for gone, new in given([*after.values()], label, groups):
            if gone is not None:
                del after[gone.slot]
            if new is not None:
                after[new.slot] = new
    for slot in sorted({*before, *after}):
        yield RowChange("frame_labels", procedure, before.get(slot), after.get(slot))


def _cut_out(
    store: LabelStore,
    procedure: str,
    item: Difference,
    moment: MomentOf,
    classes: Collection[int],
) -> Iterator[RowChange]:
    """No range of these classes reaches into the stretch any more; what lies before and after it
    stays.
    """
    for span in store.read.ranges(procedure):
        if span.class_id not in classes:
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
