"""A procedure in the worklist, and the states that it goes through. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from endoscope_app.labels.library.second_reading_records import LearningUse

State = Literal["new", "analysing", "analysed", "in review", "reviewed", "signed"]
Side = Literal["", "learnt", "held out"]
STATES: tuple[State, ...] = get_args(State)
"""In their order: an act only ever leads further."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the worklist.

    ``fingerprint``, ``kind`` ("video", "folder"), ``length_ms`` and ``frame_count`` are empty until
    the file was opened once. ``changed_at``: when the file was written, s since 1970; ``wanted``:
    the queue is to analyse it; ``analysed`` frames of it are kept, by the model of the version
    ``model``; ``trouble``: why it could not be read, as a sentence. What is not of the library:
    ``is_missing``: there is no file; ``side``: whether models learn from it or are checked on it;
    ``parts``: the names of the files, where there are several, and ``parts_away`` those that are
    not there; ``use``: what the reader allows from the next model on, empty where that was never
    said; ``reading_s``: how long it was read, by all readers together.
    """

    id: int
    path: Path
    fingerprint: str = ""
    patient: str = ""
    kind: str = ""
    changed_at: float = 0.0
    length_ms: float = 0.0
    frame_count: int = 0
    state: State = "new"
    wanted: bool = False
    analysed: int = 0
    model: str = ""
    trouble: str = ""
    is_missing: bool = False
    side: Side = ""
    parts: tuple[str, ...] = ()
    parts_away: tuple[str, ...] = ()
    use: LearningUse | Literal[""] = ""
    reading_s: float = 0.0

    @property
    def can_be_opened(self) -> bool:
        """Whether nothing is known that speaks against it."""
        return not self.trouble and not self.is_missing


def is_further(state: State, before: State) -> bool:
    """Whether ``state`` comes after ``before``."""
    return STATES.index(state) > STATES.index(before)
