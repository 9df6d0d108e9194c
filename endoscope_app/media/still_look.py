"""What is known of every image file of a folder before it is decoded: its content hash and its
header, in one reading.
"""

from __future__ import annotations

import io
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from endoscope_app.base.errors import AppError
from endoscope_app.media import fingerprint
from endoscope_app.media.dicom.header import is_dicom
from endoscope_app.media.dicom.layout import Coding, layout_of
from endoscope_app.media.opening_watch import OpeningWatch
from endoscope_app.media.still_header import StillHeader, read_header
from endoscope_app.media.video_bytes import open_video_bytes

# A file written a moment ago may change again within one tick of the file system's clock.
SETTLED_S = 2.0
# Reading waits for the disk more than for the processor.
THREADS = 4
CHUNK = 64


@dataclass(frozen=True, slots=True)
class StillLook:
    content: bytes  # hash of the content, empty where the file cannot be read
    header: StillHeader | None  # None where the file is no image


def look_at_all(files: Sequence[Path], watch: OpeningWatch) -> dict[Path, StillLook]:
    """File -> look, in the order of ``files``; ``watch`` hears shares of the work."""
    looks: dict[Path, StillLook] = {}
    chunks = [files[begin : begin + CHUNK] for begin in range(0, len(files), CHUNK)]
    with ThreadPoolExecutor(THREADS, thread_name_prefix="stills") as pool:
        for begin in range(0, len(chunks), THREADS):
            for some in pool.map(_look_at_some, chunks[begin : begin + THREADS]):
                looks.update(some)
            watch.tell(len(looks) / len(files))
    return looks


def _look_at_some(files: Sequence[Path]) -> dict[Path, StillLook]:
    return {file: _look_at(file) for file in files}


def _look_at(path: Path) -> StillLook:
    """Remembered while the file system says that the file is unchanged, because every thread
    opens a folder for itself.
    """
    try:
        stat = path.stat()
        if time.time() - max(stat.st_mtime, stat.st_ctime) < SETTLED_S:
            return _read(path)
        return _remembered(
            path, (stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)
        )
    except OSError:
        return StillLook(b"", None)


@lru_cache(maxsize=1 << 18)
def _remembered(path: Path, _state: tuple[int, ...]) -> StillLook:
    return _read(path)


def _read(path: Path) -> StillLook:
    with path.open("rb", buffering=0) as file:
        size = file.seek(0, io.SEEK_END)
        file.seek(0)
        # Nearly every still is small enough to be read at once, for the hash and the header
        # together.
        whole = io.BytesIO(file.read()) if size <= fingerprint.WHOLE else io.BufferedReader(file)
        if is_dicom(whole):
            return _look_at_dicom(path, fingerprint.of_image(whole, size))
        return StillLook(fingerprint.of_image(whole, size), read_header(whole))


def _look_at_dicom(path: Path, of_file: bytes) -> StillLook:
    """The content of a DICOM file is its pixel data: a copy without the patient's name is the
    same. ``of_file`` counts where it cannot be read.
    """
    try:
        layout = layout_of(path)
    except AppError:
        return StillLook(of_file, None)
    if layout.coding is Coding.VIDEO:
        return StillLook(of_file, None)
    with open_video_bytes(path) as file:
        content = fingerprint.of_image(file, file.seek(0, io.SEEK_END))
    pages, promised = tuple(range(layout.frame_count)), layout.header.frames
    return StillLook(content, StillHeader(pages=pages, promised=promised))
