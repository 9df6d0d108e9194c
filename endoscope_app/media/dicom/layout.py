"""How the pixels of a DICOM file are kept and where they lie: all that is known of one."""

from __future__ import annotations

import time
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from io import SEEK_END
from pathlib import Path
from typing import BinaryIO

from endoscope_app.base.errors import AppError
from endoscope_app.media.dicom import header as headers
from endoscope_app.media.dicom import wording
from endoscope_app.media.dicom.ffmpeg_image import HEAD, mixes_samples
from endoscope_app.media.dicom.header import DamagedHeader, DicomHeader
from endoscope_app.media.dicom.pieces import OPEN_LENGTH, Pieces, by_frame, fragments

JPEGS = frozenset({"1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51"})
JPEG_2000 = frozenset({"1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.91"})
JPEG_LS = frozenset({"1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.81"})
RUN_LENGTHS = "1.2.840.10008.1.2.5"
PLAIN = frozenset({"1.2.840.10008.1.2", "1.2.840.10008.1.2.1"})
BIG_ENDIAN = "1.2.840.10008.1.2.2"
DISC_CONTENTS = "1.2.840.10008.1.3.10"
VIDEO_CLASSES = frozenset(
    {
        "1.2.840.10008.5.1.4.1.1.77.1.1.1",  # video endoscopic
        "1.2.840.10008.5.1.4.1.1.77.1.2.1",  # video microscopic
        "1.2.840.10008.5.1.4.1.1.77.1.4.1",  # video photographic
    }
)
USUAL_STEP_MS = 40.0
MOST_PIXELS = 1 << 26
MOST_FRAMES = 200_000
COLOURS = {"RGB": 3, "YBR_FULL": 3, "YBR_FULL_422": 3, "MONOCHROME1": 1, "MONOCHROME2": 1}
#: Of JPEG 2000, which gives red, green and blue out of them by itself.
INNER_COLOURS = {"YBR_RCT": 3, "YBR_ICT": 3}
# A file written a moment ago may change again within one tick of the file system's clock.
SETTLED_S = 2.0


class Coding(Enum):
    """VIDEO: one stream of all frames, for FFmpeg; JPEG, JPEG_2000, JPEG_LS, RUN_LENGTHS: one of
    each frame; PLAIN: samples.
    """

    VIDEO = "video"
    JPEG = "jpeg"
    JPEG_2000 = "jpeg2000"
    JPEG_LS = "jpegls"
    RUN_LENGTHS = "run lengths"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class DicomLayout:
    """``steps_ms``: as in the header, empty for stills; ``parts``: all pixel data; ``by_frame``:
    of each frame where each is compressed; ``is_cut``: the file ends before they do.
    """

    header: DicomHeader
    coding: Coding
    parts: Pieces
    by_frame: tuple[Pieces, ...]
    frame_count: int  # whole frames that are there; of a video the header's word
    steps_ms: tuple[float, ...]
    is_cut: bool

    @property
    def frame_bytes(self) -> int:
        """Of an uncompressed frame."""
        header = self.header
        samples = 2 if header.photometric == "YBR_FULL_422" else header.samples
        return header.rows * header.columns * samples

    def parts_of(self, frame: int) -> Pieces:
        """Where a frame's bytes lie."""
        if self.by_frame:
            return self.by_frame[frame]
        return ((self.parts[0][0] + frame * self.frame_bytes, self.frame_bytes),)


def is_dicom_file(path: Path) -> bool:
    """By the first bytes; False where it cannot be read."""
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return headers.is_dicom(file)
    except OSError:
        return False


def holds_video(path: Path) -> bool:
    """Whether a DICOM file holds a video and not images; False where it cannot be read."""
    try:
        with path.open("rb") as file:
            return _coding(headers.meta(file)[0]) is Coding.VIDEO
    except (OSError, DamagedHeader):
        return False


def layout_of(path: Path) -> DicomLayout:
    """Remembered while the file system says that the file is unchanged, as every thread asks.

    Raises AppError where it cannot be shown, OSError where it cannot be read.
    """
    stat = path.stat()
    if time.time() - max(stat.st_mtime, stat.st_ctime) < SETTLED_S:
        return _read(path)
    state = (stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)
    return _remembered(path, state)


@lru_cache(maxsize=4096)
def _remembered(path: Path, _state: tuple[int, ...]) -> DicomLayout:
    return _read(path)


def _read(path: Path) -> DicomLayout:
    name = path.name
    with path.open("rb") as file:
        try:
            syntax, kind = headers.meta(file)
            if kind == DISC_CONTENTS:
                raise AppError(wording.is_directory(name), wording.CHOOSE_ITS_FILES, "DICOMDIR")
            coding = _coding(syntax)
            if coding is None:
                raise _unread(name, syntax)
            header = headers.read(file)
        except DamagedHeader as error:
            raise AppError(wording.damaged(name), wording.COPY_AGAIN, str(error)) from None
        if coding is not Coding.VIDEO:
            _check(name, header, coding)
        return _laid_out(name, file, header, coding)


