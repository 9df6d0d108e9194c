"""This program's own JSON: everything that a document holds, and the version of the format.

Nothing of the document is lost, but it is no backup of the library: the journal, merged classes
under their old names and where recordings lie are not in it. An entry that was changed by hand and
is odd now is named, and the others are read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, TypeVar

import msgspec

from endoscope_app.base.errors import AppError
from endoscope_app.labels.exchange import exchange_files as files
from endoscope_app.labels.exchange.document import (
    ExchangeClass,
    ExchangeDocument,
    ExchangeFrame,
    ExchangeProcedure,
    ExchangeRange,
    Moment,
    Unread,
    assemble,
)
from endoscope_app.labels.library.records import FrameKind
from kd_core.schema.json_text import JsonError, decode_json

FORMAT = "endoscope-app labels"
VERSION = 1
EXPECTED = "a JSON file of labels that this program exported"
Entry = TypeVar("Entry")


class _Class(msgspec.Struct, omit_defaults=True):
    name: str
    colour: str = ""
    retired: bool = False
    key: str = ""


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
    width: int = 0
    height: int = 0
    frame_columns: tuple[str, ...] = _Frame.__struct_fields__
    frames: list[msgspec.Raw] = []
    range_columns: tuple[str, ...] = _Range.__struct_fields__
    ranges: list[msgspec.Raw] = []


class _Head(msgspec.Struct):
    format: str
    version: int


class _File(_Head):
    classes: list[_Class] = []
    procedures: list[msgspec.Raw] = []


def write(document: ExchangeDocument, path: Path) -> None:
    """Replace the file. AppError where it cannot be written."""
    frames: dict[str, list[msgspec.Raw]] = defaultdict(list)
    for frame in document.frames:
        at = frame.at
        shaped = _Frame(
            at.pts, at.frame_index, at.seconds, frame.kind, frame.class_name, frame.picture
        )
        frames[frame.fingerprint].append(msgspec.Raw(msgspec.json.encode(shaped)))
    ranges: dict[str, list[msgspec.Raw]] = defaultdict(list)
    for found in document.ranges:
        first, last = ((at.pts, at.frame_index, at.seconds) for at in (found.first, found.last))
        ranges[found.fingerprint].append(
            msgspec.Raw(msgspec.json.encode(_Range(*first, *last, found.class_name)))
        )
    procedures = [
        msgspec.Raw(
            msgspec.json.encode(_procedure(one, frames[one.fingerprint], ranges[one.fingerprint]))
        )
        for one in document.procedures
    ]
    classes = [_Class(one.name, one.colour, one.retired, one.key) for one in document.classes]
    files.save(path, [msgspec.json.encode(_File(FORMAT, VERSION, classes, procedures)), b"\n"])


def _procedure(
    one: ExchangeProcedure, frames: list[msgspec.Raw], ranges: list[msgspec.Raw]
) -> _Procedure:
    size = one.width, one.height
    return _Procedure(
        one.fingerprint,
        one.name,
        one.frame_count,
        one.duration_s,
        *size,
        frames=frames,
        ranges=ranges,
    )


def read(path: Path) -> ExchangeDocument:
    """The document of such a file.

    AppError for anything else, and for a file of a newer version of the format.
    """
    data = files.load_bytes(path, EXPECTED)
    head = files.decode(data, _Head, EXPECTED)
    if head.format != FORMAT:
        raise AppError("This JSON file is not one of labels.", f"Expected is {EXPECTED}.")
    if head.version != VERSION:
        way_out = "Update the program, or export it as CSV there."
        raise AppError(
            "This file of labels was written by a newer version of the program.", way_out
        )
    found = files.decode(data, _File, EXPECTED)
    with files.parsing(EXPECTED):
        return _document(found)


def _document(found: _File) -> ExchangeDocument:
    unread: list[Unread] = []
    films: list[ExchangeProcedure] = []
    frames: list[ExchangeFrame] = []
    ranges: list[ExchangeRange] = []
    for where, one in _entries(found.procedures, _Procedure, "procedure", unread):
        film = ExchangeProcedure(
            one.fingerprint, one.name, one.frame_count, one.duration_s, one.width, one.height
        )
        films.append(film)
        for here, frame in _entries(one.frames, _Frame, f"{where}, frame", unread):
            try:
                at = Moment(frame.pts, frame.frame, frame.seconds)
                frames.append(
                    ExchangeFrame(
                        one.fingerprint, at, frame.kind, frame.label, frame.picture, where=here
                    )
                )
            except ValueError as error:
                unread.append(Unread(here, str(error)))
        for here, span in _entries(one.ranges, _Range, f"{where}, range", unread):
            try:
                first = Moment(span.first_pts, span.first_frame, span.first_seconds)
                last = Moment(span.last_pts, span.last_frame, span.last_seconds)
                ranges.append(ExchangeRange(one.fingerprint, first, last, span.label, here))
            except ValueError as error:
                unread.append(Unread(here, str(error)))
    classes = [ExchangeClass(one.name, one.colour, one.retired, one.key) for one in found.classes]
    return assemble(classes, films, frames, ranges, unread)


def _entries(
    raw: list[msgspec.Raw], shape: type[Entry], what: str, unread: list[Unread]
) -> Iterator[tuple[str, Entry]]:
    for number, one in enumerate(raw, 1):
        try:
            yield f"{what} {number}", decode_json(bytes(one), shape)
        except JsonError:
            unread.append(Unread(f"{what} {number}", "it is not built as this program writes it"))
