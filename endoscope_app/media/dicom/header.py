"""The tags that say how a DICOM file's pixels are kept; none that names a patient is looked at."""

from __future__ import annotations

import math
import struct
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from pydicom.dataset import FileDataset

MARK, MARK_AT = b"DICM", 128
#: Values longer than this are passed over: no tag that is needed is so long.
LONGEST_VALUE = 1 << 20
LONGEST_META = 1 << 16
SLOWEST_MS = 3_600_000.0
#: The standard's whole numbers go no further.
LARGEST_NUMBER = 2**31 - 1

ROWS, COLUMNS, SAMPLES, FRAMES = 0x00280010, 0x00280011, 0x00280002, 0x00280008
PHOTOMETRIC, PLANAR, BITS, SIGNED = 0x00280004, 0x00280006, 0x00280100, 0x00280103
FRAME_TIME, FRAME_TIMES = 0x00181063, 0x00181065
CINE_RATE, SHOWN_RATE = 0x00180040, 0x00082144
TAGS = (
    *(ROWS, COLUMNS, SAMPLES, FRAMES, PHOTOMETRIC, PLANAR, BITS, SIGNED),
    *(FRAME_TIME, FRAME_TIMES, CINE_RATE, SHOWN_RATE),
)


class DamagedHeader(Exception):
    """The file begins as DICOM and does not go on as such."""


@dataclass(frozen=True, slots=True)
class DicomHeader:
    """``steps_ms``: how long frames are shown: one number for all, one of each, or none."""

    syntax: str  # the UID of the transfer syntax
    kind: str  # the UID of the storage class
    rows: int
    columns: int
    samples: int
    photometric: str
    is_planar: bool
    bits: int
    frames: int
    steps_ms: tuple[float, ...]


def is_dicom(file: BinaryIO) -> bool:
    """By the first bytes; the file's place is at its beginning again. Raises OSError."""
    file.seek(0)
    head = file.read(MARK_AT + len(MARK))
    file.seek(0)
    return head[MARK_AT:] == MARK


#: What pydicom raises over bytes that are no header, beside its own.
_FAULTS = (
    *(EOFError, ValueError, TypeError, KeyError, IndexError, AttributeError, NotImplementedError),
    *(struct.error, zlib.error, OverflowError, RecursionError, MemoryError, Warning),
)


def parsed(file: BinaryIO, tags: tuple[int, ...]) -> FileDataset:
    """These tags as they lie in the file, which is left at the element of the pixel data or at
    the end. Raises DamagedHeader, OSError.
    """
    # pydicom takes a quarter of a second to load, and most readers never open such a file.
    with _not_importable("requests"):  # for its examples; loading it binds a socket
        from pydicom import config, dcmread
        from pydicom.errors import BytesLengthException, InvalidDicomError

    # Its warnings would quote what the tags say.
    config.settings.reading_validation_mode = config.IGNORE
    try:
        return dcmread(
            file,
            stop_before_pixels=True,
            defer_size=LONGEST_VALUE,
            specific_tags=list(tags),
        )
    except OSError as error:
        # pydicom's own word for a file that ends amid nested sequences has no number
        if error.errno is not None:
            raise
        raise DamagedHeader("ends within a sequence") from None
    except (InvalidDicomError, BytesLengthException, *_FAULTS) as error:
        raise DamagedHeader(type(error).__name__) from None


@contextmanager
def _not_importable(name: str) -> Iterator[None]:
    """As if this package were not installed, unless it has been loaded already."""
    if name in sys.modules:
        yield
        return
    sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[name]


def meta(file: BinaryIO) -> tuple[str, str]:
    """(transfer syntax, storage class) as UIDs, empty where the file does not say.

    Read before the rest, which a deflated file holds compressed. Raises DamagedHeader, OSError.
    """
    file.seek(MARK_AT + len(MARK))
    head = file.read(LONGEST_META)
    found: dict[int, str] = {}
    place = 0
    while head[place : place + 2] == b"\x02\0" and place + 12 <= len(head):
        number = int.from_bytes(head[place + 2 : place + 4], "little")
        is_long = head[place + 4 : place + 6] in (b"OB", b"OW", b"UN", b"UT")
        begin = place + (12 if is_long else 8)
        size = head[place + 8 : begin] if is_long else head[place + 6 : begin]
        place = begin + int.from_bytes(size, "little")
        found[number] = head[begin:place].rstrip(b"\0 ").decode("ascii", "replace")
    if 0x10 not in found:
        raise DamagedHeader("no transfer syntax")
    return found[0x10], found.get(0x02, "")


def read(file: BinaryIO) -> DicomHeader:
    """Raises DamagedHeader, OSError; the file is left where ``parsed`` leaves it."""
    syntax, kind = meta(file)
    file.seek(0)
    tags = _Tags(parsed(file, TAGS))
    frames = int(min(tags.number(FRAMES, 1.0), LARGEST_NUMBER))
    return DicomHeader(
        syntax,
        kind,
        tags.short(ROWS),
        tags.short(COLUMNS),
        tags.short(SAMPLES, 1),
        tags.text(PHOTOMETRIC),
        tags.short(PLANAR) == 1,
        tags.short(BITS, 8),
        max(frames, 1),
        _steps_ms(tags),
    )


def raw_value(dataset: FileDataset, tag: int) -> bytes:
    """A value as it lies in the file; empty where there is none, or a longer one than any should
    be: to fetch that, pydicom would make sense of it, and raise where it makes none.
    """
    if tag not in dataset:
        return b""
    value = dataset.get_item(tag, keep_deferred=True).value
    return value if isinstance(value, bytes) else b""


class _Tags:
    """Values as they lie in the file: pydicom is not asked to make sense of them."""

    def __init__(self, dataset: FileDataset) -> None:
        self._dataset = dataset

    def _raw(self, tag: int) -> bytes:
        return raw_value(self._dataset, tag)

    def short(self, tag: int, default: int = 0) -> int:
        raw = self._raw(tag)
        return int.from_bytes(raw[:2], "little") if len(raw) >= 2 else default

    def text(self, tag: int) -> str:
        return self._raw(tag).decode("ascii", "replace").strip("\0 ").upper()

    def number(self, tag: int, default: float = 0.0) -> float:
        return next(iter(self.numbers(tag)), default)

    def numbers(self, tag: int) -> tuple[float, ...]:
        try:
            numbers = tuple(float(part) for part in self.text(tag).split("\\") if part.strip())
        except ValueError:
            return ()
        return numbers if all(map(math.isfinite, numbers)) else ()


def _steps_ms(tags: _Tags) -> tuple[float, ...]:
    every = tags.numbers(FRAME_TIMES)
    if len(every) > 1 and all(0 <= step <= SLOWEST_MS for step in every):
        return every
    step = tags.number(FRAME_TIME)
    if not 0 < step <= SLOWEST_MS:
        rate = tags.number(SHOWN_RATE) or tags.number(CINE_RATE)
        step = 1000.0 / rate if rate > 0 else 0.0
    return (step,) if 0 < step <= SLOWEST_MS else ()
