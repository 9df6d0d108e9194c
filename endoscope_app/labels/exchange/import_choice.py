"""What an import shows before it is written, and what the reader decides about it. No Qt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

ClassChoice = int | Literal["new", "leave out"]
"""What becomes of a class name of the file: a class of the library, a new one, or nothing."""


@dataclass(frozen=True)
class ImportChoice:
    """What the reader decided.

    Whose label holds where both have one, what becomes of class names of the file, and whether
    labels of a procedure that is not known here are for the open one.
    """

    take_theirs: bool
    classes: Mapping[str, ClassChoice]
    use_open: bool = True


@dataclass(frozen=True)
class ImportPreview:
    """What the file holds beside countable labels.

    ``unknown_classes``: (name in the file, labels, choice to start from); ``classes``: (id, name)
    of the library; ``offer``: what the box for the open procedure says, empty for no box, and
    ``is_taken`` whether it starts ticked; ``notes``: sentences on what is not taken over;
    ``unread``: a line for everything that is not offered, or for the first of ``unread_count``.
    """

    unknown_classes: Sequence[tuple[str, int, ClassChoice]]
    classes: Sequence[tuple[int, str]]
    offer: str = ""
    is_taken: bool = True
    notes: Sequence[str] = ()
    unread: Sequence[str] = ()
    unread_count: int = 0


@dataclass(frozen=True)
class ImportCounts:
    """An import in numbers, frames and ranges together.

    ``new``: a new range is one whose frames are not all in one of its class already. ``left_out``:
    of classes that the reader leaves out. ``unknown_classes``: labels by class name of the file, of
    every name that the library has no class for, whatever was chosen. ``unknown_procedures``:
    labels by the file's fingerprint or name for a procedure that the library does not know.
    ``without_place``: what the plan's ``unread`` names, but for those beyond the end.
    """

    new: int
    same: int
    conflicts: int
    left_out: int
    unknown_classes: Mapping[str, int]
    unknown_procedures: Mapping[str, int]
    beyond_end: int
    without_place: int

    def written(self, choice: ImportChoice) -> int:
        """Labels that the import would write."""
        return self.new + (self.conflicts if choice.take_theirs else 0)
