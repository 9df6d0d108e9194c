"""What lies in a folder and in a table.

Visible subfolders, visible images, the rows of a CSV file with the columns it must have.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from kd_core.schema import csv_text
from kd_core.schema.errors import DataError

IMAGE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp"})


def folders_in(folder: Path) -> list[Path]:
    """Subfolders by name, hidden ones left out.

    Raises DataError where the folder cannot be listed.
    """
    return [entry for entry in _entries(folder) if entry.is_dir()]


def images_in(folder: Path) -> list[Path]:
    """Images directly in ``folder`` by name, told by their suffix.

    Raises DataError where the folder cannot be listed.
    """
    return [entry for entry in _entries(folder) if entry.suffix.lower() in IMAGE_SUFFIXES]


def _entries(folder: Path) -> list[Path]:
    # Archives packed on a Mac hold a "._name.jpg" beside every image, and a folder "__MACOSX".
    try:
        return sorted(
            entry for entry in folder.iterdir() if not entry.name.startswith((".", "__MACOSX"))
        )
    except OSError as error:
        raise DataError(
            f"The folder {folder} cannot be read: {error.strerror}.", "May you open it?"
        ) from error


def read_table(
    path: Path, columns: Collection[str], *, kind: str, way_out: str
) -> list[tuple[int, dict[str, str]]]:
    """The rows of a CSV file, each with its line, however a spreadsheet saved it.

    A cell that is missing is "". ``kind`` is what the errors call the file; columns are found
    whatever their case. Raises DataError where the file cannot be read, has no rows, lacks one of
    ``columns``, or holds a row that does not fit the header, which is named by its line.
    """
    try:
        table = csv_text.read_table(csv_text.decode_text(path.read_bytes()))
    except OSError as error:
        raise DataError(
            f"The {kind} {path} cannot be read: {error.strerror}.", "May you open it?"
        ) from error
    except ValueError as error:
        raise DataError(
            f"The {kind} {path} cannot be read: {error}.", "It should be a CSV file."
        ) from error
    known = {name.casefold(): name for name in columns}
    names = {name: known.get(name.casefold(), name) for name in table.columns if name}
    if not table.rows or not set(columns) <= set(names.values()):
        raise DataError(
            f"The {kind} {path} lacks the columns {' and '.join(columns)}, or has no rows.", way_out
        )
    if table.bad_rows:
        first = table.bad_rows[0]
        raise DataError(
            f"Row {first.line} of the {kind} {path} cannot be used: {first.reason}.",
            "Correct it, or take it out.",
        )
    empty = dict.fromkeys(names.values(), "")
    return [
        (
            row.line,
            empty | {names[name]: csv_text.unguarded(cell) for name, cell in row.cells.items()},
        )
        for row in table.rows
    ]
