"""The library's labels counted once for a retraining: by procedure and class, with what is new.

No Qt; for a background thread.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from endoscope_app.labels.exchange.training_selection import (
    RangeSampling,
    TrainingSelection,
    select,
)
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.retraining.plan import checking_set
from endoscope_app.retraining.run_folders import RunFolders
from endoscope_app.second_reading.learnable import learnable_frames


@dataclass(frozen=True)
class ProcedureTally:
    """Frames per label (class key, or NONE_OF_THESE).

    ``fresh`` of them were labelled since the model in use was made.
    """

    fingerprint: str
    name: str
    patient: str
    frames: Mapping[str, int]
    fresh: Mapping[str, int]


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
) -> LibraryTally:
    """``before``: ids of the labels that the model in use was made from or compared on."""
    procedures = tuple(
        ProcedureTally(
            chosen.procedure.fingerprint,
            chosen.procedure.name,
            chosen.procedure.patient,
            selection.counts(chosen),
            selection.fresh(chosen, before),
        )
        for chosen in selection.procedures
    )
    names = dict(zip(selection.labels, selection.names, strict=True))
    return LibraryTally(
        selection, procedures, names, selection.label_ids(), _contradictions(selection), releasable
    )


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
    selection: LibrarySelection, runs: RunFolders, version: str, kept: Mapping[str, str]
) -> LibraryTally:
    """With what earlier runs have learnt.

    ``version``: of the model in use; ``kept``: as checking_set.releasable. AppError where
    held-out.json cannot be read.
    """
    counted = tally(selection.frames, runs.learnt_by(version), checking_set.releasable(runs, kept))
    return replace(counted, checking=selection.checking, excluded=selection.excluded)


def _contradictions(selection: TrainingSelection) -> int:
    seen: dict[str, set[int]] = defaultdict(set)
    for chosen in selection.procedures:
        for pts, label, span in zip(
            chosen.pts.tolist(), chosen.label.tolist(), chosen.span.tolist(), strict=True
        ):
            if span < 0 and (png := chosen.pngs.get(pts)) is not None:
                seen[png].add(label)
    return sum(len(labels) > 1 for labels in seen.values())
