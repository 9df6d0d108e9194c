"""What opening and reading a file or a folder says to the reader."""

from __future__ import annotations

from collections.abc import Sequence

OPENING_STOPPED = "Opening was cancelled."
CHOOSE_ANOTHER = "Choose a video file or a folder of images."
UNPACK = "Unpack it first, then choose the video file or the folder of images inside."
CHOOSE_VIDEO_ITSELF = "Choose the video file itself."
COPY_FILE_AGAIN = "Copy the file again from the recorder."
EXPORT_AGAIN = "Export the video again from the recorder."
EXPORT_OR_REPAIR = (
    "Export the video again from the recorder, or repair the file with a recovery tool."
)
CHECK_DRIVE = "Check the drive and your permission to read it."
FIND_AGAIN = "Find the file again, or connect the drive it is on."
ASK_PERMISSION = "Ask for permission to the file, or copy it to your own folder."
ANOTHER_FRAME = (
    "Go to another frame. If none can be read, check that the file is still there and unchanged."
)
ANOTHER_IMAGE = "Go to another image; copy this one again if you need it."

PDF, PROGRAM, DATABASE = "a PDF document", "a program", "a database"
ZIP, EMPTY_ZIP = "a ZIP archive (or an Office document)", "an empty ZIP archive"
RAR, SEVEN_ZIP, COMPRESSED = "a RAR archive", "a 7-Zip archive", "a compressed archive"
OFFICE, TEXT = "an Office document", "a text file"
PLAYLIST, LIVE_STREAM = "a playlist", "the description of a live stream"


def not_a_video(name: str, kind: str) -> str:
    """``kind``: what the file is instead, as one of those above."""
    return f"“{name}” is {kind}, not a video or an image."


def only_refers(name: str, kind: str) -> str:
    """A playlist and its like."""
    return f"“{name}” is {kind}: it only refers to other files."


def is_empty(name: str) -> str:
    return f"“{name}” is empty."


def not_opened(name: str) -> str:
    return f"“{name}” could not be opened."


def not_read(name: str) -> str:
    return f"“{name}” could not be read."


def gone(name: str) -> str:
    return f"“{name}” is no longer there."


def no_permission(name: str) -> str:
    return f"You do not have permission to read “{name}”."


def no_video(name: str, *, sound: bool) -> str:
    """``sound``: it holds sound, so it is named as that."""
    return f"“{name}” is a sound recording without video." if sound else f"“{name}” has no video."


def never_finished(name: str) -> str:
    return f"“{name}” was never finished by the recorder: its table of contents (moov) is missing."


def unreadable_video(name: str) -> str:
    return f"“{name}” is not a video that can be read."


def no_frame(name: str) -> str:
    return f"“{name}” has no frame that can be shown."


def frame_not_read(index: int, name: str) -> str:
    return f"Frame {index} of “{name}” could not be read."


def image_not_read(name: str) -> str:
    return f"The image “{name}” could not be read."


def stream_shown(place: int, shown: str, others: Sequence[str]) -> str:
    """``place`` counts from 1; ``shown`` and ``others`` as "1920 x 1080"."""
    return (
        f"The file holds {len(others) + 1} video streams: number {place} ({shown}) is shown, not"
        f" {', '.join(others)}."
    )


def damaged_after(seconds: int, frames: int, promised: int | None) -> str:
    """``promised``: as many frames as the file claims to have, where that is known."""
    of_all = f" of {promised}" if promised else ""
    return (
        f"The file is damaged after {seconds // 60}:{seconds % 60:02d}; {frames}{of_all} frames can"
        " be read."
    )


def faulty_frames(count: int) -> str:
    frames = "1 frame is" if count == 1 else f"{count} frames are"
    return f"The file is damaged: {frames} faulty."


def still_name(file: str, page: int, is_paged: bool) -> str:
    """As "polyp.jpg", or "scan.tif, page 2"; ``page`` from 0."""
    return f"{file}, page {page + 1}" if is_paged else file
