"""What the window, the settings and the help say to the reader."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from endoscope_app.base.settings import ReaderMode

APP_TITLE = "Endoscope"
RECENT = "Open &recent"
LABELS_RAIL, LABELS_RAIL_TIP = "Labels", "Show or hide the labels (F2)"
MODEL_RAIL, MODEL_RAIL_TIP = "Model", "Show or hide what the model says (F3)"
PICTURE_IS_ALONE = "The picture is alone: F11 brings everything back."
UNDO, UNDO_TIP = "Undo", "Take it back (Ctrl+Z)"
TOAST_NAME, CLOSE_TOAST = "New message", "Close the message"


def data_folder_read_only(folder: Path) -> str:
    """Nothing of this session can be kept."""
    return (
        f"The data folder {folder} cannot be written: analyses and settings of this session are"
        " not kept. Name another folder with --data-dir."
    )


# --- settings ------------------------------------------------------------------------------------

SETTINGS_TITLE = "Settings"
THEME, DARK, LIGHT = "Theme", "Dark", "Light"
SHOW_HEAT_MAP = "Show the heat map"
ANALYSE_ON_OPEN = "Analyse a procedure when it is opened"
DEINTERLACE = "Smooth interlaced video (old recorders)"
SHORTEST_FINDING = "Shortest finding"
SHORTEST_FINDING_TIP = "Shorter runs of a class are not listed as findings. 0 lists all."
AVERAGING = "Averaging over time"
AVERAGING_TIP = (
    "What the model says is averaged over this time before findings are made. 0 switches it off."
)
FINDINGS_NOTE = "Findings change at once; what the model said is kept as it was."
MODEL_SHOWN_ROW, MODEL_SHOWN_NAME = "The model is", "When the model is shown"
#: (setting, choice, what it means)
READER_MODES: tuple[tuple[ReaderMode, str, str], ...] = (
    (
        "always",
        "Always shown",
        "What the model says is on screen, on the timeline and in the lists.",
    ),
    (
        "hidden",
        "Hidden until you have labelled the frame",
        "What the model says of a frame shows once you have labelled it; timeline and findings"
        " stay empty.",
    ),
    (
        "on request",
        "On request only (hold M)",
        "What the model says of a frame shows while M is held; timeline and findings stay empty.",
    ),
)
KEPT_IMAGES_ROW = "Images of labelled frames"
KEPT_IMAGES_NAME = "Limit for images of labelled frames"
KEPT_IMAGES_TIP = (
    "Labelled frames are kept as images, so that training works when the video is gone."
)
RANGE_STEP_ROW = "Train on ranges with"
RANGE_STEP_NAME = "Frames of a range that are trained on"
RANGE_STEP_TIP = (
    "Neighbouring frames are nearly the same image; 1 takes every frame of a labelled range."
)
RANGE_STEP_PREFIX = "every "
THIN_RANGES = "Leave out frames that look almost like the one before"


def range_step_suffix(step: int) -> str:
    """After the number: "every 5" and "th frame"."""
    ends = {1: "st", 2: "nd", 3: "rd"}
    end = "th" if step % 100 in (11, 12, 13) else ends.get(step % 10, "th")
    return f"{end} frame"


# --- help ----------------------------------------------------------------------------------------

KEYS_TITLE = "Keyboard shortcuts"
MOUSE = "Mouse"
SEGMENT_KEYS = (
    ("Enter  or  R", "In the list of segments: accept the segment as a labelled range"),
    ("X", "In the list of segments: reject it"),
    ("1 … 9, 0", "In the list of segments: correct it to this class"),
    ("Del", "In the list of segments: take the decision back, remove the bookmark"),
    ("Esc", "From the list of segments: keys act on the frame again"),
)
PEEK_KEY = ("M (held)", "Show the model, where the settings hide it")
MOUSE_GESTURES = (
    ("Wheel on the image", "Zoom at the pointer"),
    ("Drag the image", "Move it; double click fits it"),
    ("Click or drag on the timeline", "Go there"),
    ("Wheel on the timeline", "Zoom around the pointer"),
    (
        "Shift and drag on the timeline",
        "Mark a range; drag a range's ends to trim it; Esc gives a drag up",
    ),
)
CHANGE_KEYS_TITLE = "Change keys"
SEARCH_KEYS = "Search: command, menu or key"
KEY_HEADINGS = ("Menu", "Command", "Key")
NEW_KEY, PRESS_KEY = "&New key…", "Press it now (Esc: leave it)"
RESET, RESET_ALL, CLOSE_DIALOG = "&As it came", "A&ll as they came", "Close"
SWAP, TAKE = "&Swap", "&Take it"
KEYS_HINT = (
    "Enter on a command, then its new key: it acts at once. Hints in the window go on naming the"
    " keys that it came with; F1 shows yours."
)
FIXED_KEY = "This key stays: it labels frames, and decides in the list of segments too."
ALL_KEYS_RESET = "All keys are as they came."


def keys_text(keys: Sequence[str]) -> str:
    """In one cell."""
    return "  or  ".join(keys)


def class_keys(digits: str) -> tuple[str, str]:
    """The ten keys on one line; ``digits``: what stands on them, where that is something else."""
    what = "Give the frame on screen this class; held while playing, the range that goes by"
    if digits:
        return "1 … 9, 0", f"{what}. On this keyboard: {digits}"
    return "1 … 9, 0", f"{what}; on any keyboard the keys of the upper row"


def key_refused(key: str, *, is_reserved: bool, is_digit: bool) -> str:
    """Why no command may have it; empty where one may."""
    if is_digit:
        return "The digits' keys give classes on every keyboard. Choose another key."
    if is_reserved:
        return f"{key} labels, decides or leads from control to control. Choose another key."
    if key.startswith("Alt+") and len(key) == len("Alt+X"):
        return f"{key} opens a menu. Choose another key."
    return ""


def key_taken(key: str, other: str, command: str) -> str:
    """Before a key changes hands."""
    return (
        f"{key} is the key of “{other}”. Swap: “{other}” gets the key that “{command}” has now."
        f" Take it: “{other}” is left without this key."
    )


def key_given(key: str, command: str) -> str:
    """It acts from now on."""
    return f"{key} is now the key of “{command}”."


def key_settled(key: str, command: str, other: str, left: Sequence[str]) -> str:
    """What became of both."""
    text = key_given(key, command)
    if not other:
        return text
    return f"{text} “{other}” has {keys_text(left) or 'no key'}."


def key_reset(command: str, keys: Sequence[str]) -> str:
    """As it came."""
    return f"“{command}” has {keys_text(keys) or 'no key'}, as it came."


BANNER_NAME = "What is so now"
ABOUT_TITLE = "About Endoscope App"
NOT_FOR_CARE = "For research and education. Not a medical device. Not for diagnosis or treatment."
PURPOSE = (
    "Review of recorded endoscopy with a small distilled classifier that learns from its reader."
)
#: A page: the link is ours.
PAPER = (
    'After the paper <a href="https://arxiv.org/abs/2308.08731">arXiv 2308.08731</a>, in our'
    " reading of it: its authors have no part in this program."
)


def heading(version: str) -> str:
    """Of the window about this program."""
    return f"Endoscope App {version}"
