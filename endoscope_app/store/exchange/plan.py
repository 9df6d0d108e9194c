"""An import before it is written: what is new, what stands already, what contradicts, what cannot be placed, and the one act of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from endoscope_app.store.exchange.document import ExchangeDocument, ExchangeFrame, ExchangeRange, Moment
from endoscope_app.store.exchange.matching import default_classes, procedure_matches, tidy
from endoscope_app.store.labels.class_edits import add_class
from endoscope_app.store.labels.frame_pngs import HASH
from endoscope_app.store.labels.label_store import LabelStore
from endoscope_app.store.labels.reading import LabelReader
from endoscope_app.store.labels.records import Act, FrameLabel, LabelClass, Procedure, RangeLabel, RowChange
from endoscope_app.wording import counted

ClassChoice = int | Literal["new", "leave out"]
PtsOf = Callable[[str, int], int | None]
"""(fingerprint, frame index) to that frame's pts, or None where it is not known."""
COLOURS = ("#4e79a7", "#f28e2b", "#59a14f", "#b07aa1", "#edc948", "#76b7b2", "#ff9da7", "#9c755f")
"""For new classes of files that have none, in turn."""


@dataclass(frozen=True)
class Choices:
    """What the reader decided: whose label holds where both have one, and what becomes of each class name of the file."""

    conflicts: Literal["keep mine", "take theirs"]
    classes: Mapping[str, ClassChoice]


@dataclass(frozen=True)
class Counts:
    """An import in numbers, frames and ranges together; a new range is one that does not stand exactly so already."""

    new: int
    same: int
    conflicts: int
    left_out: int
    """Of classes that the reader leaves out."""
    unknown_classes: Mapping[str, int]
    """Labels by class name of the file, of every name that the library has no class for, whatever was chosen."""
    unknown_procedures: Mapping[str, int]
    """Labels by the file's fingerprint or name for a procedure that the library does not know."""
    beyond_end: int
    without_place: int
    """Labels whose frame the file does not say, or only by a number that could not be looked up."""


@dataclass(frozen=True, slots=True)
class _Frame:
    fingerprint: str
    label: ExchangeFrame
    pts: int
    mine: FrameLabel | None


@dataclass(frozen=True, slots=True)
class _Range:
    fingerprint: str
    label: ExchangeRange
    first_pts: int
    last_pts: int


@dataclass(frozen=True)
class ImportPlan:
    """Made by plan_import. ``choices`` are the careful ones to start from: nothing of mine is overwritten, nothing known is lost."""

    document: ExchangeDocument
    choices: Choices
    frames: tuple[_Frame, ...]
    ranges: tuple[_Range, ...]
    mine: Mapping[str, frozenset[tuple[int, int, int, int, int]]]
    """By fingerprint, the library's ranges as pts, indices, and the class that they count as."""
    roots: Mapping[int, int]
    """By class id, the class that it counts as."""
    unknown_classes: Mapping[str, int]
    unknown_procedures: Mapping[str, int]
    beyond_end: int
    without_place: int
    pictures: frozenset[str]

    def counts(self, choices: Choices | None = None) -> Counts:
        """What would happen with these choices, the plan's own for None."""
        chosen = self.choices if choices is None else choices
        states = Counter(_state(self, one, chosen) for one in self.frames) + Counter(_state(self, one, chosen) for one in self.ranges)
        return Counts(
            states["new"], states["same"], states["conflict"], states["left out"],
            self.unknown_classes, self.unknown_procedures, self.beyond_end, self.without_place,
        )  # fmt: skip


def plan_import(
    library: LabelReader, document: ExchangeDocument, pts_of: PtsOf | None = None, has_picture: Callable[[str], bool] | None = None
) -> ImportPlan:
    """Hold the document against the library. ``pts_of`` places labels that only have a frame number; ``has_picture`` says which kept
    PNGs are here, so that no label points at a missing one. Reads only."""
    films = procedure_matches(library, document)
    sorting = _Sorting(films, pts_of)
    spans = tuple(sorting.ranges(document))
    labels = {film.fingerprint: {one.pts: one for one in library.frame_labels(film.fingerprint)} for film in films.values()}
    frames = tuple(replace(one, mine=labels[one.fingerprint].get(one.pts)) for one in sorting.frames(document))
    roots = {one.id: library.resolved_class(one.id).id for one in library.classes()}
    mine = {film.fingerprint: frozenset(_ends(one, roots) for one in library.ranges(film.fingerprint)) for film in films.values()}
    used = Counter(label.class_name for label in document.labels() if label.class_name is not None)
    known = default_classes(library, document)
    classes: dict[str, ClassChoice] = {}
    for one in document.classes:
        match = known[one.name]
        # a class without a label is only worth adding where it was somebody's own, which has a colour
        classes[one.name] = match if match is not None else "new" if used[one.name] or one.colour else "leave out"
    named = {one.label.picture for one in frames if HASH.fullmatch(one.label.picture)}
    pictures = frozenset(name for name in named if has_picture is not None and has_picture(name))
    unknown = {name: used[name] for name, match in known.items() if match is None}
    return ImportPlan(
        document, Choices("keep mine", classes), frames, spans, mine, roots, unknown,
        dict(sorting.unknown), sorting.beyond, sorting.unplaced + document.unplaced, pictures,
    )  # fmt: skip


