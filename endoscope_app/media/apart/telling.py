"""Errors of a process that decodes, as messages."""

from __future__ import annotations

import os
import traceback
from pathlib import Path

from endoscope_app.base.errors import AppError
from endoscope_app.media.apart.messages import Refused, packed
from endoscope_app.media.folder_notes import NestedFolders


def place_of(error: Exception) -> bytes:
    """Class and line, without what the exception says."""
    where = traceback.extract_tb(error.__traceback__)[-1]
    return packed(f"{type(error).__name__} {Path(where.filename).name}:{where.lineno}", 200)


def refusal(error: AppError, path: Path | None = None) -> Refused:
    """An error as a message; ``path``: of what was to be opened."""
    folders: list[bytes] = []
    if path is not None and isinstance(error, NestedFolders):
        folders = [os.fsencode(folder.relative_to(path)) for folder in error.folders]
    return Refused(
        packed(error.sentence), packed(error.way_out), packed(error.detail, 200), folders
    )
