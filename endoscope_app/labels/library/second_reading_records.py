"""A second reading of a procedure, what became of its disagreements with the first, and what a
procedure may be used for, as plain frozen records.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ReadingState = Literal["reading", "finished"]
LearningUse = Literal["checking", "excluded"]
"""Only to check models on it, or nothing at all; without one it is learnt from or checked on as
retraining decides.
"""
OPEN = "open"
"""The outcome of a disagreement that was looked at and left open."""


@dataclass(frozen=True, slots=True)
class SecondReading:
    """Who reads a procedure a second time without the first labels; ``hides_model``: without the
    model, too.
    """

    fingerprint: str
    reader: str
    hides_model: bool
    state: ReadingState = "reading"


@dataclass(frozen=True, slots=True)
class Adjudication:
    """What counts for frames on which two readers differ, both ends included.

    ``first_said``, ``second_said`` and ``outcome``: keys of classes, NONE_OF_THESE, empty where a
    reader had said nothing; the outcome may be OPEN.
    """

    id: int
    first_pts: int
    last_pts: int
    first_index: int
    last_index: int
    first_said: str
    second_said: str
    outcome: str

    def __post_init__(self) -> None:
        if self.first_index > self.last_index:
            raise ValueError("a disagreement ends before it begins")


@dataclass(frozen=True, slots=True)
class ProcedureUse:
    """What the reader allows of a procedure: only to check models on it, or nothing at all."""

    fingerprint: str
    use: LearningUse
