"""What the worklist says to the reader. No Qt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Literal

from endoscope_app.base.wording import about, clock, counted, percent
from endoscope_app.labels.library.second_reading_records import LearningUse
from endoscope_app.worklist import joining_wording
from endoscope_app.worklist.entry import Entry, Side, State

TITLE = "Worklist"
WINDOW_TITLE = "Worklist – Endoscope"
THE_WORKLIST, THE_READING_TIME = "the worklist", "the reading time"
HEADINGS = ("Procedure", "Date of the file", "Length", "Learning", "State")
SIDES: Mapping[Side, str] = MappingProxyType(
    {"": "", "learnt": "Learnt from", "held out": "For checking"}
)
SIDE_TIPS: Mapping[Side, str] = MappingProxyType(
    {
        "": "No model has learnt from it yet; Model, Retrain decides",
        "learnt": "A model has learnt from its labels",
        "held out": "Never learnt from: models are checked on its labels",
    }
)
#: In the menu: what the reader allows.
USES: Mapping[LearningUse | Literal[""], str] = MappingProxyType(
    {
        "": "&Learn from it, or check on it, as retraining decides",
        "checking": "&Keep for checking only",
        "excluded": "&Exclude: neither learn from it nor check on it",
    }
)
USE_NAME = "Use for learning"
NOBODY_CHOSEN = "Choose procedures in the worklist first (Ctrl+Home)."
ALREADY_LEARNT = (
    "A model has learnt from it already: it cannot be kept for checking any more, because a model"
    " looks better than it is on what it has learnt."
)
NOT_KNOWN_YET = (
    "This procedure has not been opened or analysed yet. Open it once: what it may be used for is"
    " kept by its content."
)
WHAT_CHECKING_MEANS = (
    "kept for checking: from the next model on, no model learns from it, with all procedures of its"
    " patient; models are compared on it. Once one was, that cannot be changed."
)
WHAT_EXCLUDED_MEANS = (
    "excluded: the next model neither learns from it nor is checked on it. What models have learnt"
    " from it already stays in them."
)
WHAT_FREE_MEANS = "used as retraining decides again."
NO_USE_TO_UNDO, NO_USE_TO_REDO = (
    "There is no change of use to undo.",
    "There is no change of use to redo.",
)
TABLE_NAME = "Procedures"
STATE_NAMES: Mapping[State, str] = MappingProxyType(
    {
        "new": "New",
        "analysing": "Analysing",
        "analysed": "Analysed",
        "in review": "In review",
        "reviewed": "Reviewed",
        "signed": "Signed",
    }
)
NO_PATIENT = "No pseudonym yet"
EMPTY = (
    "No procedure is in the worklist yet. Drop videos or a folder of them here, or use Add folder."
)
NOTHING_FOUND = "No procedure matches the search."
SEARCH, SEARCH_NAME = "Search: patient, procedure, date, state", "Search the worklist"
READER, READER_NAME = "Reader", "Reader's name"
READER_HINT = "Name or initials"
READER_TIP = (
    "The history keeps who gave each label. Without a name it says “unnamed reader”; earlier labels"
    " keep the name that they were given under."
)
CONTINUE = "Continue where I was"
NOTHING_TO_CONTINUE = "No procedure has been open yet."
OPEN_VIDEO, OPEN_STILLS = "Open video…", "Open stills…"
ADD_FOLDER, DEMO = "Add folder…", "Demo"
ADD_FOLDER_TITLE = "Add every procedure in a folder"
ALL_STATES, STATE_FILTER_NAME = "All states", "State of the procedures that are shown"
MISSING = "Missing: the file is not where it was"
FIND, FIND_TIP = "Find…", "Say where the missing file lies now; its labels come along"
FIND_TITLE = "Where does this procedure lie now?"
NOT_THE_ONE = (
    "This is another procedure than the missing one, so it has a line of its own in the worklist."
)
REMOVE = "Remove"
REMOVE_TIP = "Take the chosen procedures out of the worklist; files and labels stay"
REMOVE_TITLE = "Remove from the worklist"
OPEN = "Open"
PATIENT, PATIENT_NAME = "Patient", "Pseudonym of the chosen procedures"
PATIENT_HINT = "Pseudonym"
ANALYSE, NOT_ANALYSE = "Analyse", "Do not analyse"
ANALYSE_TIP = "Put the chosen procedures into the queue"
NOT_ANALYSE_TIP = "Take the chosen procedures out of the queue; what is done is kept"
PAUSE, RESUME, CANCEL = "Pause", "Resume", "Cancel"
PAUSE_TIP = "Stop analysing until you resume, also after a restart"
CANCEL_TIP = "Empty the queue; what is done is kept"
QUEUE_NAME, QUEUE_PROGRESS_NAME = "State of the queue", "Progress of the queue"
BACK, BACK_NAME = "Worklist", "Back to the worklist"
BACK_TIP = "Back to the worklist (Ctrl+Home); playing pauses, the place is kept"
LAST_PROCEDURE = "This is the last procedure of the worklist."
FIRST_PROCEDURE = "This is the first procedure of the worklist."
NO_PROCEDURES = "There is no procedure in the worklist that can be opened."
NOTHING_NEW = "Nothing in it can be opened, or all of it is in the worklist already."
FAULT = "The analysis of this procedure ended because of a fault in the program."
NOTHING_IN_THERE, NOTHING_IN_THERE_WAY_OUT = (
    "No procedure lies there.",
    "Name a video, or a folder with videos or stills.",
)
NOT_TOGETHER, NOT_TOGETHER_WAY_OUT = (
    "These are not the parts of one procedure.",
    "Name two or more videos, or a folder that holds only videos.",
)


def learning(entry: Entry) -> str:
    """In the column: what models have done with it, and what the reader allows."""
    if entry.use == "excluded":
        return "Excluded"
    if entry.use == "checking" and not entry.side:
        return "For checking"
    return SIDES[entry.side]


def reading_time(seconds: float) -> str:
    """How long it was read, by all readers together; empty for no time."""
    return f"Reading time {about(seconds)}" if seconds >= 1 else ""


def learning_tip(entry: Entry) -> str:
    """The same in a sentence."""
    past = SIDE_TIPS[entry.side]
    if entry.use == "excluded":
        return f"Excluded from the next model on. {past if entry.side else ''}".strip()
    if entry.use == "checking" and not entry.side:
        return "Chosen to check models on: from the next model on, none learns from it"
    return past


def allowed(names: Sequence[str], use: LearningUse | Literal[""]) -> str:
    """After the reader has said what procedures may be used for."""
    what = {"": WHAT_FREE_MEANS, "checking": WHAT_CHECKING_MEANS, "excluded": WHAT_EXCLUDED_MEANS}
    return f"{', '.join(names)}: {what[use]}"


def use_title(names: Sequence[str], use: LearningUse | Literal[""]) -> str:
    """In the history."""
    what = {"": "use as retraining decides", "checking": "keep for checking", "excluded": "exclude"}
    return f"{what[use]}: {', '.join(names)}"


def use_taken_back(title: str, *, undone: bool) -> str:
    """After undo or redo."""
    return f"{'Undone' if undone else 'Done again'}: {title}"


def not_there(path: object) -> str:
    """What was named does not exist."""
    return f"{path} does not exist."


def remove_question(count: int) -> str:
    """Asked before lines are removed."""
    return (
        f"Remove {counted(count, 'procedure')} from the worklist? Files, labels and analyses stay;"
        " the state is forgotten."
    )


def added(count: int) -> str:
    """After a drop, or a folder was chosen."""
    return f"{counted(count, 'procedure')} added to the worklist."


def left_for_window(count: int) -> str:
    """After the command ``endoscope-app add``."""
    many = counted(count, "procedure")
    return f"{many} added. The window analyses them, now or when it is opened."


def group(patient: str, count: int) -> str:
    """Above the procedures of one patient."""
    return f"{patient or NO_PATIENT} ({count:,})"


def suggested(pseudonym: str, *, is_new: bool) -> str:
    """In the empty field for a pseudonym."""
    return f"{pseudonym}{' (new)' if is_new else ''}: Enter"


def names_a_patient(pseudonym: str, like: str) -> str:
    """Of a DICOM file; ``like``: the name of another one that is of the same patient."""
    why = f"as of {like}, which is of the same patient" if like else "a new one"
    return (
        f"The file says who the patient is; that is kept nowhere. “{pseudonym}” is suggested,"
        f" {why}: Enter in the empty field of the worklist takes it."
    )


def date(changed_at: float) -> str:
    """By this machine's clock; empty where it is not known."""
    if not changed_at:
        return ""
    return f"{datetime.fromtimestamp(changed_at):%Y-%m-%d %H:%M}"


