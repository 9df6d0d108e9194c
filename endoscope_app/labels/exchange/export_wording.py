"""What leaves the library says: labels, images, history, backups, training images. No Qt."""

from __future__ import annotations

from collections.abc import Sequence

from endoscope_app.base.wording import counted

# ---- The export, from the dialog to its end ------------------------------------------------------

EXPORT_TITLE = "Export labels"
EXPORT_BUTTON = "Export…"
THE_EXPORT = "the export"
FORMAT, LABELS, PROCEDURES, IMAGES = "Format", "Labels", "Procedures", "Images"
FORMAT_NOTE = "What the format leaves out"
BY_NUMBER, BY_FILE_NAME = "By a number", "By file name"
NAME_NOTE = "What file names may tell"
PATIENTS_NAMES = (
    "File names of procedures often carry a patient's name: with them, this export is patient data."
)
NUMBERS_ALONE = (
    "Procedures are named by a number made from their content, which says nothing about a patient."
)
EVERY_FRAME_OF_RANGES = "Every frame of ranges, not only frames with a label of their own"
PNG_IMAGES = "PNG, every pixel as it was"
JPEG_IMAGES = "JPEG, a tenth of the size"
BLANK = "Blank what may identify a patient"
BLANK_NOTE = "What is blanked"
BLANKED = (
    "Text beside and at the edge of the view is blanked; text inside it stays, so look at the"
    " images before you pass them on."
)
NOT_BLANKED = "Names and dates that the recorder wrote into the image stay readable."
WRITING = "Writing…"
IMAGES_FOLDER = "An empty folder for the images"
FILES_FOLDER = "A folder for the files"
FORMAT_NAMES = {
    "json": "JSON of this program",
    "csv": "CSV table",
    "class folders": "Class folders of images",
    "coco": "COCO JSON",
    "cvat": "CVAT XML (for images 1.1)",
    "label studio": "Label Studio JSON",
}
FORMAT_NOTES = {
    "json": "For this program on another computer. Holds everything but the history.",
    "csv": (
        "For Excel, LibreOffice, R and pandas: a row per labelled frame or range. Leaves out"
        " colours and empty classes."
    ),
    "class folders": (
        "For training image classifiers: the folder “images” holds a folder per class, as PyTorch,"
        " Keras and supervision read it, and manifest.csv beside it is for kd-core. Leaves out"
        " frames of none of the classes."
    ),
    "coco": (
        "For FiftyOne, datumaro, supervision and pycocotools: each image with its class. File names"
        " are those of an export as class folders, below “images”."
    ),
    "cvat": (
        "For CVAT: a file per procedure. In a task on the procedure's video, or on its images from"
        " an export as class folders, choose “Upload annotations”, CVAT 1.1. Leaves out which"
        " classes are retired."
    ),
    "label studio": (
        "For Label Studio: labelled frames as image tasks and ranges as video tasks, each for a"
        " project of its own with the labelling configuration that is written beside it. Leaves out"
        " colours and empty classes."
    ),
}


def this_procedure(labels: int | None) -> str:
    """The choice of the open procedure; None where none is open."""
    return "This procedure" if labels is None else f"This procedure ({counted(labels, 'label')})"


def whole_library(labels: int) -> str:
    """The choice of everything."""
    return f"The whole library ({counted(labels, 'label')})"


def export_step(done: int, total: int) -> str:
    """How far it is; a total of 0 where nobody knows how much there is."""
    return f"Image {done:,} of {total:,}" if total else WRITING


STOPPED = "Stopped. Nothing was written."
STOPPED_IMAGES = "Stopped. No image of this export was left behind."
NO_LABELS = "There are no labels to export, so nothing was written."
NO_FRAME_LABELS = "There are no labels of frames to export, so nothing was written."
NOT_EMPTY = (
    "The folder is not empty, so nothing was exported into it.",
    "Choose an empty folder, or an earlier export of this program.",
)
IMAGE_NOT_MADE = (
    "An image could not be made, so the export was stopped.",
    "Try PNG instead of JPEG, or the other way round.",
)
DISK_FULL = (
    "The disk is full, so the labels were not exported.",
    "Free some space, or choose another place.",
)
MAY_NOT_BE_WRITTEN = (
    "This place may not be written, so the labels were not exported.",
    "Choose another one.",
)
NOT_EXPORTED = ("The labels could not be exported to this place.", "Choose another one.")


def already_there(name: str) -> tuple[str, str]:
    """A folder that holds a file which would be replaced."""
    return f"The folder already holds {name}, so nothing was exported.", "Choose another folder."


def labels_of(labels: int, procedures: int, *, each_frame: bool) -> str:
    """How much went out, for the beginning of a sentence."""
    what = "labelled frame" if each_frame else "label"
    return f"{counted(labels, what)} of {counted(procedures, 'procedure')}"


def images_of(images: int, procedures: int) -> str:
    """As labels_of, for images."""
    return f"{counted(images, 'image')} of {counted(procedures, 'procedure')}"


def went_to(what: str, name: str, parts: Sequence[str] = ()) -> str:
    """The end of an export; ``parts`` are the files of a folder."""
    return f"{what} went to {name}: {', '.join(parts)}." if parts else f"{what} went to {name}."


def frames_without_image(frames: int) -> str:
    """Frames whose pixels nobody has any more."""
    return (
        f"Left out: {counted(frames, 'frame')} without a kept image, whose procedure's file is gone"
        " or has changed."
    )


def frames_of_no_class(frames: int) -> str:
    """Frames that class folders have no place for."""
    return f"Class folders hold no place for {counted(frames, 'frame')} of none of the classes."


def ranges_not_at_hand(ranges: int) -> str:
    """Ranges whose frames cannot be listed."""
    return (
        f"{counted(ranges, 'range')} left out: the procedure's file is not at hand to list the"
        " frames."
    )


def ranges_as_chosen(ranges: int) -> str:
    """Ranges that the reader left out."""
    return f"{counted(ranges, 'range')} left out, as you chose."


def sizes_missing(procedures: int) -> str:
    """Procedures whose frames' width and height nobody knows."""
    return (
        f"Width and height are missing for {counted(procedures, 'procedure')}: neither file nor"
        " image is at hand."
    )


# ---- History and backups on their way out --------------------------------------------------------

HISTORY_TITLE, HISTORY_NAME, HISTORY_PATTERN = "Export the history", "history.csv", "CSV (*.csv)"
HISTORY_DONE = "The history is in"
BACKUP_TITLE, BACKUP_PATTERN = "Back up labels", "Label library (*.sqlite)"
BACKUP_DONE = "All labels and their history are in"
OWN_FOLDER = ("The library's own folder is no place for this.", "Choose another folder.")


def writing(title: str) -> str:
    """While a file is written in the background."""
    return f"{title}: writing…"


def is_in(done: str, name: str) -> str:
    """The end of it."""
    return f"{done} {name}."


def both_backed_up(name: str, second: str) -> str:
    """Where somebody has read procedures a second time."""
    return f"{is_in(BACKUP_DONE, name)} Those of second readings are in {second}, beside it."


# ---- Images for training -------------------------------------------------------------------------

NONE_OF_THESE_NAME = "none of these"
TRAINING_FOLDER_NOT_EMPTY = (
    "The folder for the training images is not empty.",
    "Start another retraining.",
)
TRAINING_NOT_WRITTEN = (
    "The training images could not be written.",
    "Free some space, or choose another data folder.",
)
TRAINING_IMAGE_NOT_MADE = ("A training image could not be made.", "Please report it.")
