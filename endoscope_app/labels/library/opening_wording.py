"""How the label library was opened, and why it cannot be opened or written. No Qt."""

from __future__ import annotations

from datetime import datetime

# ---- Labels are shown without changing them, because ... -----------------------------------------

LOCKED = "Another window has the labels open, so this one shows them without changing them."
FOLDER_READ_ONLY = "The data folder cannot be written, so labels are shown without changing them."
NO_LOCKS = (
    "The drive of the data folder cannot keep two windows apart, so labels are shown without"
    " changing them."
)
DISK_FULL = "The disk is full, so labels are shown without changing them."
FILE_READ_ONLY = (
    "The label library's file cannot be written, so labels are shown without changing them."
)
READ_ONLY_WAY_OUT = (
    "Close the other window, or make the data folder writable, and start this one again."
)

# ---- The library cannot be opened: what happened, and the way out --------------------------------

DAMAGED_TWICE = (
    "The label library is damaged, and so was what was put in its place.",
    "Check the disk of the data folder.",
)
NEWER = (
    "The label library was made by a newer version of the program.",
    "Use that version, or another data folder.",
)
OLDER_AND_READ_ONLY = (
    "The label library was made by an older version of the program and may not be changed here.",
    "Open it once where it may be written: it is brought up to date then.",
)
NOT_MOVED_ASIDE = (
    "The label library is damaged and could not be moved aside.",
    "Make the data folder writable; the newest backup can then be opened.",
)
DAMAGED_AND_READ_ONLY = (
    "The label library is damaged.",
    "Start the program where the folder may be written: it opens the newest good backup and keeps"
    " the damaged file.",
)
NO_MEMORY_TO_OPEN = (
    "There is not enough memory to open the label library, and nothing of it was touched.",
    "Close other programs and start the program again.",
)
CANNOT_BE_OPENED = (
    "The label library cannot be opened.",
    "Check that the data folder is there and its disk is not full.",
)


def not_a_library(name: str) -> tuple[str, str]:
    """Another program's file has the library's ``name``."""
    return (
        f"{name} in the data folder is not a label library.",
        "Move the file away; the program then opens the newest backup.",
    )


# ---- Another file was put in its place -----------------------------------------------------------

WAS_MISSING, WAS_DAMAGED = "was missing", "was damaged"


def kept_as(name: str) -> str:
    """The damaged file is not thrown away."""
    return f"The damaged file is kept as {name}."


def starts_empty(what: str) -> str:
    """There was no backup; ``what``: WAS_MISSING or WAS_DAMAGED."""
    return f"The label library {what} and there is no good backup, so it starts empty."


def from_backup(what: str, written: datetime) -> str:
    """A backup was opened; ``what``: see ``starts_empty``; ``written``: in UTC."""
    return f"The label library {what}, so the backup of {written:%Y-%m-%d %H:%M} UTC was opened."


# ---- A write was refused: why, as the end of a sentence, and the way out -------------------------

_KEPT = "Everything saved before is unharmed."
WRITE_DISK_FULL = ("the disk is full", f"Free some space and do it again. {_KEPT}")
WRITE_BUSY = ("another program is using the label library", "Close it and do it again.")
WRITE_READ_ONLY = (
    "the label library may not be written",
    "Make the data folder writable and start the program again.",
)
WRITE_DAMAGED = (
    "the label library is damaged",
    "Start the program again: it opens the newest good backup and keeps the damaged file.",
)
WRITE_VANISHED = (
    "the data folder is not where it was",
    f"Connect its drive or put it back, and do it again. {_KEPT}",
)
WRITE_NO_MEMORY = ("there is not enough memory", f"Close other programs and do it again. {_KEPT}")
WRITE_REFUSED = ("the disk refused the write", f"Check the disk and do it again. {_KEPT}")


def not_saved(because: str, what: str) -> str:
    """``because``: why; ``what``: what was to be written."""
    return f"{because[0].upper()}{because[1:]}, so {what} was not saved."
