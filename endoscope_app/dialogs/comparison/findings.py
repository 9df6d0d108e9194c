"""What a comparison found, as plain values: the proof as kd-core wrote it, and the frames on which two models differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from endoscope_app.wording import percent
from kd_core.contract.compared import ComparedFrames

Kind = Literal["now wrong", "now right", "both wrong"]
#: The order in which they are shown: what a new model would spoil comes first.
KINDS: tuple[Kind, ...] = ("now wrong", "now right", "both wrong")
SIGNS = {"now wrong": "\N{BLACK DOWN-POINTING TRIANGLE}", "now right": "\N{BLACK UP-POINTING TRIANGLE}", "both wrong": "\N{BLACK DIAMOND}"}


class Difference(msgspec.Struct, frozen=True):
    """Candidate minus active with its 95 % interval; None for what was not a number."""

    value: float | None = None
    low: float | None = None
    high: float | None = None


class Score(msgspec.Struct, frozen=True):
    """One score of both models, between 0 and 1. ``intervals``: {"active": {"low", "high"}, "candidate": ...}, where the proof has them."""

    active: float | None = None
    candidate: float | None = None
    difference: Difference = Difference()
    verdict: str = "undecided"
    intervals: Any = None


class Part(msgspec.Struct, frozen=True):
    """Both models on the same frames. ``confusion``: active and candidate, rows truth, columns said. ``calibration`` (expected error) and
    ``flicker`` may be missing: {"active": number, "candidate": number}, flicker with that of the reader's "labels" too."""

    frames: int = 0
    groups: int = 0
    accuracy: Score = Score()
    macro_f1: Score = Score()
    recall: dict[str, Score] = {}
    corrected: int = 0
    broken: int = 0
    confusion: tuple[tuple[tuple[int, ...], ...], ...] = ()
    calibration: Any = None
    flicker: Any = msgspec.field(name="flicker per 1000 frames", default=None)


class Proof(msgspec.Struct, frozen=True):
    """proof.json. ``new``: held-out procedures, None where there are none; ``old``: the replay check; ``lost``: points of recall."""

    sentence: str = ""
    verdict: str = "undecided"
    new: Part | None = None
    old: Part | None = None
    lost: dict[str, float] = msgspec.field(name="recall lost on old knowledge", default_factory=dict)
    needs_reason: tuple[str, ...] = msgspec.field(name="needs a reason", default=())


@dataclass(frozen=True)
class Side:
    """One of the two models: version, and when it was made (ISO 8601), empty where nobody knows."""

    version: str
    created: str = ""


@dataclass(frozen=True)
class Answer:
    """The class that a model called, how probable it was, and the others, the most probable first."""

    name: str
    probability: float
    others: tuple[tuple[str, float], ...] = ()

    @classmethod
    def of(cls, classes: tuple[str, ...], probabilities: tuple[float, ...]) -> Answer:
        """From one probability a class; of equal ones the first counts, as in the proof."""
        ranked = sorted(zip(classes, probabilities, strict=True), key=lambda pair: -pair[1])
        return cls(*ranked[0], tuple(ranked[1:]))


@dataclass(frozen=True)
class DifferingFrame:
    """A held-out frame for which the models call different classes. ``path``: of its picture, below the folder of the labels."""

    path: str
    procedure: str
    truth: str
    active: Answer
    candidate: Answer

    @property
    def kind(self) -> Kind:
        """What the candidate would change."""
        if self.candidate.name == self.truth:
            return "now right"
        return "now wrong" if self.active.name == self.truth else "both wrong"

    def sentence(self) -> str:
        """All of it, for a screen reader."""
        sides = (("active", self.active), ("candidate", self.candidate))
        said = (f"{who} said {one.name}, {percent(one.probability)}" for who, one in sides)
        return f"{self.kind}: truth {self.truth}, {', '.join(said)}"


@dataclass(frozen=True)
class Comparison:
    """All that the dialog shows. ``classes`` in the order of the confusions; ``trouble``: why frames cannot be shown, empty where they
    can; ``has_report``: whether there is a report to open."""

    proof: Proof
    active: Side
    candidate: Side
    classes: tuple[str, ...]
    frames: tuple[DifferingFrame, ...] = ()
    trouble: str = ""
    has_report: bool = False


def differing(compared: ComparedFrames) -> tuple[DifferingFrame, ...]:
    """Only the frames on which they differ, by kind, then the surest answers of the candidate first."""
    answered = (
        DifferingFrame(
            one.path, one.procedure, one.truth, Answer.of(compared.classes, one.active), Answer.of(compared.classes, one.candidate)
        )
        for one in compared.frames
    )
    found = [one for one in answered if one.active.name != one.candidate.name]
    return tuple(sorted(found, key=lambda one: (KINDS.index(one.kind), -one.candidate.probability)))


def numbers_of(found: Any, *names: str) -> tuple[float, ...] | None:
    """The numbers under these names of an optional part of a proof; None where one is missing or no number."""
    values = [found.get(name) for name in names] if isinstance(found, dict) else [None]
    numbers = tuple(float(value) for value in values if isinstance(value, int | float))
    return numbers if len(numbers) == len(values) else None
