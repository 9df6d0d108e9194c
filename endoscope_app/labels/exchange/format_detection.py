"""Which format a file of labels is in, by what it holds and not by its name, and reading it."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from endoscope_app.base.errors import AppError
from endoscope_app.labels.exchange import (
    class_folders,
    coco_format,
    csv_format,
    cvat_format,
    json_format,
    label_studio_format,
)
from endoscope_app.labels.exchange import exchange_files as files
from endoscope_app.labels.exchange.document import ExchangeDocument
from endoscope_app.labels.exchange.label_studio_reading import IsClass
from kd_core.schema.csv_text import decode_text, read_table

FormatName = Literal["csv", "json", "class folders", "coco", "cvat", "label studio"]
READERS = {
    "csv": csv_format.read,
    "json": json_format.read,
    "class folders": class_folders.read,
    "coco": coco_format.read,
    "cvat": cvat_format.read,
    "label studio": label_studio_format.read,
}
_EXPECTED = "one of the formats that this program reads"
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
                f"The folder holds no {class_folders.MANIFEST}.",
                f"Expected is {class_folders.EXPECTED}.",
            )
        return "class folders"
    data = files.load_bytes(path, _EXPECTED)
    if data.startswith(_ARCHIVE):
        raise AppError(
            "This is an Excel workbook or an archive, which is not read.",
            f"Save it as CSV, or unpack it. {files.ANY_FORMAT}",
        )
    match data.lstrip()[:1]:
        case b"{":
            return _object(data)
        case b"[":
            files.decode(data, list[msgspec.Raw], _EXPECTED)
            return "label studio"
        case b"<" if b"<annotations" in data[:_HEAD]:
            return "cvat"
    return _table(data)


def read(path: Path, is_class: IsClass = lambda name: False) -> ExchangeDocument:
    """The document of a file or folder in any of the formats.

    AppError as detect, and as the format's own reader.

    ``is_class``: whether the library knows a class of this name, which tells the question for
    classes from others in Label Studio.
    """
    name = detect(path)
    return (
        label_studio_format.read(path, is_class) if name == "label studio" else READERS[name](path)
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
        way_out = (
            f"Expected is {csv_format.EXPECTED}; frames are counted from 0, and one of the last two"
            " is enough."
        )
        raise AppError("The table does not say which frames its labels are of.", way_out)
    raise _unknown()


def _unknown() -> AppError:
    return AppError(
        "The file is not in a format of labels that this program knows.", files.ANY_FORMAT
    )
