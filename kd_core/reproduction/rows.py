"""The rows of the table: teachers, the student alone, and the student taught in every way."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from kd_core.schema.config import SCHEMES, TrainConfig, merged, teachers_needed
from kd_core.schema.errors import DataError
from kd_core.schema.json_text import JsonObject

#: A distillation costs more time than a training alone: the second is what the time buys without
#: teachers, and the row that a scheme must beat.
ALONE, AS_LONG = "student alone", "student alone, as long"


@dataclass(frozen=True)
class Row:
    """A line of the table: a teacher to fine-tune (``backbone``), or a student to train.

    ``trained``: the folder of a teacher that is not fine-tuned here; every seed has the same.

    ``as_long``: for as much time as the slowest row that is taught took, by the time that an epoch
    of ALONE took.
    """

    name: str
    config: TrainConfig
    backbone: str = ""
    trained: Path | None = None
    searched: bool = False
    as_long: bool = False

    @property
    def is_teacher(self) -> bool:
        """Whether it teaches the other rows."""
        return bool(self.backbone) or self.trained is not None

    @property
    def taught(self) -> bool:
        """Whether it learns from teachers."""
        return teachers_needed(self.config.losses)

    @property
    def folder(self) -> str:
        """Its folder within a seed's."""
        own = self.name.replace(", ", "-").replace(" ", "-")
        return f"search/{own}" if self.searched else own


#: Scheme, and what it changes of a student's settings, by the name of the row.
_TAUGHT: dict[str, tuple[str, dict[str, Any]]] = {
    "response": ("response", {}),
    "feature": ("feature", {}),
    "relation, mean": ("relation", {"fusion": "mean"}),
    "relation, attention": ("relation", {"fusion": "attention"}),
    "relation, places": ("relation", {"fusion": "places", "weighting": "attention"}),
}
#: The students of the table, by the word that chooses them.
STUDENT_ROWS = {
    "alone": ALONE,
    **{name.replace(", ", "-"): name for name in _TAUGHT},
    "as-long": AS_LONG,
}


def teacher_rows(backbones: Sequence[str], config: TrainConfig) -> list[Row]:
    """Teachers to fine-tune."""
    return [Row(f"teacher {name}", config, backbone=name) for name in backbones]


def trained_rows(folders: Sequence[Path], config: TrainConfig) -> list[Row]:
    """Teachers that are trained already. Raises DataError where two have one name."""
    rows = [Row(f"teacher {path.name}", config, trained=path) for path in folders]
    if len({row.name for row in rows}) < len(rows):
        raise DataError("Two of the trained teachers lie in folders of one name.", "Rename one.")
    return rows


def student_rows(student: TrainConfig, chosen: Sequence[str] = tuple(STUDENT_ROWS)) -> list[Row]:
    """The student alone, with every scheme, and alone for as long as these; or those ``chosen``.

    By the words of STUDENT_ROWS. Raises DataError for another word, and for as-long without what it
    is measured by.
    """

    for word in chosen:
        if word not in STUDENT_ROWS:
            raise DataError(f"There is no row '{word}'.", f"Rows: {', '.join(STUDENT_ROWS)}.")
    names = [name for word, name in STUDENT_ROWS.items() if word in chosen]
    if AS_LONG in names and not (ALONE in names and set(names) & set(_TAUGHT)):
        raise DataError(
            "The row as-long is measured by others.", "Choose alone and a taught one beside it."
        )
    alone = msgspec.structs.replace(student, losses=SCHEMES["alone"])
    rows = {ALONE: Row(ALONE, alone), AS_LONG: Row(AS_LONG, alone, as_long=True)}
    for name, (scheme, changes) in _TAUGHT.items():
        losses = SCHEMES[scheme]
        rows[name] = Row(name, msgspec.structs.replace(student, losses=losses, **changes))
    return [rows[name] for name in names]


def search_rows(student: TrainConfig, variants: dict[str, JsonObject]) -> list[Row]:
    """A student for each of ``variants``.

    A variant is a name and the settings it changes (``losses`` a dict of weights). Raises DataError
    for a name that cannot be a folder's, and for settings as ``config.make_config``.
    """
    rows = []
    for name, changes in variants.items():
        if not re.fullmatch(r"\w[\w ,.=+-]*", name):
            raise DataError(
                f"'{name}' cannot be the name of a variant.",
                "Use letters, digits, spaces and , . = + - only.",
            )
        rows.append(Row(name, merged(student, changes, f"variant '{name}'"), searched=True))
    return rows


def epochs_as_long(epochs: int, alone: float, taught: Sequence[float]) -> int:
    """How many epochs of the student alone take as long as the slowest that is ``taught``.

    ``epochs`` took ``alone`` minutes. No fewer than these, also where that was too short to tell.

    >>> epochs_as_long(10, 2.0, [3.0, 5.0])
    25
    """
    return round(epochs * max(1.0, max(taught) / alone)) if alone else epochs
