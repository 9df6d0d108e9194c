"""What an act on labels says: its echo, its title in undo, and why it was not done. No Qt."""

from __future__ import annotations

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


def painting(name: str, place: str) -> str:
    """While a digit is held and the procedure plays."""
    return f"Painting {name} from {place}: let the key go to end it"


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


ESC_STOPS = "Esc stops it, and nothing changes."


def large_take_back(way: str, title: str) -> tuple[str, str]:
    """What is said while an act of very many labels is taken back, and why nothing else can be
    done; ``way``: undo or redo.
    """
    doing = "undone" if way == "undo" else "done again"
    return (
        f"This is being {doing}: {title}.",
        "No label can be given, changed or undone until it is.",
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


def no_label_further(forwards: bool) -> str:
    """There is no further labelled frame."""
    return f"No frame {'after' if forwards else 'before'} this one is labelled."


def nothing_worth_a_look(forwards: bool) -> str:
    """There is no further frame that is unsure, or where reader and model differ."""
    side = "after" if forwards else "before"
    return f"No frame {side} this one is unsure or differs from your label."
