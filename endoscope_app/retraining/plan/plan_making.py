"""What a retraining would learn from the library, in figures and in sentences.

No Qt, and no image is opened.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from endoscope_app.retraining.plan import checking_set, wording
from endoscope_app.retraining.plan.learning_plan import (
    ClassPlan,
    FrameCounts,
    LearningPlan,
    ProcedurePlan,
)
from endoscope_app.retraining.plan.library_tally import LibraryTally, ProcedureTally, Taught
from endoscope_app.retraining.run_folders import RunFolders
from endoscope_app.retraining.starting_point import StartingModel
from kd_core.schema.held_out import HeldOut
from kd_core.schema.manifest import Sample
from kd_core.schema.reader_labels import (
    FEW,
    FEWEST_OF_NEW,
    NONE_OF_THESE,
    patient_units,
    settled,
)
from kd_core.schema.taxonomy import resolve


def learning_plan(
    tally: LibraryTally,
    model: StartingModel,
    runs: RunFolders,
    teachers: tuple[tuple[str, str], ...],
    chosen: Collection[str] | None = None,
) -> LearningPlan:
    """Classes in the model's order, then new ones.

    ``teachers``: (folder, name) of each; ``chosen``: fingerprints that the reader wants held out,
    None: as kd-core chooses. Raises AppError for a file of held-out procedures that is damaged.
    """
    return _Planner(tally, model, checking_set.read(runs.held_out), chosen).plan(teachers)


def sides_of(
    tally: LibraryTally, model: StartingModel, runs: RunFolders, chosen: Collection[str] | None
) -> HeldOut:
    """The side of every procedure for a run with this choice.

    Raises AppError as ``learning_plan``.
    """
    return _Planner(tally, model, checking_set.read(runs.held_out), chosen).sides


class _Planner:
    """A plan in the making. All counts are of class keys as the model names them."""

    def __init__(
        self,
        tally: LibraryTally,
        model: StartingModel,
        before: HeldOut,
        chosen: Collection[str] | None,
    ) -> None:
        self._tally, self._known, self._version = tally, model.classes, model.version
        self._tells_groups_apart = model.tells_groups_apart
        before = checking_set.with_chosen(before, tally.checking)
        self._model_key = {key: resolve(key, model.classes) or key for key in tally.names}
        counts = Counter[str]()
        for procedure in tally.procedures:
            counts.update(self._frames_by_class(procedure))
        self._too_few = {
            key: counts[key]
            for key in sorted(counts)
            if key not in self._known and counts[key] < FEWEST_OF_NEW
        }
        samples = [
            Sample("", self._model_key[key], procedure.fingerprint, patient=procedure.patient)
            for procedure in tally.procedures
            for key in dict.fromkeys(key for taught in procedure.frames for key in taught.labels)
            if self._model_key[key] not in self._too_few
        ]
        self._units = patient_units(samples)
        self.sides = checking_set.decided(samples, before, chosen)
        self._parted = settled(samples, before)[1]
        fixed = {*before.held_out, *before.learnt}
        self._fixed_units = {self._units[group] for group in fixed if group in self._units}
        self._procedures = [
            procedure for procedure in tally.procedures if procedure.fingerprint in self._units
        ]

    def plan(self, teachers: tuple[tuple[str, str], ...]) -> LearningPlan:
        """All of it."""
        classes = self._class_plans()
        procedures = tuple(map(self._procedure_plan, self._procedures))
        none = self._none_of_these()
        is_most = self._tally.selection.sampling.thin and self._tally.selection.from_ranges > 0
        return LearningPlan(
            self._version,
            classes,
            procedures,
            tuple(self._warnings(classes, procedures)),
            teachers,
            refusals=tuple(self._refusals(classes, procedures)),
            notes=tuple(
                _notes(procedures, none[0], is_most, self._tally, self._tells_groups_apart)
            ),
            none_of_these=none,
            is_most=is_most,
            counts=self._frame_counts(),
            releasable=tuple(
                procedure.name
                for procedure in procedures
                if procedure.fingerprint in self._tally.releasable
            ),
        )

    def _classes_of(self, labels: Iterable[str]) -> set[str]:
        """The classes that labels name; none of these is no class."""
        return {self._model_key[key] for key in labels if key != NONE_OF_THESE}

    def _frames_by_class(self, procedure: ProcedureTally, *, fresh: bool = False) -> Counter[str]:
        """Frames per class; ``fresh``: those whose label of the class is new."""
        counts = Counter[str]()
        for taught, count in procedure.frames.items():
            for key in self._classes_of(taught.fresh if fresh else taught.labels):
                counts[key] += count
        return counts

    def _frame_counts(self) -> FrameCounts:
        """Each frame once, however many classes it shows."""
        learnt, held_out, fresh = 0, 0, 0
        for procedure in self._procedures:
            frames = sum(
                count for taught, count in procedure.frames.items() if self._is_shown(taught.labels)
            )
            fresh += sum(
                count for taught, count in procedure.frames.items() if self._is_shown(taught.fresh)
            )
            if self._is_held_out(procedure):
                held_out += frames
            else:
                learnt += frames
        return FrameCounts(learnt, held_out, fresh)

    def _is_shown(self, labels: Iterable[str]) -> bool:
        """Whether a class is named that is not left out."""
        return bool(self._classes_of(labels) - set(self._too_few))

    def _is_held_out(self, procedure: ProcedureTally) -> bool:
        return procedure.fingerprint in self.sides.held_out

    def _class_plans(self) -> tuple[ClassPlan, ...]:
        learnt, fresh, held_out = Counter[str](), Counter[str](), Counter[str]()
        for procedure in self._procedures:
            side = held_out if self._is_held_out(procedure) else learnt
            side.update(self._frames_by_class(procedure))
            fresh.update(self._frames_by_class(procedure, fresh=True))
        shown = (set(learnt) | set(held_out)) - set(self._too_few)
        order = [*self._known, *sorted(shown - set(self._known))]
        return tuple(
            ClassPlan(self._name(key), learnt[key], fresh[key], held_out[key], key)
            for key in order
            if key in shown
        )

    def _name(self, model_key: str) -> str:
        """What the reader calls a class of the model."""
        own = (key for key, resolved in self._model_key.items() if resolved == model_key)
        return next((self._tally.names[key] for key in own), model_key)

    def _procedure_plan(self, procedure: ProcedureTally) -> ProcedurePlan:
        frames = sum(
            count
            for taught, count in procedure.frames.items()
            if self._is_shown(taught.labels) or _is_none(taught)
        )
        return ProcedurePlan(
            procedure.name or procedure.fingerprint[:12],
            frames,
            self._is_held_out(procedure),
            procedure.fingerprint,
            self._units[procedure.fingerprint] in self._fixed_units,
            procedure.patient,
        )

    def _none_of_these(self) -> tuple[int, int]:
        counts = Counter[bool]()
        for procedure in self._procedures:
            none = sum(count for taught, count in procedure.frames.items() if _is_none(taught))
            counts[self._is_held_out(procedure)] += none
        return counts[False], counts[True]

    def _refusals(
        self, classes: Sequence[ClassPlan], procedures: Sequence[ProcedurePlan]
    ) -> list[str]:
        if classes and not any(row.learnt for row in classes):
            names = [procedure.name for procedure in procedures if procedure.held_out]
            return [f"{wording.all_checked(names)} {_way_out(procedures, self._tally)}"]
        refusals = []
        for row in classes:
            if row.key not in self._known and not row.learnt:
                showing = [
                    plan
                    for plan, tally in zip(procedures, self._procedures, strict=True)
                    if self._frames_by_class(tally)[row.key]
                ]
                sentence = wording.new_class_checked(row.name, [plan.name for plan in showing])
                refusals.append(f"{sentence} {_way_out(showing, self._tally)}")
        return refusals

    def _warnings(
        self, classes: Sequence[ClassPlan], procedures: Sequence[ProcedurePlan]
    ) -> list[str]:
        learnt = {row.name: row.learnt for row in classes}
        new = {row.name for row in classes if row.key not in self._known}
        untaught = {
            name: count
            for name, count in learnt.items()
            if name in new and 0 < count < FEWEST_OF_NEW
        }
        few = {
            name: count
            for name, count in learnt.items()
            if 0 < count < FEW and name not in untaught
        }
        taught = [name for name in learnt if name in new and name not in untaught]
        unseen = [name for name, count in learnt.items() if not count]
        left_out = {self._name(key): count for key, count in self._too_few.items()}
        warnings = [wording.too_few(left_out, by_choice=False)] if left_out else []
        if untaught:
            warnings.append(wording.too_few(untaught, by_choice=True))
        if few:
            warnings.append(wording.few(few))
        if taught:
            warnings.append(wording.new_classes(taught))
        if unseen and any(learnt.values()):
            warnings.append(wording.only_checked(unseen))
        warnings += map(wording.parted_patient, self._parted)
        if classes and not any(procedure.held_out for procedure in procedures):
            warnings.append(self._nothing_checked(len(procedures)))
        if self._tally.contradictions:
            warnings.append(wording.contradictions(self._tally.contradictions))
        return warnings

    def _nothing_checked(self, procedures: int) -> str:
        if len(set(self._units.values())) > 1:
            return wording.NONE_CHECKED
        return wording.ONE_PATIENT if procedures > 1 else wording.ONE_PROCEDURE


def _is_none(taught: Taught) -> bool:
    """Whether a frame shows none of the classes."""
    return taught.labels == (NONE_OF_THESE,)


def _notes(
    procedures: Iterable[ProcedurePlan],
    none_learnt: int,
    is_most: bool,
    tally: LibraryTally,
    tells_groups_apart: bool,
) -> list[str]:
    notes = [wording.NEAR_ONES] if is_most else []
    if tally.excluded:
        notes.append(wording.excluded(tally.excluded))
    if tally.selection.several:
        several = tally.selection.several
        notes.append(wording.several_groups(several, all_learnt=tells_groups_apart))
    disputed = tally.selection.disputed
    if disputed:
        notes.append(wording.disputed(sum(disputed.values()), len(disputed)))
    if none_learnt:
        notes.append(wording.none_of_these(none_learnt))
    unknown = sum(not procedure.patient for procedure in procedures)
    if unknown:
        notes.append(wording.without_patient(unknown))
    return notes


def _way_out(procedures: Collection[ProcedurePlan], tally: LibraryTally) -> str:
    """What the reader can do in the dialog when these are held out and one should not be."""
    if not all(procedure.fixed for procedure in procedures):
        return wording.LEAVE_ONE
    if any(procedure.fingerprint in tally.checking for procedure in procedures):
        return wording.ALLOW_THEM
    if any(procedure.fingerprint in tally.releasable for procedure in procedures):
        return wording.RELEASE_THEM
    return wording.LABEL_ANOTHER
