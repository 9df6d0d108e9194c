"""The file of held-out frames as two models see them.

A retraining writes it beside its evidence, and whoever shows that reads it.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from kd_core.schema.errors import DataError
from kd_core.schema.json_text import JsonError, read_json
from kd_core.schema.run_files import COMPARED_NAME


class ComparedFrame(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One held-out frame.

    ``path``: of its image, below the folder of the labels; ``procedure``: its fingerprint;
    ``truth``: the reader's class; ``active`` and ``candidate``: calibrated probabilities, one a
    class of the file, 0 for a class a model does not know.
    """

    path: str
    procedure: str
    truth: str
    active: tuple[float, ...]
    candidate: tuple[float, ...]


class ComparedFrames(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``active`` and ``candidate`` are model versions; ``classes``: the candidate's, in order."""

    active: str
    candidate: str
    classes: tuple[str, ...]
    frames: tuple[ComparedFrame, ...]


def read_compared(folder: Path) -> ComparedFrames:
    """The file in a candidate's folder. Raises DataError where it is missing or damaged."""
    try:
        compared = read_json(folder / COMPARED_NAME, ComparedFrames)
    except (OSError, JsonError) as error:
        raise DataError(
            f"The comparison in {folder} cannot be read ({type(error).__name__}).",
            "Retrain again to compare the models.",
        ) from error
    if any(
        len(frame.active) != len(compared.classes) or len(frame.candidate) != len(compared.classes)
        for frame in compared.frames
    ):
        raise DataError(
            f"The comparison in {folder} does not fit its own classes.",
            "Retrain again to compare the models.",
        )
    return compared
