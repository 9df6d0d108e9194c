"""What the reader is told around a retraining, and names that all of its parts use. No Qt."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from endoscope_app.base.wording import counted

TITLE, START, STOP, CANCEL, CLOSE = "Retrain", "Start", "Stop", "Cancel", "Close"
STOP_TIP = "End now and keep the best model so far"
CANCEL_TIP = "End now and discard what was trained"
COMPARE, COMPARE_LAST = "Compare…", "Compare last…"
KEEPS_RUNNING = (
    "Training continues when this window is closed. The model in use stays as it is until you"
    " choose to use another."
)
NOTHING_LABELLED = "There is no labelled frame to learn from yet: label some frames first."
COUNTING = "Counting the labels…"
STOPPING = "Stopping: the best model so far is kept and compared…"
CANCELLING = "Cancelling…"
NOTE_NAME = "What to know"
RETRAINING = "Retraining"
NO_LIBRARY = "The label library is not open, so there is nothing to learn from."
NO_MODEL = "There is no model in use to start from."
NO_REPLAY = "The replay set that ships with the program is missing."
NO_REPLAY_WAY_OUT = (
    "Install the program again: without it, a new model would forget what it knew before."
)
NO_RUN_FOLDER = "The folder of the run cannot be made."
NO_RUN_FOLDER_WAY_OUT = "Free some space or check the data folder."
TRY_AGAIN = "Try again in a second."
THE_RECORD = "the record of the run"
PRESS_TO_RESUME = "Press Ctrl+T to resume it or to discard it."

#: Loss or score by the name that the trainer gives it -> the field's term.
_FIGURES: Mapping[str, str] = MappingProxyType(
    {
        "cross_entropy": "cross-entropy",
        "kl": "distillation",
        "hint": "features",
        "anchor": "fusion",
        "guide": "relation",
        "replay": "replay",
        "old_accuracy": "accuracy, old classes",
        "old_macro_f1": "macro\N{NON-BREAKING HYPHEN}F1, old classes",
        "accuracy": "accuracy",
        "macro_f1": "macro\N{NON-BREAKING HYPHEN}F1",
        "mcc": "MCC",
    }
)


def figure_name(name: str) -> str:
    """A loss or a score in the field's term; one that has none here keeps its name."""
    return _FIGURES.get(name, name.replace("_", " "))


def end_message(sentence: str) -> str:
    """The end of a run whose dialog is closed."""
    return f"Retraining: {sentence}"


def labels_changed(count: int, begun: str) -> str:
    """So many labels were changed since a run began; ``begun`` as ``run.wording.moment`` says."""
    was = "was" if count == 1 else "were"
    return (
        f"It learnt from the labels as they were on {begun}: {counted(count, 'label')} {was}"
        " changed since."
    )
