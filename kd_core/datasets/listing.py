"""What lies in a folder and in a table: visible subfolders, visible images, the rows of a CSV file with the columns it must have."""

from __future__ import annotations

import csv
from collections.abc import Collection
from pathlib import Path

from kd_core.contract.errors import DataError

IMAGE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp"})


def folders_in(folder: Path) -> list[Path]:
    """Subfolders by name, hidden ones left out. Raises DataError where the folder cannot be listed."""
    return [entry for entry in _entries(folder) if entry.is_dir()]


def images_in(folder: Path) -> list[Path]:
    """Images directly in ``folder`` by name, told by their suffix. Raises DataError where the folder cannot be listed."""
    return [entry for entry in _entries(folder) if entry.suffix.lower() in IMAGE_SUFFIXES]


def _entries(folder: Path) -> list[Path]:
    # Archives packed on a Mac hold a "._name.jpg" beside every picture, and a folder "__MACOSX".
    try:
        return sorted(entry for entry in folder.iterdir() if not entry.name.startswith((".", "__MACOSX")))
    except OSError as error:
        raise DataError(f"The folder {folder} cannot be read: {error.strerror}.", "May you open it?") from error


def read_table(path: Path, columns: Collection[str], *, kind: str, way_out: str, delimiter: str = ",") -> list[dict[str, str]]:
    """The rows of a CSV file in UTF-8; a cell that is missing is "". ``kind`` is what the errors call the file.

    Raises DataError where the file cannot be read, has no rows, or lacks one of ``columns``.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as text:
            rows = list(csv.DictReader(text, delimiter=delimiter))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"The {kind} {path} cannot be read: {error}.", "It should be a CSV file in UTF-8.") from error
    if not rows or not set(columns) <= set(rows[0]):
        raise DataError(f"The {kind} {path} lacks the columns {' and '.join(columns)}, or has no rows.", way_out)
    return [{name: value or "" for name, value in row.items() if name is not None} for row in rows]
