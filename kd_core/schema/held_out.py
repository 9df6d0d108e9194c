"""The file that says which procedures are never learnt from: one for all models, one per run."""

from __future__ import annotations

from pathlib import Path

import msgspec

from kd_core.schema.atomic_file import write_atomically
from kd_core.schema.errors import DataError
from kd_core.schema.json_text import JsonError, read_json


class HeldOut(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The side of every procedure (group), by fingerprint.

    A procedure that is neither in ``held_out`` nor in ``learnt`` was never seen.
    """

    held_out: tuple[str, ...] = ()
    learnt: tuple[str, ...] = ()


def read_held_out(path: Path) -> HeldOut:
    """What was chosen before; nothing where there is no file.

    Raises DataError for a file that is none of ours.
    """
    try:
        return read_json(path, HeldOut)
    except FileNotFoundError:
        return HeldOut()
    except (OSError, JsonError) as error:
        way_out = (
            "Restore it from a backup; without it models could be tested on what they have learnt."
        )
        raise DataError(
            f"{path.name} does not say which procedures are held out.", way_out
        ) from error


def write_held_out(path: Path, sides: HeldOut) -> None:
    """Replace the file in one step. Raises OSError where it cannot be written."""
    write_atomically(path, msgspec.json.format(msgspec.json.encode(sides), indent=1) + b"\n")


def merged_sides(first: HeldOut, second: HeldOut) -> HeldOut:
    """Both together; a procedure that stands on both sides was learnt from."""
    learnt = {*first.learnt, *second.learnt}
    return HeldOut(
        tuple(sorted({*first.held_out, *second.held_out} - learnt)), tuple(sorted(learnt))
    )
