"""Boxes, outlines and whatever else other programs draw: this one labels whole frames, so they
are counted and said.
"""

from __future__ import annotations

from collections import Counter

_PLURALS = {"box": "boxes", "points": "sets of points"}


def shapes_in_words(shapes: Counter[str]) -> list[str]:
    """One sentence for all shapes that were not read, by kind; none where there were none."""
    if not shapes:
        return []
    kinds = [
        f"{number:,} {kind if number == 1 else _PLURALS.get(kind, kind + 's')}"
        for kind, number in sorted(shapes.items())
    ]
    said = " and ".join([", ".join(kinds[:-1]), kinds[-1]] if len(kinds) > 1 else kinds)
    return [
        f"{said} {'is' if sum(shapes.values()) == 1 else 'are'} not read: labels here are of whole"
        " frames."
    ]


def boxes_as_labels_in_words(boxes: int) -> list[str]:
    """One sentence for boxes whose class was taken for their whole frame; none where there were
    none.
    """
    if not boxes:
        return []
    which = (
        "1 box counts as a label of its"
        if boxes == 1
        else f"{boxes:,} boxes count as labels of their"
    )
    return [f"{which} whole frame; where {'it lies' if boxes == 1 else 'they lie'} is not read."]
