"""The keys of classes: what models and manifests call a class, for ever, whatever the reader
calls it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection

from kd_core.schema.taxonomy import DISPLAY_NAMES

RESERVED = ("none-of-these",)
"""What manifests call frames of no class at all."""


def key_for(name: str, taken: Collection[str]) -> str:
    """The key of a class that begins as ``name``: what models call a class of this display
    name, else the name itself.
    """
    folded = name.casefold()
    known = next(
        (
            key
            for key, shown in DISPLAY_NAMES.items()
            if folded in (shown.casefold(), key.casefold())
        ),
        name,
    )
    return free_key(known, taken)


def free_key(key: str, taken: Collection[str]) -> str:
    """The key, or with a number behind it where another class has it already; case does not
    tell keys apart.
    """
    folded = {item.casefold() for item in (*taken, *RESERVED)}
    free, number = key, 1
    while free.casefold() in folded:
        number += 1
        free = f"{key} ({number})"
    return free


def shown_name(name: str, key: str) -> str:
    """What a class of version 1 is called from now on: what a clinician writes, unless the
    reader had given it another name.
    """
    return DISPLAY_NAMES.get(key, name) if name == key else name


def first_name(connection: sqlite3.Connection, class_id: int) -> str:
    """The very first name of a class, by the journal; KeyError where it never had one."""
    query = (
        "SELECT json_extract(after, '$.name') FROM journal_rows WHERE table_name = 'classes' AND"
        " key = ? ORDER BY sequence LIMIT 1"
    )
    row = connection.execute(query, (str(class_id),)).fetchone()
    if row is None:
        raise KeyError(class_id)
    return str(row[0])


def taken(connection: sqlite3.Connection) -> list[str]:
    """The keys that are in use."""
    return [str(key) for (key,) in connection.execute("SELECT key FROM classes")]
