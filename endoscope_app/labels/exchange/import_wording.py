"""What the import of labels says, from the question for a file to its end. No Qt."""

from __future__ import annotations

from endoscope_app.base.wording import counted
from endoscope_app.labels.exchange.import_choice import ImportCounts

IMPORT_TITLE = "Import labels"
IMPORT_QUESTION = "Import labels (of class folders, choose their manifest.csv)"
IMPORT_PATTERN = "Labels (*.csv *.json *.xml);;All files (*)"
IMPORT_STATE = "State of the import"
READING = "Reading the file and comparing it with your labels…"
IMPORT_STOPPED = "The import was stopped."
IMPORTING = "Writing the labels… Others can be given again once these are written."
RESTS = (
    "Labels are being imported, so no other can be given, changed or undone until they are.",
    "Wait for the end of the import, or cancel it in its window.",
)
CANCEL, CLOSE = "Cancel", "Close"
KEEP_MINE, TAKE_THEIRS = "Keep mine", "Take theirs"
BOTH_HAVE_A_LABEL = "Where both have a label"
PROGRESS = "Progress of the import"
NOT_TAKEN_OVER = "What is not taken over"
NOT_READ_AND_WHY = "Not read, and why"
UNKNOWN_CLASSES = "Classes that the library does not know (labels)"
ADD_CLASS, LEAVE_OUT = "Add as a new class", "Leave out"
READ_AS = {
    "csv": "a CSV table",
    "json": "JSON of this program",
    "class folders": "class folders",
    "coco": "COCO JSON",
    "cvat": "CVAT XML",
    "label studio": "Label Studio JSON",
}


def what_was_read(labels: int, format_name: str) -> str:
    """How much a file holds, and what it was taken for."""
    return f"{counted(labels, 'label')}, read as {READ_AS[format_name]}."


def for_the_open_procedure(file_name: str, *, is_named: bool) -> str:
    """The box that takes labels of an unknown procedure for the open one."""
    why = "names a procedure that is not known here" if is_named else "names no procedure"
    return f"For the open procedure, {file_name} (the file {why})"


def fate_of_class(name: str) -> str:
    """What a screen reader calls the choice for an unknown class."""
    return f"What becomes of {name}"


def count_as(name: str) -> str:
    """The choice that takes an unknown class for one of the library."""
    return f"Count as {name}"


def more_lines(number: int) -> str:
    """The end of a list that was cut."""
    return f"and {number:,} more"


def import_button(labels: int) -> str:
    """The button, with how much it writes."""
    return f"Import {counted(labels, 'label')}" if labels else "Import"


def import_act_title(labels: int) -> str:
    """What undo calls the import."""
    return f"import {counted(labels, 'label')}"


def stopped_at(done: int, total: int) -> str:
    """The reader stopped an import of many labels."""
    return (
        f"Stopped: {done:,} of {total:,} labels are imported. Ctrl+Z takes them back, importing the"
        " file again adds the rest."
    )


def failed_at(done: int, total: int, why: str) -> str:
    """An import of many labels that could not be written to its end."""
    return f"{why} {done:,} of {total:,} labels are imported; Ctrl+Z takes them back."


def two_of_a_group(frame: int) -> tuple[str, str]:
    """What was chosen for unknown classes gives a frame two classes of one group."""
    return (
        f"With these classes frame {frame:,} would have two of one group, so nothing was imported.",
        "Count one of them as a class of another group, or leave it out.",
    )


def count_rows(counts: ImportCounts, *, take_theirs: bool) -> list[tuple[str, int]]:
    """What the file holds, kind by kind; of the later kinds only those that there are."""
    fate = "which are replaced" if take_theirs else "which stay"
    rows = [
        ("new", counts.new),
        ("the same as mine", counts.same),
        (f"different from mine, {fate}", counts.conflicts),
    ]
    procedures = counts.unknown_procedures
    others = (
        ("left out with their class", counts.left_out),
        (f"of {counted(len(procedures), 'procedure')} never opened here", sum(procedures.values())),
        ("beyond the end of their procedure", counts.beyond_end),
        ("not read, for the reasons below", counts.without_place),
    )
    return rows + [row for row in others if row[1]]
