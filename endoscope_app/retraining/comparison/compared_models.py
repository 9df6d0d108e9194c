"""A comparison of two models as plain values, and the frames on which they differ. No Qt."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from endoscope_app.retraining.comparison import wording
from kd_core.schema.compared import ComparedFrames
from kd_core.schema.evidence import Evidence
from kd_core.schema.taxonomy import display_name

_INDEX = re.compile(r"(?:^|-)f(\d{6,12})-")
Kind = Literal["broken", "corrected", "both wrong"]
#: The order in which they are shown: what a new model would spoil comes first.
KINDS: tuple[Kind, ...] = ("broken", "corrected", "both wrong")


@dataclass(frozen=True)
class Side:
    """One of the two models: version, and when it was made (ISO 8601), '' where nobody knows."""

    version: str
    created: str = ""


@dataclass(frozen=True)
class FramePrediction:
    """The class that a model called, how probable it was, and the others, most probable first.

    Names are the reader's; ``key`` is what the models call the class.
    """

    name: str
    probability: float
    others: tuple[tuple[str, float], ...] = ()
    key: str = ""

    @classmethod
    def of(
        cls, keys: Sequence[str], probabilities: Sequence[float], names: Mapping[str, str]
    ) -> FramePrediction:
        """From one probability per class; of equal ones the first counts, as in the evidence."""
        ranked = sorted(zip(keys, probabilities, strict=True), key=lambda pair: -pair[1])
        (key, probability), *others = ranked
        named = tuple((names.get(other, other), share) for other, share in others)
        return cls(names.get(key, key), probability, named, key)


@dataclass(frozen=True)
class DifferingFrame:
    """A frame kept for checking for which the models call different classes.

    ``path``: of its image, below the folder of the labels; ``truth``: as the reader calls it.
    """

    path: str
    procedure: str
    truth: str
    active: FramePrediction
    candidate: FramePrediction

    @property
    def kind(self) -> Kind:
        """What the new model would change."""
        if self.candidate.name == self.truth:
            return "corrected"
        return "broken" if self.active.name == self.truth else "both wrong"

    def sentence(self) -> str:
        """All of it, for a screen reader."""
        in_use, new = (
            wording.called(side.name, side.probability) for side in (self.active, self.candidate)
        )
        return wording.frame_sentence(self.kind, self.truth, in_use, new)


@dataclass(frozen=True)
class Comparison:
    """All that the dialog shows.

    ``names``: class key to what the reader calls it, in the order of the confusions; ``trouble``:
    why frames cannot be shown, empty where they can; ``has_report``: whether there is a report to
    open.
    """

    evidence: Evidence
    active: Side
    candidate: Side
    names: Mapping[str, str]
    frames: tuple[DifferingFrame, ...] = ()
    trouble: str = ""
    has_report: bool = False

    @property
    def classes(self) -> tuple[str, ...]:
        """What the reader calls the classes, in the order of the confusions."""
        return tuple(self.names.values())


def differing(compared: ComparedFrames, names: Mapping[str, str]) -> tuple[DifferingFrame, ...]:
    """Only the frames on which they differ: by kind, then the surest of the new model first."""
    predicted = (
        DifferingFrame(
            frame.path,
            frame.procedure,
            names.get(frame.truth, frame.truth),
            FramePrediction.of(compared.classes, frame.active, names),
            FramePrediction.of(compared.classes, frame.candidate, names),
        )
        for frame in compared.frames
    )
    differ = [frame for frame in predicted if frame.active.key != frame.candidate.key]
    return tuple(
        sorted(differ, key=lambda frame: (KINDS.index(frame.kind), -frame.candidate.probability))
    )


def frame_index(image: str) -> int | None:
    """The frame that an exported image is of.

    By the name that this version of the program or an earlier one gave it.
    """
    match = _INDEX.search(PurePosixPath(image).name)
    return None if match is None else int(match[1])


def frame_names(images: Iterable[str]) -> list[str]:
    """Images by the index of their frame where the file's name says it."""
    indices = ((image, frame_index(image)) for image in images)
    return [image if index is None else f"frame {index:,}" for image, index in indices]


def shown_names(keys: Iterable[str], own: Mapping[str, str]) -> dict[str, str]:
    """What the reader calls each class: by the own library (key -> name), else by its usual name.

    No two are alike.
    """
    names = {key: own.get(key) or display_name(key) for key in keys}
    given = list(names.values())
    return {
        key: f"{name} ({key})" if given.count(name) > 1 else name for key, name in names.items()
    }
