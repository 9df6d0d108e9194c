"""What opening a procedure and moving through it say to the reader."""

from __future__ import annotations

from pathlib import Path

from endoscope_app.base.wording import (
    clock,
    counted,
    lasting,
    percent,
    percent_needed,
    percent_reached,
)
from endoscope_app.media.source import StreamChoice

EMPTY_HINT = (
    "Open a recorded procedure: Ctrl+O for a video, Ctrl+Shift+O for a folder of stills, or drop"
    " one here."
)
OPENING, READING_FIRST = "Opening…", "Reading the first frame…"
PHANTOM_CAPTION = "PHANTOM – drawn by a program, no patient"
OPENING_NAME, OPENING_PROGRESS_NAME = "Opening", "Progress of opening the file"
CANCEL_OPENING, CANCEL_OPENING_NAME = "Cancel (Esc)", "Cancel opening the file"
SHOWING_FAILED = "This procedure could not be shown because of a fault in the program."
NOT_CLASSIFIED = "A frame was not classified because of a fault in the program; others go on."
RECENT_LIST = "the list of recent procedures"
OPEN_FILE_TITLE = "Open a recorded procedure"
OPEN_FOLDER_TITLE = "Open a folder of stills"
NOTHING_RECENT = "Nothing yet"
NOTHING_TO_EXPLAIN = "There is no classified frame to explain: open a procedure first."
HIDDEN_TO_EXPLAIN = (
    "The model is hidden on this frame, and an explanation would tell what it says: label the"
    " frame first, or show the model (Settings)."
)
STREAM_TITLE = "Video stream"
FRAME_NAME = "Image"
FRAME_ABOUT = (
    "The frame shown. Plus and minus zoom, Ctrl+0 fits, Alt with the arrow keys moves the image."
)


def zoomed(factor: float) -> str:
    """How much larger than whole the image is."""
    return f"{factor:.1f}×  (F: whole)"


def loop(begins: str, ends: str) -> str:
    """Which stretch plays again and again; without an end while it is still to be said."""
    return f"Loop {begins} to {ends}" if ends else f"Loop from {begins}: B ends it"


LOOP_NAME = "Stretch that repeats"
LOOP_TOO_SHORT = "A loop takes some frames: A where it begins, B where it ends."
LOOK_TITLE = "Brightness and contrast"
BRIGHTNESS, CONTRAST, GAMMA, SHARPNESS = "Brightness", "Contrast", "Dark parts (gamma)", "Sharpness"
LOOK_NOTE = (
    "Only the screen changes: the model, labels, images that are kept and exports stay as recorded."
)
LOOK_RESET = "As recorded"
LOOK_IS_CHANGED = "Picture changed for viewing"
CONTOUR, CONTOUR_NAME = "Lines", "Heat map as lines"
CONTOUR_TIP = "Lines around 40, 60 and 80 % of the strongest evidence instead of areas over it"
SCALE_NAME = "Colours of the heat map"
SCALE_TIP = "Each frame has its own strongest evidence: colours of two frames cannot be compared."
SCALE_ENDS = ("little", "strongest here")
UNDO, UNDO_TIP = "Undo", "Take it back (Ctrl+Z)"
ECHO_NAME = "What the last key did"
BARS_NAME = "Class probabilities"
METER_NAME = "Live speed"
VERDICT_NAME = "Class that the model finds in this frame"
CLASS_NOT_YET_NAMED = "this class is not named yet"
LIVE_PAUSED = "Live: paused"
BEHIND = "behind, catching up"


def window_title(name: str) -> str:
    """While a procedure is open."""
    return f"{name} – Endoscope"


def opening(name: str, share: float, left_ms: float | None) -> str:
    """``share`` 0..1 of the file has been looked through; ``left_ms``: the time that the rest
    takes, None while that is a guess.
    """
    left = f", {clock(left_ms)} left" if left_ms is not None else ""
    return f"Opening {name}: {percent(share)}{left}"


def recent_damaged(aside: str) -> str:
    """``aside``: the name under which the damaged list is kept."""
    return (
        "The list of recent procedures was damaged and has been started anew; the old one is kept"
        f" as {aside}."
    )


def file_patterns(suffixes: list[str]) -> str:
    """For the system's dialog: of video files, and all."""
    patterns = " ".join(f"*{suffix} *{suffix.upper()}" for suffix in suffixes)
    return f"Videos and DICOM ({patterns});;All files (*)"


