"""What the label store keeps, as plain frozen records: classes, labels of frames and ranges,
procedures, and the context of an act.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from endoscope_app.labels.library import wording
from endoscope_app.labels.library.pair_records import StillPair
from endoscope_app.labels.library.second_reading_records import (
    Adjudication,
    ProcedureUse,
    SecondReading,
)
from endoscope_app.labels.library.segment_records import ReviewRecord, SegmentRecord
from kd_core.schema.class_groups import usual_group

FrameKind = Literal["class", "agreed", "unusable"]
AiVisible = Literal["always", "hidden", "on request"]
FRAME_KINDS: tuple[FrameKind, ...] = ("class", "agreed", "unusable")
"""In the order of the codes in LabelArrays.kind."""


@dataclass(frozen=True, slots=True)
class LabelClass:
    """A class of the reader's own: ``place`` is its order in the panel; a merged class points at
    the one it went into.

    ``name`` is what is shown, and may change. ``key`` is what models and manifests call the class;
    it never changes (empty when made: as it is named now). A frame has one class of each
    ``class_group`` (empty when made: the usual one of the key).
    """

    id: int
    name: str
    colour: str
    place: int
    retired: bool = False
    merged_into: int | None = None
    key: str = ""
    class_group: str = ""

    def __post_init__(self) -> None:
        if not self.key:
            object.__setattr__(self, "key", self.name)
        if not self.class_group:
            object.__setattr__(self, "class_group", usual_group(self.key).value)


@dataclass(frozen=True, slots=True)
class FrameMoment:
    """A frame as it was captured at the press: pts, index in the procedure, and the content
    hash of its kept PNG.
    """

    pts: int
    frame_index: int
    png: str | None = None


@dataclass(frozen=True, slots=True)
class FrameLabel:
    """What the reader said about one frame: one label for each group of classes, or that it is
    unusable.

    ``agreed`` (reviewed, the model is right) holds the model's class of that instant. ``slot``
    tells the labels of one frame apart and says nothing of them.
    """

    pts: int
    frame_index: int
    kind: FrameKind
    class_id: int | None
    png: str | None = None
    slot: int = 0

    def __post_init__(self) -> None:
        if self.kind not in FRAME_KINDS or (self.kind == "unusable") != (self.class_id is None):
            raise ValueError(
                f"a label of kind {self.kind!r} cannot have the class {self.class_id!r}"
            )


@dataclass(frozen=True, slots=True)
class RangeLabel:
    """One class from the first to the last frame, both included. Ranges may overlap.

    Only the indices are ordered: the stamps of stills come from their content and rise with
    nothing.
    """

    id: int
    first_pts: int
    last_pts: int
    first_index: int
    last_index: int
    class_id: int

    def __post_init__(self) -> None:
        if self.first_index > self.last_index:
            raise ValueError("a range ends before it begins")


@dataclass(frozen=True, slots=True)
class Procedure:
    """A recording by its content fingerprint (hex); name and path are where it was last seen.

    ``patient`` is a pseudonym. ``width`` and ``height`` in pixels, ``stamp_kind`` (as SourceInfo
    has it) and ``first_image`` (content hash of the first image) are 0 or empty where they were
    never noted.
    """

    fingerprint: str
    name: str
    path: str
    frame_count: int
    duration_s: float
    patient: str = ""
    width: int = 0
    height: int = 0
    stamp_kind: str = ""
    first_image: str = ""


@dataclass(frozen=True, slots=True)
class ModelOpinion:
    """What the model said about the frame of an act when the reader acted."""

    model_version: str
    class_name: str
    probability: float


@dataclass(frozen=True, slots=True)
class Context:
    """Who acted, whether the AI could be seen, what it said about the frame, and the reader's
    time on it in seconds.
    """

    reader: str
    ai_visible: AiVisible
    opinion: ModelOpinion | None = None
    seconds_spent: float = 0.0


OneEach = Procedure | ReviewRecord | SecondReading | ProcedureUse
"""Of which a procedure has one."""
Record = LabelClass | FrameLabel | RangeLabel | SegmentRecord | StillPair | Adjudication | OneEach
TableName = Literal[
    "classes",
    "procedures",
    "frame_labels",
    "range_labels",
    "segments",
    "reviews",
    "still_pairs",
    "second_readings",
    "adjudications",
    "procedure_uses",
]


@dataclass(frozen=True, slots=True)
class RowChange:
    """One row before and after an act; None where there is no row.

    ``fingerprint`` is the procedure's, and empty for classes.
    """

    table: TableName
    fingerprint: str
    before: Record | None
    after: Record | None

    @property
    def scope(self) -> str:
        """Whose undo it belongs to by itself."""
        return CLASSES_SCOPE if self.table == "classes" else self.fingerprint

    @property
    def key(self) -> str:
        """The row's name within its table and procedure: the pts, the id, or the fingerprint."""
        record = self.after if self.after is not None else self.before
        if isinstance(record, FrameLabel):
            return f"{record.pts}:{record.slot}" if record.slot else str(record.pts)
        if isinstance(record, OneEach):
            return record.fingerprint
        if record is None:
            raise ValueError("a change of nothing into nothing has no row")
        return str(record.id)


