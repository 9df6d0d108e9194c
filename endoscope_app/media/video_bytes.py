"""The bytes of a video, wherever they lie: a file of its own, or the stream inside a DICOM file.

What tells of the patient in a DICOM file lies outside of the stream and is not read with it.
"""

from __future__ import annotations

from io import SEEK_END
from pathlib import Path
from typing import BinaryIO, cast

from endoscope_app.base.errors import AppError
from endoscope_app.media.dicom.layout import is_dicom_file, layout_of
from endoscope_app.media.dicom.pieces import PieceFile


def open_video_bytes(path: Path) -> BinaryIO:
    """The file, or of a DICOM file its pixel data alone. Raises OSError."""
    if not is_dicom_file(path):
        return path.open("rb")
    try:
        layout = layout_of(path)
    except AppError as error:  # it was opened before, and has been changed since
        raise OSError("no longer a readable DICOM file") from error
    return cast(BinaryIO, PieceFile(path.open("rb"), layout.parts, layout.is_cut))


def size_of(path: Path) -> int:
    """Bytes of the video. Raises OSError."""
    with open_video_bytes(path) as file:
        return file.seek(0, SEEK_END)


def lacks_promised_bytes(file: BinaryIO) -> bool:
    """Whether the file around these bytes promises more of them."""
    return isinstance(file, PieceFile) and file.is_cut
