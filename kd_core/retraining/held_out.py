"""The file that says which procedures are never learnt from."""

from __future__ import annotations

from pathlib import Path

import msgspec

from kd_core.contract.reader_labels import HeldOut, choose_held_out, read_held_out
from kd_core.model_files.checkpoint import write_atomically, writing

__all__ = ["HeldOut", "choose_held_out", "read_held_out", "write_held_out"]


def write_held_out(path: Path, chosen: HeldOut) -> None:
    """Raises DataError where it cannot be written."""
    with writing(path.parent):
        write_atomically(path, msgspec.json.format(msgspec.json.encode(chosen), indent=1) + b"\n")
