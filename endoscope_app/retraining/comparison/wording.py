"""What the reader is told of a comparison of the new model with the one in use. No Qt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from endoscope_app.base.wording import counted, minute_of, percent

TITLE, IN_USE, NEW_MODEL = "Compare models", "Model in use", "New model"
RESULT_TAB, CLASSES_TAB = "Re&sult", "&Class by class"
USE, KEEP, DISCARD, REPORT, CLOSE = (
    "&Use this model",
    "&Keep for later",
    "&Discard…",
    "Open &report",
    "Close",
)
USE_TIP = "Use the new model from the next frame on"
KEEP_TIP = "Put it among the models without using it"
DISCARD_TIP = "Delete the new model and the frames that were exported for it"
REPORT_TIP = "The whole report in the browser"
RECOMMENDATION_NAME, NOTE_NAME, PROBLEM_NAME = "Recommendation", "Note", "What went wrong"
LEFT_OUT_NAME = "Frames left out"
UNDECIDED = "Closing decides nothing: Compare… in the Retrain window opens this again."
KEPT = "This model is already among the models (Model, Models)."
NO_REPORT = "This run has written no report."
DISCARD_TITLE = "Discard the new model"
BUSY = "Your decision is being carried out."
DISCARDED = "The new model is discarded. The labels are kept."
IS_IN_USE = "The new model is the one in use."
NO_PLACE = (
    "It is not known where this frame was: its image was not named by this version of the program."
)
GONE, RETRAIN = "The new model of this run is no longer there.", "Retrain to make another."
DAMAGED = "The result of this comparison is damaged."
OTHER_MODEL = "The predictions of single frames are of another model, so they are not shown."
NO_FRAMES = (
    "No procedure is kept for checking yet, so there is no frame on which the models could be"
    " compared."
)
NO_IMAGE = "The image of this frame is no longer there."
NO_ACTIVE = "The model that was in use then is no longer there, so its heat map is missing."

# Result
CHECKED, KNOWN_BEFORE = "Kept for checking", "Known before"
HEADINGS = ("In use", "New", "Difference", "Verdict")
RESULT_NAME, MORE_NAME, MORE_FIGURES = "Result", "More figures of the result", "More figures"
NO_CHECKING = (
    "No procedure is kept for checking yet: label a second one, and the next model can be compared"
    " on it."
)
EXPLAINED = (
    "Differences are in percentage points, new model minus model in use, with"
    f" {percent(0.95)} intervals. Better or worse is said only where the whole interval lies on one"
    " side of zero."
)
METHOD = (
    "Intervals of differences by paired bootstrap of patients, of shares by Wilson. Accuracy is"
    " judged alone, all other rows together: corrected for their number (Holm). One training is"
    " compared; how much a second one would differ is not in it."
)
VERDICTS: Mapping[str, str] = MappingProxyType(
    {
        "better": "\N{BLACK UP-POINTING TRIANGLE} better",
        "worse": "\N{BLACK DOWN-POINTING TRIANGLE} worse",
        "undecided": "\N{EN DASH} undecided",
    }
)
ACCURACY, MACRO_F1, CALIBRATION = "Accuracy", "Macro-F1", "Expected calibration error"
FLICKER = "Changes of class per 1,000 frames"
CALIBRATION_TIP = "How far probabilities are from what comes true; less is better"
FLICKER_TIP = (
    "How often the class changes from frame to frame; the nearer to your own labels the better"
)
NOT_MEASURED = "not measured"

# Class by class
MATRIX_EXPLAINED = (
    "Rows: what the frame shows. Columns: what the model called it. Numbers are frames; the shade"
    " is their share of the row. What was called correctly lies on the diagonal."
)
NO_MATRIX = "This comparison holds no table of classes."

# Differing frames
LIST_NAME, ALL, HEAT_MAPS = "Frames on which the models differ", "All", "&Heat maps"
HEAT_TIP = "Where in the image each model found the class that it called"
NONE_DIFFERS = "The models call the same class on every frame kept for checking."
LOADING = "The image is being read…"
RIGHT, WRONG = "right", "wrong"
TRUTH, LIST_IN_USE, LIST_NEW = "Truth", "In use", "New"
KINDS: Mapping[str, str] = MappingProxyType(
    {
        "broken": "\N{BLACK DOWN-POINTING TRIANGLE} Now wrong",
        "corrected": "\N{BLACK UP-POINTING TRIANGLE} Now right",
        "both wrong": "\N{BLACK DIAMOND} Both wrong",
    }
)
_MOST_NAMED = 8


def side(title: str, version: str, created: str) -> str:
    """One of the models with its version and when it was made, as far as that is known."""
    if not version:
        return f"{title}: unknown"
    return f"{title} {version}, made {minute_of(created)}" if created else f"{title} {version}"


def frames_tab(count: int) -> str:
    """The tab of the frames on which the models differ."""
    return f"Differing &frames ({count:,})"


def discard_question(version: str) -> str:
    """Asked before a new model is deleted."""
    return f"Discard model {version}? The labels are kept; the model cannot be brought back."


def now_in_use(version: str) -> str:
    """A new model was taken."""
    return f"Model {version} is in use now. Model, Models goes back to the one before."


def now_kept(version: str) -> str:
    """A new model was put among the models."""
    return f"Model {version} is kept. Model, Models lists it; from there it can be used."


def other_in_use(version: str, compared: str) -> str:
    """The comparison is with a model that is in use no more."""
    return f"Model {version} is in use now; this comparison is with model {compared or 'unknown'}."


def no_browser(path: str) -> str:
    """The report was not opened."""
    return f"The report could not be opened: {path} can be opened in any browser."


def left_out(frames: Sequence[str]) -> str:
    """Which frames kept for checking are no evidence; '' for none."""
    if not frames:
        return ""
    shown, rest = frames[:_MOST_NAMED], len(frames) - _MOST_NAMED
    more = f" and {rest:,} more" if rest > 0 else ""
    return (
        "Left out of the comparison, because a reference model was trained on them:"
        f" {', '.join(shown)}{more}."
    )


def extent(title: str, frames: int, corrected: int, broken: int) -> str:
    """The heading of a group of columns."""
    return f"{title}: {counted(frames, 'frame')}, {corrected:,} corrected, {broken:,} now wrong"


def sensitivity(name: str) -> str:
    """The row of a class's recall."""
    return f"Sensitivity, {name}"


