"""An import before it is written: what is new, what stands already, what contradicts, what
cannot be placed, and the one act of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from typing import Literal

from endoscope_app.base.wording import counted
from endoscope_app.labels.exchange.document import ExchangeClass, ExchangeDocument, Unread
from endoscope_app.labels.exchange.import_placing import PlacedFrame, PlacedRange, Placing, PtsOf
from endoscope_app.labels.exchange.matching import default_classes, procedure_matches, tidy
from endoscope_app.labels.library.class_edits import add_class
from endoscope_app.labels.library.frame_pngs import HASH
from endoscope_app.labels.library.label_reader import LabelReader
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.labels.library.records import (
    Act,
    FrameLabel,
    LabelClass,
    Procedure,
    RangeLabel,
    RowChange,
)

ClassChoice = int | Literal["new", "leave out"]
State = Literal["new", "same", "conflict", "left out", "not for the open one"]
COLOURS = ("#4e79a7", "#f28e2b", "#59a14f", "#b07aa1", "#edc948", "#76b7b2", "#ff9da7", "#9c755f")
"""For new classes of files that have none, in turn."""


@dataclass(frozen=True)
class Choices:
    """What the reader decided: whose label holds where both have one, what becomes of each class
    name of the file, and whether labels of a recording that is not known here are for the open
    procedure.
    """

    conflicts: Literal["keep mine", "take theirs"]
    classes: Mapping[str, ClassChoice]
    use_open: bool = True


@dataclass(frozen=True)
class Counts:
    """An import in numbers, frames and ranges together; a new range is one whose frames are not
    all in one of its class already.
    """

    new: int
    same: int
    conflicts: int
    left_out: int
    """Of classes that the reader leaves out."""
    unknown_classes: Mapping[str, int]
    """Labels by class name of the file, of every name that the library has no class for,
    whatever was chosen.
    """
    unknown_procedures: Mapping[str, int]
    """Labels by the file's fingerprint or name for a procedure that the library does not know."""
    beyond_end: int
    without_place: int
    """What the plan's ``unread`` names, but for those beyond the end."""


@dataclass(frozen=True)
class ImportPlan:
    """Made by plan_import.

    ``choices`` are the careful ones to start from: nothing of mine is overwritten, nothing known is
    lost.
    """

    document: ExchangeDocument
    choices: Choices
    frames: tuple[PlacedFrame, ...]
    ranges: tuple[PlacedRange, ...]
    mine: Mapping[tuple[str, int], FrameLabel]
    """By fingerprint and pts, the library's label of each frame of the plan that has one."""
    my_ranges: Mapping[tuple[str, int], tuple[tuple[int, int], ...]]
    """By fingerprint and class, the stretches of frames that the library's ranges of this class
    cover.
    """
    roots: Mapping[int, int]
    """By class id, the class that it counts as."""
    unknown_classes: Mapping[str, int]
    unknown_procedures: Mapping[str, int]
    offered: str | None
    """The file's name or fingerprint of the one recording that only the reader can say is the
    open one; None where none is.
    """
    newcomer: Procedure | None
    """The open procedure, where the library does not hold it yet."""
    beyond_end: int
    unread: tuple[Unread, ...]
    notes: tuple[str, ...]
    pictures: frozenset[str]

    def counts(self, choices: Choices | None = None) -> Counts:
        """What would happen with these choices, the plan's own for None."""
        chosen = self.choices if choices is None else choices
        states = Counter(
            _state(self, one, chosen)
            for one in chain[PlacedFrame | PlacedRange](self.frames, self.ranges)
        )
        refused = states["not for the open one"]
        unknown = {**self.unknown_procedures, **({self.offered or "": refused} if refused else {})}
        return Counts(
            states["new"],
            states["same"],
            states["conflict"],
            states["left out"],
            self.unknown_classes,
            unknown,
            self.beyond_end,
            len(self.unread) - self.beyond_end,
        )


