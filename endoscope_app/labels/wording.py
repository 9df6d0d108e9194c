"""What labelling says: the library, the names of frames, the panel, the reader. No Qt."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from endoscope_app.base.wording import counted
from endoscope_app.labels.library.records import FrameKind

NONE_OF_THESE = "None of these"
A_CLASS = "a class"
UNNAMED = "unnamed reader"
PROBLEM = "What did not work"

# ---- The library ---------------------------------------------------------------------------------

NOT_OPEN = ("The label library is not open.", "Start the program again.")
NOT_WHERE_IT_WAS = (
    "The procedure of this frame is not where it was labelled. Open it, and choose the frame again."
)


def could_not_be_saved(number: int, because: str, way_out: str) -> str:
    """So many labels are lost."""
    return f"{counted(number, 'label')} could not be saved: {because}. {way_out}"


# ---- Frames and how they are named ---------------------------------------------------------------


def frame_number(index: int, stills: bool) -> str:
    """As "frame 1,204" or "image 1,204"."""
    return f"{'image' if stills else 'frame'} {index:,}"


def frame_numbers(first: int, last: int, stills: bool) -> str:
    """As "images 12–40"."""
    return f"{'images' if stills else 'frames'} {first:,}–{last:,}"


def frame_count(number: int, stills: bool) -> str:
    """As "101 frames"."""
    return counted(number, "image" if stills else "frame")


# ---- The panel -----------------------------------------------------------------------------------

PANEL = "Labels"
PANEL_HEADINGS = ("Class", "Here · library")
PANEL_HEADINGS_TIP = (
    "Labelled frames in this procedure, and in the whole library; frames of ranges count too"
)
READ_ONLY_NAME = "Why labels cannot be changed"
LINE_NAME = "This frame's label and the model's class"
NOTE_NAME = "Label and model compared"
MODEL_IS_RIGHT = "The model is right"
CLEAR_HERE = "Clear the label here"
MANAGE, MANAGE_NAME = "Classes…", "Manage classes"
MANAGE_TIP = "Add, rename, merge, recolour or retire classes"
LABEL_AS = "&Label as"
HIDDEN = "model hidden until labelled"
HIDDEN_WHILE_BLIND = "model hidden in a second reading"
HIDDEN_UNTIL_HELD = "model hidden: hold M"
NO_MODEL = "no model"
CLASS_NOT_SHOWN = "a class that is no longer shown"
REORDER_TIP = "Drag to reorder, or Ctrl+Up and Ctrl+Down."


@dataclass(frozen=True)
class ModelText:
    """The model's class (None while it is not to be seen, then ``absent`` says why), its
    probability 0..1, and whether it is unsure. Of a model that tells class groups apart ``others``
    are the classes that it says of the other groups, ``rivals`` all classes that these contradict.
    """

    name: str | None
    probability: float
    unsure: bool
    absent: str = HIDDEN
    others: tuple[str, ...] = ()
    rivals: frozenset[str] = frozenset()


@dataclass(frozen=True)
class LabelText:
    """One label of the frame: the class that the reader gave, or agreed to (empty where it is
    unusable); ``from_range``: it was given to a range that covers the frame.
    """

    kind: FrameKind
    name: str = ""
    from_range: bool = False

    def text(self) -> str:
        """As "Polyp (range)"."""
        if self.kind == "unusable":
            return "none of these"
        if self.kind == "agreed":
            return f"{self.name} (reviewed)"
        return f"{self.name} (range)" if self.from_range else self.name


def joined(names: Iterable[str]) -> str:
    """What one frame is called, as "Polyp + Good preparation"."""
    return " + ".join(names)


def label_line(labels: Sequence[LabelText], model: ModelText) -> str:
    """As "You: Polyp + Good preparation"; what the model says stands beneath it, or here why it is
    not to be seen.
    """
    you = joined(label.text() for label in labels) or "not labelled"
    return f"You: {you}" if model.name is not None else f"You: {you} · {model.absent}"


def label_note(labels: Sequence[LabelText], model: ModelText) -> str:
    """Whether labels and model differ: it can only name one of several. May be empty."""
    if model.name is None or not labels:
        return ""
    if labels[0].kind == "unusable":
        return "Marked as none of these classes."
    names = (model.name, *model.others)
    said = next((label for label in labels if label.name in names), None)
    if model.rivals and said is None and not any(label.name in model.rivals for label in labels):
        return ""
    if said is None or any(label.name in model.rivals for label in labels):
        compared = "You and the model differ"
    elif said.kind == "agreed":
        compared = "Reviewed: the model is right"
    else:
        compared = "You and the model agree"
    return f"{compared}."


def row_description(key: str, counts: tuple[int, int] | None, is_label: bool) -> str:
    """Of a row of the panel: its key, its counts here and in the library, and whether it is this
    frame's label.
    """
    parts = [f"key {key}" if key else "no key"]
    if counts is not None:
        parts.append("{:,} here, {:,} in the library".format(*counts))
    if is_label:
        parts.append("this frame's label")
    return ", ".join(parts)


# ---- Who labels ----------------------------------------------------------------------------------

READER_NAME = "Reader's name"
READER_HINT = "Name or initials"
YOUR_NAME = "Your name or initials"
CANCEL = "Cancel"
READER_NOTE = (
    "The history keeps who gave each label, so that several readers can share one library. Earlier"
    " labels keep the name that they were given under."
)
