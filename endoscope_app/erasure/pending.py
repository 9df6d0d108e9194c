"""What is being erased, written down before the first thing goes: kill -9 leaves no half of it.

No Qt.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from endoscope_app.base.atomic_file import write_atomically
from endoscope_app.erasure import wording
from endoscope_app.erasure.traces import Traces
from kd_core.schema.json_text import JsonError, read_json

NAME = "erasing.json"


def note(root: Path, traces: Traces) -> Traces:
    """Write down what is to go, and give it, with what is left of an erasure before. AppError where
    that cannot be done; then nothing has gone.
    """
    before = pending(root)
    if before is not None:
        traces = Traces(
            fingerprints=(*before.fingerprints, *traces.fingerprints),
            paths=(*before.paths, *traces.paths),
            images=(*before.images, *traces.images),
            lists=(*before.lists, *traces.lists),
            count=before.count + traces.count,
        )
    write_atomically(root / NAME, [msgspec.json.encode(traces)], wording.THE_INTENT)
    return traces


def pending(root: Path) -> Traces | None:
    """What an erasure that did not come to its end has left to do."""
    try:
        return read_json(root / NAME, Traces)
    except (OSError, JsonError):
        return None


def done(root: Path) -> None:
    """All of it is gone. Raises OSError."""
    (root / NAME).unlink(missing_ok=True)