def length(entry: Entry) -> str:
    """As "12:40", or of stills "40 images"; empty until the file was looked through."""
    if entry.kind == "folder":
        return counted(entry.frame_count, "image")
    return clock(entry.length_ms) if entry.kind else ""


def state(entry: Entry) -> str:
    """While nothing of it runs."""
    if entry.is_missing:
        return MISSING
    if entry.trouble:
        return entry.trouble
    away = f", {joining_wording.away(entry.parts_away)}" if entry.parts_away else ""
    return f"{_progress(entry)}{away}"


def _progress(entry: Entry) -> str:
    name = STATE_NAMES[entry.state]
    part = entry.analysed / entry.frame_count if entry.frame_count else 0.0
    if entry.wanted:
        return f"{name}, {percent(part)} done, waits" if part else f"{name}, waits for analysis"
    if entry.state == "analysing":
        return f"Partly analysed, {percent(part)}"
    return name


def running(share: float, seconds_left: float | None, state: State) -> str:
    """``share`` 0..1 of its frames is analysed; ``state``: what it was led to before."""
    before = "" if state in ("new", "analysing") else f"{STATE_NAMES[state]}, "
    left = f", {about(seconds_left)} left" if seconds_left is not None else ""
    return f"{before}{'analysing' if before else 'Analysing'} {percent(share)}{left}"


def analysed_by(model: str) -> str:
    """Which model a line's analysis is of."""
    return f"Analysed by model {model}" if model else ""


def queue(waiting: int, name: str, seconds_left: float | None) -> str:
    """``waiting`` with the one that runs; ``name``: of that one; the time is for all of them."""
    left = f", about {about(seconds_left)} left for all" if seconds_left is not None else ""
    return f"Analysing {name}: {counted(waiting, 'procedure')} to do{left}"


def queue_paused(waiting: int) -> str:
    """The reader has paused it."""
    return f"Paused: {counted(waiting, 'procedure')} to do"


def queue_waits(waiting: int, *, gives_way: bool) -> str:
    """Nothing runs; ``gives_way``: because the procedure that is open comes first."""
    after = ", after the analysis of the open procedure" if gives_way else ""
    return f"{counted(waiting, 'procedure')} to do{after}"


def resume_at(name: str) -> str:
    """On the button that opens the last procedure."""
    return f"Continue: {name}"
