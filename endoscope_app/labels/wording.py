"""Every sentence that labelling shows, in one place. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from endoscope_app.base.wording import NO_BREAK, counted, percent
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


# ---- Labelling the frame on screen ---------------------------------------------------------------

MODEL_HIDDEN = "The model is hidden, so there is nothing to agree with yet."
NO_PREDICTION = "The model says nothing about this frame, so there is nothing to agree with."


def by_key(key: str) -> str:
    """The end of an echo: " · by key 3"; empty for an act of the mouse."""
    return f" · by key {key}" if key else ""


def labelled(name: str, place: str, key: str) -> str:
    """A frame was given this class, or none of these."""
    return f"{name} · {place}{by_key(key)}"


def reviewed(name: str, place: str, key: str) -> str:
    """The reader said that the model is right."""
    return f"Reviewed, the model is right: {name} · {place}{by_key(key)}"


def cleared(name: str, place: str, key: str) -> str:
    """A label was taken away."""
    return f"Label cleared: {name} · {place}{by_key(key)}"


def title_at(what: str, place: str) -> str:
    """Of an act on one frame, as undo names it."""
    return f"{what} at {place}"


def reviewed_title(name: str) -> str:
    """Of the act "the model is right", without its place."""
    return f"reviewed {name}"


def cleared_title(name: str) -> str:
    """Of the act that takes a label away, without its place."""
    return f"clear {name}"


def nothing_to_clear(place: str) -> str:
    """The frame has no label."""
    return f"There is no label at {place} to clear."


def no_class_on_key(digit: str) -> str:
    """There are fewer classes."""
    return f"There is no class on the key {digit}."


def waits_for_name(text: str) -> str:
    """An act that is not written before the reader has said who they are."""
    return f"{text} (waits for your name)"


def keys_label_nothing(dialog: str) -> str:
    """Why a key did nothing."""
    return f"Keys label nothing while “{dialog}” is open"


A_DIALOG = "A dialog"

# ---- Ranges --------------------------------------------------------------------------------------

MARK_FIRST = "Mark a range first: I sets its first frame, O its last."
WHICH_CLASS = "Which class? Press its digit."


def marked(span: str, frames: str) -> str:
    """Both ends of a range are marked."""
    return f"Marked {span}: a digit labels {frames}, Esc drops the mark"


def range_begins(place: str) -> str:
    """Only its first frame is marked."""
    return f"Range begins at {place}: O marks its last frame, Esc drops it"


def range_ends(place: str) -> str:
    """Only its last frame is marked."""
    return f"Range ends at {place}: I marks its first frame, Esc drops it"


def range_labelled(name: str, span: str, frames: str, key: str) -> str:
    """A range was given this class."""
    return f"{name} · {span}, {frames}{by_key(key)} · Ctrl+Z takes it back"


def range_trimmed(name: str, span: str, frames: str) -> str:
    """Its ends were moved."""
    return f"{name} · now {span}, {frames}"


def range_split(name: str, place: str) -> str:
    """It was cut in two."""
    return f"{name} · split at {place}"


def range_removed(span: str, name: str) -> str:
    """It is gone."""
    return f"Range {span} {name} removed. Ctrl+Z puts it back."


def range_title(name: str, span: str) -> str:
    """Of the act that labels a range."""
    return f"{name} on {span}"


def trim_title(name: str, span: str) -> str:
    """Of the act that moves an end of a range."""
    return f"trim {name} on {span}"


def split_title(name: str, place: str) -> str:
    """Of the act that cuts a range."""
    return f"split {name} at {place}"


def remove_title(name: str, span: str) -> str:
    """Of the act that removes a range."""
    return f"remove {name} on {span}"


# ---- Undo, redo and jumps ------------------------------------------------------------------------

NO_PROCEDURE = (
    "No procedure is open, so there is nothing to undo or redo. Edit, Undo class change takes back"
    " changes of classes."
)


def nothing_to(way: str) -> str:
    """``way``: undo or redo."""
    return f"There is nothing to {way} in this procedure."


def no_class_change_to(way: str) -> str:
    """``way``: undo or redo."""
    return f"There is no class change to {way}."


def class_change_done(way: str, title: str) -> str:
    """A change of the classes was undone, or done again."""
    return f"Class change {'undone' if way == 'undo' else 'done again'}: {title}."


def taken_back(way: str, title: str, place: str) -> str:
    """As "Undone at 0:12.4: Polyp." of the act "Polyp at 0:12.4"; ``place`` may be empty."""
    verb = "Undone" if way == "undo" else "Done again"
    if not place:
        return f"{verb}: {title}."
    what = title.removesuffix(f" at {place}").removesuffix(f" on {place}")
    return f"{verb} at {place}: {what}."


def end_of_list(forwards: bool) -> str:
    """There is no further frame in the review list."""
    return f"This is the {'last' if forwards else 'first'} frame of the review list."


def nothing_worth_a_look(forwards: bool) -> str:
    """There is no further frame that is unsure, or where reader and model differ."""
    side = "after" if forwards else "before"
    return f"No frame {side} this one is unsure or differs from your label."


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
HIDDEN = "model hidden until you have answered"
HIDDEN_UNTIL_HELD = "model hidden: hold M"
NO_MODEL = "no model"
CLASS_NOT_SHOWN = "a class that is no longer shown"
REORDER_TIP = "Drag to reorder, or Ctrl+Up and Ctrl+Down."


@dataclass(frozen=True)
class ModelText:
    """The model's class (None while it is not to be seen, then ``absent`` says why), its
    probability 0..1, and whether it is unsure.
    """

    name: str | None
    probability: float
    unsure: bool
    absent: str = HIDDEN

    def text(self) -> str:
        """As part of the line."""
        if self.name is None:
            return self.absent
        return f"model: {self.name}{'?' if self.unsure else ''} {percent(self.probability)}"


def label_line(
    kind: FrameKind | None, class_name: str, model: ModelText, *, from_range: bool = False
) -> str:
    """As "You: polyps · model: cecum 62 %".

    ``class_name`` is the class that the reader gave, or agreed to; it is not read for another kind.
    ``from_range``: it was given to a range that covers the frame.
    """
    given = f"{class_name} (range)" if from_range else class_name
    you = {
        None: "not labelled",
        "class": given,
        "agreed": f"{class_name} (reviewed)",
        "unusable": "none of these",
    }[kind]
    return f"You: {you} · {model.text()}"


def label_note(kind: FrameKind | None, class_name: str, model: ModelText) -> str:
    """Whether label and model differ; may be empty."""
    if model.name is None:
        return ""
    if kind is None:
        return "The model is unsure." if model.unsure else ""
    if kind == "unusable":
        return "Marked as none of these classes."
    if class_name != model.name:
        compared = "You and the model differ"
    elif kind == "agreed":
        compared = "Reviewed: the model is right"
    else:
        compared = "You and the model agree"
    return f"{compared}; it is unsure." if model.unsure else f"{compared}."


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


# ---- Classes -------------------------------------------------------------------------------------

CLASSES_TITLE = "Classes"
CLASSES_HEADINGS = ("Class", "Key", "Frames", "Ranges", "State")
NEW_CLASS, NEW_CLASS_NAME = "New class", "Name of a new class"
COLOUR_QUESTION = "Colour of the class"
RETIRE, BRING_BACK = "Re&tire", "Bring &back"
CLASSES_NOTE = (
    "Every change can be undone here. Labels stay what they were when their class is renamed,"
    " merged or retired."
)


def class_state(merged_into: str, retired: bool) -> str:
    """Of a class in the table."""
    return f"merged into {merged_into}" if merged_into else "retired" if retired else "in use"


def class_history_tip(verb: str, title: str) -> str:
    """Of the buttons Undo and Redo; ``title``: of the change, or empty."""
    return f"{verb} class change: {title}" if title else f"No class change to {verb.lower()}"


# ---- Who labels ----------------------------------------------------------------------------------

WHO = "Who is labelling?"
READER_NAME = "Reader's name"
READER_HINT = "Name or initials"
YOUR_NAME = "Your name or initials"
WITHOUT_NAME, CANCEL = "Without a name", "Cancel"
READER_NOTE = (
    "The history keeps who gave each label, so that several readers can share one library. "
)
READER_FIRST = f"Without a name it says “{UNNAMED}”."
READER_LATER = "Earlier labels keep the name that they were given under."

# ---- Patients ------------------------------------------------------------------------------------

PATIENTS_TITLE = "Patients"
PATIENTS_TABLE = "Procedures and their patients"
PATIENTS_HEADINGS = ("Procedure", "Folder", "Labels", "Patient", "Suggested")
PSEUDONYM = "Pseudonym of the selected procedures"
NOTHING_YET = "No procedure has a label yet. Label a frame, and its procedure is listed here."
PATIENTS_NOTE = (
    "All procedures of a patient are used together: to learn from, or to check with. Use"
    " pseudonyms, never names. Every change can be undone (Ctrl+Z here)."
)
LABELLED_SINCE = (
    "The procedure was labelled since, so this cannot be undone from here. Type the patient again,"
    " or undo in the procedure."
)

# ---- Statistics ----------------------------------------------------------------------------------

STATISTICS_TITLE = "Statistics of the labels"
STATISTICS_HEADINGS = ("Class", "This procedure", "Library", "Agreement", "Time spent")
PROCEDURE_HEADINGS = ("Procedure", "Labelled frames", "From ranges", NONE_OF_THESE)
BY_CLASS, BY_PROCEDURE = "Labels by class", "Labels by procedure"
SUMMARY = "Summary"
ALL = "All"
REST = f"{NONE_OF_THESE}, cleared, undone"
AGREEMENT_NOTE = (
    "Agreement with the model counts labelled frames that the model had classified. It does not say"
    " who is right."
)


def library_summary(
    labelled_frames: int, procedures: int, from_ranges: int, ranges: int, agreed: int
) -> str:
    """Above the table; numbers of frames, but ``procedures`` and ``ranges``."""
    frames = f"{counted(labelled_frames, 'labelled frame')} in {counted(procedures, 'procedure')}"
    by_ranges = f", {from_ranges:,} of them by {counted(ranges, 'range')}" if ranges else ""
    return (
        f"The library: {frames}{by_ranges}. On {counted(agreed, 'frame')} you said that the model"
        " is right."
    )


def agreement(agreed: int, compared: int) -> str:
    """Per cent with the counts behind it, because 100 % of two frames says little; cut so that
    only all of them are 100 %.
    """
    if compared == 0:
        return "–"
    return f"{agreed * 100 // compared}{NO_BREAK}%  ({agreed:,} of {compared:,})"


def duration(seconds: float) -> str:
    """As "42 s", "3 min 05 s" or "1 h 07 min"; cut, not rounded."""
    whole = max(0, int(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"


# ---- Is this the procedure that was labelled? ----------------------------------------------------

SAME, OTHER = "It is the same: show its labels", "It is another: keep them hidden"
CARRY, LEAVE, LATER = "Carry over", "Leave them", "Not now"
AS_LABELLED, AS_NOW = "As it was labelled", "As it is now"
NO_IMAGE = "No image was kept."
BY_NUMBER = (
    "Its labels were kept by frame number until now and stand at the same frame numbers: please"
    " check them once."
)
WITHHELD = (
    "Labels are neither shown nor given until you have said whether this is the procedure that was"
    " labelled. Open it again to answer."
)
COMPARING = "Comparing the images with those that were labelled…"
NONE_LOST = "Every label of this procedure belongs to a frame."
IDENTITY_TITLES = {
    "differs": "Is this the same procedure?",
    "old folder": "Are these the images that were labelled?",
    "changed": "The content has changed",
}
IDENTITY_EXPLANATIONS = {
    "differs": (
        "Until you have answered no label is shown or given. Esc leaves everything as it is."
    ),
    "old folder": (
        "Older versions knew folders by names and sizes, which two patients can share. Labels whose"
        " images were kept are compared with the images and stay behind where they differ. It can"
        " be undone. Esc leaves everything as it is."
    ),
    "changed": (
        "Each label goes to the frame with the same time stamp, of stills to the image with the"
        " same content; labels without one stay with the old content. It can be undone. Esc leaves"
        " everything as it is."
    ),
}


def identity_question(kind: str, number: int, differing: Sequence[str]) -> str:
    """``number`` of labels; ``differing``: what is not as it was noted."""
    count = counted(number, "label")
    if kind == "differs":
        return (
            f"The library knows this procedure ({count}), but with another"
            f" {' and another '.join(differing)}. Is it the same one?"
        )
    if kind == "old folder":
        return (
            f"A folder with the same names and sizes was labelled ({count}). Are these the same"
            " images? Carry the labels over?"
        )
    return f"This content has changed since it was labelled ({count}). Carry the labels over?"


def first_image_of(heading: str) -> str:
    """The name of an image, for screen readers."""
    return f"{heading}: first image"


def without_frame(number: int) -> str:
    """So many labels belong to no frame."""
    belong, are = ("belongs", "is") if number == 1 else ("belong", "are")
    return (
        f"{counted(number, 'label')} {belong} to no frame of this recording and {are} not shown."
        " Labels, Remove labels without a frame takes them away."
    )


def lost_removed(number: int) -> str:
    """Labels that belong to no frame were removed."""
    return f"Removed: {counted(number, 'label')} of no frame. Ctrl+Z brings them back."


NUMBER_OF_FRAMES, SIZE, FIRST_IMAGE = "number of frames", "size", "first image"


def size_line(width: int, height: int) -> str:
    """In pixels."""
    return f"{width} × {height} pixels"


def labelled_line(day: str) -> str:
    """When a procedure was last labelled."""
    return f"last labelled {day}"
