"""Which format a file of labels is in, by what it holds and not by its name, and reading it."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Literal

import msgspec

from endoscope_app.errors import AppError
from endoscope_app.store.exchange import class_folders, coco_format, csv_format, cvat_format, files, json_format, label_studio_format
from endoscope_app.store.exchange.document import ExchangeDocument

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


class _Keys(msgspec.Struct):
    format: msgspec.Raw = msgspec.Raw()
    images: msgspec.Raw = msgspec.Raw()
    annotations: msgspec.Raw = msgspec.Raw()


def detect(path: Path) -> FormatName:
    """The format's name. AppError where the file cannot be read, is damaged, or is none of them."""
    if path.is_dir():
        if not (path / class_folders.MANIFEST).is_file():
            raise AppError(f"The folder holds no {class_folders.MANIFEST}.", f"Expected is {class_folders.EXPECTED}.")
        return "class folders"
    data = files.load_bytes(path, _EXPECTED).removeprefix(b"\xef\xbb\xbf")
    match data.lstrip()[:1]:
        case b"{":
            return _object(data)
        case b"[":
            files.decode(data, list[msgspec.Raw], _EXPECTED)
            return "label studio"
        case b"<" if b"<annotations" in data[:4096]:
            return "cvat"
    found = _header(data)
    if found >= csv_format.REQUIRED:
        return "csv"
    raise _unknown()


def read(path: Path) -> ExchangeDocument:
    """The document of a file or folder in any of the formats. AppError as detect, and as the format's own reader."""
    return READERS[detect(path)](path)


def _object(data: bytes) -> FormatName:
    keys = files.decode(data, _Keys, _EXPECTED)
    if bytes(keys.format) == msgspec.json.encode(json_format.FORMAT):
        return "json"
    if bytes(keys.images) and bytes(keys.annotations):
        return "coco"
    raise _unknown()


def _header(data: bytes) -> set[str]:
    line = data.lstrip()[:65536].split(b"\n", 1)[0]
    with files.parsing(_EXPECTED):
        text = line.decode()
        return set(next(csv.reader([text.rstrip("\r")], delimiter=csv_format.delimiter(text)), []))


def _unknown() -> AppError:
    return AppError("The file is not in a format of labels that this program knows.", files.ANY_FORMAT)
