"""What the label store keeps, as plain frozen records: classes, labels of frames and ranges, procedures, and the context of an act."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

FrameKind = Literal["class", "agreed", "unusable"]
AiVisible = Literal["always", "hidden", "on request"]
FRAME_KINDS: tuple[FrameKind, ...] = ("class", "agreed", "unusable")
"""In the order of the codes in LabelArrays.kind."""


@dataclass(frozen=True, slots=True)
class LabelClass:
    """A class of the reader's own: ``place`` is its order in the panel; a merged class points at the one it went into."""

    id: int
    name: str
    colour: str
    place: int
    retired: bool = False
    merged_into: int | None = None


@dataclass(frozen=True, slots=True)
class FrameMoment:
    """A frame as it was captured at the press: pts, index in the procedure, and the content hash of its kept PNG."""

    pts: int
    frame_index: int
    png: str | None = None


@dataclass(frozen=True, slots=True)
class FrameLabel:
    """What the reader said about one frame. ``agreed`` (reviewed, the model is right) holds the model's class of that instant."""

    pts: int
    frame_index: int
    kind: FrameKind
    class_id: int | None
    png: str | None = None

    def __post_init__(self) -> None:
        if self.kind not in FRAME_KINDS or (self.kind == "unusable") != (self.class_id is None):
            raise ValueError(f"a label of kind {self.kind!r} cannot have the class {self.class_id!r}")


@dataclass(frozen=True, slots=True)
class RangeLabel:
    """One class from the first to the last frame, both included. Ranges may overlap."""

    id: int
    first_pts: int
    last_pts: int
    first_index: int
    last_index: int
    class_id: int

    def __post_init__(self) -> None:
        if self.first_pts > self.last_pts or self.first_index > self.last_index:
            raise ValueError("a range ends before it begins")


@dataclass(frozen=True, slots=True)
class Procedure:
    """A recording by its content fingerprint (hex); name and path are where it was last seen."""

    fingerprint: str
    name: str
    path: str
    frame_count: int
    duration_s: float


@dataclass(frozen=True, slots=True)
class ModelOpinion:
    """What the model said about the frame of an act when the reader acted."""

    model_version: str
    class_name: str
    probability: float


@dataclass(frozen=True, slots=True)
class Context:
    """Who acted, whether the AI could be seen, what it said about the frame, and the reader's time on it in seconds."""

    reader: str
    ai_visible: AiVisible
    opinion: ModelOpinion | None = None
    seconds_spent: float = 0.0


Record = LabelClass | FrameLabel | RangeLabel | Procedure
TableName = Literal["classes", "procedures", "frame_labels", "range_labels"]


@dataclass(frozen=True, slots=True)
class RowChange:
    """One row before and after an act; None where there is no row. ``fingerprint`` is the procedure's, and empty for classes."""

    table: TableName
    fingerprint: str
    before: Record | None
    after: Record | None

    @property
    def key(self) -> str:
        """The row's name within its table and procedure: the pts, the id, or the fingerprint."""
        record = self.after if self.after is not None else self.before
        if isinstance(record, FrameLabel):
            return str(record.pts)
        if isinstance(record, Procedure):
            return record.fingerprint
        if record is None:
            raise ValueError("a change of nothing into nothing has no row")
        return str(record.id)


@dataclass(frozen=True, slots=True)
class Act:
    """Row changes that happen together or not at all. ``title`` is what the menu says after "Undo: "."""

    title: str
    rows: tuple[RowChange, ...]
    undoable: bool = True
    """False only for noting where a file lies, which the reader did not do and would not want to undo."""

    def __post_init__(self) -> None:
        if not self.undoable and any(row.table != "procedures" for row in self.rows):
            raise ValueError("only a change of procedures may stay outside undo")


@dataclass(frozen=True, slots=True)
class Changes:
    """What an act, an undo or a redo wrote, for the views to refresh; no rows and sequence None when it changed nothing."""

    sequence: int | None
    title: str
    rows: tuple[RowChange, ...]

    def __bool__(self) -> bool:
        return bool(self.rows)

    def tables(self) -> set[TableName]:
        return {row.table for row in self.rows}

    def fingerprints(self) -> set[str]:
        """The procedures whose labels or place changed."""
        return {row.fingerprint for row in self.rows if row.fingerprint}
