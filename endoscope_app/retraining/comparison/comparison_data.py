"""What a comparison found, as plain values: the evidence as kd-core wrote it, and the frames on
which two models differ. No Qt.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Literal

import msgspec

from endoscope_app.base.wording import percent
from kd_core.schema.compared import ComparedFrames
from kd_core.schema.evidence import ComparedPart, Evidence
from kd_core.schema.taxonomy import display_name

_INDEX = re.compile(r"(?:^|-)f(\d{6,12})-")
_MOST_NAMED = 8
Kind = Literal["now wrong", "now right", "both wrong"]
#: The order in which they are shown: what a new model would spoil comes first.
KINDS: tuple[Kind, ...] = ("now wrong", "now right", "both wrong")
SIGNS = {
    "now wrong": "\N{BLACK DOWN-POINTING TRIANGLE}",
    "now right": "\N{BLACK UP-POINTING TRIANGLE}",
    "both wrong": "\N{BLACK DIAMOND}",
}


@dataclass(frozen=True)
class Side:
    """One of the two models: version, and when it was made (ISO 8601), empty where nobody knows."""

    version: str
    created: str = ""


@dataclass(frozen=True)
class Answer:
    """The class that a model called, how probable it was, and the others, the most probable first.

    Names are the reader's; ``key`` is what the models call the class.
    """

    name: str
    probability: float
    others: tuple[tuple[str, float], ...] = ()
    key: str = ""

    @classmethod
    def of(cls, classes: tuple[str, ...], probabilities: tuple[float, ...]) -> Answer:
        """From one probability a class; of equal ones the first counts, as in the proof."""
        ranked = sorted(zip(classes, probabilities, strict=True), key=lambda pair: -pair[1])
        return cls(*ranked[0], tuple(ranked[1:]), ranked[0][0])

    def called(self, names: Mapping[str, str]) -> Answer:
        """The same in the reader's words."""
        others = tuple((names.get(key, key), share) for key, share in self.others)
        return replace(self, name=names.get(self.name, self.name), others=others)


@dataclass(frozen=True)
class DifferingFrame:
    """A held-out frame for which the models call different classes.

    ``path``: of its picture, below the folder of the labels.
    """

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
    """All that the dialog shows.

    ``classes`` in the order of the confusions; ``trouble``: why frames cannot be shown, empty where
    they can; ``has_report``: whether there is a report to open.
    """

    evidence: Evidence
    active: Side
    candidate: Side
    classes: tuple[str, ...]
    frames: tuple[DifferingFrame, ...] = ()
    trouble: str = ""
    has_report: bool = False


def differing(compared: ComparedFrames) -> tuple[DifferingFrame, ...]:
    """Only the frames on which they differ, by kind, then the surest answers of the candidate
    first.
    """
    answered = (
        DifferingFrame(
            one.path,
            one.procedure,
            one.truth,
            Answer.of(compared.classes, one.active),
            Answer.of(compared.classes, one.candidate),
        )
        for one in compared.frames
    )
    found = [one for one in answered if one.active.name != one.candidate.name]
    return tuple(sorted(found, key=lambda one: (KINDS.index(one.kind), -one.candidate.probability)))


def frame_index(image: str) -> int | None:
    """The frame that an exported image is of, by the name that this version of the program or
    an earlier one gave it.
    """
    found = _INDEX.search(PurePosixPath(image).name)
    return None if found is None else int(found[1])


def seen_sentence(seen: Sequence[str]) -> str:
    """Which held-out frames are no evidence, by their index where the file's name says it; ''
    for none.
    """
    if not seen:
        return ""
    indices = [(name, frame_index(name)) for name in seen[:_MOST_NAMED]]
    frames = [name if index is None else f"frame {index:,}" for name, index in indices]
    more = f" and {len(seen) - _MOST_NAMED:,} more" if len(seen) > _MOST_NAMED else ""
    return (
        "Left out of the comparison, because a teacher was trained on them:"
        f" {', '.join(frames)}{more}."
    )


def shown_names(keys: Iterable[str], own: Mapping[str, str]) -> dict[str, str]:
    """What the reader calls each class: by his own library (key -> name), else by its usual name.

    No two are alike.
    """
    names = {key: own.get(key) or display_name(key) for key in keys}
    twice = {name for name in names.values() if list(names.values()).count(name) > 1}
    return {key: f"{name} ({key})" if name in twice else name for key, name in names.items()}


def in_words(found: Comparison, own: Mapping[str, str]) -> Comparison:
    """The comparison with every class as the reader calls it; ``own`` as in shown_names."""
    names = shown_names(found.classes, own)
    sentence = found.evidence.sentence
    for key in found.evidence.not_yet_named:
        sentence = sentence.replace(
            f"{display_name(key)} cannot be named yet", f"{names.get(key, key)} cannot be named yet"
        )
    for key in found.evidence.recall_lost:
        sentence = sentence.replace(f"{display_name(key)} lost", f"{names.get(key, key)} lost")
    evidence = msgspec.structs.replace(
        found.evidence,
        sentence=sentence,
        held_out=_part_in_words(found.evidence.held_out, names),
        known_before=_part_in_words(found.evidence.known_before, names),
        recall_lost={
            names.get(key, key): points for key, points in found.evidence.recall_lost.items()
        },
        needs_reason=tuple(names.get(key, key) for key in found.evidence.needs_reason),
    )
    frames = tuple(
        replace(
            one,
            truth=names.get(one.truth, one.truth),
            active=one.active.called(names),
            candidate=one.candidate.called(names),
        )
        for one in found.frames
    )
    return replace(
        found, evidence=evidence, classes=tuple(names[key] for key in found.classes), frames=frames
    )


def _part_in_words(part: ComparedPart | None, names: Mapping[str, str]) -> ComparedPart | None:
    if part is None:
        return None
    return msgspec.structs.replace(
        part, recall={names.get(key, key): score for key, score in part.recall.items()}
    )
