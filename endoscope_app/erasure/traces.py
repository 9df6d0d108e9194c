"""By what a patient's data are known in the data folder. No Qt."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Collection
from pathlib import Path

import msgspec

#: Runs write fingerprints cut to their first digits.
_SHORT = 12


class Traces(msgspec.Struct, frozen=True, kw_only=True):
    """``fingerprints`` of procedures, the ``paths`` they were opened from, and the ``images`` that
    were kept of their labelled frames, by content hash.

    Written down before anything is removed, so that a program that dies meanwhile goes on at its
    next start; paths as the system has them, byte by byte.
    """

    fingerprints: tuple[str, ...]
    paths: tuple[bytes, ...]
    images: tuple[str, ...] = ()

    def needles(self) -> tuple[bytes, ...]:
        """What a file that tells of them holds."""
        return tuple(
            dict.fromkeys(
                [
                    *(fingerprint[:_SHORT].encode() for fingerprint in self.fingerprints),
                    *self.paths,
                ]
            )
        )


def traces_of(
    connection: sqlite3.Connection, fingerprints: Collection[str], paths: Collection[Path]
) -> Traces:
    """Of procedures by fingerprint, and of some that were never opened by path."""
    found = {os.fsencode(path) for path in paths}
    for table in ("procedures", "worklist"):
        for fingerprint, path in connection.execute(f"SELECT fingerprint, path FROM {table}"):
            if fingerprint in fingerprints:
                found.add(path)
    return Traces(
        fingerprints=tuple(sorted(filter(None, fingerprints))), paths=tuple(sorted(found))
    )
