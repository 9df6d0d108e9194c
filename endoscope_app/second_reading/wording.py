"""What a second reading and its comparison with the first say to the reader. No Qt."""

from __future__ import annotations

from collections.abc import Sequence

from endoscope_app.base.wording import counted, percent

THE_SECOND_LIBRARY = "the second reading"

# Beginning and finishing
BEGIN_TITLE = "Second reading, blind"
BEGIN_NAME, BEGIN_HINT = "Name of the second reader", "Name or initials"
HIDE_MODEL = "&Hide the model, too"
BEGIN, RESUME, CANCEL = "Read blind", "Resume", "Cancel"
BLIND_MEANS = (
    "You see neither the first reader's labels nor what was decided about segments. Yours are kept"
    " beside them and change nothing that counts, until both are compared (Ctrl+3) and somebody"
    " says what counts where they differ (Ctrl+4)."
)
NOBODY = "Choose or open a procedure first."
NAME_NEEDED = "A second reading needs the second reader's name."
NOTHING_LABELLED = (
    "This procedure has no labels yet: the first reading comes first, then a second one can be"
    " compared with it."
)
FINISH_TITLE = "Finish the second reading"
NOT_WHILE_BLIND = "Finish the second reading first (Ctrl+2), or leave it by opening a procedure."
NO_SECOND_READING = (
    "This procedure has not been read a second time: Ctrl+2 begins a second reading."
)

# Agreement
AGREEMENT_TITLE = "Agreement of two readers"
COUNTING = "Comparing the two readings…"
OF_WHICH, OF_WHICH_NAME = "Of", "Procedures that are compared"
THIS_PROCEDURE = "this procedure"
CLASSES_NAME, CONFUSION_NAME = "Agreement by class", "Frames by what each reader says"
CLASS_HEADINGS = ("Class", "First", "Second", "Both", "Kappa", "95 % interval")
ALL_CLASSES = "All classes"
UNDEFINED, NO_INTERVAL = "not defined", "too few runs"
COPY, SAVE_CSV, ADJUDICATE = "&Copy", "&Save CSV…", "&Adjudicate…"
COPIED = "Copied."
SAVE_TITLE, CSV_NAME, CSV_PATTERN = "Save the agreement", "agreement.csv", "CSV (*.csv)"
THE_AGREEMENT = "the agreement"
IN_EACH_GROUP = "A frame with labels of several groups counts once in each."
NOTHING_IN_COMMON = "No frame is labelled by both readers, so there is nothing to compare."
INTERVAL_NOTE = (
    "Cohen's kappa: 1 is perfect, 0 is what chance gives. Neighbouring frames look alike, so they"
    " are not independent: the interval comes from drawing whole runs of frames again, not frames."
    " It is left out below 10 runs."
)

# Adjudication
ADJUDICATION_TITLE = "Where the two readers differ"
DIFFERENCES_NAME = "Disagreements"
PLACE, FRAMES, GROUP, COUNTS = "Place", "Frames", "Group", "Counts as"
NOTHING_SAID, STILL_OPEN, LEFT_OPEN = "nothing", "", "left open"
OF_ONE = "Also what only one of them labelled"
OTHER_CLASS, OTHER_CLASS_NAME = "&Class…", "Another class for this disagreement"
NONE_BUTTON, OPEN_BUTTON, SHOW_BUTTON = "None of these (X)", "Leave open (O)", "Show (Enter)"
NO_DIFFERENCE = "The two readers differ nowhere."
ALL_DECIDED = "Every disagreement is adjudicated: what counts is learnt from and exported."
KEYS_NOTE = (
    "1: the first reader is right; 2: the second; 3 to 9, 0: the class on that key; C: any class of"
    " the group; X: none of these (nothing in this group, where other groups are labelled, too);"
    " O: leave open; N, P: next, previous; Ctrl+Z: undo."
)


# Import
IMPORT_TITLE = "Import a second reading"
IMPORT_NAME_NOTE = (
    "The file's labels are kept as this reader's second reading, beside the labels that count."
)
IMPORT_BUTTON = "Choose a file…"


