"""The file that says which videos, in which order, are one procedure.

It is opened like a video, and its name is what the procedure is called. Nothing else is in it than
paths of videos of this reader: it is no playlist of other programs, which are never opened.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from endoscope_app.base.atomic_file import write_atomically
from endoscope_app.base.errors import AppError
from endoscope_app.media import part_wording as wording
from endoscope_app.media import wording as media_wording
from kd_core.schema.json_text import JsonError, decode_any_json

_BEGINNING = b'{"endoscope-app parts": '
_VERSION = 1
#: Beside the list: what is known of its files.
MEMORY_NAME = "parts.npz"
#: More files than any recorder splits a procedure into.
MOST_PARTS = 200
LONGEST_NAME = 200


def is_part_list(path: Path) -> bool:
    """By its first bytes; what cannot be read is none."""
    try:
        with path.open("rb") as file:
            return file.read(len(_BEGINNING)) == _BEGINNING
    except OSError:
        return False


def list_of(folder: Path, parts: Sequence[Path]) -> Path:
    """Where the list of these files lies below ``folder``: the same for the same files in the same
    order.
    """
    named = b"\0".join(os.fsencode(path.absolute()) for path in parts)
    digest = hashlib.blake2b(named, digest_size=8).hexdigest()
    return folder / digest / wording.joined_name([path.name for path in parts], LONGEST_NAME)


def write_part_list(folder: Path, parts: Sequence[Path]) -> Path:
    """Write the list below ``folder``, and say where. AppError where that cannot be written."""
    path = list_of(folder, parts)
    absolute = [str(part.absolute()) for part in parts]
    # ASCII escapes carry file names that are no valid UTF-8 (surrogates) through unharmed
    content = _BEGINNING + f'{_VERSION}, "files": {json.dumps(absolute)}}}\n'.encode("ascii")
    write_atomically(path, [content], wording.THE_LIST)
    return path


def read_part_list(path: Path) -> list[Path]:
    """The files, in order. AppError where the list is damaged, or cannot be read."""
    try:
        content = decode_any_json(path.read_bytes())
    except OSError as error:
        raise AppError(
            media_wording.not_opened(path.name), media_wording.CHECK_DRIVE, str(error.errno)
        ) from error
    except JsonError:
        content = None
    files = content.get("files") if isinstance(content, dict) else None
    if (
        not isinstance(files, list)
        or not 2 <= len(files) <= MOST_PARTS
        or not all(isinstance(file, str) and _is_path(file) for file in files)
    ):
        raise AppError(wording.list_damaged(path.name), wording.JOIN_AGAIN, "damaged list of parts")
    return [Path(file) for file in files]


def _is_path(text: str) -> bool:
    try:
        return bool(text) and "\0" not in text and bool(os.fsencode(text))
    except UnicodeEncodeError:
        return False


def moved_list(folder: Path, path: Path, to: Path) -> Path | None:
    """A list below ``folder`` as that at ``path``, with the files that lie in ``to`` now, by their
    names; None where not one lies there. What is known of the files comes along.

    AppError where a list is damaged, cannot be read or cannot be written.
    """
    before = read_part_list(path)
    now = [to / part.name if (to / part.name).is_file() else part for part in before]
    if now == before:
        return None
    moved = write_part_list(folder, now)
    memory = path.parent / MEMORY_NAME
    with suppress(OSError):  # without it only a file that is away is missed
        write_atomically(moved.parent / MEMORY_NAME, [memory.read_bytes()], wording.THE_LIST)
    return moved
