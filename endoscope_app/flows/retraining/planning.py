"""What a retraining would learn from the library, in figures and plain words. No Qt, and no picture is opened."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from endoscope_app.dialogs.training.plan_view import ClassPlan, LearningPlan, ProcedurePlan
from endoscope_app.flows.retraining import held_out as sides
from endoscope_app.paths import shipped_replay, shipped_teachers
from endoscope_app.store.exchange.document import ExchangeDocument, ExchangeFrame
from endoscope_app.store.run_folders import RunFolders
from endoscope_app.wording import teacher_name
from kd_core.contract.errors import CoreError
from kd_core.contract.manifest import Sample
from kd_core.contract.model_card import read_card
from kd_core.contract.reader_labels import FEW, FEWEST_OF_NEW, HeldOut
from kd_core.contract.taxonomy import resolve

ONE_PROCEDURE = "All labels are of one procedure: the new model cannot be proved on another."
NONE_HELD_OUT = "No procedure is held out: the new model cannot be proved on one that it has not learnt from."
ALL_HELD_OUT = "All labelled procedures are held out: leave one to learn from."


@dataclass(frozen=True)
class Means:
    """What ships for retraining: the replay set, and (folder, name) of each teacher."""

    replay: Path
    teachers: tuple[tuple[str, str], ...]

    @classmethod
    def shipped(cls) -> Means:
        """Those of the program; a teacher whose card cannot be read is left out."""
        found = []
        for folder in shipped_teachers():
            with suppress(CoreError):
                found.append((str(folder), teacher_name(read_card(folder).name)))
        return cls(shipped_replay(), tuple(found))


@dataclass(frozen=True)
class Active:
    """The model that a retraining starts from."""

    folder: Path
    version: str
    classes: tuple[str, ...]


def label_words(document: ExchangeDocument) -> tuple[str, ...]:
    """One word a labelled frame, by which it is known again whatever the clock says."""
    return tuple(_word(frame) for frame in document.frames if frame.class_name is not None)


def learning_plan(
    document: ExchangeDocument, active: Active, runs: RunFolders, means: Means, chosen: Collection[str] | None = None
) -> LearningPlan:
    """Classes in the model's order, then new ones. ``chosen``: fingerprints that the reader wants held out, None: as kd-core chooses.

    Raises AppError for a file of held-out procedures that is damaged.
    """
    frames = [frame for frame in document.frames if frame.class_name is not None]
    named = {name: resolve(name, active.classes) or name for name in {frame.class_name or "" for frame in frames}}
    counts = Counter(named[frame.class_name or ""] for frame in frames)
    too_few = sorted(name for name, count in counts.items() if name not in active.classes and count < FEWEST_OF_NEW)
    kept = [frame for frame in frames if named[frame.class_name or ""] not in too_few]
    samples = [Sample("", named[frame.class_name or ""], frame.fingerprint) for frame in kept]
    before = sides.read(runs.held_out)
    held_out = set(sides.decided(samples, before, chosen).held_out)
    classes = _classes(kept, samples, held_out, active.classes, runs.learnt_by(active.version))
    warnings = [f"Too few frames to teach a new class, so they are left out: {_listed(counts, too_few)}."] if too_few else []
    groups = {sample.group for sample in samples}
    warnings += _warnings(classes, active.classes, bool(held_out & groups), len(groups))
    warnings += _contradictions(kept)
    procedures = _procedures(document, kept, held_out, before)
    return LearningPlan(
        active.version, classes, procedures, tuple(warnings), means.teachers, refusals=tuple(_refusals(classes, active.classes))
    )


def _classes(
    frames: Sequence[ExchangeFrame], samples: Sequence[Sample], held_out: set[str], known: Sequence[str], before: Collection[str]
) -> tuple[ClassPlan, ...]:
    rows: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for frame, sample in zip(frames, samples, strict=True):
        row = rows[sample.label]
        row[2 if sample.group in held_out else 0] += 1
        row[1] += _word(frame) not in before
    order = [*known, *sorted(set(rows) - set(known))]
    return tuple(ClassPlan(name, *rows[name]) for name in order if name in rows)


def _refusals(classes: Sequence[ClassPlan], known: Sequence[str]) -> list[str]:
    if classes and not any(one.learnt for one in classes):
        return [ALL_HELD_OUT]
    return [
        f"{one.name} is new and shown only by held-out procedures, so nothing could teach it: leave one of them to learn from."
        for one in classes
        if one.name not in known and not one.learnt
    ]


def _warnings(classes: Sequence[ClassPlan], known: Sequence[str], proved: bool, procedures: int) -> list[str]:
    learnt = {one.name: one.learnt for one in classes}
    few = [name for name, count in learnt.items() if 0 < count < FEW]
    new = [name for name in learnt if name not in known]
    unseen = [name for name, count in learnt.items() if not count] if any(learnt.values()) else []
    made = [f"Few frames to learn from: {_listed(learnt, few)}."] if few else []
    made += [f"New, so the teachers do not know it and it is learnt from your labels alone: {', '.join(new)}."] if new else []
    made += [f"Shown only by held-out procedures, so no more of it is learnt: {', '.join(unseen)}."] if unseen else []
    return made if proved or not classes else [*made, ONE_PROCEDURE if procedures == 1 else NONE_HELD_OUT]


def _listed(counts: Mapping[str, int], names: Iterable[str]) -> str:
    return ", ".join(f"{name} {counts[name]:,}" for name in names)


def _contradictions(frames: Iterable[ExchangeFrame]) -> list[str]:
    seen: dict[str, set[str]] = defaultdict(set)
    for frame in frames:
        if frame.picture:
            seen[frame.picture].add(frame.class_name or "")
    count = sum(len(names) > 1 for names in seen.values())
    if not count:
        return []
    return [f"{count} {'picture has' if count == 1 else 'pictures have'} labels that contradict each other."]


def _procedures(
    document: ExchangeDocument, frames: Iterable[ExchangeFrame], held_out: set[str], before: HeldOut
) -> tuple[ProcedurePlan, ...]:
    names = {one.fingerprint: one.name for one in document.procedures}
    counts = Counter(frame.fingerprint for frame in frames)
    fixed = {*before.held_out, *before.learnt}
    return tuple(
        ProcedurePlan(names.get(one) or one[:12], count, one in held_out, one, one in fixed) for one, count in sorted(counts.items())
    )


def _word(frame: ExchangeFrame) -> str:
    return f"{frame.fingerprint}:{frame.at.pts}:{frame.class_name}"
