"""Which format a file of labels is in, by what it holds and not by its name, and reading it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

from endoscope_app.base.errors import AppError
from endoscope_app.labels.exchange import (
    class_folders,
    coco_format,
    csv_format,
    cvat_format,
    json_format,
    label_studio_format,
    reading_wording,
)
from endoscope_app.labels.exchange import exchange_files as files
from endoscope_app.labels.exchange.document import ExchangeDocument, FormatName
from endoscope_app.labels.exchange.label_studio_reading import IsClass
from kd_core.schema.csv_text import decode_text, read_table

READERS: dict[str, Callable[[Path, files.GoOn], ExchangeDocument]] = {
    "csv": csv_format.read,
    "json": json_format.read,
    "class folders": class_folders.read,
    "coco": coco_format.read,
    "cvat": cvat_format.read,
}
_EXPECTED = reading_wording.EXPECTED_ANY
_HEAD = 1 << 16
_ARCHIVE = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


class _Keys(msgspec.Struct):
    format: msgspec.Raw = msgspec.Raw()
    images: msgspec.Raw = msgspec.Raw()
    annotations: msgspec.Raw = msgspec.Raw()


def detect(path: Path) -> FormatName:
    """The format's name. AppError where the file cannot be read, is damaged, or is none of them."""
    if path.is_dir():
        if not (path / class_folders.MANIFEST).is_file():
            raise AppError(
                reading_wording.NO_MANIFEST,
                reading_wording.expected(reading_wording.EXPECTED_FOLDERS),
            )
        return "class folders"
    data = files.load_bytes(path, _EXPECTED)
    if data.startswith(_ARCHIVE):
        raise AppError(*reading_wording.ARCHIVE)
    match data.lstrip()[:1]:
        case b"{":
            return _object(data)
        case b"[":
            files.decode(data, list[msgspec.Raw], _EXPECTED)
            return "label studio"
        case b"<" if b"<annotations" in data[:_HEAD]:
            return "cvat"
    return _table(data)


def read(
    path: Path, is_class: IsClass = lambda name: False, go_on: files.GoOn = files.to_the_end
) -> ExchangeDocument:
    """The document of a file or folder in any of the formats.

    ``is_class``: whether the library knows a class of this name, which tells the question for
    classes from others in Label Studio. ``go_on`` may end it. AppError as detect, and as the
    format's own reader.
    """
    name = detect(path)
    return (
        label_studio_format.read(path, is_class, go_on)
        if name == "label studio"
        else READERS[name](path, go_on)
    )


def _object(data: bytes) -> FormatName:
    keys = files.decode(data, _Keys, _EXPECTED)
    if bytes(keys.format) == msgspec.json.encode(json_format.FORMAT):
        return "json"
    if bytes(keys.images) and bytes(keys.annotations):
        return "coco"
    raise _unknown()


def _table(data: bytes) -> FormatName:
    with files.parsing(_EXPECTED):
        text = decode_text(data)
    try:
        columns = {name.casefold() for name in read_table(text[:_HEAD]).columns}
    except ValueError:
        raise _unknown() from None
    if csv_format.is_ours(columns):
        return "csv"
    if "label" in columns:
        raise AppError(
            reading_wording.NO_FRAME_COLUMNS,
            reading_wording.expected(reading_wording.EXPECTED_TABLE),
        )
    raise _unknown()


def _unknown() -> AppError:
    return AppError(reading_wording.UNKNOWN_FORMAT, reading_wording.ANY_FORMAT)
