"""What the reader is told of a retraining under way and of its end. No Qt."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType

from endoscope_app.base.wording import about, counted

BUSY = "A training is already running."
BUSY_WAY_OUT = (
    "Wait for it or stop it first, perhaps in another window: two at once would take twice as long."
)
NOT_WRITABLE = "The folder of the run cannot be written."
NOT_WRITABLE_WAY_OUT = "Free some space or check the data folder."
CANCELLED = "Cancelled: nothing was kept, and the model in use is as it was."
OUT_OF_MEMORY = (
    "The training ran out of memory. Close other programs, or choose fewer reference models under"
    " Advanced, and start it again."
)
OUT_OF_DISK = (
    "The disk is full, so the training ended. Free some space and start it again: it resumes from"
    " its last pass."
)
KILLED = (
    "The training was ended from outside, perhaps because memory ran out. Start it again: it"
    " resumes from its last pass."
)
NOT_STARTED = (
    "The training could not be started. The installation may be damaged: install the program again."
)
NO_RESULT = "The training ended without a result. The model in use is as it was; see the log."
NO_IMAGES = (
    "None of the labelled frames can be read: no image of them was kept, and their files are no"
    " longer there."
)
NO_IMAGES_WAY_OUT = (
    "Put the files back where they were, or open the procedures again; then start again."
)
NOTHING_TO_RESUME = "There is nothing left to resume."

STARTING, ENDING = "Starting…", "Ending…"
COMPARING = "Comparing with the model in use…"
MORE_FIGURES, LOG, RESUME, DISCARD = "More figures", "Log", "Resume", "Discard"
RESUME_TIP = "With the same labels and settings, from its last pass"
DISCARD_TIP = "Delete what it trained and the frames that were exported for it"
STATE_NAME, PROGRESS_NAME = "State of the training", "Progress of the training"
END_NAME, LOG_NAME = "How the training ended", "Log of the training"
INTERRUPTED_NAME = "Interrupted retraining"
CURVES_NAME, LOSSES, SCORES, PASS = "Curves of the training", "Losses", "Scores", "pass"
NO_PASS = "No pass has ended yet."
#: Part of a run, as the trainer calls it -> what the reader is told of it.
PARTS: Mapping[str, str] = MappingProxyType(
    {
        "computing the teachers' logits": "Running the reference models",
        "asking the teachers": "Running the reference models",  # in runs of November 2026
        "asking the teachers about unlabelled frames": "Running the reference models",
        "making views": "Preparing the images",
        "holding frames of new classes back": "Checking how a new class is recognised",
        "reading images": "Reading the images",
        "training": "Training",
    }
)
STARTING_AGAIN = "Starting another retraining discards this one."

CLOSING_TITLE, UNDER_WAY = "Retraining", "A retraining is under way."
WHAT_THEN = (
    "Its work can be kept: Ctrl+T resumes it from its last pass when the program is next started."
    " The model in use stays as it is either way."
)
KEEP, STOP_AND_DISCARD, STAY = (
    "&Keep its work and resume next time",
    "&Stop and discard",
    "Do &not close",
)


def fault(code: int) -> str:
    """The trainer ended with a status that is no agreement."""
    return (
        f"The training ended because of a fault in the program (status {code}). The model in use is"
        " as it was; see the log."
    )


def silence(seconds: int) -> str:
    """The trainer has said nothing for so long."""
    return (
        f"The training has reported nothing for {seconds} seconds. It may be stuck: you can wait,"
        " stop it or cancel it."
    )


def record_trouble(reason: str) -> str:
    """Events or log cannot be written; ``reason`` as the system says it."""
    return f"The record of this run cannot be written: {reason}."


def left_out(count: int) -> str:
    """So many labelled frames had no image; '' for none."""
    if not count:
        return ""
    was = "was" if count == 1 else "were"
    return (
        f"{counted(count, 'labelled frame')} {was} left out: no image was kept, and the file"
        " is no longer there."
    )


def interrupted(begun: str, passed: int, planned: int, trouble: str = "") -> str:
    """ "A retraining of 3 May 2026, 17:05 was interrupted at pass 3 of 12."

    ``begun``: UTC, ISO 8601; ``passed`` 0: none had ended; ``trouble``: how it failed.
    """
    where = f"at pass {passed} of {planned}" if passed else "before its first pass had ended"
    sentence = f"A retraining of {moment(begun)} was interrupted {where}."
    return f"{sentence} {trouble}" if trouble else sentence


def other_base(base: str) -> str:
    """It began from another model than the one in use."""
    return (
        f"It was started from model {base}, which is not the one in use now, so it cannot be"
        " resumed."
    )


def time_left(part: str, passed: int, planned: int, seconds: float) -> str:
    """ "Training, pass 3 of 12, 2 min left"; ``passed``: those that have ended."""
    which = f", pass {passed + 1} of {planned}" if planned and passed < planned else ""
    return f"{part}{which}, {about(max(1.0, seconds))} left"


def curves_text(passed: int, losses: str, scores: str) -> str:
    """The last values of both plots, for a screen reader."""
    return f"Pass {passed}. Losses: {losses}. Scores: {scores}." if passed else NO_PASS


def moment(utc: str) -> str:
    """ "3 May 2026, 17:05" by this machine's clock."""
    try:
        at = datetime.fromisoformat(utc).astimezone()
    except ValueError:
        return "an earlier session"
    return f"{at.day} {at:%b %Y, %H:%M}"


def model_name(begun: str) -> str:
    """ "model of 21 Nov 14:05" by this machine's clock: what the new model's card calls it.

    It tells it apart from the model that it was made from.
    """
    try:
        at = datetime.fromisoformat(begun).astimezone()
    except ValueError:  # a record of an earlier version does not say it
        at = datetime.now(UTC).astimezone()
    return f"model of {at.day} {at:%b %H:%M}"
