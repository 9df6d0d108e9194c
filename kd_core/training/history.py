"""What each epoch of a run said, kept beside its card: losses, scores, learning rate, seconds."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import msgspec

from kd_core.schema.events import EpochEnded
from kd_core.schema.json_text import JsonError, decode_json
from kd_core.schema.run_files import HISTORY_NAME


def keep_epoch(folder: Path, event: EpochEnded) -> None:
    """Add a line for the epoch to the file in ``folder``."""
    # A curve is not worth a run: a full disk is said by the state, which is written at the same
    # time. A line begins on a new one too, so that one which a kill tore does not swallow it.
    with suppress(OSError), (folder / HISTORY_NAME).open("ab") as file:
        file.write(b"\n" + msgspec.json.encode(event) + b"\n")


def read_history(folder: Path) -> list[EpochEnded]:
    """The epochs in order; none where there is no file, and none of the lines that cannot be read.

    An epoch that comes again, with those after it, belongs to a run that was begun again or taken
    up: the first telling is forgotten.
    """
    try:
        lines = (folder / HISTORY_NAME).read_bytes().splitlines()
    except OSError:
        return []
    epochs: list[EpochEnded] = []
    for line in lines:
        with suppress(JsonError):
            event = decode_json(line, EpochEnded)
            while epochs and epochs[-1].epoch >= event.epoch:
                epochs.pop()
            epochs.append(event)
    return epochs