CLASSES_SCOPE = "classes"
"""The scope of acts on classes; other scopes than these three are fingerprints of procedures."""
SECOND_SCOPE = "second readings"
"""The scope of beginning and finishing a second reading: no act on the first reader's labels."""
USES_SCOPE = "uses"
"""The scope of what procedures may be used for, which the worklist changes."""


@dataclass(frozen=True, slots=True)
class Act:
    """Row changes that happen together or not at all.

    ``title`` is what the menu says after "Undo: ".

    ``scope``: whose undo takes it back. Empty: each procedure's for its own rows, and CLASSES_SCOPE
    for those of classes.
    """

    title: str
    rows: tuple[RowChange, ...]
    undoable: bool = True
    """False for what the reader did not do and would not want to undo: noting where a file
    lies, adding a model's classes.
    """
    scope: str = ""

    def __post_init__(self) -> None:
        if not self.undoable and any(
            row.table not in ("procedures", "classes") and not is_same_but_place(row)
            for row in self.rows
        ):
            raise ValueError("only a change of procedures, classes or places may stay outside undo")

    def by_scope(self) -> list[Act]:
        """The same as one act per scope, classes first."""
        if self.scope:
            return [self]
        groups: dict[str, list[RowChange]] = {}
        for row in sorted(self.rows, key=lambda row: row.table != "classes"):
            groups.setdefault(row.scope, []).append(row)
        if len(groups) == 1:
            return [replace(self, scope=scope) for scope in groups]
        acts = []
        procedures = len(groups) - (CLASSES_SCOPE in groups)
        for scope, rows in groups.items():
            title = self.title
            if scope == CLASSES_SCOPE:
                title = wording.add_classes_title(
                    row.after.name for row in rows if isinstance(row.after, LabelClass)
                )
            elif procedures > 1:
                title = wording.part_title(title, _labels(rows))
            acts.append(replace(self, title=title, rows=tuple(rows), scope=scope))
        return acts


@dataclass(frozen=True, slots=True)
class Changes:
    """What an act, an undo or a redo wrote, for the views to refresh; no rows and sequence None
    when it changed nothing.
    """

    sequence: int | None
    title: str
    rows: tuple[RowChange, ...]
    scope: str = ""
    """Whose undo it belongs to; of an act over several scopes that of the last one."""
    are_many: bool = False
    """Too many rows to go through: those here are one of each table and procedure."""

    def __bool__(self) -> bool:
        return bool(self.rows)

    def tables(self) -> set[TableName]:
        return {row.table for row in self.rows}

    def fingerprints(self) -> set[str]:
        """The procedures whose labels or place changed."""
        return {row.fingerprint for row in self.rows if row.fingerprint}


def _labels(rows: list[RowChange]) -> int:
    return sum(row.table != "procedures" for row in rows)


def is_same_but_place(row: RowChange) -> bool:
    """Whether a label says the same afterwards and only stands at another index."""
    before, after = row.before, row.after
    if isinstance(before, FrameLabel) and isinstance(after, FrameLabel):
        return replace(before, frame_index=after.frame_index) == after
    if isinstance(before, RangeLabel) and isinstance(after, RangeLabel):
        return (before.id, before.class_id, {before.first_pts, before.last_pts}) == (
            after.id,
            after.class_id,
            {after.first_pts, after.last_pts},
        )
    return False
