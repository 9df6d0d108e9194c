"""The images that a library keeps of labelled frames, and whose they are. No Qt."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Collection
from pathlib import Path

_HASH = re.compile(r"[0-9a-f]{64}")


def images_of(connection: sqlite3.Connection, fingerprints: Collection[str]) -> set[str]:
    """The kept images that only these procedures' labels name, now or in the journal."""
    theirs: set[str] = set()
    others: set[str] = set()
    for fingerprint, png in connection.execute(
        "SELECT fingerprint, png FROM frame_labels WHERE png IS NOT NULL"
    ):
        (theirs if fingerprint in fingerprints else others).add(png)
    for fingerprint, before, after in connection.execute(
        "SELECT fingerprint, before, after FROM journal_rows"
    ):
        named = _HASH.findall(f"{before} {after}")
        (theirs if fingerprint in fingerprints else others).update(named)
    return theirs - others


def kept_image(library: Path, image: str) -> Path:
    """Where a library keeps the image of a labelled frame."""
    return library / "frames" / image[:2] / f"{image}.png"
