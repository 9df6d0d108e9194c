"""One CSV with a row for every labelled frame and range: for spreadsheets, and as the table of the
class folders, for kd_core's training.

Lost are classes without a label, colours, order and retirement of classes, and procedures without a
label and how long they are. The column ``label`` is what models call the class, ``class_name`` what
the reader calls it. The column ``file`` is where the class folders of this program keep the frame's
picture. Reading takes tables of other hands too: ``label`` is enough with one of ``frame`` and
``pts``, or with the name of a picture that this program wrote as ``file``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from endoscope_app.labels.exchange import exchange_files as files
from endoscope_app.labels.exchange.class_matching import Names, place_of
from endoscope_app.labels.exchange.document import (
    BY_NAME,
    NO_INDEX,
    UNNAMED,
    ExchangeClass,
    ExchangeDocument,
    ExchangeFrame,
    ExchangeProcedure,
    ExchangeRange,
    Moment,
    Unread,
    assemble,
)
from endoscope_app.labels.exchange.range_runs import joined_ranges
from endoscope_app.labels.library.records import FRAME_KINDS
from kd_core.schema import csv_text

EXPECTED = "a CSV file with the columns label, procedure, frame and pts"
COLUMNS = (
    "file",
    "label",
    "procedure",
    "time_seconds",
    "row",
    "kind",
    "frame",
    "pts",
    "last_time_seconds",
    "last_frame",
    "last_pts",
    "picture",
    "procedure_name",
    "class_name",
)
IMAGES = "images"
"""The folder around the class folders."""
_WHOLE = re.compile(r"([+-]?\d{1,19})(?:[.,]0+)?")
_ROUNDED = re.compile(r"[+-]?\d[.,]\d+E\+?\d+", re.IGNORECASE)
ROUNDED = (
    "A spreadsheet has rounded the time stamps in this file; where there is a frame number, it was"
    " gone by."
)


def is_ours(columns: set[str]) -> bool:
    """Whether a table with these columns can hold labels."""
    return "label" in columns and bool(columns & {"frame", "pts", "file"})


def write(document: ExchangeDocument, path: Path, suffix: str = ".png") -> None:
    """Replace the file; ``suffix`` is that of the images. AppError where it cannot be written."""
    names = Names(document)
    pictures = {
        frame: f"{IMAGES}/{picture_path(names, frame, suffix)}"
        for frame in document.frames
        if frame.class_name is not None
    }
    files.save(path, [table(document, pictures)])


def picture_path(names: Names, frame: ExchangeFrame, suffix: str = ".png") -> str:
    """Where the class folders keep the frame's picture, below the folder of pictures."""
    return (
        f"{names.folder(frame.class_name or '')}/{names.frame(frame.fingerprint, frame.at)}{suffix}"
    )


def table(document: ExchangeDocument, pictures: Mapping[ExchangeFrame, str]) -> bytes:
    """The whole CSV; ``pictures`` are the cells of the column file."""
    keys = {one.name: one.key or one.name for one in document.classes}
    films = {one.fingerprint: one.name for one in document.procedures}
    rows: list[tuple[object, ...]] = [COLUMNS]
    for frame in document.frames:
        key, at = keys.get(frame.class_name or "", ""), frame.at
        row = "range" if frame.from_range else "frame"
        start = (
            pictures.get(frame, ""),
            key,
            frame.fingerprint,
            at.seconds,
            row,
            frame.kind,
            at.frame_index,
            at.pts,
        )
        end = (at.seconds, at.frame_index, at.pts) if frame.from_range else ("", "", "")
        rows.append((*start, *end, frame.picture, films[frame.fingerprint], frame.class_name))
    for found in document.ranges:
        first, last = found.first, found.last
        key = keys[found.class_name]
        start = (
            "",
            key,
            found.fingerprint,
            first.seconds,
            "range",
            "class",
            first.frame_index,
            first.pts,
        )
        end = (last.seconds, last.frame_index, last.pts)
        rows.append((*start, *end, "", films[found.fingerprint], found.class_name))
    return csv_text.write_table(rows)


