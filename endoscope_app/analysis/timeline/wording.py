"""What the timeline says: its tool tips, its menu, and its words for readers who do not see it."""

from __future__ import annotations

from endoscope_app.base.wording import counted, lasting, percent

NAME = "Timeline"
ABOUT = (
    "The class found in every frame of the procedure, and the reader's labels. Click to go to a"
    " frame; turn the wheel, or press plus and minus, to zoom; drag with Shift to mark a range."
)
EMPTY = "No procedure open"
NOT_ANALYSED = "not analysed yet"
QUICK_LOOK = "Quick look, not analysed yet"
DAMAGED = "Damaged: not as it was recorded"
DIFFERENCE = "Reader and model differ"
UNUSABLE = "none of these"
WITHOUT_PAUSE = "The recording goes on without a pause"
UNKNOWN_PAUSE = "Nothing says how much time lies between"


def described(text: str) -> str:
    """What is pointed at or selected, then what the timeline is."""
    return f"{text}. {ABOUT}" if text else ABOUT


def frame(index: int, time: str) -> str:
    """Frame 5,002, 3:20.1; of a still, which has no time, its number."""
    return f"Frame {index:,}, {time}" if time else f"Frame {index:,}"


NOTHING_NAMED = "No class"


def prediction(name: str, probability: float) -> str:
    return f"{name} {percent(probability)}"


def label(name: str) -> str:
    return f"Labelled: {name}"


def class_name(name: str, *, reviewed: bool) -> str:
    """Of a label; ``reviewed``: the reader found the model right, and said no more."""
    return f"{name} (reviewed, the model is right)" if reviewed else name


def unnamed_class(number: int) -> str:
    return f"class {number}"


def span(first: int, last: int, duration_ms: float | None) -> str:
    """1,204-1,260, 2.3 s; of stills their number."""
    long = (
        f"{duration_ms / 1000:,.1f} s"
        if duration_ms is not None
        else counted(last - first + 1, "frame")
    )
    return f"{first:,}-{last:,}, {long}"


def range_text(name: str, span: str) -> str:
    """Range polyps 1,204-1,260, 2.3 s."""
    return f"Range {name} {span}"


def selected(text: str) -> str:
    return f"{text}, selected"


def mark_text(span: str) -> str:
    return f"Mark {span}"


def gap(pause_ms: float, frame: int, time: str) -> str:
    """Of a pause of the recorder; ``frame``: the one before it."""
    return f"The recorder paused for {lasting(pause_ms)} after frame {frame:,}, {time}"


def part(number: int, count: int, name: str) -> str:
    """The file that a frame is in, of several."""
    return f"Part {number} of {count}: {name}"


def part_begins(number: int, count: int, name: str) -> str:
    """On the line between two files."""
    return f"Part {number} of {count} begins: {name}"


def away(name: str) -> str:
    """Of a file that cannot be read now."""
    return f"{name} is away"


def split_range(frame: int) -> str:
    return f"&Split at {frame:,}"


def delete_range(name: str) -> str:
    return f"&Delete the range {name}"


def go_there(time: str) -> str:
    """``time``: of the frame, or its number."""
    return f"&Go to {time}"


RANGE_FROM_HERE, RANGE_TO_HERE = "&Range from here", "Range &to here"
ZOOM_IN, ZOOM_OUT = "Zoom &in", "Zoom &out"
LEGEND, LEGEND_TITLE = "&Legend", "What the timeline shows"
LEGEND_MODEL = "The model: height is how sure it is"
LEGEND_UNSURE = "Not certain enough to be named"
LEGEND_QUICK = "Quick look at a few frames: pale until every frame is analysed; no segment yet"
LEGEND_FINDING = "Finding: a segment of the class with that colour"
LEGEND_READER = "The reader, in the colours of the classes"
LEGEND_LABEL = "Labelled frame; a bar with a name is a labelled range"
LEGEND_AGREED = "Reviewed: the model is right"
LEGEND_UNUSABLE = "None of these classes"
LEGEND_IMAGES = "The images: estimated by simple measures, not by the model"
LEGEND_COLOURS = "Mean colour of the images"
LEGEND_BREAKS = "Interruptions"
LEGEND_GAP = "The recorder paused"
