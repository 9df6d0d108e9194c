"""What the list of similar frames says. No Qt."""

from __future__ import annotations

from endoscope_app.base.wording import counted, percent

TITLE = "More like this"
LIST_NAME = "Similar frames"
STOP, ANALYSE_THEM = "Stop", "&Analyse them"
ANALYSE_TIP = "Puts these procedures into the queue of the worklist"
NOT_LOOKED_AT = (
    "This frame has not been analysed yet: wait for the analysis, or press Ctrl+R to begin it."
)
KEYS = "Enter opens a frame, digits label what is chosen, X: none of these, Ctrl+Z takes it back."
NOTHING = "No other analysed frame of this worklist looks like it."
STOPPED = "Stopped: the frames found so far."
NO_PATIENT = "no pseudonym"
UNUSABLE = "None of these"
NO_FILE = "The file of this procedure is not where it was: find it in the worklist first."
QUEUED = "They are in the queue of the worklist; ask again when they are analysed."


def query(place: str) -> str:
    """What was asked about."""
    return f"Like the frame at {place}"


def step(done: int, total: int) -> str:
    return f"Looking through procedure {min(done + 1, total):,} of {total:,}…"


def found(frames: int, procedures: int) -> str:
    """How it ended."""
    if not frames:
        return NOTHING
    return f"{counted(frames, 'frame')} of {counted(procedures, 'procedure')}, most alike first."


def without(procedures: int) -> str:
    """Those that could not be looked through."""
    is_one = procedures == 1
    return (
        f"{counted(procedures, 'procedure')} of the worklist {'is' if is_one else 'are'} not"
        " analysed by the model in use, so not in this list."
    )


def cell(patient: str, place: str, alike: float, label: str) -> str:
    """Below a thumbnail."""
    lines = [patient or NO_PATIENT, f"{place} · alike {percent(alike)}"]
    return "\n".join([*lines, f"You: {label}" if label else ""])


def labelled(name: str, frames: int, key: str) -> str:
    """Over the picture, and what undo calls it."""
    return f"{name} · {counted(frames, 'similar frame')} · key {key}"
