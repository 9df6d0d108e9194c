"""One file or folder opened by this very process: FFmpeg and OpenCV decode here what it holds.

Whoever reads files of unknown origin opens them through ``opening``, which has this done apart.
"""

from __future__ import annotations

from pathlib import Path

from endoscope_app.base.errors import AppError
from endoscope_app.media import wording
from endoscope_app.media.container import missing
from endoscope_app.media.dicom.layout import Coding, is_dicom_file, layout_of
from endoscope_app.media.folder import FolderSource
from endoscope_app.media.image_file import IMAGE_SUFFIXES, looks_like_image
from endoscope_app.media.opening_watch import UNWATCHED, OpeningWatch
from endoscope_app.media.source import FrameSource
from endoscope_app.media.still_listing import VIDEO_SUFFIXES
from endoscope_app.media.timed_images import TimedImages
from endoscope_app.media.video import VideoSource

# (place in the file, bytes there) of containers of video
_CONTAINERS = (
    (4, b"ftyp"),
    (0, b"\x1a\x45\xdf\xa3"),
    (0, b"\0\0\1\xba"),
    (8, b"AVI "),
    (0, b"\x30\x26\xb2\x75"),
)
_IMAGE_BRANDS = (b"heic", b"heix", b"mif1", b"msf1", b"avif")  # images in the same container as MP4


def open_here(
    path: Path,
    deinterlace: bool = True,
    stream: int | None = None,
    watch: OpeningWatch = UNWATCHED,
) -> FrameSource:
    """A single file, or a folder of stills. Raises AppError."""
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
