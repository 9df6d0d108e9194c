"""An import before it is written: what is new, what stands already, what contradicts. No Qt.

What has no place is named, and nothing is written here: import_act makes the one act of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from typing import Literal

from endoscope_app.labels.exchange import reading_wording
from endoscope_app.labels.exchange.document import UNNAMED, ExchangeClass, ExchangeDocument, Unread
from endoscope_app.labels.exchange.import_choice import ClassChoice, ImportChoice, ImportCounts
from endoscope_app.labels.exchange.import_placing import PlacedFrame, PlacedRange, Placing, PtsOf
from endoscope_app.labels.exchange.library_matching import (
    default_classes,
    procedure_matches,
    tidy,
)
from endoscope_app.labels.library.class_keys import key_for
from endoscope_app.labels.library.frame_pngs import HASH
from endoscope_app.labels.library.label_reader import LabelReader
from endoscope_app.labels.library.records import FrameLabel, Procedure
from kd_core.schema.class_groups import ClassGroup, group_named, usual_group

State = Literal["new", "same", "conflict", "left out", "not for the open one"]


@dataclass(frozen=True)
class ImportPlan:
    """Made by plan_import.

    ``choice`` is the careful one to start from: nothing of mine is overwritten, nothing known is
    lost.
    """

    document: ExchangeDocument
    choice: ImportChoice
    frames: tuple[PlacedFrame, ...]
    ranges: tuple[PlacedRange, ...]
    mine: Mapping[tuple[str, int], Sequence[FrameLabel]]
    """By fingerprint and pts, the library's labels of each frame of the plan that has any."""
    my_ranges: Mapping[tuple[str, int], tuple[tuple[int, int], ...]]
    """By fingerprint and class, the stretches of frames that the library's ranges of this class
    cover.
    """
    roots: Mapping[int, int]
    """By class id, the class that it counts as."""
    groups: Mapping[int, ClassGroup]
    """By class id, its group."""
    unknown_classes: Mapping[str, int]
    unknown_procedures: Mapping[str, int]
    offered: str | None
    """The file's name or fingerprint of the one procedure that only the reader can say is the
    open one; None where none is.
    """
    newcomer: Procedure | None
    """The open procedure, where the library does not hold it yet."""
    beyond_end: int
    unread: tuple[Unread, ...]
    notes: tuple[str, ...]
    images: frozenset[str]
    """Content hashes that the file names and whose image is kept here."""

    def counts(self, choice: ImportChoice | None = None) -> ImportCounts:
        """What would happen with this choice, the plan's own for None."""
        chosen = self.choice if choice is None else choice
        states: Counter[State] = Counter()
        for one, number in self._alike:
            states[self.state(one, chosen)] += number
        refused = states["not for the open one"]
        unknown = {**self.unknown_procedures, **({self.offered or "": refused} if refused else {})}
        return ImportCounts(
            states["new"],
            states["same"],
            states["conflict"],
            states["left out"],
            self.unknown_classes,
            unknown,
            self.beyond_end,
            len(self.unread) - self.beyond_end,
        )

    @cached_property
    def _alike(self) -> Sequence[tuple[PlacedFrame | PlacedRange, int]]:
        """One of all labels that stand alike whatever is chosen, and how many they are: a million
        are not gone through again at each choice.
        """
        mine = {
            place: tuple(sorted(label.class_id or 0 for label in labels))
            for place, labels in self.mine.items()
        }
        ones: dict[Hashable, PlacedFrame | PlacedRange] = {}
        numbers: Counter[Hashable] = Counter()
        for frame in self.frames:
            beside = mine.get((frame.fingerprint, frame.pts), ())
            kind = (frame.label.fingerprint == self.offered, frame.label.class_name, beside)
            ones.setdefault(kind, frame)
            numbers[kind] += 1
        for span in self.ranges:
            roots = tuple(
                root
                for (key, root), stretches in self.my_ranges.items()
                if key == span.fingerprint and any(span.is_within(one) for one in stretches)
            )
            place = span.label.fingerprint == self.offered
            of_range = ("range", place, span.label.class_name, roots)
            ones.setdefault(of_range, span)
            numbers[of_range] += 1
        return [(ones[kind], number) for kind, number in numbers.items()]

    def state(self, placed: PlacedFrame | PlacedRange, choice: ImportChoice) -> State:
        """How a label of the file stands beside the library's, with this choice."""
        if not choice.use_open and placed.label.fingerprint == self.offered:
            return "not for the open one"
        name = placed.label.class_name
        becomes = None if name is None else choice.classes.get(name, "leave out")
        if becomes == "leave out":
            return "left out"
        root = self.roots.get(becomes) if isinstance(becomes, int) else None
        if isinstance(placed, PlacedRange):
            key = placed.fingerprint
            stretches = self.my_ranges.get((key, root), ()) if root is not None else ()
            return "same" if any(placed.is_within(stretch) for stretch in stretches) else "new"
        rivals = self.mine.get((placed.fingerprint, placed.pts), ())
        if name is not None:
            group = self.groups[becomes] if isinstance(becomes, int) else self.group_of_new(name)
            rivals = [
                mine
                for mine in rivals
                if mine.class_id is None or self.groups[mine.class_id] == group
            ]
        if not rivals:
            return "new"
        stands = {None if mine.class_id is None else self.roots[mine.class_id] for mine in rivals}
        return "same" if becomes != "new" and stands == {root} else "conflict"

    def group_of_new(self, name: str) -> ClassGroup:
        """The group that a class of the file has when it is added."""
        return _group_of_new(self.document, name)


