"""What an act is called: by class and by the recording's own time, for menus, the journal and
the echo. No Qt.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from endoscope_app.base.wording import tenths
from endoscope_app.labels.library.records import FrameLabel, RangeLabel, RowChange

Way = Literal["undo", "redo"]
NONE_OF_THESE = "None of these"


@dataclass(frozen=True)
class Echo:
    """What the reader is told of an act: words, and the class's colour as #rrggbb or empty;
    ``stays``: in the banner too.
    """

    words: str
    colour: str = ""
    stays: bool = False

    def waiting(self) -> Echo:
        """The same act while it waits for the reader's name."""
        return Echo(f"{self.words} (waits for your name)", self.colour)


@dataclass(frozen=True)
class Places:
    """Names frames of one procedure: ``times_ms`` (N,) of every frame; ``stills`` have no times
    and are numbered.
    """

    times_ms: NDArray[np.float64]
    stills: bool

    def at(self, index: int) -> str:
        """As "0:12.4" or "image 1,204"; a frame beyond the recording by its number."""
        if self.stills or not 0 <= index < len(self.times_ms):
            return f"{'image' if self.stills else 'frame'} {index:,}"
        return tenths(float(self.times_ms[index]))

    def span(self, first: int, last: int) -> str:
        """As "0:10.0–0:14.0" or "images 12–40"; of one frame its place."""
        if first == last:
            return self.at(first)
        if self.stills or not 0 <= first <= last < len(self.times_ms):
            return f"{'images' if self.stills else 'frames'} {first:,}–{last:,}"
        return f"{self.at(first)}–{self.at(last)}"

    def frames(self, first: int, last: int) -> str:
        """How many: "101 frames", "1 image"."""
        count = last - first + 1
        return f"{count:,} {'image' if self.stills else 'frame'}{'' if count == 1 else 's'}"


def by_key(key: str) -> str:
    """The end of an echo: " · by key 3"; empty for an act of the mouse."""
    return f" · by key {key}" if key else ""


def taken_back(way: Way, title: str, place: str) -> str:
    """As "Undone at 0:12.4: Polyp." of the act "Polyp at 0:12.4"; ``place`` may be empty."""
    verb = "Undone" if way == "undo" else "Done again"
    if not place:
        return f"{verb}: {title}."
    what = title.removesuffix(f" at {place}").removesuffix(f" on {place}")
    return f"{verb} at {place}: {what}."


def changed_place(
    rows: Sequence[RowChange], fingerprint: str, places: Places
) -> tuple[str, int | None]:
    """Where rows changed in a procedure, in words, and its first frame; "" and None where no
    label of it changed.
    """
    spans = [
        (label.frame_index, label.frame_index)
        if isinstance(label, FrameLabel)
        else (label.first_index, label.last_index)
        for row in rows
        if row.fingerprint == fingerprint
        and isinstance(label := row.before or row.after, FrameLabel | RangeLabel)
    ]
    if not spans:
        return "", None
    first = min(one for one, _ in spans)
    return (places.span(*spans[0]) if len(spans) == 1 else places.at(first)), first