def sensitivity_tip(name: str) -> str:
    """What its sensitivity means."""
    return f"Of all frames that show {name}, the share that the model calls so"


def predictive_value(name: str) -> str:
    """The row of a class's precision."""
    return f"Positive predictive value, {name}"


def predictive_value_tip(name: str) -> str:
    """What its positive predictive value means."""
    return f"Of all frames that the model calls {name}, the share that show it"


def lost(points: float) -> str:
    """The verdict on a class that lost too much."""
    return f"\N{BLACK DOWN-POINTING TRIANGLE} lost {points:.1f}"


def lost_tip(points: float) -> str:
    """What that asks for."""
    return f"Lost {points:.1f} points of sensitivity: using this model needs a reason"


def of_labels(value: str) -> str:
    """The same figure of the reader's own labels."""
    return f"labels {value}"


def matrix_name(title: str, version: str) -> str:
    """The accessible name of a model's table of classes."""
    return f"Class by class, {title.lower()} {version}"


def cell(truth: str, called: str, count: int, total: int) -> str:
    """What a cell of the table of classes means."""
    share = f" ({percent(count / total)})" if total else ""
    what = "called so" if truth == called else f"called {called}"
    return f"{count:,} of {counted(total, 'frame')} of {truth} {what}{share}"


def matrix_row(truth: str, called: Mapping[str, int]) -> str:
    """A row of it, for a screen reader."""
    return f"{truth}: called {', '.join(f'{count} {name}' for name, count in called.items())}."


def heat_map_name(who: str, called: str) -> str:
    """The accessible name of an image with its heat map."""
    return f"Image with the heat map of the {who.lower()} for {called}"


def then_named(others: Mapping[str, float]) -> str:
    """What else a model thought of; '' for nothing."""
    each = ", ".join(f"{name} {percent(share, 1)}" for name, share in others.items())
    return f"then {each}" if each else ""


def frame_sentence(kind: str, truth: str, in_use: str, new: str) -> str:
    """A differing frame, for a screen reader; ``in_use`` and ``new`` as ``called``."""
    return f"{KINDS[kind][2:]}: truth {truth}, model in use {in_use}, new model {new}"


def called(name: str, probability: float) -> str:
    """What a model called a frame."""
    return f"{name}, {percent(probability)}"
