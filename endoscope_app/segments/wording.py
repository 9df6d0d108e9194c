"""What the list of segments says, and what is said of a decision. No Qt."""

from __future__ import annotations

from endoscope_app.base.wording import counted, percent
from endoscope_app.labels.act_wording import by_key
from endoscope_app.labels.library.segment_records import SegmentState
from endoscope_app.segments.class_groups import Group
from endoscope_app.segments.segment_rows import Heading, Order, SegmentRow, Tally

TITLE = "Segments"
LIST_NAME = "Segments to decide"
HIDDEN = "Findings are hidden (File, Settings)"
NONE_YET = "No segment yet"

# ---- Which segments there are --------------------------------------------------------------------

AT_LEAST, JOIN = "At least", "Join gaps"
MINIMUM_NAME = "Shortest segment, seconds"
MINIMUM_TIP = "What is shorter is no segment; it stays on the timeline"
JOINING_NAME = "Longest gap that is joined, seconds"
JOINING_TIP = "Parts of one class that are no further apart are one segment"
PRESETS_S = (0.5, 1.0, 2.0)


def seconds(value: float) -> str:
    """As "0.5 s"."""
    return f"{value:.1f} s"


def preset(value: float) -> str:
    """On its button."""
    return f"{value:g}"


def preset_name(value: float) -> str:
    """For screen readers."""
    return f"Segments of at least {value:g} seconds"


def how_many(segments: int, pathology: int, minutes: float) -> str:
    """As "38 segments · 1.4 alarms a minute"; an alarm is a segment of pathology."""
    text = counted(segments, "segment")
    if minutes > 0:
        text += f" · {pathology / minutes:.1f} alarms a minute"
    return text


ALARMS_TIP = "Alarms are segments of pathology, by the minute of recording"

# ---- Filters and order ---------------------------------------------------------------------------

OPEN_CHIP, OPEN_NAME = "Open", "Only open segments"
ORDERS: tuple[tuple[Order, str], ...] = (
    ("time", "By time"),
    ("class", "By class"),
    ("certainty", "By certainty"),
)
ORDER_NAME = "Order of the segments"
FINISH, FINISH_TIP = "Finish review", "Says what is still open, then closes the review (Ctrl+Enter)"


def chip(group: Group, count: int) -> str:
    """As "Pathology 12"."""
    return f"{group.value} {count}"


def chip_name(group: Group) -> str:
    """For screen readers."""
    return f"Show {group.value.lower()}"


def heading(row: Heading) -> str:
    """Above a group."""
    return f"{row.group.value} ({row.count})"


def progress(count: Tally, *, finished: bool) -> str:
    """As "12 of 40 decided"."""
    if not count.total:
        return NONE_YET
    text = f"{count.decided} of {count.total} decided"
    return f"{text} · review finished" if finished else text


# ---- Rows and keys -------------------------------------------------------------------------------

STATES: dict[SegmentState, str] = {
    "open": "open",
    "accepted": "✓ accepted",
    "corrected": "✎ corrected",
    "rejected": "✕ rejected",
}
KEYS_FRAME = "Keys act on the frame. N: next open segment"
KEYS_SEGMENT = (
    "Keys act on the segment: Enter accept, X reject, digit correct, Del reopen. Esc: frame"
)


def figures(row: SegmentRow) -> str:
    """Below the name: when, how long (stills: nothing), how sure (a bookmark: nothing)."""
    sure = percent(row.item.probability) if row.item.model_class else ""
    return " · ".join(part for part in (row.where, row.long, sure) if part)


def state(row: SegmentRow) -> str:
    """With what the model had said where that was corrected."""
    text = STATES[row.item.state]
    return f"{text}, model: {row.said}" if row.said else text


def spoken(row: SegmentRow) -> str:
    """A row for screen readers."""
    return ", ".join(part for part in (row.name, figures(row), state(row), row.detail) if part)


# ---- Acts ----------------------------------------------------------------------------------------

_DONE: dict[SegmentState, str] = {
    "accepted": "Accepted",
    "corrected": "Corrected",
    "rejected": "Rejected",
    "open": "Open again",
}
_TITLES: dict[SegmentState, str] = {
    "accepted": "accept",
    "corrected": "correct to",
    "rejected": "reject",
    "open": "reopen",
}
FIRST_OF_LIST = "This is the first segment of the list."
NO_SEGMENT = "There is no segment in this list yet."
FINISH_TITLE = "Finish the review"


def none_open(hidden: int) -> str:
    """N where all that are shown are decided; ``hidden``: open ones that the chips hide."""
    if not hidden:
        return "All segments are decided. Ctrl+Enter finishes the review."
    return f"All segments shown here are decided; the chips hide {hidden} that are open."


def echo(state_now: SegmentState, name: str, place: str, key: str) -> str:
    """Over the image."""
    return f"{_DONE[state_now]}: {name} · {place}{by_key(key)} · Ctrl+Z takes it back"


def title(state_now: SegmentState, name: str, place: str) -> str:
    """What undo calls it."""
    return f"{_TITLES[state_now]} {name} on {place}"


def several(number: int) -> str:
    """In place of a name and a span."""
    return counted(number, "segment")


def ask_finish(count: Tally) -> str:
    """Before a review with open segments is finished."""
    left = count.total - count.decided
    open_text = f"{counted(left, 'segment')} of {count.total} {'is' if left == 1 else 'are'} open"
    if count.open_pathology:
        open_text += f", {count.open_pathology} of them pathology"
    return f"{open_text}. Finish the review all the same? What is open stays in the list."


def finished(count: Tally) -> str:
    """The review is closed."""
    left = count.total - count.decided
    rest = f", {left} left open" if left else ""
    return f"Review finished: {count.decided} of {count.total} segments decided{rest}."


FINISHED_TITLE = "finish the review"
