"""One door for everything that can be opened: a video file, several that are one procedure, a
folder of stills, or one still.

What a file holds is decoded by a process of its own, where the system can confine one.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from endoscope_app.media import part_list, part_memory, part_wording
from endoscope_app.media.image_file import IMAGE_SUFFIXES
from endoscope_app.media.joined import JoinedSource, PartRefused, open_parts
from endoscope_app.media.opening_watch import UNWATCHED, OpeningStopped, OpeningWatch
from endoscope_app.media.source import FrameSource
from endoscope_app.media.still_listing import DICOM_SUFFIXES, VIDEO_SUFFIXES

__all__ = [
    "DICOM_SUFFIXES",
    "IMAGE_SUFFIXES",
    "VIDEO_SUFFIXES",
    "OpeningStopped",
    "PartRefused",
    "decodes_apart",
    "open_joined",
    "open_source",
    "prepare",
]


def open_source(
    path: Path | str,
    *,
    deinterlace: bool = True,
    stream: int | None = None,
    progress: Callable[[float], None] | None = None,
    should_stop: Callable[[], bool] = lambda: False,
) -> FrameSource:
    """Open a procedure, or raise AppError with one sentence and the way out.

    Other suffixes are tried as video.

    ``stream`` chooses a video stream by ``StreamChoice.index``. ``progress`` hears shares 0..1
    while the file is looked through; where ``should_stop`` turns true meanwhile, OpeningStopped is
    raised.
    """
    watch = (
        OpeningWatch(should_stop=should_stop)
        if progress is None
        else OpeningWatch(progress, should_stop)
    )
    path = Path(path)
    if not part_list.is_part_list(path):
        return _open_one(path, deinterlace, stream, watch)
    files = part_list.read_part_list(path)
    known = part_memory.recall(path, len(files))
    opened = open_parts(
        files, known, lambda file, part: _open_one(file, deinterlace, None, part), watch
    )
    now = [part.known for part in opened]
    if any(before is None for before in known) or [part.fingerprint for part in now] != [
        part.fingerprint for part in known if part is not None
    ]:
        part_memory.remember(path, now)
    return JoinedSource(path, opened)


def open_joined(files: Sequence[Path], *, deinterlace: bool = True) -> FrameSource:
    """Open these videos, in this order, as one procedure that no list is kept of.

    Raises AppError as ``open_source``, PartRefused where it is one of them.
    """
    name = part_wording.joined_name([file.name for file in files], part_list.LONGEST_NAME)
    opened = open_parts(
        files,
        [None] * len(files),
        lambda file, part: _open_one(file, deinterlace, None, part),
        UNWATCHED,
    )
    return JoinedSource(files[0].parent / name, opened)


def decodes_apart() -> bool:
    """Whether this system can confine a process: elsewhere the program decodes itself."""
    return sys.platform == "linux"


def prepare() -> None:
    """Begin to load what decoding needs, so that the first file opens at once."""
    if decodes_apart():
        from endoscope_app.media.apart import apart_opening  # what it imports is Linux's alone

        apart_opening.prepare()


def _open_one(
    path: Path, deinterlace: bool, stream: int | None, watch: OpeningWatch
) -> FrameSource:
    if not decodes_apart():
        from endoscope_app.media.opening_here import open_here  # FFmpeg, which nothing else needs

        return open_here(path, deinterlace, stream, watch)
    from endoscope_app.media.apart import apart_opening

    return apart_opening.open_apart(path, deinterlace, stream, watch)
