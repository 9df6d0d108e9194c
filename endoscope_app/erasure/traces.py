"""By what a patient's data are known in the data folder. No Qt."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Collection
from pathlib import Path

import msgspec

from endoscope_app.erasure.joined_lists import joined_traces
from endoscope_app.erasure.kept_images import images_of

#: Runs write fingerprints cut to their first digits.
_SHORT = 12


class Traces(msgspec.Struct, frozen=True, kw_only=True):
    """``fingerprints`` of procedures and of their parts, the ``paths`` they were opened from, and
    the ``images`` that were kept of their labelled frames, by content hash; ``lists``:
    folders of lists of parts; ``count``: how many procedures a reader would say they are.

    Written down before anything is removed, so that a program that dies meanwhile goes on at its
    next start; paths as the system has them, byte by byte. A path is no identity: a recorder gives
    the files of the next patient the same names, so it tells only of what was never opened.
    """

    fingerprints: tuple[str, ...]
    paths: tuple[bytes, ...]
    images: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    count: int = 0

    def needles(self) -> tuple[bytes, ...]:
        """What a run that has learnt from them holds."""
        return tuple(
            dict.fromkeys(fingerprint[:_SHORT].encode() for fingerprint in self.fingerprints)
        )


def traces_of(
    connection: sqlite3.Connection,
    fingerprints: Collection[str],
    paths: Collection[Path],
    joined: Path,
) -> Traces:
    """Of procedures by fingerprint, and of some that were never opened by path; ``joined``: where
    the lists of those in several files lie.
    """
    found = {os.fsencode(path) for path in paths}
    for table in ("procedures", "worklist"):
        for fingerprint, path in connection.execute(f"SELECT fingerprint, path FROM {table}"):
            if fingerprint in fingerprints:
                found.add(path)
    parts = joined_traces(connection, joined, fingerprints, found)
    every = {*fingerprints, *parts.fingerprints}
    return Traces(
        fingerprints=tuple(sorted(filter(None, every))),
        paths=tuple(sorted(found | parts.paths)),
        images=tuple(sorted(images_of(connection, every))),
        lists=tuple(sorted(parts.folders)),
        count=max(len(paths), len(fingerprints)),
    )
