"""What the library of labels says: titles of acts, why nothing was written, how it was opened.

Titles are kept in the history: another sentence here leaves those of earlier acts as they are.
No Qt.
"""

from __future__ import annotations

from collections.abc import Iterable

from endoscope_app.base.wording import counted

# ---- Titles of acts, as the menu says them after "Undo: " ----------------------------------------

NONE_OF_THESE = "none of these"
A_NEW_CLASS = "a new class"
REORDER_TITLE = "reorder classes"
MODEL_CLASSES_TITLE = "classes of the model"
PROCEDURE_TITLE = "note where a procedure lies"
PLACES_TITLE = "note where labels stand"
BY_NUMBER_TITLE = "labels kept by frame number"


def numbered(first: int, last: int) -> str:
    """Frames by their numbers: "1,204", or "1,204-1,260" of several that follow each other."""
    return f"{first:,}" if first == last else f"{first:,}-{last:,}"


def span(first: int, last: int) -> str:
    """A range by the numbers of its ends."""
    return f"{first:,}-{last:,}"


def frames_apart(number: int) -> str:
    """Frames that do not follow each other."""
    return f"{number:,} frames"


def given_title(name: str, where: str) -> str:
    """A class, or none of these, is given to frames or to a range."""
    return f"{name} on {where}"


def reviewed_title(where: str) -> str:
    """The reader agreed with the model."""
    return f"reviewed {where}"


def clear_title(where: str) -> str:
    """Labels of frames, or a range, are taken away."""
    return f"clear {where}"


def trim_title(before: str, after: str) -> str:
    """A range gets other ends."""
    return f"trim {before} to {after}"


def split_title(where: str, frame: int) -> str:
    """A range is cut in two before ``frame``."""
    return f"split {where} at {frame:,}"


def patient_title(patient: str) -> str:
    """Procedures are given a patient; empty: the one that they had is taken away."""
    return f"set patient to {patient}" if patient else "remove the patient"


def carry_over_title(labels: int) -> str:
    """Labels go to the changed content of their procedure."""
    return f"carry {counted(labels, 'label')} over"


def remove_lost_title(labels: int) -> str:
    """Labels that belong to no frame are taken away."""
    return f"remove {counted(labels, 'label')} of no frame"


def part_title(title: str, labels: int) -> str:
    """What of an act over several procedures is in one of them."""
    return f"{title}, {counted(labels, 'label')} here"


def add_classes_title(names: Iterable[str]) -> str:
    """The classes that an act brings with it."""
    return f"add {', '.join(names)}"


def add_class_title(name: str) -> str:
    """The reader adds a class."""
    return f"add class {name}"


def rename_title(before: str, after: str) -> str:
    """A class gets another name."""
    return f"rename {before} to {after}"


def recolour_title(name: str) -> str:
    """A class gets another colour."""
    return f"recolour {name}"


def regroup_title(name: str, group: str) -> str:
    """A class goes into another group."""
    return f"put {name} into {group}"


def merge_title(names: Iterable[str], into: str) -> str:
    """Classes count as another one."""
    return f"merge {', '.join(names)} into {into}"


def retire_title(name: str) -> str:
    """A class leaves the panel."""
    return f"retire {name}"


def bring_back_title(name: str) -> str:
    """A retired class is in the panel again."""
    return f"bring back {name}"


# ---- Labels that go to changed content -----------------------------------------------------------

FRAME_GONE = "the image is gone or is another one now"
RANGE_TORN = "images were added inside the range or taken out of it"
FRAME_TAKEN = "the image is labelled already"


def carried_over(labels: int) -> str:
    """So many labels were moved."""
    return f"{counted(labels, 'label')} carried over."


def stays_behind(labels: int, why: str) -> str:
    """So many labels were not moved."""
    stay = "stays" if labels == 1 else "stay"
    return f"{counted(labels, 'label')} {stay} with the old content: {why}."


# ---- Why an act was not done: what happened, and the way out -------------------------------------

