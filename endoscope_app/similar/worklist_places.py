"""Where similar frames are looked for: the procedures of the worklist, each once. No Qt."""

from __future__ import annotations

from collections.abc import Sequence

from endoscope_app.similar.nearest import Place
from endoscope_app.worklist.entry import Entry


def places(entries: Sequence[Entry]) -> list[Place]:
    """Of those whose content is known."""
    found: dict[str, Place] = {}
    for entry in entries:
        if entry.fingerprint:
            found.setdefault(
                entry.fingerprint,
                Place(
                    entry.fingerprint,
                    entry.path,
                    entry.patient,
                    entry.kind == "folder",
                    entry.frame_count,
                    entry.length_ms / 1000,
                ),
            )
    return list(found.values())