def plan_import(
    library: LabelReader,
    document: ExchangeDocument,
    pts_of: PtsOf | None = None,
    has_image: Callable[[str], bool] | None = None,
    opened: Procedure | None = None,
) -> ImportPlan:
    """Compare a document with the library; nothing is written.

    Labels whose procedure ``pts_of`` does not know are not placed. ``has_image`` says whether the
    frame with this content hash is kept here. ``opened`` is the procedure on screen, which counts
    as known although it was never labelled; a file that names no procedure, or one that is not
    known here, is offered for it.
    """
    known = {procedure.fingerprint: procedure for procedure in library.procedures()}
    newcomer = opened if opened is not None and opened.fingerprint not in known else None
    if opened is not None:
        known[opened.fingerprint] = opened
    matches = procedure_matches(known.values(), document)
    meant = dict(matches.by_key)
    offered = _offered(document, meant) if opened is not None else None
    if offered is not None and opened is not None:
        meant[offered] = opened
    classes = default_classes(library, document)
    roots = {number: library.resolved_class(number).id for number in _ids(library)}
    groups = library.groups()

    def group_of(name: str) -> str:
        known = classes.get(name)
        return groups[known] if known is not None else _group_of_new(document, name)

    placing = Placing(
        meant,
        pts_of,
        lambda name: None if name is None else classes.get(name) or tidy(name),
        group_of,
    )
    frames, ranges = tuple(placing.frames(document)), tuple(placing.ranges(document))
    placed = {label.fingerprint for label in chain[PlacedFrame | PlacedRange](frames, ranges)}
    ambiguous = sum(label.fingerprint in matches.ambiguous for label in document.labels())
    notes = [*document.notes, *placing.notes()]
    notes += [reading_wording.ambiguous_name(ambiguous)] if ambiguous else []
    used = Counter(label.class_name for label in document.labels() if label.class_name is not None)
    images = {frame.label.picture for frame in frames if HASH.fullmatch(frame.label.picture)}
    # a file that names no procedure is most likely about the one on screen
    use_open = offered is None or offered == UNNAMED
    return ImportPlan(
        document,
        ImportChoice(False, _first_choices(document, classes, used), use_open),
        frames,
        ranges,
        _my_labels(library, frames),
        _my_ranges(library, placed, roots),
        roots,
        groups,
        {name: used[name] for name, match in classes.items() if match is None},
        dict(placing.unknown),
        offered,
        newcomer,
        placing.beyond,
        (*document.unread, *placing.unread),
        tuple(notes),
        frozenset(name for name in images if has_image is not None and has_image(name)),
    )


def _ids(library: LabelReader) -> list[int]:
    return [known.id for known in library.classes()]


def _offered(document: ExchangeDocument, meant: Mapping[str, Procedure]) -> str | None:
    """The file's one procedure, where the library does not know it."""
    used = {label.fingerprint for label in document.labels()}
    return next(iter(used)) if len(used) == 1 and not used & meant.keys() else None


def _first_choices(
    document: ExchangeDocument, known: Mapping[str, int | None], used: Counter[str]
) -> dict[str, ClassChoice]:
    choices: dict[str, ClassChoice] = {}
    for wanted in document.classes:
        match = known[wanted.name]
        # a class without a label is only worth adding where it was somebody's own, which has a
        # colour
        is_worth_it = used[wanted.name] or wanted.colour
        choices[wanted.name] = match if match is not None else "new" if is_worth_it else "leave out"
    return choices


def _my_labels(
    library: LabelReader, frames: Iterable[PlacedFrame]
) -> dict[tuple[str, int], list[FrameLabel]]:
    wanted = {(frame.fingerprint, frame.pts) for frame in frames}
    mine: dict[tuple[str, int], list[FrameLabel]] = {}
    for key in {key for key, _ in wanted}:
        for label in library.frame_labels(key):
            if (key, label.pts) in wanted:
                mine.setdefault((key, label.pts), []).append(label)
    return mine


def _group_of_new(document: ExchangeDocument, name: str) -> ClassGroup:
    """The group that a class of the file has when it is added."""
    known = next((item for item in document.classes if item.name == name), ExchangeClass(name))
    return group_named(known.group) or usual_group(key_for(known.name, ()))


def _my_ranges(
    library: LabelReader, procedures: Iterable[str], roots: Mapping[int, int]
) -> dict[tuple[str, int], tuple[tuple[int, int], ...]]:
    """Ranges that touch or overlap are one stretch."""
    by_class: dict[tuple[str, int], list[tuple[int, int]]] = {}
    for key in procedures:
        for span in sorted(library.ranges(key), key=lambda span: span.first_index):
            stretches = by_class.setdefault((key, roots[span.class_id]), [])
            if stretches and span.first_index <= stretches[-1][1] + 1:
                stretches[-1] = stretches[-1][0], max(stretches[-1][1], span.last_index)
            else:
                stretches.append((span.first_index, span.last_index))
    return {key: tuple(stretches) for key, stretches in by_class.items()}


def with_known_classes(plan: ImportPlan, choice: ImportChoice) -> ImportChoice:
    """The dialog asks about unknown classes only; the others are as the plan has them."""
    return replace(choice, classes={**plan.choice.classes, **choice.classes})
