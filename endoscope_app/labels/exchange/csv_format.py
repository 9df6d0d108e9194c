"""One CSV with a row for every labelled frame and range.

It is for spreadsheets, and, as the table of the class folders, for kd_core's training.

Lost are classes without a label, colours, order and retirement of classes, and procedures without a
label and how long they are. The column ``label`` is what models call the class, ``class_name`` what
the reader calls it, ``class_group`` its group where that is not the usual one. The column ``file``
is where the class folders of this program keep the frame's image. Reading takes tables of other
hands too: ``label`` is enough with one of ``frame`` and ``pts``, or with the name of an image that
this program wrote as ``file``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from endoscope_app.labels.exchange import exchange_files as files
from endoscope_app.labels.exchange import reading_wording
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
    named_group,
)
from endoscope_app.labels.exchange.file_names import Names, place_of
from endoscope_app.labels.exchange.range_runs import joined_ranges
from endoscope_app.labels.library.records import FRAME_KINDS
from kd_core.schema import csv_text

_EXPECTED = reading_wording.EXPECTED_CSV
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
    "class_group",
)
PART = "part"
"""A further column where a procedure is in several files: the name of the frame's own."""
IMAGES = "images"
"""The folder around the class folders."""
_WHOLE = re.compile(r"([+-]?\d{1,19})(?:[.,]0+)?")
_ROUNDED = re.compile(r"[+-]?\d[.,]\d+E\+?\d+", re.IGNORECASE)


def is_ours(columns: set[str]) -> bool:
    """Whether a table with these columns can hold labels."""
    return "label" in columns and bool(columns & {"frame", "pts", "file"})


def write(document: ExchangeDocument, path: Path, suffix: str = ".png") -> None:
    """Replace the file; ``suffix`` is that of the images. AppError where it cannot be written."""
    names = Names(document)
    images = {
        frame: f"{IMAGES}/{image_path(names, frame, suffix)}"
        for frame in document.frames
        if frame.class_name is not None
    }
    files.save(path, [table(document, images)])


def image_path(names: Names, frame: ExchangeFrame, suffix: str = ".png") -> str:
    """Where the class folders keep the frame's image, below their folder."""
    return (
        f"{names.folder(frame.class_name or '')}/{names.frame(frame.fingerprint, frame.at)}{suffix}"
    )


def table(document: ExchangeDocument, images: Mapping[ExchangeFrame, str]) -> bytes:
    """The whole CSV; ``images`` are the cells of the column file."""
    keys = {known.name: known.key or known.name for known in document.classes}
    groups = {known.name: known.group for known in document.classes}
    names = {procedure.fingerprint: procedure.name for procedure in document.procedures}
    rows: list[tuple[object, ...]] = [COLUMNS]
    for frame in document.frames:
        at = frame.at.seconds, frame.at.frame_index, frame.at.pts
        rows.append(
            (
                images.get(frame, ""),
                keys.get(frame.class_name or "", ""),
                frame.fingerprint,
                frame.at.seconds,
                "range" if frame.from_range else "frame",
                frame.kind,
                frame.at.frame_index,
                frame.at.pts,
                *(at if frame.from_range else ("", "", "")),
                frame.picture,
                names[frame.fingerprint],
                frame.class_name,
                groups.get(frame.class_name or "", ""),
            )
        )
    for span in document.ranges:
        rows.append(
            (
                "",
                keys[span.class_name],
                span.fingerprint,
                span.first.seconds,
                "range",
                "class",
                span.first.frame_index,
                span.first.pts,
                span.last.seconds,
                span.last.frame_index,
                span.last.pts,
                "",
                names[span.fingerprint],
                span.class_name,
                groups[span.class_name],
            )
        )
    if any(procedure.parts for procedure in document.procedures):
        known = {procedure.fingerprint: procedure for procedure in document.procedures}
        places = [(frame.fingerprint, frame.at.frame_index) for frame in document.frames]
        places += [(span.fingerprint, span.first.frame_index) for span in document.ranges]
        parts = [PART, *(known[key].part_name(index) for key, index in places)]
        rows = [(*row, part) for row, part in zip(rows, parts, strict=True)]
    return csv_text.write_table(rows)


def read(path: Path, go_on: files.GoOn = files.to_the_end) -> ExchangeDocument:
    """The document of such a file, however a spreadsheet saved it.

    AppError for anything else; an odd row is among its ``unread``.
    """
    text = files.load_text(path, _EXPECTED)
    with files.parsing(_EXPECTED):
        rows = csv_text.read_table(text, go_on=go_on)
        if not is_ours({name.casefold() for name in rows.columns}):
            raise ValueError("columns are missing")
        return _Reading().document(rows, go_on)


