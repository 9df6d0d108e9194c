"""Every sentence that importing and exporting labels shows, in one place. No Qt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from endoscope_app.base.wording import counted
from endoscope_app.labels.exchange.import_choice import ImportCounts

# ---- Files that cannot be read, or are of another kind -------------------------------------------

ANY_FORMAT = (
    "Labels are read from CSV, JSON of this program, COCO, CVAT (for images 1.1), Label Studio, or"
    " a folder of class folders."
)
EXPECTED_ANY = "one of the formats that this program reads"
EXPECTED_CSV = "a CSV file with the columns label, procedure, frame and pts"
EXPECTED_TABLE = f"{EXPECTED_CSV}; frames are counted from 0, and one of the last two is enough"
EXPECTED_JSON = "a JSON file of labels that this program exported"
EXPECTED_COCO = "a COCO JSON file with images, categories, and annotations with category_id"
EXPECTED_CVAT = "a CVAT XML file, exported as “CVAT for images 1.1”"
EXPECTED_LABEL_STUDIO = "a Label Studio JSON file: a list of tasks with data and annotations"
EXPECTED_FOLDERS = "a folder of class folders with the manifest.csv that this program writes"

UNREADABLE = "The file of labels cannot be read."
EMPTY_FILE = "The file is empty."
DAMAGED = "The file cannot be read as labels: it is damaged, cut off, or of another kind."
NO_MANIFEST = "The folder holds no manifest.csv, so it cannot be read as labels."
UNKNOWN_FORMAT = "The file is not in a format of labels that this program knows."
NOT_LABELS = "This JSON file is not one of labels."
NO_FRAME_COLUMNS = "The table does not say which frames its labels are of."
NO_TASKS = "Nothing in the file is a task of Label Studio."
ARCHIVE = (
    "This is an Excel workbook or an archive, which is not read.",
    f"Save it as CSV, or unpack it. {ANY_FORMAT}",
)
NEWER_VERSION = (
    "This file of labels was written by a newer version of the program.",
    "Update the program, or export the labels as CSV there.",
)


def too_large(megabytes: int) -> str:
    """A file beyond what is read."""
    return f"The file is larger than {megabytes} MB, so it was not read."


def expected(what: str, advice: str = "") -> str:
    """The way out of a file that is not ``what`` the reader needs."""
    return f"Expected is {what}. {advice}".rstrip()


# ---- Why a label of a file is not read: "row 5: it has no label" ---------------------------------

OUT_OF_RANGE = "its frame or time is out of range"
KIND_AND_CLASS = "its kind and its class do not go together"
BACKWARDS = "it ends before it begins"
BEYOND_END = "it lies beyond the end of its procedure"
FILE_NOT_AT_HAND = (
    "its procedure's file is not at hand to look the frame up: open the procedure, and import again"
)
IMAGE_GONE = "no image in the folder is the one that was labelled"
NO_PROCEDURE = "it does not say which procedure it is of: open the procedure, and import again"
NO_FRAME = "its time stamp is of no frame"
TAKEN = "its time stamp is of no frame, and the frame of its number has another label in the file"
CONTRADICTED = "they give one frame different classes"
NO_LABEL = "it has no label"
TAG_NO_LABEL = "its tag has no label"
NO_FRAME_NAMED = "it names no frame of a procedure"
IMAGE_NAMES_NO_FRAME = "its image names no frame of a procedure"
NEITHER_NUMBER_NOR_STAMP = "it has neither a frame number nor a time stamp"
NEITHER_FRAME_NOR_RANGE = "it is neither a frame nor a range"
UNKNOWN_KIND = "its kind is none of class, agreed and unusable"
TIME_NO_NUMBER = "its time is no number of seconds"
ATTRIBUTES_NO_NUMBERS = "its attributes for frame and time are no numbers"
FRAME_NO_NUMBER = "one of its frames has no number"
WHOLE_PROCEDURE = "it gives a class to a whole procedure, not to a frame"
RANGE_BEFORE_START = "a range begins before the first frame"
WHICH_PROCEDURE = "it does not say which procedure it is of"
WHICH_OF_SEVERAL = "it does not say which of the file's procedures it is of"
NUMBER_TWICE = "its number stands twice in the file"
NUMBER_TWICE_OR_NO_NAME = "its number stands twice in the file, or it has no name"
PARTS_MISSING = "its image or its category is not in the file, or not read"
NOT_LIKE_COCO = "it is not built as COCO has it"
NOT_LIKE_OURS = "it is not built as this program writes it"
NOT_LIKE_LABEL_STUDIO = "it is not built as Label Studio has it"
RESULT_NOT_LIKE_LABEL_STUDIO = "one of its results is not built as Label Studio has it"
A_LABEL = "a label"


def not_whole(what: str) -> str:
    """A cell that should hold a whole number: "frame number", "time stamp"."""
    return f"its {what} is no whole number"


# ---- What of a file is not taken over, or was read otherwise than it says ------------------------

ROUNDED = (
    "A spreadsheet has rounded the time stamps in this file; where there is a frame number, it was"
    " used instead."
)
_PLURALS = {"box": "boxes", "points": "sets of points"}


def shapes_not_read(shapes: Mapping[str, int]) -> list[str]:
    """One sentence for all shapes that were not read, by kind; none where there were none."""
    if not shapes:
        return []
    kinds = [
        f"{number:,} {kind if number == 1 else _PLURALS.get(kind, kind + 's')}"
        for kind, number in sorted(shapes.items())
    ]
    listed = " and ".join([", ".join(kinds[:-1]), kinds[-1]] if len(kinds) > 1 else kinds)
    verb = "is" if sum(shapes.values()) == 1 else "are"
    return [f"{listed} {verb} not read: labels here are of whole frames."]


def boxes_as_labels(boxes: int) -> list[str]:
    """One sentence for boxes whose class was taken for their whole frame; none for none."""
    if not boxes:
        return []
    if boxes == 1:
        return ["1 box counts as a label of its whole frame; where it lies is not read."]
    return [
        f"{boxes:,} boxes count as labels of their whole frame; where they lie is not read.",
    ]


def tracks_as_ranges(tracks: int) -> str:
    """Tracks of CVAT."""
    return f"{counted(tracks, 'track')} read as ranges of their class, without the boxes."


def other_answers(number: int, question: str) -> str:
    """Answers to a question of Label Studio that is not about classes."""
    return f"Not read: {counted(number, 'answer')} to the question “{question}”."


def cancelled(annotations: int) -> str:
    """Annotations of Label Studio that their author took back."""
    return f"Not counted: {counted(annotations, 'cancelled annotation')}."


def only_predicted(tasks: int) -> str:
    """Tasks of Label Studio without an answer of a person."""
    return (
        f"Not counted: {counted(tasks, 'task')} that a model has predicted and nobody has answered."
    )


def only_drafted(tasks: int) -> str:
    """Tasks of Label Studio with a draft alone."""
    return f"Not counted: {counted(tasks, 'task')} whose answer was never submitted."


def ambiguous_name(labels: int) -> str:
    """Labels whose procedure is named as several here are."""
    return (
        f"Several procedures here have the name that the file gives for {counted(labels, 'label')},"
        " so none was taken."
    )


def went_by_number(frames: int) -> str:
    """Frames whose time stamp was of no use."""
    return (
        f"{counted(frames, 'frame')} went by frame number, as the time stamp in the file is of no"
        " frame."
    )


def went_by_stamp(frames: int) -> str:
    """Frames whose number was of no use."""
    return (
        f"{counted(frames, 'frame')} went by time stamp, as the frame number in the file is of"
        " another frame."
    )


# ---- The import, from the question for a file to its end -----------------------------------------

IMPORT_TITLE = "Import labels"
IMPORT_QUESTION = "Import labels (of class folders, choose their manifest.csv)"
IMPORT_PATTERN = "Labels (*.csv *.json *.xml);;All files (*)"
IMPORT_STATE = "State of the import"
READING = "Reading the file and comparing it with your labels…"
IMPORT_STOPPED = "The import was stopped."
CANCEL, CLOSE = "Cancel", "Close"
KEEP_MINE, TAKE_THEIRS = "Keep mine", "Take theirs"
BOTH_HAVE_A_LABEL = "Where both have a label"
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
    return "This procedure" if labels is None else f"This procedure ({labels:,} labels)"


def whole_library(labels: int) -> str:
    """The choice of everything."""
    return f"The whole library ({labels:,} labels)"


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
