"""What is known of a line beside the library: whether its file, or files, are there, and whether
models learn from it. No Qt.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from endoscope_app.base.errors import AppError
from endoscope_app.labels.library.second_reading_records import LearningUse
from endoscope_app.media.part_list import is_part_list, read_part_list
from endoscope_app.worklist.entry import Entry, Side
from kd_core.schema.errors import CoreError
from kd_core.schema.held_out import HeldOut, read_held_out


@dataclass(frozen=True, slots=True)
class Lying:
    """What lies at the path of an entry: ``parts`` and ``away`` as names, of a procedure in several
    files.
    """

    is_there: bool = True
    parts: tuple[str, ...] = ()
    away: tuple[str, ...] = ()


def lying(paths: Sequence[Path]) -> dict[Path, Lying]:
    """Of each path; it takes as long as the drives do."""
    return {path: _lying(path) for path in paths}


def sides(file: Path) -> HeldOut:
    """Which procedures models learn from and are checked on; nothing where that cannot be read,
    which retraining says.
    """
    try:
        return read_held_out(file)
    except CoreError:
        return HeldOut()


def marked(
    entries: Sequence[Entry],
    known: Mapping[Path, Lying],
    fixed: HeldOut,
    uses: Mapping[str, LearningUse],
) -> list[Entry]:
    """The same entries with what is known beside the worklist; ``uses`` by fingerprint."""
    held_out, learnt = frozenset(fixed.held_out), frozenset(fixed.learnt)

    def side_of(entry: Entry) -> Side:
        if entry.fingerprint in learnt:
            return "learnt"
        return "held out" if entry.fingerprint in held_out else ""

    return [
        replace(
            entry,
            is_missing=not (there := known.get(entry.path, Lying())).is_there,
            side=side_of(entry),
            parts=there.parts,
            parts_away=there.away,
            use=uses.get(entry.fingerprint, ""),
        )
        for entry in entries
    ]


def _lying(path: Path) -> Lying:
    if not _is_there(path):
        return Lying(is_there=False)
    if not is_part_list(path):
        return Lying()
    try:
        files = read_part_list(path)
    except AppError:  # opening it says so
        return Lying()
    away = tuple(file.name for file in files if not _is_there(file))
    return Lying(len(away) < len(files), tuple(file.name for file in files), away)


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False