class _Reading:
    """One pass over the rows."""

    def __init__(self) -> None:
        self._frames: list[ExchangeFrame] = []
        self._ranges: list[ExchangeRange] = []
        self._of_ranges: list[ExchangeFrame] = []
        self._procedures: dict[str, ExchangeProcedure] = {}
        self._classes: dict[str, ExchangeClass] = {}
        self._is_rounded = False

    def document(self, rows: csv_text.CsvTable, go_on: files.GoOn) -> ExchangeDocument:
        """What all rows say."""
        unread = [(bad.line, bad.reason) for bad in rows.bad_rows]
        for row in rows.rows:
            go_on()
            try:
                self._row(
                    {name.casefold(): csv_text.unguarded(cell) for name, cell in row.cells.items()},
                    f"row {row.line}",
                )
            except ValueError as error:
                unread.append((row.line, str(error)))
        named = [Unread(f"row {line}", reason) for line, reason in sorted(unread)]
        ranges = [*self._ranges, *joined_ranges(self._of_ranges)]
        notes = [reading_wording.ROUNDED] if self._is_rounded else []
        return assemble(
            self._classes.values(), self._procedures.values(), self._frames, ranges, named, notes
        )

    def _row(self, row: dict[str, str], where: str) -> None:
        kind = row.get("kind", "").strip().casefold() or "class"
        if kind not in FRAME_KINDS:
            raise ValueError(reading_wording.UNKNOWN_KIND)
        label = self._class(row, kind)
        is_placed = row.get("pts", "").strip() or row.get("frame", "").strip()
        named = None if is_placed else place_of(row.get("file", ""))
        if named is None:
            key, at = self._procedure(row), self._moment(row, "")
        else:
            key, at = named
            key = self._procedure({**row, "procedure": row.get("procedure", "") or key})
        match row.get("row", "").strip().casefold() or "frame":
            case "frame":
                picture = row.get("picture", "")
                self._frames.append(ExchangeFrame(key, at, kind, label, picture, where=where))
            case "range" if label is not None:
                last = self._moment(row, "last_")
                if row.get("file"):  # a frame of a range in the table of class folders
                    self._of_ranges.append(
                        ExchangeFrame(key, at, "class", label, from_range=True, where=where)
                    )
                else:
                    self._ranges.append(ExchangeRange(key, at, last, label, where))
            case _:
                raise ValueError(reading_wording.NEITHER_FRAME_NOR_RANGE)

    def _class(self, row: dict[str, str], kind: str) -> str | None:
        key = row.get("label", "")
        name = row.get("class_name") or key
        if kind == "unusable":
            return None
        if not name.strip():
            raise ValueError(reading_wording.NO_LABEL)
        known = ExchangeClass(
            name,
            key="" if key == name else key,
            group=named_group(row.get("class_group", "")),
        )
        self._classes.setdefault(name, known)
        return name

    def _procedure(self, row: dict[str, str]) -> str:
        fingerprint, name = row.get("procedure", "").strip(), row.get("procedure_name", "")
        key = fingerprint or (BY_NAME + name if name else UNNAMED)
        self._procedures.setdefault(key, ExchangeProcedure(key, name if fingerprint else ""))
        return key

    def _moment(self, row: dict[str, str], start: str) -> Moment:
        stamp, frame = row.get(f"{start}pts", "").strip(), row.get(f"{start}frame", "").strip()
        seconds = row.get(f"{start}time_seconds", "").strip().replace(",", ".")
        if _ROUNDED.fullmatch(stamp) and frame:
            self._is_rounded, stamp = True, ""
        pts = _whole(stamp, "time stamp") if stamp else None
        if not frame and pts is None:
            raise ValueError(reading_wording.NEITHER_NUMBER_NOR_STAMP)
        try:
            time = float(seconds) if seconds else 0.0
        except ValueError:
            raise ValueError(reading_wording.TIME_NO_NUMBER) from None
        return Moment(pts, _whole(frame, "frame number") if frame else NO_INDEX, time)


def _whole(text: str, what: str) -> int:
    match = _WHOLE.fullmatch(text)
    if match is None or (what == "frame number" and match[1].startswith("-")):
        raise ValueError(reading_wording.not_whole(what))
    return int(match[1])
