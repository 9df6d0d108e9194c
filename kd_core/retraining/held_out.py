"""The files that say which procedures are never learnt from: the one of all models, and that of
one run.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from kd_core.artifacts.checkpoint import writing
from kd_core.schema.atomic_file import write_atomically
from kd_core.schema.errors import DataError
from kd_core.schema.manifest import Sample
from kd_core.schema.reader_labels import (
    HeldOut,
    choose_held_out,
    chosen_sides,
    read_held_out,
    settled,
)

__all__ = ["HeldOut", "choose_held_out", "read_held_out", "write_held_out"]

#: What a run decided by, in its folder: one that is resumed keeps its sides, whatever others have
#: fixed meanwhile.
SIDES_NAME = "sides.json"


def write_held_out(path: Path, chosen: HeldOut) -> None:
    """Raises DataError where it cannot be written."""
    with writing(path.parent):
        write_atomically(path, msgspec.json.format(msgspec.json.encode(chosen), indent=1) + b"\n")


def sides_of_run(
    samples: Sequence[Sample], overall: HeldOut, chosen: Path | None, out: Path
) -> tuple[HeldOut, tuple[str, ...]]:
    """A side for every procedure of ``samples``, and the patients by name that stood on both and
    are learnt from.

    By the reader's choice in the file ``chosen``, else by what the run in ``out`` decided before it
    was interrupted, else as ``choose_held_out``; what ``overall`` fixed for all models goes before.
    Raises DataError for a file that cannot be read.
    """
    if chosen is not None and not chosen.is_file():
        raise DataError(
            "The choice of held-out procedures of this run is missing.",
            "Choose them again and start the training anew.",
        )
    source = chosen if chosen is not None else out / SIDES_NAME
    wanted = read_held_out(source) if source.is_file() else None
    made = (
        choose_held_out(samples, overall)
        if wanted is None
        else chosen_sides(samples, overall, wanted)
    )
    return made, settled(samples, merged_sides(overall, wanted or HeldOut()))[1]


def merged_sides(first: HeldOut, second: HeldOut) -> HeldOut:
    """Both together; a procedure that stands on both sides was learnt from."""
    learnt = {*first.learnt, *second.learnt}
    return HeldOut(
        tuple(sorted({*first.held_out, *second.held_out} - learnt)), tuple(sorted(learnt))
    )
