"""How well a model does on one part of the data, as its card keeps it."""

from __future__ import annotations

import msgspec


class Bounds(msgspec.Struct, frozen=True):
    """A score with the bounds of its 95 % interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f} {self.high:.3f}]"


class ClassScores(msgspec.Struct, frozen=True):
    """Of one class against all others; ``support``: images that show it."""

    precision: float
    recall: float
    f1: float
    support: int


class ClassBounds(msgspec.Struct, frozen=True):
    """Wilson's intervals: they take images for independent."""

    precision: Bounds
    recall: Bounds


class ReliabilityBin(msgspec.Struct, frozen=True):
    """``images`` counts those whose top probability lies in (low, high].

    ``confidence`` is its mean, ``accuracy`` the share of them that is right.
    """

    low: float
    high: float
    images: int
    confidence: float
    accuracy: float


class NamedFrames(msgspec.Struct, frozen=True):
    """What the naming level does for a class; None where there is nothing to count.

    Images on which the class is ``named``, how often that is right, and the share of its own images
    that are not left unsure.
    """

    named: int = 0
    precision: Bounds | None = None
    coverage: float | None = None


class Abstention(msgspec.Struct, frozen=True):
    """What the naming level does; ``coverage``: the share of images that get a class.

    ``precision``: the share of those that is right, ``precision_bounds`` with Wilson's interval.
    """

    n: int = 0
    coverage: float = 0.0
    precision: float | None = None
    precision_bounds: Bounds | None = None
    per_class: dict[str, NamedFrames] = {}


class PartScores(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Scores on ``n`` images; what was not measured is missing.

    Macro means are over the classes that the images show, ``macro_f1_over_all`` over all classes,
    an absent one as 0. ``confusion``: rows are the truth. ``intervals`` resample whole ``groups``.
    ``ece``: expected calibration error. ``unreadable`` counts images. ``by_group``: of a model with
    a softmax for each class group, the scores of each; ``n`` then counts labels, of which an image
    may have several, and macro-F1 is the mean over groups.
    """

    groups: int | None = None
    n: int = 0
    accuracy: float | None = None
    macro_f1: float | None = None
    macro_f1_over_all: float | None = None
    macro_precision: float | None = None
    macro_recall: float | None = None
    micro_precision: float | None = None
    micro_recall: float | None = None
    micro_f1: float | None = None
    mcc: float | None = None
    ece: float | None = None
    macro_auroc: float | None = None
    auroc: dict[str, float | None] = {}
    per_class: dict[str, ClassScores] = {}
    per_class_intervals: dict[str, ClassBounds] = {}
    confusion: list[list[int]] = []
    intervals: dict[str, Bounds] = {}
    reliability: list[ReliabilityBin] = []
    unreadable: int | None = None
    abstention: Abstention | None = None
    by_group: dict[str, PartScores] = {}


def left_out_line(ignored: dict[str, int]) -> str:
    """How many images of each other class were left out."""
    return "left out: " + ", ".join(f"{count} {name}" for name, count in ignored.items())
