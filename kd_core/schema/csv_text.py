"""Tables as CSV, as people and their spreadsheets really write them.

Written so that every spreadsheet opens them again. Read are UTF-8 with or without a byte order
mark, UTF-16 as Excel's "Unicode text", and Windows-1252 ("ANSI"); cells parted by commas,
semicolons or tabs, with Excel's line ``sep=;`` before the header or without. A row that does not
fit its header is named, and never keeps the others from being read. Written is UTF-8 with a byte
order mark, without which Excel shows umlauts as signs.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?([eE][+-]?\d+)?")
_SEPARATOR_LINE = re.compile(r"\s*\"?sep=(.)\"?\s*", re.IGNORECASE)
_LONGEST_ROW = 200
"""Lines that one row may go over, for cells with line breaks; a quote that is never closed
would swallow the file otherwise.
"""


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be understood.

    ``line``: its first in the file, counted from 1; ``reason`` says why without its content.
    """

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Row:
    """Cells by column as they stand in the file, and the line on which the row begins.

    Lines count from 1. Excel leaves empty cells at the end of a row away, so columns at the end may
    be missing here.
    """

    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class CsvTable:
    """A whole file: its columns in order, the rows that fit them, and those that do not."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    bad_rows: tuple[BadRow, ...]


def decode_text(data: bytes) -> str:
    """The text of a file, whatever a spreadsheet encoded it in. ValueError for what is no text."""
    if data.startswith(codecs.BOM_UTF8):
        text = data.decode("utf-8-sig")
    elif data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = data.decode("utf-16")
    else:
        text = _without_mark(data)
    if "\0" in text:
        raise ValueError("no text holds a zero byte")
    return text


def _without_mark(data: bytes) -> str:
    """The text of bytes without a byte order mark.

    Text is ASCII for the most part, so in UTF-16 every other byte is zero: which half says which
    order.
    """
    half = len(data) // 2
    if half and len(data) % 2 == 0:
        for start, name in ((1, "utf-16-le"), (0, "utf-16-be")):
            if 2 * data[start::2].count(0) > half and not data[1 - start :: 2].count(0):
                return data.decode(name)
    for name in ("utf-8", "cp1252"):
        try:
            return data.decode(name)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")  # some bytes mean nothing in Windows-1252; the other rows do


def delimiter_of(text: str) -> str:
    """What parts the cells.

    What a line ``sep=`` says, else the sign that the header holds most of.
    """
    header = text.lstrip("\ufeff\r\n ").split("\n", 1)[0]
    separator = _SEPARATOR_LINE.fullmatch(header.rstrip("\r"))
    return separator[1] if separator is not None else max(",;\t", key=header.count)


def read_table(
    text: str, delimiter: str | None = None, go_on: Callable[[], None] = lambda: None
) -> CsvTable:
    """The table in a text.

    Columns without a name and empty rows, both of which spreadsheets leave behind, are passed over.

    ``go_on`` is called before each row, and may raise to end it. ValueError where there is no
    header, or where it names a column twice.
    """
    parted_by = delimiter or delimiter_of(text)
    lines = list(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    start = next((at for at, line in enumerate(lines) if line.strip()), None)
    if start is not None and _SEPARATOR_LINE.fullmatch(lines[start].rstrip("\r\n")):
        start += 1
    if start is None or start == len(lines):
        raise ValueError("the table has no header")
    taken, header = _one_row(lines, start, parted_by)
    columns = tuple(cell.strip() for cell in header or ())
    named = [name for name in columns if name]
    if not named or len(set(named)) < len(named):
        raise ValueError("the header is damaged, or names a column twice")
    rows: list[Row] = []
    bad: list[BadRow] = []
    at = start + taken
    while at < len(lines):
        go_on()
        taken, cells = _one_row(lines, at, parted_by)
        reason = "a quotation mark is not closed" if cells is None else _misfit(cells, columns)
        if (
            not reason
            and cells
            and len(cells) < len(columns)
            and not lines[-1].endswith(("\n", "\r"))
            and at + taken == len(lines)
        ):
            reason = "the file ends in the middle of it"
        if reason:
            bad.append(BadRow(at + 1, reason))
        elif cells is not None and any(cells):
            rows.append(
                Row(
                    at + 1, {name: cell for name, cell in zip(columns, cells, strict=False) if name}
                )
            )
        at += taken
    return CsvTable(columns, tuple(rows), tuple(bad))


def _one_row(lines: list[str], start: int, delimiter: str) -> tuple[int, list[str] | None]:
    """How many lines the row that begins here takes, and its cells.

    One line and None where no row can be made of them.
    """
    first = lines[start]
    if '"' not in first:
        return 1, first.rstrip("\r\n").split(delimiter) if first.strip() else []
    joined = ""
    for at in range(start, min(start + _LONGEST_ROW, len(lines))):
        joined += lines[at]
        if '"' not in lines[at]:
            continue  # a cell that is open stays open
        try:
            rows = list(
                csv.reader(io.StringIO(joined, newline=""), delimiter=delimiter, strict=True)
            )
        except csv.Error as error:
            if "unexpected end" in str(error):
                continue
            break
        if len(rows) == 1:
            return at - start + 1, rows[0]
        break
    return 1, None


def _misfit(cells: list[str], columns: tuple[str, ...]) -> str:
    """Why cells and columns do not go together; empty where they do.

    Empty cells at the end are nothing.
    """
    if any(cell.strip() for cell in cells[len(columns) :]):
        return f"it has {len(cells)} cells, {len(cells) - len(columns)} more than the header"
    return ""


def write_table(rows: Iterable[Iterable[object]], errors: str = "replace") -> bytes:
    """A whole file of these rows, the header first. Cells are guarded; None is an empty cell.

    ``errors``: what becomes of text that UTF-8 has no form for, as names of files may be; "strict"
    raises UnicodeEncodeError.
    """
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(
        [guarded(cell) for cell in row] for row in rows
    )
    return codecs.BOM_UTF8 + text.getvalue().encode("utf-8", errors)


def guarded(cell: object) -> str:
    """As text that a spreadsheet shows and never runs.

    What could begin a formula gets an apostrophe, also behind spaces. Numbers stay.
    """
    text = "" if cell is None else str(cell)
    if _NUMBER.fullmatch(text):
        return text
    return f"'{text}" if _is_risky(text) else text


def unguarded(cell: str) -> str:
    """The text that ``guarded`` was given."""
    return cell[1:] if cell.startswith("'") and _is_risky(cell[1:]) else cell


def _is_risky(text: str) -> bool:
    # an apostrophe at the front is guarded too, so that taking the guard off is exact
    return text.startswith(("'", *_FORMULA)) or text.lstrip().startswith(_FORMULA)
