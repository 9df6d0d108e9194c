"""Every sentence and name that the contact sheet and pairs show, in one place. No Qt."""

from __future__ import annotations

from endoscope_app.base.wording import counted, percent

# ---- The sheet -----------------------------------------------------------------------------------

SHEET_NAME = "Contact sheet"
LIST_NAME = "Stills of this folder"
ONLY_STILLS = "The contact sheet is for folders of stills; a video has its timeline."
KEYS = "Enter opens, digits label what is chosen, C compares two, G leads back."
HIDDEN_NOTE = "The model's class shows only on stills that you have labelled."
NO_MATCH = "No still matches the filters."
YOU = "You"
UNUSABLE = "None of these"
UNLABELLED = "not labelled"
DIFFERS = "differs"
OPEN_STILL = "&Open this still"
LABEL_AS = "&Label as"


def shown_of(shown: int, every: int, chosen: int) -> str:
    """How many pass the filters, and how many are chosen."""
    if every and not shown:
        return NO_MATCH
    text = counted(every, "still") if shown == every else f"{shown:,} of {every:,} stills"
    return f"{text} · {chosen:,} chosen" if chosen > 1 else text


def model_says(name: str, *, unsure: bool) -> str:
    """Under a thumbnail: as "Polyp", or "unsure: Polyp"."""
    return f"unsure: {name}" if unsure else name


def certainty(probability: float) -> str:
    """At the right of it."""
    return percent(probability)


def reader_says(name: str) -> str:
    """As "You: Polyp"."""
    return f"{YOU}: {name}"


def spoken(*parts: str) -> str:
    """For screen readers, and where a cell has no room."""
    return ". ".join(part for part in parts if part)


def still_number(index: int) -> str:
    """In place of a file's name."""
    return f"image {index:,}"


# ---- Labels of several stills --------------------------------------------------------------------


def several(count: int) -> str:
    """What an act is about."""
    return counted(count, "still")


def labelled(name: str, count: int, key: str) -> str:
    """Over the image."""
    by = f" · key {key}" if key else ""
    return f"{name} · {several(count)}{by}"


def reviewed_title(count: int) -> str:
    return f"Reviewed, {several(count)}"


def reviewed(count: int, passed_over: int, key: str) -> str:
    """``passed_over``: of which the model has said nothing that may be seen."""
    text = labelled("Reviewed: the model is right", count, key)
    return f"{text} ({passed_over:,} passed over: nothing to agree with)" if passed_over else text


def labelled_title(name: str, count: int) -> str:
    return f"{name}, {several(count)}"


def cleared_title(count: int) -> str:
    return f"Labels cleared, {several(count)}"


def cleared(count: int, key: str) -> str:
    return labelled("Cleared", count, key)


CHOOSE_FIRST = "Choose a still first: with the arrows, or with a click."
NOTHING_TO_CLEAR = "None of these stills has a label of its own."
NOTHING_TO_AGREE = "There is nothing of the model to agree with on these stills."

# ---- Two stills side by side ---------------------------------------------------------------------

PAIR_NAME = "Two stills side by side"
BEFORE, AFTER = "Before", "After"
TEXT, TEXT_NAME = "What is to be seen (T)", "Text below the pair"
KEEP, KEPT = "&Put into the report", "In the &report"
KEEP_TIP = "Enter puts the pair into the report of this procedure, and takes it out again"
SWAP, SWAP_TIP = "&Swap", "Which of the two was before"
PAIR_KEYS = (
    "Enter: into the report or out of it. T: write. Wheel, + and -: zoom both. Esc leads back."
)
CHOOSE_TWO = "Choose one still, or two, to compare."
ANOTHER_STILL = "Choose another still to compare it with."
LEAVE_FIRST = "Two stills are on screen: Esc leads back to one, which a key then labels."
NO_IMAGE = "This image cannot be read any more."


def compare_with(name: str) -> str:
    """Above the sheet, while the other still is to be chosen."""
    return f"Compare {name} with…  Enter or C takes the still that is chosen, Esc leaves it."


def captioned(which: str, name: str) -> str:
    """Over one of the two."""
    return f"{which}: {name}"


def kept(before: str, after: str) -> str:
    """What is said over the image, and what undo calls it."""
    return f"Pair for the report · {before}, {after}"


def dropped(before: str, after: str) -> str:
    return f"Pair out of the report · {before}, {after}"


def described(before: str, after: str) -> str:
    return f"Text below a pair · {before}, {after}"
