"""What is known of a line beside the library: whether its file is there, and whether models learn
from it. No Qt.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from endoscope_app.labels.library.second_reading_records import LearningUse
from endoscope_app.worklist.entry import Entry, Side
from kd_core.schema.errors import CoreError
from kd_core.schema.held_out import HeldOut, read_held_out


def missing(paths: Sequence[Path]) -> frozenset[Path]:
    """Those where nothing lies; it takes as long as the drives do."""
    return frozenset(path for path in paths if not _is_there(path))


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
    missing_paths: Collection[Path],
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
            is_missing=entry.path in missing_paths,
            side=side_of(entry),
            use=uses.get(entry.fingerprint, ""),
        )
        for entry in entries
    ]


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False