def _coding(syntax: str) -> Coding | None:
    if syntax in PLAIN:
        return Coding.PLAIN
    if syntax in JPEGS:
        return Coding.JPEG
    if syntax in JPEG_2000:
        return Coding.JPEG_2000
    if syntax in JPEG_LS:
        return Coding.JPEG_LS
    if syntax == RUN_LENGTHS:
        return Coding.RUN_LENGTHS
    prefix, _, number = syntax.removesuffix(".1").rpartition(".")
    is_video = prefix == "1.2.840.10008.1.2.4" and number.isdecimal() and 100 <= int(number) <= 108
    return Coding.VIDEO if is_video else None


def _unread(name: str, syntax: str) -> AppError:
    sentence = (
        wording.big_endian(name) if syntax == BIG_ENDIAN else wording.compressed(name, syntax)
    )
    return AppError(sentence, wording.EXPORT_PLAIN, "transfer syntax")


def _check(name: str, header: DicomHeader, coding: Coding) -> None:
    """Raises AppError for images that cannot be shown, before memory is taken for them."""
    if not (header.rows or header.columns):
        raise AppError(wording.no_pixels(name), wording.EXPORT_PLAIN, "no size")
    if not 0 < header.rows * header.columns <= MOST_PIXELS:
        raise AppError(
            wording.impossible_size(name, header.columns, header.rows), wording.COPY_AGAIN, "size"
        )
    if header.bits != 8:
        raise AppError(wording.too_deep(name, header.bits), wording.EXPORT_PLAIN, "bits")
    if not _is_shown(header, coding):
        raise AppError(wording.colours(name), wording.EXPORT_PLAIN, "photometric")
    if header.frames > MOST_FRAMES:
        raise _too_many(name, header.frames)


def _too_many(name: str, frames: int) -> AppError:
    return AppError(wording.too_many_frames(name, frames), wording.COPY_AGAIN, "frames")


def _is_shown(header: DicomHeader, coding: Coding) -> bool:
    """Whether the colours are understood. A JPEG says itself how its three components are kept."""
    if coding is Coding.JPEG:
        return header.samples in (1, 3) and not header.photometric.startswith("PALETTE")
    if coding is Coding.JPEG_2000 and INNER_COLOURS.get(header.photometric) == header.samples:
        return True
    is_odd = header.photometric == "YBR_FULL_422" and (
        header.columns % 2 or coding is not Coding.PLAIN
    )
    return COLOURS.get(header.photometric) == header.samples and not is_odd


def _laid_out(name: str, file: BinaryIO, header: DicomHeader, coding: Coding) -> DicomLayout:
    size = _pixel_data(file, header.syntax != "1.2.840.10008.1.2")
    if size is None:
        raise AppError(wording.no_pixels(name), wording.EXPORT_PLAIN, "no pixel data")
    if coding is Coding.PLAIN:
        return _plain(name, file, header, size)
    if size != OPEN_LENGTH:
        raise AppError(wording.damaged(name), wording.COPY_AGAIN, "pixel data with a length")
    parts, table, is_cut = fragments(file)
    if not parts:
        raise AppError(wording.too_short(name), wording.COPY_AGAIN, "no fragment")
    if coding is Coding.JPEG_LS:
        file.seek(parts[0][0])
        if mixes_samples(file.read(min(HEAD, parts[0][1]))):
            raise AppError(wording.mixed_samples(name), wording.EXPORT_PLAIN, "interleave")
    frames = () if coding is Coding.VIDEO else by_frame(file, parts, table, header.frames)
    count = header.frames if coding is Coding.VIDEO else len(frames)
    if len(frames) > MOST_FRAMES:
        raise _too_many(name, len(frames))
    return DicomLayout(header, coding, parts, frames, count, _steps(header, count), is_cut)


def _plain(name: str, file: BinaryIO, header: DicomHeader, size: int) -> DicomLayout:
    start = file.tell()
    there = file.seek(0, SEEK_END) - start
    usable = there if size == OPEN_LENGTH else min(size, there)
    one = DicomLayout(header, Coding.PLAIN, ((start, usable),), (), 0, (), False).frame_bytes
    count = min(header.frames, usable // one)
    if not count:
        raise AppError(wording.too_short(name), wording.COPY_AGAIN, "pixel data too short")
    return DicomLayout(
        header,
        Coding.PLAIN,
        ((start, count * one),),
        (),
        count,
        _steps(header, count),
        count < header.frames,
    )


def _pixel_data(file: BinaryIO, is_explicit: bool) -> int | None:
    """The length of the pixel data, which ``file`` then stands at; None where there are none."""
    head = file.read(12 if is_explicit else 8)
    if head[:4] != b"\xe0\x7f\x10\x00" or len(head) < (12 if is_explicit else 8):
        return None
    return int.from_bytes(head[-4:], "little")


def _steps(header: DicomHeader, count: int) -> tuple[float, ...]:
    """Frames are a video where the file gives them times or says that they are one."""
    if count < 2:
        return ()
    if len(header.steps_ms) == 1 or len(header.steps_ms) >= count:
        return header.steps_ms
    return (USUAL_STEP_MS,) if header.kind in VIDEO_CLASSES else ()