SPLIT_OUTSIDE = (
    "A range can only be split inside itself.",
    "Go to a frame between its start and its end.",
)
MERGED_INTO_ITSELF = (
    "A class cannot be merged into itself.",
    "Choose another class to merge into.",
)
NO_NAME = ("A class needs a name.", "Type one.")
THE_LABEL, THE_UNDO, THE_REDO, THE_NAME = "the label", "the undo", "the redo", "the name"
THE_HISTORY = "the history"
ACT_NOT_DONE = "nothing was changed"
LIBRARY_CLOSED = ("The label library is closed.", "Start the program again.")


def name_taken(name: str, *, retired: bool) -> tuple[str, str]:
    """Another class has the name."""
    way_out = (
        "Bring it back, or choose another name."
        if retired
        else "Choose another name, or merge the two classes."
    )
    return f"There is already a class called {name}.", way_out


def take_back_stopped(way: str) -> str:
    """``way``: undo or redo."""
    return f"The {way} was stopped. Nothing has changed."


def not_done(way: str) -> str:
    """The end of a sentence; ``way``: undo or redo."""
    return f"the {way} was not done"


def second_label(frame: int) -> tuple[str, str]:
    """The frame has a label under another time stamp."""
    return (
        f"Frame {frame:,} already has a label under another time stamp, so nothing was saved.",
        "Open the procedure: labels that belong to no frame are sorted out then.",
    )


def two_of_a_group(frames: int) -> tuple[str, str]:
    """Classes cannot be put or merged into one group as frames have labels of both."""
    has = "frame has labels" if frames == 1 else "frames have labels"
    return (
        f"{frames:,} {has} that would then be of one group, and a frame has one class of each"
        " group, so nothing was changed.",
        "Take one of the two labels off these frames first.",
    )


def class_in_use(name: str, what: str) -> tuple[str, str]:
    """A class cannot go; ``what``: see ``not_done``."""
    return (
        f"The class {name} still has labels, so {what}.",
        "Retire it, or merge it into another class.",
    )


def class_gone(what: str) -> tuple[str, str]:
    """The labels' class is not there."""
    return (
        f"The class of these labels has been undone, so {what}.",
        "Redo the change of the classes first.",
    )


def name_given_anew(name: str, what: str) -> tuple[str, str]:
    """Another class has the name meanwhile."""
    return f"There is another class called {name} now, so {what}.", "Rename that class first."


def changed_meanwhile(what: str) -> tuple[str, str]:
    """The rows are not as the act left them."""
    return (
        f"The labels have changed in the meantime, so {what}.",
        "Look at the labels as they are now and try again.",
    )


# ---- Images of labelled frames -------------------------------------------------------------------

THE_FRAME_IMAGE = "the image of the labelled frame"
THE_FIRST_IMAGE = "the first image of the procedure"
FRAME_IMAGE_NOT_MADE = (
    "The image of the labelled frame could not be made.",
    "The label itself is not affected.",
)
FIRST_IMAGE_NOT_MADE = (
    "The first image of the procedure could not be kept.",
    "Its labels are not affected.",
)
FRAME_IMAGE_MISSING = (
    "The image of a labelled frame is missing.",
    "It is kept again when the frame is labelled again.",
)
FRAME_IMAGE_DAMAGED = (
    "The image of a labelled frame is damaged.",
    "Delete its file and label the frame again; the label itself is not affected.",
)


def images_full(limit: str) -> tuple[str, str]:
    """No more images are kept; ``limit`` as "4 GB"."""
    return (
        f"The images of labelled frames have reached their limit of {limit}, so this one was not"
        " kept.",
        "Raise the limit in the settings. The label itself is not affected.",
    )


SIDES_NOT_KEPT = "What is kept for checking could not be saved, so no label was carried over."
SIDES_WAY_OUT = "Free some space or check the data folder, and open the procedure again."
USE_FOLLOWS_TITLE = "use for learning as its files had it"

# ---- Backups -------------------------------------------------------------------------------------

THE_BACKUP = "the backup of the labels"
THE_LIBRARY = "the label library"
BACKUP_UNSOUND = (
    "The backup of the labels failed its check, so it was not kept.",
    "Check the disk and try again.",
)
