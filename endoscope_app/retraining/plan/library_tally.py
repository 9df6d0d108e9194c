"""The library's labels counted once for a retraining: by procedure and class, with what is new.

No Qt; for a background thread.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from endoscope_app.labels.exchange.training_selection import (
    NONE,
    ProcedureFrames,
    RangeSampling,
    TrainingSelection,
    select,
)
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.retraining.plan import checking_set
from endoscope_app.retraining.run_folders import RunFolders
from endoscope_app.second_reading.learnable import learnable_frames


class Taught(NamedTuple):
    """What a frame teaches the model: one label (class key, or NONE_OF_THESE), or one of each class
    group where the model tells them apart. ``fresh``: those that were given since the model in use
    was made.
    """

    labels: tuple[str, ...]
    fresh: tuple[str, ...]


@dataclass(frozen=True)
class ProcedureTally:
    """``frames``: how many of the procedure teach the same."""

    fingerprint: str
    name: str
    patient: str
    frames: Mapping[Taught, int]


@dataclass(frozen=True)
class LibrarySelection:
    """``frames`` of all procedures but the ``excluded`` many; ``checking``: fingerprints of those
    that the reader allows for checking only.
    """

    frames: TrainingSelection
    checking: frozenset[str] = frozenset()
    excluded: int = 0


@dataclass(frozen=True)
class LibraryTally:
    """``selection``: the very frames that a run would write.

    ``names``: class key to what the reader calls it; ``label_ids``: one per label;
    ``contradictions``: images with two labels; ``releasable``: fingerprints whose side can be taken
    back; ``checking`` and ``excluded``: as LibrarySelection has them.
    """

    selection: TrainingSelection
    procedures: tuple[ProcedureTally, ...]
    names: Mapping[str, str]
    label_ids: tuple[str, ...]
    contradictions: int = 0
    releasable: frozenset[str] = frozenset()
    checking: frozenset[str] = frozenset()
    excluded: int = 0


def tally(
    selection: TrainingSelection,
    before: Collection[str] = (),
    releasable: frozenset[str] = frozenset(),
    *,
    all_groups: bool = False,
) -> LibraryTally:
    """``before``: ids of the labels that the model in use was made from or compared on;
    ``all_groups``: that model learns a label of each class group.
    """
    procedures = tuple(
        ProcedureTally(
            chosen.procedure.fingerprint,
            chosen.procedure.name,
            chosen.procedure.patient,
            _taught(selection, chosen, before, all_groups=all_groups),
        )
        for chosen in selection.procedures
    )
    return LibraryTally(
        selection,
        procedures,
        dict(zip(selection.labels, selection.names, strict=True)),
        selection.label_ids(all_groups=all_groups),
        _contradictions(selection, all_groups=all_groups),
        releasable,
    )


def _taught(
    selection: TrainingSelection,
    chosen: ProcedureFrames,
    before: Collection[str],
    *,
    all_groups: bool,
) -> Counter[Taught]:
    counts = Counter[Taught]()
    for place in range(len(chosen.index)):
        said = selection.said(chosen, place, all_groups=all_groups)
        fresh = tuple(label for label, label_id in said.items() if label_id not in before)
        counts[Taught(tuple(said), fresh)] += 1
    return counts


def select_library(library: Path, sampling: RangeSampling) -> LibrarySelection:
    """The frames of the whole library, which is opened for this. AppError where it cannot be."""
    with LabelStore(library) as own:
        uses = own.read.uses()
        allowed = {key for key in own.read.labelled_procedures() if uses.get(key) != "excluded"}
        frames = select(own.read, sampling, allowed, learnable_frames(library, own.read))
        return LibrarySelection(
            frames,
            frozenset(key for key, use in uses.items() if use == "checking"),
            len(own.read.labelled_procedures()) - len(allowed),
        )


def tally_runs(
    selection: LibrarySelection,
    runs: RunFolders,
    version: str,
    kept: Mapping[str, str],
    *,
    all_groups: bool,
) -> LibraryTally:
    """With what earlier runs have learnt.

    ``version``: of the model in use; ``kept``: as checking_set.releasable; ``all_groups`` as
    ``tally``. AppError where held-out.json cannot be read.
    """
    releasable = checking_set.releasable(runs, kept)
    learnt = runs.learnt_by(version)
    counted = tally(selection.frames, learnt, releasable, all_groups=all_groups)
    return replace(counted, checking=selection.checking, excluded=selection.excluded)


def _contradictions(selection: TrainingSelection, *, all_groups: bool) -> int:
    """Images with two labels; ``all_groups``: two of the same group."""
    seen: dict[tuple[str, int], set[int]] = defaultdict(set)
    for chosen in selection.procedures:
        said = chosen.by_group if all_groups else chosen.label[:, np.newaxis]
        for pts, labels, span in zip(
            chosen.pts.tolist(), said.tolist(), chosen.span.tolist(), strict=True
        ):
            if span < 0 and (png := chosen.pngs.get(pts)) is not None:
                for lane, label in enumerate(labels):
                    seen[png, lane].add(label)
    images = {png for (png, _), labels in seen.items() if len(labels - {NONE}) > 1}
    return len(images)
