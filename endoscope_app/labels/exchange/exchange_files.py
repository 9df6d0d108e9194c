"""Reading what may be anything, and writing where the reader pointed.

When it goes wrong there is one sentence, and never what the file holds.
"""

from __future__ import annotations

import codecs
import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar
from xml.etree.ElementTree import ParseError

import msgspec

from endoscope_app.base.atomic_file import write_atomically
from endoscope_app.base.errors import AppError
from endoscope_app.base.permissions import make_open_folder, open_like_folder
from endoscope_app.labels.exchange import export_wording, reading_wording
from kd_core.schema.csv_text import decode_text
from kd_core.schema.json_text import JsonError, decode_json
from kd_core.schema.plain_file import read_most

LIMIT_BYTES = 160 << 20
"""More than a million labels in the widest format here; a larger file is not one of labels and
could take all memory.
"""

Shape = TypeVar("Shape")
GoOn = Callable[[], None]
"""Called again and again while a file is read; raises AppError where it is not wanted any more."""


def to_the_end() -> None:
    """The GoOn of what nobody stops."""


def load_bytes(path: Path, expected: str) -> bytes:
    """The content of a file of at most LIMIT_BYTES.

    AppError where it cannot be read, is larger, or empty; ``expected`` is what it should have been.
    """
    try:
        with path.open("rb") as file:
            data = read_most(file, LIMIT_BYTES)
    except OSError as error:
        way_out = reading_wording.check_it_is_there(expected)
        raise AppError(reading_wording.UNREADABLE, way_out, _detail(error)) from None
    if len(data) > LIMIT_BYTES:
        way_out = reading_wording.expected(expected, reading_wording.IN_PARTS)
        raise AppError(reading_wording.too_large(LIMIT_BYTES >> 20), way_out)
    if not data.strip():
        raise AppError(
            reading_wording.EMPTY_FILE,
            reading_wording.expected(expected, reading_wording.EXPORT_AGAIN),
        )
    return _in_utf8(data, expected)


def _in_utf8(data: bytes, expected: str) -> bytes:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        with parsing(expected):
            return decode_text(data).encode()
    return data.removeprefix(codecs.BOM_UTF8)


def load_text(path: Path, expected: str) -> str:
    """As load_bytes, as text in whatever encoding a spreadsheet left it."""
    data = load_bytes(path, expected)
    with parsing(expected):
        return decode_text(data)


def decode(data: bytes, shape: type[Shape], expected: str) -> Shape:
    """JSON in the given shape; fields that it lacks are ignored. AppError for anything else."""
    with parsing(expected):
        return decode_json(data, shape, LIMIT_BYTES)


def raw_json(shape: msgspec.Struct) -> msgspec.Raw:
    """A shape as it goes into a field or a list that holds anything."""
    return msgspec.Raw(msgspec.json.encode(shape))


def decode_entries(
    entries: list[msgspec.Raw], shape: type[Shape], what: str, go_on: GoOn = to_the_end
) -> Iterator[tuple[str, Shape | None]]:
    """Each entry of a list with its name ("image 3"); None for one that is not of the shape."""
    for number, entry in enumerate(entries, 1):
        go_on()
        try:
            yield f"{what} {number}", decode_json(bytes(entry), shape)
        except JsonError:
            yield f"{what} {number}", None


@contextmanager
def parsing(expected: str) -> Iterator[None]:
    """Every way in which a file can fail to be what is expected becomes one AppError.

    The original error is cut off, as its text and fields may quote the file, and with it a
    patient's name.
    """
    try:
        yield
    except (
        ValueError,
        ParseError,
        JsonError,
        msgspec.MsgspecError,
        RecursionError,
        OverflowError,
    ) as error:
        way_out = reading_wording.expected(expected, reading_wording.AGAIN_NOTHING_IMPORTED)
        raise AppError(reading_wording.DAMAGED, way_out, type(error).__name__) from None


def save(path: Path, parts: list[bytes]) -> None:
    """Replace the file in one step, readable by those who may read its folder.

    AppError where that fails, in words about the export.
    """
    try:
        make_open_folder(path.parent)
        write_atomically(path, parts, export_wording.THE_EXPORT)
    except OSError as error:
        raise export_error(error) from error
    except AppError as error:
        raise export_error(error.__cause__, error.detail) from error
    open_like_folder(path)


def export_error(cause: BaseException | None, detail: str = "") -> AppError:
    """The sentence for an export that could not be written."""
    number = cause.errno if isinstance(cause, OSError) else None
    if number in (errno.ENOSPC, errno.EDQUOT):
        sentence = export_wording.DISK_FULL
    elif number in (errno.EACCES, errno.EPERM, errno.EROFS):
        sentence = export_wording.MAY_NOT_BE_WRITTEN
    else:
        sentence = export_wording.NOT_EXPORTED
    return AppError(*sentence, detail or (_detail(cause) if isinstance(cause, OSError) else ""))


def _detail(error: OSError) -> str:
    return f"{type(error).__name__} errno {error.errno}"