def plan_import(
    library: LabelReader,
    document: ExchangeDocument,
    pts_of: PtsOf | None = None,
    has_picture: Callable[[str], bool] | None = None,
    opened: Procedure | None = None,
) -> ImportPlan:
    """Hold a document against the library; nothing is written.

    Labels whose recording ``pts_of`` does not know are not placed.

    ``has_picture`` says whether the frame with this content hash is kept here. ``opened`` is the
    procedure on screen, which counts as known although it was never labelled; a file that names no
    recording, or one that is not known here, is offered for it.
    """
    known = {one.fingerprint: one for one in library.procedures()}
    newcomer = opened if opened is not None and opened.fingerprint not in known else None
    if opened is not None:
        known[opened.fingerprint] = opened
    matches = procedure_matches(known.values(), document)
    films, used_films = dict(matches.found), {label.fingerprint for label in document.labels()}
    offered = (
        next(iter(used_films))
        if len(used_films) == 1 and not used_films & films.keys() and opened is not None
        else None
    )
    if offered is not None and opened is not None:
        films[offered] = opened
    classes = default_classes(library, document)
    roots = {one.id: library.resolved_class(one.id).id for one in library.classes()}
    placing = Placing(
        films, pts_of, lambda name: None if name is None else classes.get(name) or tidy(name)
    )
    frames, ranges = tuple(placing.frames(document)), tuple(placing.ranges(document))
    placed = {one.fingerprint for one in frames} | {one.fingerprint for one in ranges}
    notes = [*document.notes, *placing.notes(), *_ambiguous(document, matches.ambiguous)]
    used = Counter(label.class_name for label in document.labels() if label.class_name is not None)
    named = {one.label.picture for one in frames if HASH.fullmatch(one.label.picture)}
    return ImportPlan(
        document,
        Choices(
            "keep mine",
            _first_choices(document, classes, used),
            offered is None or not _tail(offered),
        ),
        frames,
        ranges,
        _my_labels(library, frames),
        _my_ranges(library, placed, roots),
        roots,
        {name: used[name] for name, match in classes.items() if match is None},
        dict(placing.unknown),
        offered,
        newcomer,
        placing.beyond,
        (*document.unread, *placing.unread),
        tuple(notes),
        frozenset(name for name in named if has_picture is not None and has_picture(name)),
    )


def _tail(key: str) -> str:
    """What a file says about its recording, without our sign for a name."""
    return key.partition(":")[2] if key.startswith("name:") else key


def _first_choices(
    document: ExchangeDocument, known: Mapping[str, int | None], used: Counter[str]
) -> dict[str, ClassChoice]:
    choices: dict[str, ClassChoice] = {}
    for one in document.classes:
        match = known[one.name]
        # a class without a label is only worth adding where it was somebody's own, which has a
        # colour
        choices[one.name] = (
            match if match is not None else "new" if used[one.name] or one.colour else "leave out"
        )
    return choices


def _ambiguous(document: ExchangeDocument, ambiguous: Mapping[str, int]) -> list[str]:
    number = sum(label.fingerprint in ambiguous for label in document.labels())
    if not number:
        return []
    return [
        f"Several procedures here have the name by which {counted(number, 'label')} of the file"
        " name theirs, so none was taken."
    ]


def _my_labels(
    library: LabelReader, frames: Iterable[PlacedFrame]
) -> dict[tuple[str, int], FrameLabel]:
    wanted = {(one.fingerprint, one.pts) for one in frames}
    found = (
        (film, label)
        for film in {film for film, _ in wanted}
        for label in library.frame_labels(film)
    )
    return {(film, label.pts): label for film, label in found if (film, label.pts) in wanted}


def _my_ranges(
    library: LabelReader, films: Iterable[str], roots: Mapping[int, int]
) -> dict[tuple[str, int], tuple[tuple[int, int], ...]]:
    """Ranges that touch or overlap are one stretch."""
    found: dict[tuple[str, int], list[tuple[int, int]]] = {}
    for film in films:
        for one in sorted(library.ranges(film), key=lambda span: span.first_index):
            stretches = found.setdefault((film, roots[one.class_id]), [])
            if stretches and one.first_index <= stretches[-1][1] + 1:
                stretches[-1] = stretches[-1][0], max(stretches[-1][1], one.last_index)
            else:
                stretches.append((one.first_index, one.last_index))
    return {key: tuple(stretches) for key, stretches in found.items()}


