"""What going back to a backup says."""

from __future__ import annotations

from datetime import datetime

from endoscope_app.base.wording import counted

THE_LIBRARY = "the library"
TITLE = "Restore labels from a backup"
QUESTION = "Which backup should the labels be again?"
NONE = "There is no backup yet. One is made each week, and before the program changes the library."
READING = "Reading the backups…"
RESTORE = "&Restore"
RESTORING = "Restoring the labels…"
NOT_USABLE = (
    "This backup is damaged, or of a newer version of the program. Nothing was changed.",
    "Choose another one.",
)
IS_READ_AGAIN = "A second reading is under way. Finish it, then restore."
IS_ANALYSED = "Procedures are being analysed. Cancel the queue, then restore."


def row(when: datetime, procedures: int, labels: int) -> str:
    """A backup in the list."""
    return f"{local(when)}: {counted(procedures, 'procedure')}, {counted(labels, 'label')}"


def what_changes(missing: int, differing: int) -> str:
    """Under the list, of the backup that is marked."""
    changes = []
    if missing:
        changes.append(
            f"{counted(missing, 'procedure')} of today {'is' if missing == 1 else 'are'} not in it:"
            " the labels go, the recordings stay."
        )
    if differing:
        changes.append(f"The labels of {counted(differing, 'procedure')} become others.")
    if not changes:
        changes.append("All procedures have the same labels in it.")
    return (
        f"{' '.join(changes)} The worklist, classes and history become those of that day. What is"
        " here now is kept as a backup first, so that you can come back to it. Second readings stay"
        " as they are."
    )


def journal_title(when: datetime) -> str:
    """The entry in the history."""
    return f"Labels restored from the backup of {local(when)}"


def restored(when: datetime) -> str:
    """At the end."""
    return (
        f"The labels are those of {local(when)} again. What was here before is in the list of"
        " Labels, Restore labels too."
    )


def local(when: datetime) -> str:
    """In the reader's time zone."""
    return f"{when.astimezone():%Y-%m-%d %H:%M}"