class _Sorting:
    """Which labels have a place in the library, and how many have not, and why."""

    def __init__(self, films: Mapping[str, Procedure], pts_of: PtsOf | None) -> None:
        self.unknown: Counter[str] = Counter()
        self.beyond = 0
        self.unplaced = 0
        self._films = films
        self._pts_of = pts_of

    def frames(self, document: ExchangeDocument) -> Iterator[_Frame]:
        """Those with a place, each frame once."""
        seen: set[tuple[str, int]] = set()
        for label in document.frames:
            found = self._placed(label.fingerprint, (label.at,))
            if found is None:
                continue
            fingerprint, (pts,) = found
            if (fingerprint, pts) in seen:
                self.unplaced += 1
                continue
            seen.add((fingerprint, pts))
            yield _Frame(fingerprint, label, pts, None)

    def ranges(self, document: ExchangeDocument) -> Iterator[_Range]:
        """Those with a place."""
        for label in document.ranges:
            found = self._placed(label.fingerprint, (label.first, label.last))
            if found is not None:
                yield _Range(found[0], label, *found[1])

    def _placed(self, key: str, moments: tuple[Moment, ...]) -> tuple[str, list[int]] | None:
        film = self._films.get(key)
        if film is None:
            self.unknown[key] += 1
            return None
        if any(at.frame_index >= film.frame_count for at in moments):
            self.beyond += 1
            return None
        stamps = [self._pts(film.fingerprint, at) for at in moments]
        known = [pts for pts in stamps if pts is not None]
        if len(known) < len(stamps) or known != sorted(known):
            self.unplaced += 1
            return None
        return film.fingerprint, known

    def _pts(self, fingerprint: str, at: Moment) -> int | None:
        if at.pts is not None or self._pts_of is None:
            return at.pts
        return self._pts_of(fingerprint, at.frame_index)


def import_act(plan: ImportPlan, choices: Choices, store: LabelStore) -> Act:
    """The whole import as one act that one undo takes back; LabelStore.apply writes it, and refuses when the labels have changed since
    the plan. AppError for a new class whose name is empty or taken. ValueError for a choice of a class that the library lacks."""
    made, ids = _new_classes(plan, choices, store)
    rows: list[RowChange] = []
    for frame in plan.frames:
        state = _state(plan, frame, choices)
        if state == "new" or (state == "conflict" and choices.conflicts == "take theirs"):
            rows.append(RowChange("frame_labels", frame.fingerprint, frame.mine, _label(plan, frame, ids)))
    seen = {fingerprint: set(ends) for fingerprint, ends in plan.mine.items()}
    for found in plan.ranges:
        if _state(plan, found, choices) == "new":
            after = RangeLabel(0, *_place(found), ids[found.label.class_name])
            if _ends(after, plan.roots) not in seen[found.fingerprint]:
                seen[found.fingerprint].add(_ends(after, plan.roots))
                rows.append(RowChange("range_labels", found.fingerprint, None, replace(after, id=store.new_id("range_labels"))))
    return Act(f"import {counted(len(rows), 'label')}", (*made, *rows))


def _new_classes(plan: ImportPlan, choices: Choices, store: LabelStore) -> tuple[list[RowChange], dict[str, int]]:
    """The changes that add the new classes, after those that are there, and the id for every name of the file that is not left out."""
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
            act = _add(store, one.name, one.colour, COLOURS[number % len(COLOURS)])
            made = act.rows[0].after
            if isinstance(made, LabelClass):
                by_name[tidy(one.name)] = made.id
                rows.append(RowChange("classes", "", None, replace(made, place=made.place + number, retired=one.retired)))
        ids[one.name] = by_name[tidy(one.name)]
    return rows, ids


def _add(store: LabelStore, name: str, colour: str, other: str) -> Act:
    number = store.new_id("classes")
    try:
        return add_class(store, name, colour or other, number)
    except ValueError:  # a colour in another program's words
        return add_class(store, name, other, number)


def _state(plan: ImportPlan, one: _Frame | _Range, choices: Choices) -> Literal["new", "same", "conflict", "left out"]:
    name = one.label.class_name
    choice = None if name is None else choices.classes.get(name, "leave out")
    if choice == "leave out":
        return "left out"
    root = plan.roots.get(choice) if isinstance(choice, int) else None
    if isinstance(one, _Range):
        return "same" if (*_place(one), root) in plan.mine[one.fingerprint] else "new"
    if one.mine is None:
        return "new"
    stands = None if one.mine.class_id is None else plan.roots[one.mine.class_id]
    return "same" if choice != "new" and stands == root else "conflict"


def _label(plan: ImportPlan, frame: _Frame, ids: Mapping[str, int]) -> FrameLabel:
    theirs = frame.label
    # the kept picture shows the frame whoever labels it
    picture = frame.mine.png if frame.mine is not None and frame.mine.png else theirs.picture if theirs.picture in plan.pictures else None
    index = theirs.at.frame_index if frame.mine is None else frame.mine.frame_index
    return FrameLabel(frame.pts, index, theirs.kind, None if theirs.class_name is None else ids[theirs.class_name], picture)


def _place(found: _Range) -> tuple[int, int, int, int]:
    return found.first_pts, found.last_pts, found.label.first.frame_index, found.label.last.frame_index


def _ends(found: RangeLabel, roots: Mapping[int, int]) -> tuple[int, int, int, int, int]:
    return found.first_pts, found.last_pts, found.first_index, found.last_index, roots.get(found.class_id, found.class_id)
