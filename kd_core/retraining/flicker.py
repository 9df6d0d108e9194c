"""How restless a model is from one labelled frame of a procedure to the next."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

import numpy as np
from numpy.typing import NDArray

Sequences = tuple[tuple[int, ...], ...]


def in_time(paths: Sequence[str], procedures: Sequence[str]) -> Sequences:
    """(N,) paths of images and their procedures -> the places of each procedure's frames.

    Earliest first. The order is that of the numbers in the files' names, which begin with the frame
    and its pts; folders are classes and no order.
    """
    places: dict[str, list[int]] = {}
    for place, procedure in enumerate(procedures):
        places.setdefault(procedure, []).append(place)
    return tuple(
        tuple(sorted(places[name], key=lambda place: _by_number(paths[place])))
        for name in sorted(places)
    )


def flicker(called: NDArray[np.integer[Any]], sequences: Sequences) -> float | None:
    """Of 1,000 frames that follow another one, how many change the class.

    (N,) class indices, and the frames of each procedure in time. It is over LABELLED neighbours:
    frames between them were not labelled and are not looked at, and a change that the labels make
    too counts like any other, so it is read beside the flicker of the labels. None where no frame
    follows another.
    """
    followers = changes = 0
    for places in sequences:
        row = called[np.array(places, np.intp)]
        followers += max(0, len(row) - 1)
        changes += int((row[1:] != row[:-1]).sum())
    return 1000.0 * changes / followers if followers else None


def _by_number(path: str) -> tuple[list[str | int], str]:
    # Odd parts are numbers, even ones text: they never meet in a comparison. f1000000 comes after
    # f999999 so.
    parts = re.split(r"([0-9]+)", PurePath(path).name)
    return [int(part) if odd % 2 else part for odd, part in enumerate(parts)], path
