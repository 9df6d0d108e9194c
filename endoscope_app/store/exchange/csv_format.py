"""One CSV in UTF-8 with a row for every labelled frame and range: for spreadsheets, and for kd_core's training as a label export.

Lost are classes without a label, colours, order and retirement of classes, and procedures without a label and how long they are. The
column ``file`` is where the class folders of this program keep the frame's picture; it is empty where there is none. The training core
reads a table in which every row has one, so it takes what ``only_frames_with_class`` leaves. A cell that a spreadsheet would run as a
formula begins with an apostrophe, which reading takes off again.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path
from typing import cast

from endoscope_app.store.exchange import files
from endoscope_app.store.exchange.document import ExchangeDocument, ExchangeFrame, ExchangeProcedure, ExchangeRange, Moment, assemble
from endoscope_app.store.exchange.names import Names
from endoscope_app.store.labels.records import FrameKind

EXPECTED = "a CSV file with the columns label, procedure, frame and pts"
COLUMNS = (
    "file", "label", "procedure", "time_seconds", "row", "kind", "frame", "pts",
    "last_time_seconds", "last_frame", "last_pts", "picture", "procedure_name",
)  # fmt: skip
REQUIRED = frozenset({"label", "procedure", "frame", "pts"})
_GUARDED = ("=", "+", "-", "@", "\t", "\r", "\n", "'", "＝", "＋", "－", "＠")


def write(document: ExchangeDocument, path: Path) -> None:
    """Replace the file. AppError where it cannot be written."""
    names = Names(document)
    files.save(path, [table(document, {frame: picture_path(names, frame) for frame in document.frames if frame.class_name is not None})])


def only_frames_with_class(document: ExchangeDocument) -> ExchangeDocument:
    """The same without ranges and unusable frames, which no training table can hold."""
    kept = (frame for frame in document.frames if frame.class_name is not None)
    return assemble(document.classes, document.procedures, kept, (), document.unplaced)


def picture_path(names: Names, frame: ExchangeFrame, suffix: str = ".png") -> str:
    """Where the class folders keep the frame's picture."""
    return f"{names.folder(frame.class_name or '')}/{names.frame(frame.fingerprint, frame.at)}{suffix}"


def table(document: ExchangeDocument, pictures: dict[ExchangeFrame, str]) -> bytes:
    """The whole CSV; ``pictures`` are the cells of the column file."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    films = {one.fingerprint: _guarded(one.name) for one in document.procedures}
    for frame in document.frames:
        start = (_guarded(pictures.get(frame, "")), _guarded(frame.class_name or ""), _guarded(frame.fingerprint), _plain(frame.at.seconds))
        place = ("frame", frame.kind, frame.at.frame_index, _whole(frame.at.pts))
        writer.writerow((*start, *place, "", "", "", _guarded(frame.picture), films[frame.fingerprint]))
    for found in document.ranges:
        first, last = found.first, found.last
        start = ("", _guarded(found.class_name), _guarded(found.fingerprint), _plain(first.seconds))
        end = (_plain(last.seconds), last.frame_index, _whole(last.pts))
        writer.writerow((*start, "range", "class", first.frame_index, _whole(first.pts), *end, "", films[found.fingerprint]))
    return text.getvalue().encode()


def read(path: Path) -> ExchangeDocument:
    """The document of such a file, also after a spreadsheet saved it with semicolons or tabs. AppError for anything else."""
    text = files.load_text(path, EXPECTED)
    with files.parsing(EXPECTED):
        rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter(text), strict=True)
        if not set(rows.fieldnames or ()) >= REQUIRED:
            raise ValueError("columns are missing")
        return _document(rows)


def delimiter(text: str) -> str:
    """What parts the cells, by the header."""
    header = text.lstrip().split("\n", 1)[0]
    return max(",;\t", key=header.count)


def _document(rows: Iterable[dict[str, str | None]]) -> ExchangeDocument:
    frames: list[ExchangeFrame] = []
    ranges: list[ExchangeRange] = []
    films: dict[str, ExchangeProcedure] = {}
    for sparse in rows:
        if set(sparse.values()) == {""}:
            continue  # spreadsheets leave empty rows behind
        row = {name: cell for name, cell in sparse.items() if name is not None and cell is not None}
        if len(row) < len([name for name in sparse if name is not None]) or row.get("row", "frame") not in ("frame", "range"):
            raise ValueError("a row is cut off, or neither a frame nor a range")
        fingerprint, label = _text(row["procedure"]), _text(row["label"])
        if not fingerprint:
            raise ValueError("a row names no procedure")
        films.setdefault(fingerprint, ExchangeProcedure(fingerprint, _text(row.get("procedure_name", ""))))
        at = _moment(row["pts"], row["frame"], row.get("time_seconds", ""))
        kind = row.get("kind") or "class"
        if row.get("row", "frame") == "range":
            last = _moment(row.get("last_pts", ""), row.get("last_frame", ""), row.get("last_time_seconds", ""))
            ranges.append(ExchangeRange(fingerprint, at, last, label))
        else:
            name = None if kind == "unusable" else label
            frames.append(ExchangeFrame(fingerprint, at, cast(FrameKind, kind), name, _text(row.get("picture", ""))))
    return assemble((), films.values(), frames, ranges)


def _moment(pts: str, frame: str, seconds: str) -> Moment:
    return Moment(int(pts) if pts else None, int(frame), float(seconds.replace(",", ".")) if seconds else 0.0)


def _guarded(text: str) -> str:
    return f"'{text}" if text.startswith(_GUARDED) else text


def _text(cell: str) -> str:
    return cell[1:] if cell[:1] == "'" and cell[1:].startswith(_GUARDED) else cell


def _plain(seconds: float) -> str:
    return repr(float(seconds))


def _whole(pts: int | None) -> str:
    return "" if pts is None else str(pts)
