"""The library's labels counted once for a retraining, in the background: by procedure and
class, with what is new. No Qt.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from endoscope_app.labels.exchange.training_selection import (
    RangeSampling,
    TrainingSelection,
    select,
)
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.retraining.plan import held_out_sides as sides
from endoscope_app.retraining.run.run_folders import RunFolders


@dataclass(frozen=True)
class ProcedureTally:
    """Frames per label (class key, or NONE_OF_THESE); ``fresh`` of them were labelled since the
    active model was made.
    """

    fingerprint: str
    name: str
    patient: str
    frames: Mapping[str, int]
    fresh: Mapping[str, int]


@dataclass(frozen=True)
class Tally:
    """``selection``: the very frames that a run would write.

    ``names``: class key to what the reader calls it; ``words``: one per label; ``contradictions``:
    images with two labels; ``releasable``: fingerprints whose side can be taken back.
    """

    selection: TrainingSelection
    procedures: tuple[ProcedureTally, ...]
    names: Mapping[str, str]
    words: tuple[str, ...]
    contradictions: int = 0
    releasable: frozenset[str] = frozenset()


def tally(
    selection: TrainingSelection,
    before: Collection[str] = (),
    releasable: frozenset[str] = frozenset(),
) -> Tally:
    """``before``: words of the labels that the active model was made from or compared on."""
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
    return Tally(
        selection, procedures, names, selection.words(), _contradictions(selection), releasable
    )


def tally_library(
    library: Path, runs: RunFolders, sampling: RangeSampling, version: str, kept: Mapping[str, str]
) -> Tally:
    """Of the whole library, which is opened for this.

    ``version``: of the active model; ``kept``: as sides.releasable. AppError where library or
    held-out.json cannot be read.
    """
    with LabelStore(library) as own:
        selection = select(own.read, sampling)
    return tally(selection, runs.learnt_by(version), sides.releasable(runs, kept))


def _contradictions(selection: TrainingSelection) -> int:
    seen: dict[str, set[int]] = defaultdict(set)
    for chosen in selection.procedures:
        for pts, label, span in zip(
            chosen.pts.tolist(), chosen.label.tolist(), chosen.span.tolist(), strict=True
        ):
            if span < 0 and (png := chosen.pngs.get(pts)) is not None:
                seen[png].add(label)
    return sum(len(labels) > 1 for labels in seen.values())
