"""A file of a procedure that was recorded into several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Part:
    """Its frames are ``first`` to ``first + frame_count - 1`` of the procedure, from ``begin_ms``
    on.

    ``is_continued``: its clock goes on where that of the part before ended, so that nothing lies
    between; ``is_missing``: the file is away, and only its place is kept. ``fingerprint``: of the
    file by itself.
    """

    path: Path
    first: int
    frame_count: int
    begin_ms: float
    is_continued: bool
    is_missing: bool = False
    fingerprint: str = ""

    @property
    def end(self) -> int:
        """The frame after its last one."""
        return self.first + self.frame_count


def part_at(parts: Sequence[Part], index: int) -> Part | None:
    """The file that holds a frame; None where there is only one, or no such frame."""
    return next((part for part in parts if part.first <= index < part.end), None)
