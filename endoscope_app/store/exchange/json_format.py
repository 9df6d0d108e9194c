"""This program's own JSON: everything that a document holds, and the version of the format.

Nothing of the document is lost, but it is no backup of the library: the journal, merged classes under their old names and where
recordings lie are not in it.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Annotated

import msgspec

from endoscope_app.errors import AppError
from endoscope_app.store.exchange import files
from endoscope_app.store.exchange.document import (
    ExchangeClass,
    ExchangeDocument,
    ExchangeFrame,
    ExchangeProcedure,
    ExchangeRange,
    Moment,
    assemble,
)
from endoscope_app.store.labels.records import FrameKind

FORMAT = "endoscope-app labels"
VERSION = 1
EXPECTED = "a JSON file of labels that this program exported"


class _Class(msgspec.Struct):
    name: str
    colour: str = ""
    retired: bool = False


class _Frame(msgspec.Struct, array_like=True):
    pts: int | None
    frame: int
    seconds: float
    kind: FrameKind
    label: str | None
    picture: str = ""


class _Range(msgspec.Struct, array_like=True):
    first_pts: int | None
    first_frame: int
    first_seconds: float
    last_pts: int | None
    last_frame: int
    last_seconds: float
    label: str


class _Procedure(msgspec.Struct):
    fingerprint: Annotated[str, msgspec.Meta(min_length=1)]
    name: str = ""
    frame_count: int | None = None
    duration_s: float | None = None
    frame_columns: tuple[str, ...] = _Frame.__struct_fields__
    frames: list[_Frame] = []
    range_columns: tuple[str, ...] = _Range.__struct_fields__
    ranges: list[_Range] = []


class _Head(msgspec.Struct):
    format: str
    version: int


class _File(_Head):
    classes: list[_Class] = []
    procedures: list[_Procedure] = []
    unplaced: int = 0


def write(document: ExchangeDocument, path: Path) -> None:
    """Replace the file. AppError where it cannot be written."""
    frames: dict[str, list[_Frame]] = defaultdict(list)
    for frame in document.frames:
        at = frame.at
        frames[frame.fingerprint].append(_Frame(at.pts, at.frame_index, at.seconds, frame.kind, frame.class_name, frame.picture))
    ranges: dict[str, list[_Range]] = defaultdict(list)
    for found in document.ranges:
        first, last = ((at.pts, at.frame_index, at.seconds) for at in (found.first, found.last))
        ranges[found.fingerprint].append(_Range(*first, *last, found.class_name))
    procedures = [
        _Procedure(key := one.fingerprint, one.name, one.frame_count, one.duration_s, frames=frames[key], ranges=ranges[key])
        for one in document.procedures
    ]
    classes = [_Class(one.name, one.colour, one.retired) for one in document.classes]
    files.save(path, [msgspec.json.encode(_File(FORMAT, VERSION, classes, procedures, document.unplaced)), b"\n"])


def read(path: Path) -> ExchangeDocument:
    """The document of such a file. AppError for anything else, and for a file of a newer version of the format."""
    data = files.load_bytes(path, EXPECTED)
    head = files.decode(data, _Head, EXPECTED)
    if head.format != FORMAT:
        raise AppError("This JSON file is not one of labels.", f"Expected is {EXPECTED}.")
    if head.version != VERSION:
        way_out = "Update the program, or export it as CSV there."
        raise AppError("This file of labels was written by a newer version of the program.", way_out)
    found = files.decode(data, _File, EXPECTED)
    with files.parsing(EXPECTED):
        return _document(found)


def _document(found: _File) -> ExchangeDocument:
    classes = [ExchangeClass(one.name, one.colour, one.retired) for one in found.classes]
    films = [ExchangeProcedure(one.fingerprint, one.name, one.frame_count, one.duration_s) for one in found.procedures]
    frames = (
        ExchangeFrame(one.fingerprint, Moment(frame.pts, frame.frame, frame.seconds), frame.kind, frame.label, frame.picture)
        for one in found.procedures
        for frame in one.frames
    )
    ranges = (
        ExchangeRange(
            one.fingerprint,
            Moment(span.first_pts, span.first_frame, span.first_seconds),
            Moment(span.last_pts, span.last_frame, span.last_seconds),
            span.label,
        )
        for one in found.procedures
        for span in one.ranges
    )
    return assemble(classes, films, frames, ranges, found.unplaced)
