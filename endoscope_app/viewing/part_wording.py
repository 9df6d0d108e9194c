"""What is said of the file that a frame is in, where a procedure is in several."""

from __future__ import annotations

UNKNOWN_TIME_AFTER = "then an unknown pause"
UNKNOWN_TIME_BEFORE = "after an unknown pause"
_LONGEST_NAME = 24


def file_of(number: int, count: int, name: str) -> str:
    """Beside the position."""
    return f"part {number} of {count}, {shortened(name)}"


def file_begins(number: int, count: int, name: str) -> str:
    """Playing goes on in the next file."""
    return f"Part {number} of {count}: {shortened(name)}"


def shortened(name: str) -> str:
    """A file's name with its end, by which parts differ."""
    return name if len(name) <= _LONGEST_NAME else f"…{name[1 - _LONGEST_NAME :]}"


def and_also(*notes: str) -> str:
    """What is to be said, one after the other."""
    return "; ".join(filter(None, notes))