def which_folder(sentence: str) -> str:
    """``sentence``: that a folder holds several."""
    return f"{sentence} Which one do you want to open?"


def which_stream(path: Path, count: int) -> str:
    """A file that holds several videos."""
    return f"{path.name} holds {count} video streams. Each has labels of its own."


def stream(number: int, choice: StreamChoice) -> str:
    """One of them in a list."""
    rate = f", {choice.rate:.4g} frames per second" if choice.rate > 0 else ""
    shown = " (shown now)" if choice.is_chosen else ""
    return f"{number}: {choice.width} x {choice.height}{rate}{shown}"


def model(version: str) -> str:
    """Beneath the class."""
    return f"model {version}"


def group_said(group: str, name: str | None, probability: float, needed: float) -> str:
    """What the model says of a class group beside the one that is shown large, as "Preparation:
    Good, 93 %"; ``name`` None: that the frame shows none of it.
    """
    if name is None:
        return f"{group}: none, {percent(probability)}"
    lacks = doubt(probability, needed)
    return f"{group}: {name}? {lacks}" if lacks else f"{group}: {name}, {percent(probability)}"


def doubt(probability: float, needed: float) -> str:
    """Why a frame is not named; ``needed``: the probability from which on it would be, above 1
    where the class never is. Empty where it is named.
    """
    if probability >= needed:
        return ""
    if needed > 1:
        return CLASS_NOT_YET_NAMED
    return f"not certain enough: {percent_reached(probability)}, needs {percent_needed(needed)}"


def bar_tip(name: str, probability: str, needed: float | None) -> str:
    """Of a row of the class bars; None: what is needed is not known."""
    return f"{bar_description(name, probability, needed)}. Click: why (not) this class?"


def bar_description(name: str, probability: str, needed: float | None) -> str:
    """Of a row of the class bars, for screen readers."""
    if needed is None:
        return f"{name}: {probability}"
    if needed > 1:
        return f"{name}: {probability}, {CLASS_NOT_YET_NAMED}"
    return f"{name}: {probability}, named from {percent_needed(needed)} on"


def live(per_second: float | None, *, keeps_up: bool) -> str:
    """Of the frames that play; None while paused."""
    if per_second is None:
        return LIVE_PAUSED
    return f"Live: {per_second:.0f} images per second, {'keeps up' if keeps_up else BEHIND}"


def live_details(
    decode_ms: float, infer_ms: float, draw_ms: float, shown: int, dropped: int
) -> str:
    """Where the time goes."""
    return (
        f"Typical time per image: {decode_ms:.1f} ms to read it, {infer_ms:.1f} ms to classify and"
        f" explain it, {draw_ms:.1f} ms to draw it. Since the procedure was opened"
        f" {counted(shown, 'image')} shown, {dropped:,} skipped to keep time."
    )


def paused_here(milliseconds: float) -> str:
    """Playing passes over a pause of the recorder."""
    return f"The recorder paused here for {lasting(milliseconds)}"


def paused_after(milliseconds: float) -> str:
    """Beside the position of the frame before a pause."""
    return f"then the recorder paused for {lasting(milliseconds)}"


def paused_before(milliseconds: float) -> str:
    """Beside the position of the frame after a pause."""
    return f"after a pause of {lasting(milliseconds)}"


# --- transport bar -------------------------------------------------------------------------------

PLAY, PAUSE = ("Play", "Space or L"), ("Pause", "Space or K")
FIRST_FRAME, LAST_FRAME = ("First frame", "Home"), ("Last frame", "End")
BACK_MANY, FORWARD_MANY = ("Back 10 frames", "Down"), ("Forward 10 frames", "Up")
BACK_ONE, FORWARD_ONE = (
    ("Back 1 frame", "Left; 1 s: Shift+Left"),
    ("Forward 1 frame", "Right; 1 s: Shift+Right"),
)
"""Name and keys of a button."""
TIME_NAME, FRAME_INDEX_NAME = "Time", "Frame"
FRAME_INDEX_TIP = (
    "Frame shown / frames in the procedure. Frames count from 0, as in the exported files."
)
NO_TIME, NO_FRAME = "–:–– / –:––", "no procedure"
SPEED_NAME = "Playback speed"
SPEED_TIP = "Playback speed ([ slower, ] faster, Backspace 1x)"


def with_keys(name: str, keys: str) -> str:
    """The tip of a button."""
    return f"{name} ({keys})"


