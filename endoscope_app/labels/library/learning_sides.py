"""What a procedure may be used for, where its content was known as another one, or as its parts.

Frames that a model is checked on must not be learnt from because their file has been joined.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from endoscope_app.base.errors import AppError
from endoscope_app.labels.library import wording
from endoscope_app.labels.library.label_reader import LabelReader
from endoscope_app.labels.library.records import RowChange
from endoscope_app.labels.library.second_reading_records import ProcedureUse
from kd_core.schema.errors import CoreError
from kd_core.schema.held_out import HeldOut, read_held_out, write_held_out


def follow_sides(path: Path, before: Collection[str], now: str) -> None:
    """Put ``now`` on the side on which ``before`` stand; where one was learnt from, on that one.

    A side that it has stays. Raises AppError where the file cannot be read or written.
    """
    try:
        sides = read_held_out(path)
    except CoreError as error:
        raise AppError(str(error)) from error
    if now in sides.learnt or now in sides.held_out:
        return
    held_out, learnt = sides.held_out, sides.learnt
    if not {*learnt}.isdisjoint(before):
        learnt = tuple(sorted({*learnt, now}))
    elif not {*held_out}.isdisjoint(before):
        held_out = tuple(sorted({*held_out, now}))
    else:
        return
    try:
        write_held_out(path, HeldOut(held_out, learnt))
    except OSError as error:
        raise AppError(
            wording.SIDES_NOT_KEPT, wording.SIDES_WAY_OUT, error.strerror or ""
        ) from error


def followed_use(library: LabelReader, before: Collection[str], now: str) -> tuple[RowChange, ...]:
    """What the reader has allowed of ``before`` holds for ``now``, the strictest of it; none where
    nothing was said, or of ``now`` something was.
    """
    uses = library.uses()
    said = {uses[fingerprint] for fingerprint in before if fingerprint in uses}
    if now in uses or not said:
        return ()
    use = ProcedureUse(now, "excluded" if "excluded" in said else "checking")
    return (RowChange("procedure_uses", now, None, use),)
