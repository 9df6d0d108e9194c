"""What the list of segments says, and what is said of a decision. No Qt."""

from __future__ import annotations

from endoscope_app.analysis.quality import wording as quality_wording
from endoscope_app.analysis.quality.tally import QualityTally
from endoscope_app.base.wording import clock, counted, lasting, percent
from endoscope_app.labels.act_wording import by_key
from endoscope_app.labels.library.segment_records import SegmentState
from endoscope_app.segments.class_groups import Group
from endoscope_app.segments.decided import SegmentFields
from endoscope_app.segments.segment_rows import Heading, Order, SegmentRow, Tally
from endoscope_app.segments.withdrawal import Withdrawal

TITLE = "Segments"
LIST_NAME = "Segments to decide"
HIDDEN_WHILE_BLIND = "Findings are hidden in a second reading"
HIDDEN = "Findings are hidden (File, Settings)"
NONE_YET = "No segment yet"

# ---- Which segments there are --------------------------------------------------------------------

ADJUST = "Adjust"
ADJUST_TIP = "What makes a segment: its least length, gaps that are joined, usable frames only"
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

USABLE_ONLY = "Usable frames only"
USABLE_ONLY_TIP = (
    "Frames that are blurred, too dark, over-exposed, outside the body, a text screen or a still"
    " picture neither begin a segment nor go on with one; under bubbles only the preparation is"
    " judged. Estimated by simple measures of each image, not by the model"
)


def quality_tip(tally: QualityTally) -> str:
    """The share of each kind, a line each."""
    lines = [f"{name}: {share}" for name, share in quality_wording.shares(tally)]
    return "\n".join([*lines, QUALITY_NOTE] if lines else [QUALITY_NOTE])


QUALITY_NOTE = "Estimated by simple measures of each image; the model does not judge it"

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


WITHDRAWAL_TIP = (
    "From the last frame of the caecum to the end of the recording, biopsies and pauses included"
)


def withdrawn(times: Withdrawal | None) -> str:
    """As "Caecum 4:12 · withdrawal 7 min 30 s"; empty where no caecum was found."""
    if times is None:
        return ""
    text = f"Caecum {clock(1000 * times.reached_s)} · withdrawal {lasting(1000 * times.time_s)}"
    return text if times.by_reader else f"{text} (model, not decided)"


# ---- Rows and keys -------------------------------------------------------------------------------

STATES: dict[SegmentState, str] = {
    "open": "open",
    "accepted": "✓ accepted",
    "corrected": "✎ corrected",
    "rejected": "✕ rejected",
}
KEYS_FRAME = "Keys act on the frame. N: next open segment"
KEYS_SEGMENT = (
    "Keys act on the segment: Enter accept, X reject, digit correct, T text, Del reopen. Esc: frame"
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
ACCEPT, REJECT, CORRECT, REOPEN = "&Accept", "&Reject", "&Correct to", "Take the decision &back"
ALL_DECIDED = "All segments are decided. Ctrl+Enter finishes the review."
ALL_PLAYED = "All open segments have been played."
FIRST_OF_LIST = "This is the first segment of the list."
NO_SEGMENT = "There is no segment in this list yet."
NOTHING_CHOSEN = "Choose a segment first: N goes to the next open one."
NOTHING_ALIKE = "Choose an open segment first: N goes to the next one."
FINISH_TITLE, ACCEPT_CLASS_TITLE = "Finish the review", "Accept all of this class"


def ask_accept_class(number: int, name: str) -> str:
    """Before segments are accepted that nobody may have looked at."""
    return (
        f"Accept all {counted(number, 'open segment')} of {name}? They become labelled ranges under"
        " your name, also those that you have not looked at. Ctrl+Z takes all of them back."
    )


def none_open(hidden: int) -> str:
    """N where all that are shown are decided; ``hidden``: open ones that the chips hide."""
    if not hidden:
        return ALL_DECIDED
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

# ---- What is written beside a segment ------------------------------------------------------------

TEXT, TEXT_NAME = "Text (T)", "Text beside the segment"
SIZE_NAME, NO_SIZE, MM = "Size in millimetres", "Size", " mm"
PARIS_NAME, CERTAINTY_NAME = "Paris classification", "How certain you are"
SITE, SITE_NAME = "Site", "Site in the bowel"
CONFERENCE, CONFERENCE_NAME = "Show at conference", "Show at the conference"
#: The Paris classification of superficial lesions (Gastrointest Endosc 2003;58:S3), with what is
#: kept of each.
PARIS: tuple[tuple[str, str], ...] = (
    ("", "Paris"),
    *((kind, f"Paris {kind}") for kind in ("0-Ip", "0-Isp", "0-Is", "0-IIa", "0-IIb", "0-IIc")),
    *((kind, f"Paris {kind}") for kind in ("0-IIa+IIc", "0-III")),
)
CERTAINTIES: tuple[tuple[str, str], ...] = (
    ("", "Certainty"),
    ("certain", "Certain"),
    ("probable", "Probable"),
    ("uncertain", "Uncertain"),
)
SITES = (
    "",
    "Terminal ileum",
    "Caecum",
    "Ascending colon",
    "Hepatic flexure",
    "Transverse colon",
    "Splenic flexure",
    "Descending colon",
    "Sigmoid colon",
    "Rectum",
    "Oesophagus",
    "Stomach",
    "Duodenum",
)
BOOKMARK = "Bookmark"
NOTES, NOTES_NAME = "Notes", "Show the notes beside the segment"


def detail(fields: SegmentFields) -> str:
    """On one line of the list."""
    parts = (
        f"{fields.size_mm:g} mm" if fields.size_mm else "",
        fields.paris,
        fields.site,
        fields.certainty,
        "conference" if fields.conference else "",
        fields.text,
    )
    return ", ".join(part for part in parts if part)


def noted(name: str, place: str) -> str:
    """Over the image."""
    return f"Noted: {name} · {place}"


def note_lost(name: str, place: str) -> str:
    """Another procedure was opened before the first note of this one could be kept."""
    return f"The note beside {name}, {place}, was not kept: its procedure is no longer open."


def note_title(name: str, place: str) -> str:
    """What undo calls it."""
    return f"note beside {name} on {place}"


def bookmarked(place: str) -> str:
    """Over the image."""
    return f"Bookmark · {place} · by key Ctrl+D · T writes beside it"


def bookmark_title(place: str) -> str:
    """What undo calls it."""
    return f"bookmark at {place}"


def bookmark_removed(place: str) -> str:
    """Over the image."""
    return f"Bookmark removed · {place} · Ctrl+Z puts it back"


def bookmark_removed_title(place: str) -> str:
    """What undo calls it."""
    return f"remove bookmark at {place}"