def readers(names: Sequence[str]) -> str:
    """As "Dr A and Dr B"; of one the name alone."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def first_reading(names: Sequence[str]) -> str:
    """Above the field for the second reader's name."""
    return f"First reading by {readers(names)}." if names else "First reading without a name."


def same_reader(name: str) -> str:
    """Nobody can be blind to labels of their own."""
    return f"{name} has labelled this procedure already: a second reading is another reader's."


def finished_already(name: str) -> str:
    """It is not begun twice."""
    return (
        f"{name} has finished the second reading of this procedure: Ctrl+3 shows how well the two"
        " agree, Ctrl+4 leads through what differs."
    )


def close_first(title: str) -> str:
    """A window that might show labels is open."""
    return f"Close “{title}” first: it may show what a second reader must not see."


def under_way(name: str, *, hides_model: bool) -> str:
    """What stays true while it lasts."""
    what = "the first labels and the model are hidden" if hides_model else "first labels are hidden"
    return f"Second reading by {name}, blind: {what}. Ctrl+2 finishes it."


def left(name: str) -> str:
    """Another procedure was opened meanwhile."""
    return f"The second reading by {name} is not finished: Ctrl+2 resumes it."


def finish_question(name: str, frames: int) -> str:
    """Asked before a reading is finished."""
    return (
        f"{name} has labelled {counted(frames, 'frame')}. Finish the second reading? It is compared"
        " with the first one then, and cannot be changed any more."
    )


def finished(name: str) -> str:
    """Said afterwards."""
    return f"Second reading by {name} finished. Ctrl+3 shows how well the two readers agree."


def begun_title(name: str) -> str:
    """In the history."""
    return f"Second reading by {name} begun"


def finished_title(name: str) -> str:
    """In the history."""
    return f"Second reading by {name} finished"


def all_procedures(count: int) -> str:
    """In the box of what is compared."""
    return f"all {counted(count, 'procedure')} read twice"


def summary(names: tuple[str, str], both: int, same: int, runs: int, of_one: int) -> str:
    """The result in words."""
    alone = f" {counted(of_one, 'frame')} labelled by one of them only." if of_one else ""
    return (
        f"{readers(names)}: {counted(both, 'frame')} labelled by both, in {counted(runs, 'run')};"
        f" the same class in {percent(same / both if both else 0.0)}.{alone}"
    )


def not_finished(name: str) -> str:
    """There is nothing to compare yet."""
    return f"The second reading by {name} is not finished: Ctrl+2 resumes it."


def number(value: float | None) -> str:
    """A kappa with two digits."""
    return UNDEFINED if value is None else f"{value:.2f}"


def interval(low: float | None, high: float | None) -> str:
    """As "0.61 to 0.88"."""
    return NO_INTERVAL if low is None or high is None else f"{low:.2f} to {high:.2f}"


def says(number_key: int, name: str, said: str) -> str:
    """On the button that takes one reader's opinion."""
    return f"&{number_key} {name.replace('&', '&&')}: {said.replace('&', '&&')}"


def progress(decided: int, total: int) -> str:
    """As "12 of 40 adjudicated"."""
    return f"{decided:,} of {counted(total, 'disagreement')} adjudicated."


def of_another_group(name: str, own: str, group: str) -> str:
    """A class that cannot settle this disagreement."""
    return f"{name} is of the group {own}; this disagreement is about {group}."


def adjudicated(outcome: str, names: tuple[str, str], said: tuple[str, str], place: str) -> str:
    """What undo and the history call it."""
    return f"Adjudicated {outcome} ({names[0]}: {said[0]}, {names[1]}: {said[1]}), {place}"


def imported(name: str) -> str:
    """After a file was read as a second reading."""
    return f"Imported as the second reading by {name}. Ctrl+3 shows how well the two readers agree."


def has_one(name: str) -> str:
    """A procedure has one second reading."""
    return f"This procedure has a second reading already, by {name}."


def saved(name: str) -> str:
    """After a file was written."""
    return f"Saved as {name}."