def read(path: Path) -> ExchangeDocument:
    """The document of such a file, however a spreadsheet saved it.

    AppError for anything else; an odd row is among its ``unread``.
    """
    text = files.load_text(path, EXPECTED)
    with files.parsing(EXPECTED):
        rows = csv_text.read_table(text)
        if not is_ours({name.casefold() for name in rows.columns}):
            raise ValueError("columns are missing")
        return _Reading().document(rows)


class _Reading:
    """One pass over the rows."""

    def __init__(self) -> None:
        self._frames: list[ExchangeFrame] = []
        self._ranges: list[ExchangeRange] = []
        self._of_ranges: list[ExchangeFrame] = []
        self._films: dict[str, ExchangeProcedure] = {}
        self._classes: dict[str, ExchangeClass] = {}
        self._is_rounded = False

    def document(self, rows: csv_text.CsvTable) -> ExchangeDocument:
        """What all rows say."""
        unread = [(bad.line, bad.reason) for bad in rows.bad_rows]
        for row in rows.rows:
            try:
                self._row(
                    {name.casefold(): csv_text.unguarded(cell) for name, cell in row.cells.items()},
                    f"row {row.line}",
                )
            except ValueError as error:
                unread.append((row.line, str(error)))
        named = [Unread(f"row {line}", reason) for line, reason in sorted(unread)]
        ranges = [*self._ranges, *joined_ranges(self._of_ranges)]
        notes = [ROUNDED] if self._is_rounded else []
        return assemble(
            self._classes.values(), self._films.values(), self._frames, ranges, named, notes
        )

    def _row(self, row: dict[str, str], where: str) -> None:
        kind = row.get("kind", "").strip().casefold() or "class"
        if kind not in FRAME_KINDS:
            raise ValueError("its kind is none of class, agreed and unusable")
        label = self._class(row, kind)
        named = (
            None
            if row.get("pts", "").strip() or row.get("frame", "").strip()
            else place_of(row.get("file", ""))
        )
        film = self._film(
            row if named is None else {**row, "procedure": row.get("procedure", "") or named[0]}
        )
        at = self._moment(row, "") if named is None else named[1]
        match row.get("row", "").strip().casefold() or "frame":
            case "frame":
                picture = row.get("picture", "")
                self._frames.append(ExchangeFrame(film, at, kind, label, picture, where=where))
            case "range" if label is not None:
                last = self._moment(row, "last_")
                if row.get("file"):  # a frame of a range in the table of class folders
                    self._of_ranges.append(
                        ExchangeFrame(film, at, "class", label, from_range=True, where=where)
                    )
                else:
                    self._ranges.append(ExchangeRange(film, at, last, label, where))
            case _:
                raise ValueError("it is neither a frame nor a range")

    def _class(self, row: dict[str, str], kind: str) -> str | None:
        key = row.get("label", "")
        name = row.get("class_name") or key
        if kind == "unusable":
            return None
        if not name.strip():
            raise ValueError("it has no label")
        self._classes.setdefault(name, ExchangeClass(name, key="" if key == name else key))
        return name

    def _film(self, row: dict[str, str]) -> str:
        fingerprint, name = row.get("procedure", "").strip(), row.get("procedure_name", "")
        key = fingerprint or (BY_NAME + name if name else UNNAMED)
        self._films.setdefault(key, ExchangeProcedure(key, name if fingerprint else ""))
        return key

    def _moment(self, row: dict[str, str], start: str) -> Moment:
        stamp, frame = row.get(f"{start}pts", "").strip(), row.get(f"{start}frame", "").strip()
        seconds = row.get(f"{start}time_seconds", "").strip().replace(",", ".")
        if _ROUNDED.fullmatch(stamp) and frame:
            self._is_rounded, stamp = True, ""
        pts = _whole(stamp, "time stamp") if stamp else None
        if not frame and pts is None:
            raise ValueError("it has neither a frame number nor a time stamp")
        try:
            time = float(seconds) if seconds else 0.0
        except ValueError:
            raise ValueError("its time is no number of seconds") from None
        return Moment(pts, _whole(frame, "frame number") if frame else NO_INDEX, time)


def _whole(text: str, what: str) -> int:
    found = _WHOLE.fullmatch(text)
    if found is None or (what == "frame number" and found[1].startswith("-")):
        raise ValueError(f"its {what} is no whole number")
    return int(found[1])
