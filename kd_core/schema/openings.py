"""Who has looked at a test part: a line beside its split for every time, written before it happens.

A test part is worth what it is because it is looked at seldom, and only to report.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import msgspec

from kd_core.schema.errors import DataError
from kd_core.schema.json_text import JsonError, decode_json

SUFFIX = ".openings.jsonl"


class OpenedFor(msgspec.Struct, frozen=True):
    """A model that was asked about the test part: its version, and the digest of its weights."""

    version: str
    sha256: str


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """One look: ``when`` in UTC, by which ``command`` (file names only), for which ``models``.

    ``commit`` of this program, "" where it is not known.
    """

    when: str
    command: str
    models: tuple[OpenedFor, ...] = ()
    commit: str = ""


def openings_file(split: Path) -> Path:
    """Where the openings of ``split`` are kept: split.json -> split.openings.jsonl."""
    return split.with_name(split.stem + SUFFIX)


def record_opening(split: Path, opening: Opening) -> int:
    """Add a line, on the disk before this returns; how many there are now.

    Raises DataError where it cannot be written: the part then stays closed.
    """
    path = openings_file(split)
    try:
        with path.open("ab") as file:
            file.write(msgspec.json.encode(opening) + b"\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise DataError(
            f"The test part stays closed: its opening cannot be noted in {path}: {error.strerror}.",
            "Put the split into a folder that can be written.",
        ) from error
    return len(read_openings(split))


def read_openings(split: Path) -> list[Opening]:
    """All of them, the oldest first; a line that was torn is passed over."""
    try:
        lines = openings_file(split).read_bytes().splitlines()
    except OSError:
        return []
    openings = []
    for line in lines:
        with suppress(JsonError):
            openings.append(decode_json(line, Opening))
    return openings
