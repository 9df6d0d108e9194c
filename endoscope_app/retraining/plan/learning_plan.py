"""What a retraining would learn, as plain values: by class, by procedure, and what it lacks.

No Qt.
"""

from __future__ import annotations

from dataclasses import dataclass

from endoscope_app.retraining.plan import wording
from endoscope_app.retraining.plan.training_cost import Cost


@dataclass(frozen=True)
class ClassPlan:
    """``name`` as the reader calls it, ``key`` as models do.

    ``learnt`` and ``held_out`` are frames; ``fresh`` of both were labelled since the model in use
    was made.
    """

    name: str
    learnt: int
    fresh: int
    held_out: int
    key: str = ""


@dataclass(frozen=True)
class ProcedurePlan:
    """One procedure, as the reader calls it.

    ``fixed``: an earlier model has learnt from it, or was compared on it, or its patient's other
    procedures were. ``patient``: a pseudonym, empty where none was given.
    """

    name: str
    labels: int
    held_out: bool
    fingerprint: str = ""
    fixed: bool = False
    patient: str = ""

    @property
    def title(self) -> str:
        """Its name, after its patient where one is given."""
        return f"{self.patient}: {self.name}" if self.patient else self.name


@dataclass(frozen=True)
class FrameCounts:
    """Frames of classes: to learn from, held out, and of both those with a label that is new."""

    learnt: int = 0
    held_out: int = 0
    fresh: int = 0


@dataclass(frozen=True)
class LearningPlan:
    """``parent`` is the version of the model in use; ``warnings`` and ``notes`` are sentences.

    ``teachers`` are (folder, name). ``quick`` and ``thorough`` are what they cost on this machine,
    None until that is measured; ``refusals`` say why it cannot begin with these procedures held
    out. ``none_of_these``: frames marked so, learnt and held out. ``is_most``: nearly equal frames
    of ranges may still be left out. ``releasable``: names of procedures whose side no kept model
    depends on. ``counts``: of frames, of which one may count in several classes; None: in one each.
    """

    parent: str
    classes: tuple[ClassPlan, ...]
    procedures: tuple[ProcedurePlan, ...]
    warnings: tuple[str, ...] = ()
    teachers: tuple[tuple[str, str], ...] = ()
    quick: Cost | None = None
    thorough: Cost | None = None
    refusals: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    none_of_these: tuple[int, int] = (0, 0)
    is_most: bool = False
    releasable: tuple[str, ...] = ()
    counts: FrameCounts | None = None

    @property
    def learnt(self) -> int:
        """Frames of classes to learn from."""
        return self.counts.learnt if self.counts else sum(row.learnt for row in self.classes)

    @property
    def held_out(self) -> int:
        """Frames of classes that are held out."""
        return self.counts.held_out if self.counts else sum(row.held_out for row in self.classes)

    @property
    def fresh(self) -> int:
        """Frames of classes with a label that the model in use was not made from."""
        return self.counts.fresh if self.counts else sum(row.fresh for row in self.classes)

    @property
    def frames(self) -> int:
        """All that is read, learnt from or held out."""
        return self.learnt + self.held_out + sum(self.none_of_these)

    def sentence(self) -> str:
        """The plan in two lines."""
        aside = sum(row.held_out for row in self.procedures)
        return wording.plan_sentence(
            self.learnt,
            len(self.procedures) - aside,
            self.held_out,
            aside,
            self.fresh,
            self.parent,
            at_most=self.is_most,
        )
