"""One door for everything that can be opened: a video file, several that are one procedure, a
folder of stills, or one still.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from endoscope_app.base.errors import AppError
from endoscope_app.media import part_list, part_memory, part_wording, wording
from endoscope_app.media.container import missing
from endoscope_app.media.dicom.layout import Coding, is_dicom_file, layout_of
from endoscope_app.media.folder import FolderSource
from endoscope_app.media.image_file import IMAGE_SUFFIXES, looks_like_image
from endoscope_app.media.joined import JoinedSource, PartRefused, open_parts
from endoscope_app.media.opening_watch import UNWATCHED, OpeningStopped, OpeningWatch
from endoscope_app.media.source import FrameSource
from endoscope_app.media.still_listing import DICOM_SUFFIXES, VIDEO_SUFFIXES
from endoscope_app.media.timed_images import TimedImages
from endoscope_app.media.video import VideoSource

__all__ = [
    "DICOM_SUFFIXES",
    "IMAGE_SUFFIXES",
    "VIDEO_SUFFIXES",
    "OpeningStopped",
    "PartRefused",
    "open_joined",
    "open_source",
]

# (place in the file, bytes there) of containers of video
_CONTAINERS = (
    (4, b"ftyp"),
    (0, b"\x1a\x45\xdf\xa3"),
    (0, b"\0\0\1\xba"),
    (8, b"AVI "),
    (0, b"\x30\x26\xb2\x75"),
)
_IMAGE_BRANDS = (b"heic", b"heix", b"mif1", b"msf1", b"avif")  # images in the same container as MP4


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


def _open_one(
    path: Path, deinterlace: bool, stream: int | None, watch: OpeningWatch
) -> FrameSource:
    """A single file, or a folder of stills."""
    try:
        if not path.exists():
            raise missing(path)
        if path.is_dir():
            return FolderSource(path, watch)
        if path.stat().st_size == 0:
            raise AppError(wording.is_empty(path.name), wording.COPY_FILE_AGAIN, detail="0 bytes")
        if is_dicom_file(path):
            return _open_dicom(path, deinterlace, stream, watch)
        # A sequence of JPEG images (.mjpeg) begins like one: FFmpeg tries known names first.
        suffix = path.suffix.lower()
        if suffix in IMAGE_SUFFIXES:
            is_image = not _holds_video(path)
        else:
            is_image = suffix not in VIDEO_SUFFIXES | {".mjpeg", ".mjpg"} and looks_like_image(path)
        if is_image:
            return FolderSource(path, watch)
    except OSError as error:
        raise AppError(
            wording.not_opened(path.name), wording.CHECK_DRIVE, str(error.errno)
        ) from error
    return VideoSource(path, deinterlace, stream, watch)


def _open_dicom(
    path: Path, deinterlace: bool, stream: int | None, watch: OpeningWatch
) -> FrameSource:
    """A video, images with times, or stills. Raises AppError, OSError."""
    layout = layout_of(path)
    if layout.coding is Coding.VIDEO:
        return VideoSource(path, deinterlace, stream, watch)
    return TimedImages(path, layout) if layout.steps_ms else FolderSource(path, watch)


def _holds_video(path: Path) -> bool:
    """Whether a file with an image's name is a video by its first bytes: it opens as what it is.

    Raises OSError.
    """
    with path.open("rb") as file:
        head = file.read(16)
    is_container = any(head[place : place + len(mark)] == mark for place, mark in _CONTAINERS)
    return is_container and head[8:12] not in _IMAGE_BRANDS
