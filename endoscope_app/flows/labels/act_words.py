"""What an act is called: by class and by the recording's own time, for menus, the journal and the echo. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from endoscope_app.widgets.time_text import tenths

NONE_OF_THESE = "None of these"


@dataclass(frozen=True)
class Echo:
    """What the reader is told of an act: words, and the class's colour as #rrggbb or empty; ``stays``: in the banner too."""

    words: str
    colour: str = ""
    stays: bool = False

    def waiting(self) -> Echo:
        """The same act while it waits for the reader's name."""
        return Echo(f"{self.words} (waits for your name)", self.colour)


@dataclass(frozen=True)
class Places:
    """Names frames of one procedure: ``times_ms`` (N,) of every frame; ``stills`` have no times and are numbered."""

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


def taken_back(way: str, title: str, place: str) -> str:
    """As "Undone at 0:12.4: Polyp." of the act "Polyp at 0:12.4"; ``place`` may be empty."""
    verb = "Undone" if way == "undo" else "Done again"
    if not place:
        return f"{verb}: {title}."
    what = title.removesuffix(f" at {place}").removesuffix(f" on {place}")
    return f"{verb} at {place}: {what}."
