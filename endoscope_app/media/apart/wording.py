"""What a reader is told when a process that decodes has fallen."""

from __future__ import annotations

from typing import Literal

#: Why: it crashed or spoke nonsense, was silent for too long, wanted more memory than it may have,
#: or was ended from outside.
Fall = Literal["crash", "time", "memory", "gone"]

COPY_OR_EXPORT = (
    "Copy the file again from the recorder, or export it again. Nothing else was harmed."
)
ANOTHER_FRAME = "Go to another frame. Nothing else was harmed."
NOT_STARTED = "The process that decodes videos and images could not be started."
CLOSE_OTHERS = "Close other programs, then open the procedure again."

_OPENING: dict[Fall, str] = {
    "crash": "“{}” made the decoder crash.",
    "time": "“{}” kept the decoder busy for too long.",
    "memory": "“{}” needs more memory than decoding may take.",
    "gone": "“{}” could not be read: the process that decodes it was ended.",
}
_FRAME: dict[Fall, str] = {
    "crash": "Frame {} of “{}” made the decoder crash.",
    "time": "Frame {} of “{}” kept the decoder busy for too long.",
    "memory": "Frame {} of “{}” needs more memory than decoding may take.",
    "gone": "Frame {} of “{}” could not be read: the process that decodes was ended.",
}


def opening_fell(name: str, fall: Fall) -> str:
    """Of a file or folder."""
    return _OPENING[fall].format(name)


def frame_fell(index: int, name: str, fall: Fall) -> str:
    """Of one frame."""
    return _FRAME[fall].format(index, name)
