"""The checking set: which procedures are never learnt from.

Decided for a run before it begins, and released where no kept model depends on it. held-out.json,
which all runs share, is written by the trainer alone, once a new model has learnt; a run's own
choice is in its folder. No Qt.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from endoscope_app.base.errors import AppError
from endoscope_app.retraining.plan import wording
from endoscope_app.retraining.run_folders import RunFolders
from kd_core.schema.errors import CoreError
from kd_core.schema.held_out import HeldOut, read_held_out, write_held_out
from kd_core.schema.manifest import Sample
from kd_core.schema.reader_labels import choose_held_out, chosen_sides


def read(path: Path) -> HeldOut:
    """What is fixed so far. AppError for a file that is none of ours."""
    try:
        return read_held_out(path)
    except CoreError as error:
        raise AppError(str(error)) from error


def with_chosen(before: HeldOut, checking: Collection[str]) -> HeldOut:
    """What is fixed, and what the reader keeps for checking by the worklist; what a model has
    learnt from stays on its side.
    """
    held_out = {*before.held_out, *checking} - {*before.learnt}
    return HeldOut(tuple(sorted(held_out)), before.learnt)


def decided(samples: Sequence[Sample], before: HeldOut, chosen: Collection[str] | None) -> HeldOut:
    """A side for every procedure of ``samples``, by patient: the one it has, else the chosen one.

    ``chosen`` None: as kd-core chooses.
    """
    if chosen is None:
        return choose_held_out(samples, before)
    return chosen_sides(samples, before, HeldOut(tuple(chosen)))


def write(path: Path, sides: HeldOut) -> None:
    """Write the sides of one run, or of all. AppError where it cannot be done."""
    try:
        write_held_out(path, sides)
    except OSError as error:
        raise AppError(
            wording.SIDES_NOT_WRITTEN, wording.SIDES_WAY_OUT, error.strerror or ""
        ) from error


def release(path: Path, procedures: Collection[str]) -> None:
    """Take the sides of these procedures back. AppError where it cannot be done."""
    before = read(path)
    held_out, learnt = (
        tuple(fingerprint for fingerprint in side if fingerprint not in procedures)
        for side in (before.held_out, before.learnt)
    )
    after = HeldOut(held_out, learnt)
    if after != before:
        write(path, after)


def releasable(runs: RunFolders, kept: Mapping[str, str]) -> frozenset[str]:
    """Fingerprints whose side no kept model depends on.

    None learnt from them or was compared on them, nor a model that it came from.

    ``kept``: version of every model of the reader to its parent's. What a model from elsewhere
    learnt is unknown, so with one nothing is releasable. Reads the record of every run.
    """
    fixed = read(runs.held_out)
    records = {record.version: record for _, record in runs.all() if record.version}
    undecided = (
        record.version
        for folder, record in runs.all()
        if record.version and runs.evidence(folder) is not None
    )
    waiting = [*kept, *undecided]
    used: set[str] = set()
    seen: set[str] = set()
    while waiting:
        version = waiting.pop()
        if version in seen:
            continue
        seen.add(version)
        record = records.get(version)
        if record is not None:
            used |= {label_id.split(":", 1)[0] for label_id in record.labels}
            waiting.append(record.base)
        elif kept.get(version):
            return frozenset()
    return frozenset({*fixed.held_out, *fixed.learnt} - used)
