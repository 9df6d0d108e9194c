"""The rows of the table: teachers, the student alone, and the student taught in every way."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
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

    ``as_long``: for as much time as the slowest row that is taught took, by the time that an epoch
    of ALONE took.
    """

    name: str
    config: TrainConfig
    backbone: str = ""
    searched: bool = False
    as_long: bool = False

    @property
    def taught(self) -> bool:
        """Whether it learns from teachers."""
        return teachers_needed(self.config.losses)

    @property
    def folder(self) -> str:
        """Its folder within a seed's."""
        own = self.name.replace(", ", "-").replace(" ", "-")
        return f"search/{own}" if self.searched else own


def paper_rows(backbones: Sequence[str], teacher: TrainConfig, student: TrainConfig) -> list[Row]:
    """Each teacher, the student alone, every scheme, and the student alone for as long as these.

    Relation with the mean and with attention.
    """

    def taught(name: str, scheme: str, **changes: Any) -> Row:
        return Row(name, msgspec.structs.replace(student, losses=SCHEMES[scheme], **changes))

    alone = msgspec.structs.replace(student, losses=SCHEMES["alone"])
    return [
        *(Row(f"teacher {name}", teacher, backbone=name) for name in backbones),
        Row(ALONE, alone),
        taught("response", "response"),
        taught("feature", "feature"),
        taught("relation, mean", "relation", fusion="mean"),
        taught("relation, attention", "relation", fusion="attention"),
        taught("relation, places", "relation", fusion="places", weighting="attention"),
        Row(AS_LONG, alone, as_long=True),
    ]


def search_rows(
    backbones: Sequence[str],
    teacher: TrainConfig,
    student: TrainConfig,
    variants: dict[str, JsonObject],
) -> list[Row]:
    """Each teacher, then a student for each of ``variants``.

    A variant is a name and the settings it changes (``losses`` a dict of weights). Raises DataError
    for a name that cannot be a folder's, and for settings as ``config.make_config``.
    """
    rows = [Row(f"teacher {name}", teacher, backbone=name) for name in backbones]
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
