"""This program's own JSON: everything that a document holds, and the version of the format.

Nothing of the document is lost, but it is no backup of the library: the journal, merged classes
under their old names and where procedures lie are not in it. An entry that was changed by hand and
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
from endoscope_app.labels.exchange import reading_wording
from endoscope_app.labels.exchange.document import (
    ExchangeClass,
    ExchangeDocument,
    ExchangeFrame,
    ExchangeProcedure,
    ExchangeRange,
    Moment,
    Unread,
    assemble,
    named_group,
)
from endoscope_app.labels.library.records import FrameKind

FORMAT = "endoscope-app labels"
VERSION = 1
_EXPECTED = reading_wording.EXPECTED_JSON
Entry = TypeVar("Entry")


class _Class(msgspec.Struct, omit_defaults=True):
    name: str
    colour: str = ""
    retired: bool = False
    key: str = ""
    group: str = ""


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


class _Part(msgspec.Struct):
    name: str
    first_frame: int
    frame_count: int


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
    parts: list[_Part] | msgspec.UnsetType = msgspec.UNSET


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
        at = frame.at.pts, frame.at.frame_index, frame.at.seconds
        entry = _Frame(*at, frame.kind, frame.class_name, frame.picture)
        frames[frame.fingerprint].append(files.raw_json(entry))
    ranges: dict[str, list[msgspec.Raw]] = defaultdict(list)
    for span in document.ranges:
        first, last = ((at.pts, at.frame_index, at.seconds) for at in (span.first, span.last))
        ranges[span.fingerprint].append(files.raw_json(_Range(*first, *last, span.class_name)))
    procedures = [
        files.raw_json(
            _procedure(procedure, frames[procedure.fingerprint], ranges[procedure.fingerprint])
        )
        for procedure in document.procedures
    ]
    classes = [
        _Class(known.name, known.colour, known.retired, known.key, known.group)
        for known in document.classes
    ]
    files.save(path, [msgspec.json.encode(_File(FORMAT, VERSION, classes, procedures)), b"\n"])


def _procedure(
    procedure: ExchangeProcedure, frames: list[msgspec.Raw], ranges: list[msgspec.Raw]
) -> _Procedure:
    return _Procedure(
        procedure.fingerprint,
        procedure.name,
        procedure.frame_count,
        procedure.duration_s,
        procedure.width,
        procedure.height,
        frames=frames,
        ranges=ranges,
        parts=[_Part(part.name, part.first, part.frame_count) for part in procedure.parts]
        or msgspec.UNSET,
    )


def read(path: Path, go_on: files.GoOn = files.to_the_end) -> ExchangeDocument:
    """The document of such a file.

    AppError for anything else, and for a file of a newer version of the format.
    """
    data = files.load_bytes(path, _EXPECTED)
    head = files.decode(data, _Head, _EXPECTED)
    if head.format != FORMAT:
        raise AppError(reading_wording.NOT_LABELS, reading_wording.expected(_EXPECTED))
    if head.version != VERSION:
        raise AppError(*reading_wording.NEWER_VERSION)
    content = files.decode(data, _File, _EXPECTED)
    with files.parsing(_EXPECTED):
        return _document(content, go_on)


def _document(content: _File, go_on: files.GoOn) -> ExchangeDocument:
    unread: list[Unread] = []
    procedures: list[ExchangeProcedure] = []
    frames: list[ExchangeFrame] = []
    ranges: list[ExchangeRange] = []
    for where, entry in _entries(content.procedures, _Procedure, "procedure", unread, go_on):
        key = entry.fingerprint
        length, size = (entry.frame_count, entry.duration_s), (entry.width, entry.height)
        procedures.append(ExchangeProcedure(key, entry.name, *length, *size))
        for here, frame in _entries(entry.frames, _Frame, f"{where}, frame", unread, go_on):
            try:
                frames.append(_frame(key, frame, here))
            except ValueError as error:
                unread.append(Unread(here, str(error)))
        for here, span in _entries(entry.ranges, _Range, f"{where}, range", unread, go_on):
            try:
                ranges.append(_range(key, span, here))
            except ValueError as error:
                unread.append(Unread(here, str(error)))
    classes = [
        ExchangeClass(known.name, known.colour, known.retired, known.key, named_group(known.group))
        for known in content.classes
    ]
    return assemble(classes, procedures, frames, ranges, unread)


def _frame(key: str, frame: _Frame, where: str) -> ExchangeFrame:
    at = Moment(frame.pts, frame.frame, frame.seconds)
    return ExchangeFrame(key, at, frame.kind, frame.label, frame.picture, where=where)


def _range(key: str, span: _Range, where: str) -> ExchangeRange:
    first = Moment(span.first_pts, span.first_frame, span.first_seconds)
    last = Moment(span.last_pts, span.last_frame, span.last_seconds)
    return ExchangeRange(key, first, last, span.label, where)


def _entries(
    entries: list[msgspec.Raw],
    shape: type[Entry],
    what: str,
    unread: list[Unread],
    go_on: files.GoOn,
) -> Iterator[tuple[str, Entry]]:
    for where, entry in files.decode_entries(entries, shape, what, go_on):
        if entry is None:
            unread.append(Unread(where, reading_wording.NOT_LIKE_OURS))
        else:
            yield where, entry
