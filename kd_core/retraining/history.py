"""What each epoch of a run said, kept beside its state: the curves of the report."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import msgspec

from kd_core.contract.events import EpochEnded
from kd_core.model_files.checkpoint import write_atomically

HISTORY_NAME = "epochs.jsonl"


def keep_epoch(folder: Path, event: EpochEnded) -> None:
    """Add the epoch to the file in ``folder``. One that was there before, and those after it, belong to a run that was begun again."""
    epochs = [*(one for one in read_history(folder) if one.epoch < event.epoch), event]
    # A curve is not worth a run: a full disk is said by the state, which is written at the same time.
    with suppress(OSError):
        write_atomically(folder / HISTORY_NAME, b"".join(msgspec.json.encode(one) + b"\n" for one in epochs))


def read_history(folder: Path) -> list[EpochEnded]:
    """The epochs in order; none where there is no file, and none of the lines that cannot be read."""
    try:
        lines = (folder / HISTORY_NAME).read_bytes().splitlines()
    except OSError:
        return []
    made = []
    for line in lines:
        with suppress(msgspec.DecodeError):
            made.append(msgspec.json.decode(line, type=EpochEnded))
    return made
