"""What a retraining would learn from the library, in figures and plain words.

No Qt, and no image is opened.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from endoscope_app.base.paths import shipped_replay, shipped_teachers
from endoscope_app.base.wording import counted, teacher_name
from endoscope_app.retraining.plan import held_out_sides as sides
from endoscope_app.retraining.plan.learning_plan import ClassPlan, LearningPlan, ProcedurePlan
from endoscope_app.retraining.plan.training_tally import ProcedureTally, Tally
from endoscope_app.retraining.run.run_folders import RunFolders
from kd_core.schema.errors import CoreError
from kd_core.schema.held_out import HeldOut
from kd_core.schema.manifest import Sample
from kd_core.schema.model_card import read_card
from kd_core.schema.reader_labels import FEW, FEWEST_OF_NEW, NONE_OF_THESE, patient_units, settled
from kd_core.schema.taxonomy import resolve

ONE_PROCEDURE = "All labels are of one procedure: the new model cannot be compared on another."
ONE_PATIENT = "All labels are of one patient: the new model cannot be compared on another."
NONE_HELD_OUT = (
    "No procedure is held out: the new model cannot be compared on one that it has not learnt from."
)
NEAR_ONES = (
    "Of the frames of ranges, those nearly like the one before are left out when the images are"
    " read."
)


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


def learning_plan(
    tally: Tally,
    active: Active,
    runs: RunFolders,
    means: Means,
    chosen: Collection[str] | None = None,
) -> LearningPlan:
    """Classes in the model's order, then new ones.

    ``chosen``: fingerprints that the reader wants held out, None: as kd-core chooses.

    Raises AppError for a file of held-out procedures that is damaged.
    """
    return _Planning(tally, active, sides.read(runs.held_out), chosen).plan(means)


def sides_of(
    tally: Tally, active: Active, runs: RunFolders, chosen: Collection[str] | None
) -> HeldOut:
    """The side of every procedure for a run with this choice.

    Raises AppError as ``learning_plan``.
    """
    return _Planning(tally, active, sides.read(runs.held_out), chosen).sides


class _Planning:
    """A plan in the making. All counts are of class keys in the model's words."""

    def __init__(
        self, tally: Tally, active: Active, before: HeldOut, chosen: Collection[str] | None
    ) -> None:
        self._tally, self._known, self._version = tally, active.classes, active.version
        self._named = {key: resolve(key, active.classes) or key for key in tally.names}
        counts = Counter[str]()
        for one in tally.procedures:
            counts.update(self._classes_of(one.frames))
        self._too_few = {
            key: counts[key]
            for key in sorted(counts)
            if key not in self._known and counts[key] < FEWEST_OF_NEW
        }
        samples = [
            Sample("", self._named[key], one.fingerprint, patient=one.patient)
            for one in tally.procedures
            for key in one.frames
            if self._named[key] not in self._too_few
        ]
        self._units = patient_units(samples)
        self.sides = sides.decided(samples, before, chosen)
        self._parted = settled(samples, before)[1]
        fixed = {*before.held_out, *before.learnt}
        self._fixed_units = {self._units[one] for one in fixed if one in self._units}
        self._procedures = [one for one in tally.procedures if one.fingerprint in self._units]

    def plan(self, means: Means) -> LearningPlan:
        """All of it."""
        classes, procedures = (
            self._class_plans(),
            tuple(map(self._procedure_plan, self._procedures)),
        )
        none = self._none_of_these()
        is_most = self._tally.selection.sampling.thin and self._tally.selection.from_ranges > 0
        releasable = tuple(
            one.name for one in procedures if one.fingerprint in self._tally.releasable
        )
        return LearningPlan(
            self._version,
            classes,
            procedures,
            tuple(self._warnings(classes, procedures)),
            means.teachers,
            refusals=tuple(self._refusals(classes, procedures)),
            notes=tuple(self._notes(procedures, none, is_most)),
            none_of_these=none,
            is_most=is_most,
            releasable=releasable,
        )

    def _classes_of(self, frames: Mapping[str, int]) -> Counter[str]:
        """Frames per class in the model's words; those of none of the classes are left out."""
        made = Counter[str]()
        for key, count in frames.items():
            if key != NONE_OF_THESE:
                made[self._named[key]] += count
        return made

    def _is_held_out(self, one: ProcedureTally) -> bool:
        return one.fingerprint in self.sides.held_out

    def _class_plans(self) -> tuple[ClassPlan, ...]:
        learnt, fresh, held_out = Counter[str](), Counter[str](), Counter[str]()
        for one in self._procedures:
            (held_out if self._is_held_out(one) else learnt).update(self._classes_of(one.frames))
            fresh.update(self._classes_of(one.fresh))
        shown = (set(learnt) | set(held_out)) - set(self._too_few)
        order = [*self._known, *sorted(shown - set(self._known))]
        return tuple(
            ClassPlan(self._name(key), learnt[key], fresh[key], held_out[key], key)
            for key in order
            if key in shown
        )

    def _name(self, key: str) -> str:
        """What the reader calls a class in the model's words."""
        return next(
            (self._tally.names[one] for one, named in self._named.items() if named == key), key
        )

    def _procedure_plan(self, one: ProcedureTally) -> ProcedurePlan:
        frames = sum(
            count for key, count in one.frames.items() if self._named[key] not in self._too_few
        )
        is_fixed = self._units[one.fingerprint] in self._fixed_units
        name = one.name or one.fingerprint[:12]
        return ProcedurePlan(
            name, frames, self._is_held_out(one), one.fingerprint, is_fixed, one.patient
        )

    def _none_of_these(self) -> tuple[int, int]:
        counts = Counter[bool]()
        for one in self._procedures:
            counts[self._is_held_out(one)] += one.frames.get(NONE_OF_THESE, 0)
        return counts[False], counts[True]

    def _refusals(
        self, classes: Sequence[ClassPlan], procedures: Sequence[ProcedurePlan]
    ) -> list[str]:
        if classes and not any(one.learnt for one in classes):
            names = ", ".join(one.name for one in procedures if one.held_out)
            return [
                f"All labelled procedures are held out ({names}), so nothing could be learnt."
                f" {_way_out(procedures, self._tally)}"
            ]
        made = []
        for one in classes:
            if one.key not in self._known and not one.learnt:
                pairs = zip(procedures, self._procedures, strict=True)
                showing = [plan for plan, found in pairs if self._classes_of(found.frames)[one.key]]
                names = ", ".join(plan.name for plan in showing)
                what = (
                    f"{one.name} is new and shown only by held-out procedures ({names}), so nothing"
                    " could teach it."
                )
                made.append(f"{what} {_way_out(showing, self._tally)}")
        return made

    def _warnings(
        self, classes: Sequence[ClassPlan], procedures: Sequence[ProcedurePlan]
    ) -> list[str]:
        untaught = [
            one for one in classes if one.key not in self._known and 0 < one.learnt < FEWEST_OF_NEW
        ]
        few = [one for one in classes if 0 < one.learnt < FEW and one not in untaught]
        new = [one.name for one in classes if one.key not in self._known and one not in untaught]
        unseen = (
            [one.name for one in classes if not one.learnt]
            if any(one.learnt for one in classes)
            else []
        )
        left_out = ", ".join(f"{self._name(key)} {count:,}" for key, count in self._too_few.items())
        made = (
            [f"Too few frames to teach a new class, so they are left out: {left_out}."]
            if left_out
            else []
        )
        if untaught:
            shown = ", ".join(f"{one.name} {one.learnt:,}" for one in untaught)
            made.append(
                "Too few frames to teach a new class with these procedures held out, so they are"
                f" left out: {shown}."
            )
        made += (
            [f"Few frames to learn from: {', '.join(f'{one.name} {one.learnt:,}' for one in few)}."]
            if few
            else []
        )
        made += (
            [
                "New, so the teachers do not know it and it is learnt from your labels alone:"
                f" {', '.join(new)}."
            ]
            if new
            else []
        )
        made += (
            [f"Shown only by held-out procedures, so no more of it is learnt: {', '.join(unseen)}."]
            if unseen
            else []
        )
        made += [
            f"Patient {name} was held out and learnt from: all procedures of {name} are learnt from"
            " now."
            for name in self._parted
        ]
        if classes and not any(one.held_out for one in procedures):
            is_one = len(set(self._units.values())) == 1
            made.append(
                (ONE_PATIENT if len(procedures) > 1 else ONE_PROCEDURE) if is_one else NONE_HELD_OUT
            )
        if self._tally.contradictions:
            count = self._tally.contradictions
            made.append(
                f"{count} {'image has' if count == 1 else 'images have'} labels that contradict"
                " each other."
            )
        return made

    def _notes(
        self, procedures: Iterable[ProcedurePlan], none: tuple[int, int], is_most: bool
    ) -> list[str]:
        made = [NEAR_ONES] if is_most else []
        if none[0]:
            made.append(f"{counted(none[0], 'frame')} of none of these: taught as 'not sure'.")
        unknown = sum(not one.patient for one in procedures)
        if unknown:
            have = "has no patient: it counts" if unknown == 1 else "have no patient: each counts"
            made.append(f"{counted(unknown, 'procedure')} {have} as one of its own.")
        return made


def _way_out(procedures: Collection[ProcedurePlan], tally: Tally) -> str:
    """What the reader can do in the dialog when these are held out and one should not be."""
    if not all(one.fixed for one in procedures):
        return "Leave one of them to learn from."
    if any(one.fingerprint in tally.releasable for one in procedures):
        return "Release them: no kept model depends on them."
    return "Label another procedure: models that you keep were compared on these."
