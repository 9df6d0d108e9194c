"""The one act of an import, from its plan and the reader's choice. No Qt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from endoscope_app.base.errors import AppError
from endoscope_app.labels.exchange import import_wording
from endoscope_app.labels.exchange.document import ExchangeClass
from endoscope_app.labels.exchange.import_choice import ImportChoice
from endoscope_app.labels.exchange.import_placing import PlacedFrame
from endoscope_app.labels.exchange.import_plan import ImportPlan
from endoscope_app.labels.exchange.library_matching import tidy
from endoscope_app.labels.library.class_edits import add_class
from endoscope_app.labels.library.frame_slots import given, groups_of, is_rival
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.labels.library.records import (
    Act,
    FrameLabel,
    LabelClass,
    RangeLabel,
    RowChange,
)
from kd_core.schema.class_groups import ClassGroup

COLOURS = ("#4e79a7", "#f28e2b", "#59a14f", "#b07aa1", "#edc948", "#76b7b2", "#ff9da7", "#9c755f")
"""For new classes of files that have none, in turn."""


def import_act(plan: ImportPlan, choice: ImportChoice, store: LabelStore) -> Act:
    """The whole import as one act.

    LabelStore.apply writes it, with an entry for each procedure, and refuses when the labels have
    changed since the plan. AppError for a new class whose name is empty or taken. ValueError for a
    choice of a class that the library lacks.
    """
    classes, ids = _new_classes(plan, choice, store)
    added = [row.after for row in classes if isinstance(row.after, LabelClass)]
    groups = {**plan.groups, **groups_of(added)}
    labels = [*_frame_rows(plan, choice, ids, groups), *_range_rows(plan, choice, ids, store)]
    given_here = sum(row.after is not None for row in labels)
    procedures = []
    newcomer = plan.newcomer
    if newcomer is not None and labels and store.read.procedure(newcomer.fingerprint) is None:
        procedures.append(RowChange("procedures", newcomer.fingerprint, None, newcomer))
    return Act(import_wording.import_act_title(given_here), (*procedures, *classes, *labels))


def _frame_rows(
    plan: ImportPlan,
    choice: ImportChoice,
    ids: Mapping[str, int],
    groups: Mapping[int, ClassGroup],
) -> Iterator[RowChange]:
    written: dict[tuple[str, int], list[FrameLabel]] = {}
    for frame in plan.frames:
        state, at = plan.state(frame, choice), (frame.fingerprint, frame.pts)
        if state == "new" or (state == "conflict" and choice.take_theirs):
            theirs, others = _label(plan, frame, ids), written.setdefault(at, [])
            if not others and at not in plan.mine:
                others.append(theirs)
                yield RowChange("frame_labels", frame.fingerprint, None, theirs)
                continue
            if any(is_rival(theirs, other, groups) for other in others):
                raise AppError(*import_wording.two_of_a_group(frame.index))
            mine = [
                label
                for label in plan.mine.get(at, ())
                if not any(is_rival(label, other, groups) for other in others)
            ]
            changes = given([*mine, *others], theirs, groups)
            others += [after for _, after in changes if after is not None]
            for before, after in changes:
                yield RowChange("frame_labels", frame.fingerprint, before, after)


def _range_rows(
    plan: ImportPlan, choice: ImportChoice, ids: Mapping[str, int], store: LabelStore
) -> Iterator[RowChange]:
    """A range that the file gives twice is written once."""
    written: set[tuple[str, int, int, int]] = set()
    for span in plan.ranges:
        (first_pts, first), (last_pts, last) = span.first, span.last
        class_id = ids.get(span.label.class_name)
        if class_id is None or plan.state(span, choice) != "new":
            continue
        if (span.fingerprint, first, last, class_id) not in written:
            written.add((span.fingerprint, first, last, class_id))
            number = store.new_id("range_labels")
            after = RangeLabel(number, first_pts, last_pts, first, last, class_id)
            yield RowChange("range_labels", span.fingerprint, None, after)


def _new_classes(
    plan: ImportPlan, choice: ImportChoice, store: LabelStore
) -> tuple[list[RowChange], dict[str, int]]:
    """The changes that add the new classes, after those that are there.

    With the id for every name of the file that is not left out.
    """
    rows: list[RowChange] = []
    ids: dict[str, int] = {}
    by_name: dict[str, int] = {}
    for wanted in plan.document.classes:
        becomes = choice.classes.get(wanted.name, "leave out")
        if becomes == "leave out":
            continue
        if becomes != "new":
            if becomes not in plan.roots:
                raise ValueError(f"there is no class {becomes}")
            ids[wanted.name] = becomes
            continue
        if tidy(wanted.name) not in by_name:
            number = len(rows)
            added = _added(store, wanted, COLOURS[number % len(COLOURS)])
            by_name[tidy(wanted.name)] = added.id
            own = replace(added, place=added.place + number, retired=wanted.retired)
            rows.append(RowChange("classes", "", None, own))
        ids[wanted.name] = by_name[tidy(wanted.name)]
    return rows, ids


def _added(store: LabelStore, wanted: ExchangeClass, colour: str) -> LabelClass:
    number = store.new_id("classes")
    try:
        act = add_class(store.read, wanted.name, wanted.colour or colour, number)
    except ValueError:  # a colour in another program's notation
        act = add_class(store.read, wanted.name, colour, number)
    added = act.rows[0].after
    assert isinstance(added, LabelClass)
    return replace(added, class_group=wanted.group) if wanted.group else added


def _label(plan: ImportPlan, frame: PlacedFrame, ids: Mapping[str, int]) -> FrameLabel:
    theirs = frame.label
    kept = theirs.picture if theirs.picture in plan.images else None
    for mine in plan.mine.get((frame.fingerprint, frame.pts), ()):
        if mine.png:
            kept = mine.png  # the kept image shows the frame whoever labels it
    class_id = None if theirs.class_name is None else ids[theirs.class_name]
    return FrameLabel(frame.pts, frame.index, theirs.kind, class_id, kept)