def import_act(plan: ImportPlan, choices: Choices, store: LabelStore) -> Act:
    """The whole import as one act; LabelStore.apply writes it, with an entry for each procedure,
    and refuses when the labels have changed since the plan. AppError for a new class whose name is
    empty or taken. ValueError for a choice of a class that the library lacks.
    """
    fresh, ids = _new_classes(plan, choices, store)
    rows: list[RowChange] = []
    for frame in plan.frames:
        state = _state(plan, frame, choices)
        if state == "new" or (state == "conflict" and choices.conflicts == "take theirs"):
            before = plan.mine.get((frame.fingerprint, frame.pts))
            rows.append(
                RowChange(
                    "frame_labels", frame.fingerprint, before, _label(plan, frame, before, ids)
                )
            )
    stretches: set[tuple[str, int, int, int]] = set()
    for span in plan.ranges:
        (first_pts, first), (last_pts, last) = span.first, span.last
        class_id = ids.get(span.label.class_name)
        if (
            class_id is None
            or _state(plan, span, choices) != "new"
            or (span.fingerprint, first, last, class_id) in stretches
        ):
            continue
        stretches.add((span.fingerprint, first, last, class_id))
        after = RangeLabel(store.new_id("range_labels"), first_pts, last_pts, first, last, class_id)
        rows.append(RowChange("range_labels", span.fingerprint, None, after))
    note = []
    if plan.newcomer is not None and rows and store.procedure(plan.newcomer.fingerprint) is None:
        note.append(RowChange("procedures", plan.newcomer.fingerprint, None, plan.newcomer))
    return Act(f"import {counted(len(rows), 'label')}", (*note, *fresh, *rows))


def _new_classes(
    plan: ImportPlan, choices: Choices, store: LabelStore
) -> tuple[list[RowChange], dict[str, int]]:
    """The changes that add the new classes, after those that are there, and the id for every
    name of the file that is not left out.
    """
    rows: list[RowChange] = []
    ids: dict[str, int] = {}
    by_name: dict[str, int] = {}
    for one in plan.document.classes:
        choice = choices.classes.get(one.name, "leave out")
        if choice == "leave out":
            continue
        if choice != "new":
            if choice not in plan.roots:
                raise ValueError(f"there is no class {choice}")
            ids[one.name] = choice
            continue
        if tidy(one.name) not in by_name:
            number = len(rows)
            added = _add(store, one, COLOURS[number % len(COLOURS)]).rows[0].after
            if isinstance(added, LabelClass):
                by_name[tidy(one.name)] = added.id
                rows.append(
                    RowChange(
                        "classes",
                        "",
                        None,
                        replace(added, place=added.place + number, retired=one.retired),
                    )
                )
        ids[one.name] = by_name[tidy(one.name)]
    return rows, ids


def _add(store: LabelStore, wanted: ExchangeClass, colour: str) -> Act:
    number = store.new_id("classes")
    try:
        return add_class(store, wanted.name, wanted.colour or colour, number)
    except ValueError:  # a colour in another program's words
        return add_class(store, wanted.name, colour, number)


def _state(plan: ImportPlan, one: PlacedFrame | PlacedRange, choices: Choices) -> State:
    if not choices.use_open and one.label.fingerprint == plan.offered:
        return "not for the open one"
    name = one.label.class_name
    choice = None if name is None else choices.classes.get(name, "leave out")
    if choice == "leave out":
        return "left out"
    root = plan.roots.get(choice) if isinstance(choice, int) else None
    if isinstance(one, PlacedRange):
        stretches = plan.my_ranges.get((one.fingerprint, root), ()) if root is not None else ()
        return (
            "same"
            if any(first <= one.first[1] and one.last[1] <= last for first, last in stretches)
            else "new"
        )
    mine = plan.mine.get((one.fingerprint, one.pts))
    if mine is None:
        return "new"
    stands = None if mine.class_id is None else plan.roots[mine.class_id]
    return "same" if choice != "new" and stands == root else "conflict"


def _label(
    plan: ImportPlan, frame: PlacedFrame, mine: FrameLabel | None, ids: Mapping[str, int]
) -> FrameLabel:
    theirs = frame.label
    # the kept picture shows the frame whoever labels it
    kept = (
        mine.png
        if mine is not None and mine.png
        else theirs.picture
        if theirs.picture in plan.pictures
        else None
    )
    return FrameLabel(
        frame.pts,
        frame.index,
        theirs.kind,
        None if theirs.class_name is None else ids[theirs.class_name],
        kept,
    )
