"""Numbers, times and names as a reader would write them."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

#: Between a number and its sign, so that no line breaks there.
NO_BREAK = "\N{NO-BREAK SPACE}"
#: Seconds from which on a guess is said in minutes.
ROUGH_S = 90.0
PLEASE_REPORT = "Please report it."
CLOSE, CANCEL = "Close", "Cancel"
#: A command that needs a procedure.
NO_PROCEDURE_OPEN = (
    "No procedure is open yet: Ctrl+O opens a video, Ctrl+Shift+O a folder of stills."
)
FAULT_TITLE, FAULT = "Something went wrong", "The program made a mistake."
FAULT_ADVICE = (
    "Your labels are saved and you can carry on. If this happens again, restart the program and"
    " send us the report below. Read it first: it must contain no patient data."
)
FAULT_NAME, FAULT_ADVICE_NAME, REPORT_NAME = "What happened", "What to do", "Report"
COPY_REPORT, COPIED = "Copy report", "Copied"
TASK_FAULT = "A background task failed because of a fault in the program."
NAME_A_FOLDER = "Name a folder with --data-dir."
OTHER_FOLDER = "Choose another one with --data-dir."
FREE_SPACE = "Free some space; the program continues without it."
SETTINGS_NOT_SAVED, SETTINGS_NOT_SAVED_WAY_OUT = (
    "The settings could not be saved.",
    "Check that the data folder can be written.",
)
NO_SCREEN = "There is no screen here to open a window on."
NO_SCREEN_WAY_OUT = (
    "On a machine without a screen use: endoscope-app analyse PATH --out result.json"
)
NO_CURSOR_LIBRARY, NO_CURSOR_LIBRARY_WAY_OUT = (
    "The system library libxcb-cursor0, which Qt needs to open a window, is missing.",
    "Install the package libxcb-cursor0.",
)
_RAW_NAME = re.compile(r"[a-z0-9]+(_[a-z0-9]+)*")
_NETWORKS: Mapping[str, str] = MappingProxyType(
    {"efficientnet": "EfficientNet", "mobilenet": "MobileNet"}
)


def counted(number: int, what: str) -> str:
    """As "1 label" or "1,204 labels"; ``what`` in the singular, of a word whose plural takes an
    s.
    """
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def percent(share: float, digits: int = 0) -> str:
    """A share of 1 as "71 %" or, with a digit after the point, "70.8 %"; never broken over two
    lines.
    """
    return f"{100 * share:.{digits}f}{NO_BREAK}%"


def percent_reached(share: float) -> str:
    """As ``percent``, cut instead of rounded: .638 has not reached "64 %"."""
    return percent(math.floor(100 * share + 1e-9) / 100)


def percent_needed(share: float) -> str:
    """As ``percent``, rounded up: what has reached it has reached ``share``."""
    return percent(math.ceil(100 * share - 1e-9) / 100)


def clock(milliseconds: float, *, with_ms: bool = False) -> str:
    """Milliseconds -> "m:ss", or "h:mm:ss" from one hour; ``with_ms`` appends ".mmm".

    Cut, not rounded, as players do.
    """
    whole = max(0, int(milliseconds))
    seconds, rest_ms = divmod(whole, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    text = f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"
    return f"{text}.{rest_ms:03d}" if with_ms else text


def tenths(milliseconds: float) -> str:
    """Milliseconds -> "m:ss.t", or "h:mm:ss.t" from one hour; cut, not rounded."""
    return f"{clock(milliseconds)}.{max(0, int(milliseconds)) % 1000 // 100}"


def lasting(milliseconds: float) -> str:
    """A length of time as "3.2 s", "2 min 5 s" or "1 h 0 min"."""
    if milliseconds < 59_950:
        return f"{milliseconds / 1000:.1f} s"
    minutes, seconds = divmod(round(milliseconds / 1000), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {seconds} s"


def about(seconds: float) -> str:
    """A guess of how long it takes, as "80 s", "12 min" or "2 h 40 min"."""
    if seconds < ROUGH_S:
        return f"{round(seconds)} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def minute_of(utc: str) -> str:
    """ "2026-11-21 14:05" by this machine's clock, of a moment in ISO 8601; what is none stays
    as it is.
    """
    try:
        return f"{datetime.fromisoformat(utc).astimezone():%Y-%m-%d %H:%M}"
    except ValueError:
        return utc


def network_name(raw: str) -> str:
    """A network's name as a reader would write it: "efficientnet_lite0" as "EfficientNet
    Lite0"; one that is written for readers stays.
    """
    if not _RAW_NAME.fullmatch(raw):
        return raw
    return " ".join(_NETWORKS.get(word, word.capitalize()) for word in raw.split("_"))


def needs_learning_packages(what: str) -> str:
    """What to install where only the viewer is; ``what`` begins the sentence."""
    return f'{what} needs the learning packages: pip install "endoscope-app[train]".'


def disk_full(what: str) -> str:
    """``what`` was to be saved."""
    return f"The disk is full, so {what} could not be saved."


def not_writable(what: str) -> str:
    return f"The data folder is not writable, so {what} could not be saved."


def not_usable(what: str) -> str:
    return f"The data folder cannot be used, so {what} could not be saved."


VANISHED_TITLE = "The data folder is not there"
TRY_AGAIN = "&Look again"
CHOOSE_FOLDER = "&Choose where it is..."
BEGIN_EMPTY = "&Begin with an empty one"
QUIT = "&Quit"
WHERE_IS_IT = "Where is the data folder now?"


def vanished(root: object) -> str:
    """At the start, of a data folder that was used before."""
    return (
        f"The data folder {root}, with your labels and settings, is gone or empty. Connect its"
        " drive and look again, choose where it lies now, or begin with an empty one: that changes"
        " nothing of the one that is missing."
    )


def still_vanished(root: object) -> str:
    """After another look."""
    return (
        f"There is still nothing at {root}. Choose where it lies now, or begin with an empty one."
    )


def no_data_folder(chosen: object) -> str:
    """Of a folder that was chosen."""
    return f"{chosen} holds no labels of this program. Choose the folder that “labels” lies in."


def is_file(root: object) -> str:
    """Of a data folder."""
    return f"The data folder {root} is a file."


def no_screen_at(display: str) -> str:
    return f"No screen answers at DISPLAY={display}."


def settings_unreadable(aside: str) -> str:
    """``aside``: the name under which the file is kept."""
    return f"The settings could not be read, so the defaults are used; the file is kept as {aside}."


def settings_wrong(names: str, aside: str) -> str:
    """``names``: those that could not be read, joined."""
    return (
        f"Settings that could not be read are back at their defaults ({names}); the file is kept as"
        f" {aside}."
    )


def progress_name(work: str) -> str:
    """Of a bar, for screen readers; ``work``: "the export"."""
    return f"Progress of {work}"


def state_name(work: str) -> str:
    """Of the sentence beside it."""
    return f"State of {work}"
