"""Which procedures are never learnt from: what the reader chose goes into the file that kd-core keeps to. No Qt."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

import msgspec

from endoscope_app.errors import AppError
from endoscope_app.store.atomic import write_atomically
from kd_core.contract.errors import CoreError
from kd_core.contract.manifest import Sample
from kd_core.contract.reader_labels import HeldOut, choose_held_out, read_held_out


def read(path: Path) -> HeldOut:
    """What is fixed so far. AppError for a file that is none of ours."""
    try:
        return read_held_out(path)
    except CoreError as error:
        raise AppError(str(error)) from error


def decided(samples: Sequence[Sample], before: HeldOut, chosen: Collection[str] | None) -> HeldOut:
    """A side for every procedure of ``samples``: the one it has, else the chosen one; None: as kd-core chooses."""
    if chosen is None:
        return choose_held_out(samples, before)
    free = {sample.group for sample in samples} - {*before.held_out, *before.learnt}
    held_out = {*before.held_out, *(free & set(chosen))}
    return HeldOut(tuple(sorted(held_out)), tuple(sorted({*before.learnt, *free} - held_out)))


def fix(path: Path, procedures: Collection[str], chosen: Collection[str]) -> tuple[str, ...]:
    """Write the sides of ``procedures`` before they are learnt from; returns those that had none. AppError where it cannot be done."""
    before = read(path)
    after = decided([Sample("", "", one) for one in procedures], before, chosen)
    if after != before:
        _write(path, after)
    return tuple(sorted({*after.held_out, *after.learnt} - {*before.held_out, *before.learnt}))


def release(path: Path, procedures: Collection[str]) -> None:
    """Take the sides back that a run fixed of which nothing was kept: no model learnt from them. AppError where it cannot be done."""
    before = read(path)
    after = HeldOut(*(tuple(one for one in side if one not in procedures) for side in (before.held_out, before.learnt)))
    if after != before:
        _write(path, after)


def _write(path: Path, chosen: HeldOut) -> None:
    # as kd_core.retraining.held_out writes it, which brings torch
    write_atomically(path, [msgspec.json.format(msgspec.json.encode(chosen), indent=1), b"\n"], "The choice of held-out procedures")
