"""What is said of files of labels that are read, and of what in them is not. No Qt."""

from __future__ import annotations

from collections.abc import Mapping

from endoscope_app.base.wording import counted

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
IN_PARTS, EXPORT_AGAIN = "Export it in parts.", "Export it again."
AGAIN_NOTHING_IMPORTED = "Export it again; nothing was imported."
NOT_JSON_MIN = "Export as JSON, not as JSON-MIN."
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


def check_it_is_there(what: str) -> str:
    """The way out where a file cannot be opened at all; ``what``: see ``expected``."""
    return f"Check that it is there and that you may open it. {expected(what)}"


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
