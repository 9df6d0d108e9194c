"""Every sentence and name that the review list shows, in one place. No Qt."""

from __future__ import annotations

from endoscope_app.labels.frame_states import State
from endoscope_app.labels.review.review_rows import Column, Queue

# ---- The window and its notes --------------------------------------------------------------------

TITLE = "Review list"
SUSPECTS_TITLE = "Review list: suspect labels"
ABOUT = "About this list"
ALL_FRAMES = "Back to all frames"
HIDDEN_NOTE = (
    "The model's class shows only on frames that you have labelled: the reader mode in the settings"
    " hides it on the others."
)
CONTRADICTED = "Most confident contradiction first"
CHOOSE_NOTE = "Every model contradicts the labels of these frames. Choose one to see what they say."

# ---- Filters and queues --------------------------------------------------------------------------

FILTERS = "Filters of the review list"
CLASS, CLASS_TIP = "Class", "Frames to which you or the model give this class"
STATE, STATE_TIP = "State", "How your label and the model's class compare"
ORDER = "Order of the frames"
ORDER_TIP = "Which frames come first; a click on a heading sorts on top of it"
LEAST, GREATEST = "Least probability", "Greatest probability"
PROBABILITY, TO = "Probability", "to"
SHOW_ALL, SHOW_ALL_TIP = "Show all", "Take all filters away"
ALL_STATES, ALL_CLASSES = "All states", "All classes"
QUEUES = {
    Queue.TIME: "By time",
    Queue.MOST_UNCERTAIN: "Most uncertain first",
    Queue.DISAGREEMENTS_FIRST: "Disagreements first",
    Queue.RARE_CLASSES_FIRST: "Rare classes first",
    Queue.SPREAD: "Spread over the procedure",
}


def probability_tip(name: str) -> str:
    """Of the least or the greatest probability."""
    return f"{name} that the model gives its class"


# ---- Below the table -----------------------------------------------------------------------------

FILTER_AGAIN, FILTER_AGAIN_NAME = "Filter again", "Filter and sort again"
FILTER_AGAIN_TIP = "Labels given since then may have changed which frames belong here, and where"


def shown_of(shown: int, every: int) -> str:
    """How many frames pass the filters."""
    if every and not shown:
        return f"No frame of {every:,} matches the filters."
    return f"{shown:,} of {every:,} frames"


# ---- The table -----------------------------------------------------------------------------------

FRAMES = "Frames to review"
COLUMNS = "Columns of the review list"
HEADINGS = ("", "Frame", "Time", "You", "Model", "Prob.", "State")
SPOKEN_HEADINGS = {Column.THUMBNAIL: "Thumbnail", Column.PROBABILITY: PROBABILITY}
HEADING_TIPS = {
    Column.YOU: "The label that you gave, to the frame or to a range around it",
    Column.MODEL: "The model's most probable class",
    Column.PROBABILITY: "How probable the model finds its class",
    Column.STATE: STATE_TIP,
}
STATES = {
    State.AGREED: "agreed",
    State.DISAGREEMENT: "disagreement",
    State.UNSURE: "unsure",
    State.UNLABELLED: "unlabelled",
    State.UNUSABLE: "none of these",
    State.LABELLED: "labelled",
}
SIGNS = {
    State.AGREED: "✓",
    State.DISAGREEMENT: "≠",
    State.UNSURE: "?",
    State.UNLABELLED: "–",
    State.UNUSABLE: "✕",
    State.LABELLED: "•",
}
NOTHING = "–"
#: The widest text of each narrow column.
SAMPLES = {
    Column.FRAME: "100,000",
    Column.TIME: "0:00:00",
    Column.PROBABILITY: "Prob.   ↓ ",
    Column.STATE: f"{SIGNS[State.DISAGREEMENT]}  {STATES[State.UNUSABLE]}  ",
}
_SPOKEN = {
    Column.FRAME: "frame",
    Column.TIME: "at",
    Column.YOU: "you:",
    Column.MODEL: "model:",
    Column.PROBABILITY: "probability",
}


def state_cell(state: State) -> str:
    """The state with its sign."""
    return f"{SIGNS[state]}  {STATES[state]}"


def of_range(name: str) -> str:
    """A class that a range gives; the word comes first, as long names are cut."""
    return f"Range: {name}"


def spoken_image(frame: str) -> str:
    """What a screen reader says of a small image."""
    return f"image of frame {frame}"


def spoken_cell(column: Column, text: str) -> str:
    """What a screen reader says of a cell."""
    return f"{_SPOKEN[column]} {'none' if text == NOTHING else text}"
