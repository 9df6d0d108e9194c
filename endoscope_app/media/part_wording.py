"""What is said of a procedure in several files."""

from __future__ import annotations

import re
from collections.abc import Sequence

from endoscope_app.base.wording import counted

THE_LIST = "the list of the procedure's files"
JOIN_AGAIN = "Open the videos together again, in their order."
_NUMBERS = re.compile(r"(\d+)")
NOT_A_PART = "Open it by itself."
PART_WAY_OUT = "Find the file again, or open the others without it."


def joined_name(names: Sequence[str], longest: int) -> str:
    """What the procedure is called; at most about ``longest`` bytes, however long the names."""
    first, last = (_cut(name, longest // 2 - 20) for name in (names[0], names[-1]))
    numbered = _numbered(first, last)
    return f"{numbered or f'{first} to {last}'} ({counted(len(names), 'part')})"


def _numbered(first: str, last: str) -> str:
    """As "part1–3.mp4", where the names differ in one number alone; empty where they do not."""
    one, other = (_NUMBERS.split(name) for name in (first, last))
    if len(one) != len(other):
        return ""
    differing = [place for place, piece in enumerate(one) if piece != other[place]]
    if len(differing) != 1 or not differing[0] % 2:
        return ""
    place = differing[0]
    return "".join((*one[:place], f"{one[place]}–{other[place]}", *one[place + 1 :]))


def _cut(name: str, longest: int) -> str:
    encoded = name.encode("utf-8", "surrogateescape")
    if len(encoded) <= longest:
        return name
    return encoded[: longest - 3].decode("utf-8", "ignore") + "…"


def list_damaged(name: str) -> str:
    return f"The list of files of “{name}” is damaged."


def not_a_part(name: str) -> str:
    return f"“{name}” is no video, and only videos can be parts of one procedure."


def part_refused(place: int, count: int, sentence: str) -> str:
    """``place`` counts from 1; ``sentence`` says what is wrong with the file."""
    return f"Part {place} of {count} cannot be opened: {sentence}"


def part_missing(name: str, frames: int) -> str:
    """Its place is kept."""
    return (
        f"“{name}” cannot be read now: its {counted(frames, 'frame')} are a gap, and what is known"
        " of them is kept."
    )


def part_away(name: str) -> str:
    """Of a frame that would be in it."""
    return f"“{name}” cannot be read now, and this frame is in it."


def of_part(name: str, sentence: str) -> str:
    """What is said of a file, where there are several."""
    return f"“{name}”: {sentence}"


def unknown_between(names: Sequence[tuple[str, str]]) -> str:
    """The clocks of neighbouring files do not go on: pairs of their names."""
    if len(names) > 1:
        return (
            f"The files' clocks do not say how much time lies between them, at {len(names)} places."
        )
    before, after = names[0]
    return f"The files' clocks do not say how much time lies between “{before}” and “{after}”."
