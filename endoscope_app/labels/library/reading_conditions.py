"""Under which conditions a procedure was read, by its history."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReadingConditions:
    """``readers`` in the order of their first act; ``acts``: how many were done with the model
    shown always, hidden or on request; ``model_versions``: what was compared with the reader.
    """

    readers: tuple[str, ...]
    acts: dict[str, int]
    model_versions: tuple[str, ...]


def read_conditions(connection: sqlite3.Connection, fingerprint: str) -> ReadingConditions:
    """Of one procedure; empty where it has no history."""

    def column(name: str) -> tuple[str, ...]:
        query = (
            f"SELECT {name} FROM journal WHERE scope = ? AND {name} <> '' GROUP BY {name} ORDER BY"
            " min(sequence)"
        )
        return tuple(row[0] for row in connection.execute(query, (fingerprint,)))

    acts = connection.execute(
        # Noting where a file lies is no act of reading, and no undo takes it back
        "SELECT ai_visible, count(*) FROM journal WHERE scope = ? AND kind = 'do' AND undo_top ="
        " sequence GROUP BY 1",
        (fingerprint,),
    )
    return ReadingConditions(column("reader"), dict(acts.fetchall()), column("model_version"))