def time_of(time_ms: float, duration_ms: float, note: str) -> str:
    """``note``: what else is to be said of the time, or empty."""
    return f"{clock(time_ms, with_ms=True)} / {clock(duration_ms)}{note and f'  ·  {note}'}"


def frame_of(index: int, count: int) -> str:
    return f"frame {index} / {count}"


def still_of(index: int, count: int) -> str:
    return f"image {index} / {count}"


def speed(times: float) -> str:
    return f"{times:g}x"


# --- go to a frame or a time ---------------------------------------------------------------------

GO_TO_TITLE, GO_TO_IMAGE_TITLE = "Go to frame or time", "Go to image"
POSITION_LABEL, POSITION_NAME = "Frame number or time", "Frame or time"
POSITION_EXAMPLES = "1200, 12:34, 1:02:03.5, 90s"
IMAGE_NUMBER, IMAGE_EXAMPLE = "Image number", "12"
TYPE_IMAGE_NUMBER = "Type the number of an image."
MEANING_NAME, GO = "What the text means", "Go"
NO_SUCH_MINUTE = "Minutes and seconds go from 0 to 59."
NOTHING_TYPED = "Type a frame number or a time."
NO_POSITION = "Neither a frame number (1200) nor a time (12:34, 1:02:03.5, 90s)."


def ends_before(duration_ms: float) -> str:
    """A time after the end."""
    return f"The procedure ends after {duration_ms / 1000:.1f} s."


def frames_up_to(last: int, *, stills: bool = False) -> str:
    """A frame after the end."""
    return f"The procedure has {'images' if stills else 'frames'} 0 to {last}."


def image_position(index: int, count: int) -> str:
    """Which still is meant."""
    return f"Image {index} of {count}."


def position(index: int, count: int, time_ms: float, *, in_pause: bool) -> str:
    """Which frame is meant; ``in_pause``: the recorder was paused at the time that was typed."""
    where = f"Frame {index} of {count}, at {clock(time_ms, with_ms=True)}."
    return f"The recorder paused then. {where}" if in_pause else where


# --- heat map ------------------------------------------------------------------------------------

HEAT_MAP, HEAT_MAP_NAME = "Heat map (H)", "Heat map"
HEAT_MAP_TIP = "Where the model found evidence: an aid to check the model, not proof"
OPACITY, OPACITY_NAME, OPACITY_VALUE_NAME = (
    "Opacity",
    "Heat map opacity",
    "Heat map opacity in per cent",
)
COLOURS, COLOURS_NAME = "Colours", "Heat map colours"
COLOURS_TIP = "Colour maps that colour-blind readers can tell apart"
COLOUR_MAP_NAMES = {
    "inferno": "Black, red, yellow",
    "viridis": "Purple, green, yellow",
    "cividis": "Blue, grey, yellow",
}
"""By the name that the settings keep."""
EXPLAINS, EXPLAINS_NAME = "Evidence for", "Class whose evidence the heat map shows"
EXPLAINS_TIP = "Choose a class to see where the image speaks for it"
PREDICTED_CLASS = "Most likely class"

# --- other heat maps -----------------------------------------------------------------------------

EXPLAIN_TITLE = "Explain this frame"
#: Method, choice, what it is.
EXPLAIN_CHOICES = (
    (
        "hirescam",
        "What speaks for the &class, place by place",
        "HiResCAM: each place counts with what it added to the class; the live map counts channels"
        " as a whole",
    ),
    (
        "eigencam",
        "What stands &out, whatever the class",
        "Eigen-CAM: the strongest pattern in what the model sees; it knows no class",
    ),
)
MORE_METHODS = "&More methods:"
LIVE_MAP, OTHER_MAP = "As the window shows it (Grad-CAM)", "The other map"
NO_LIVE_MAP = "The window shows no map of this frame."
EXPLAIN_METHOD, EXPLAIN_CLASS, EXPLAIN_CLASS_NAME = "Method", "Class", "Class to explain"
EXPLAIN_RUNNING = "Computing… It takes some seconds."
EXPLAIN_NO_FOLDER = "The frame could not be handed over."
EXPLAIN_NO_FOLDER_WAY_OUT = (
    "Other heat maps need a data folder that can be written: name one with --data-dir."
)
EXPLAIN_NO_RESULT, EXPLAIN_NO_RESULT_WAY_OUT = (
    "The heat map was not computed.",
    "Try another method.",
)
EXPLAIN_CAUTION = (
    "A heat map is an aid to check the model, never a proof. For research and education. Not a"
    " medical device."
)
