"""What a comparison of a new model with the model in use found.

The trainer writes it beside the new model and into its card; the application shows it, and asks by
it whether a promotion needs a reason.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from kd_core.schema import old_keys
from kd_core.schema.atomic_file import write_atomically
from kd_core.schema.estimate import Estimate
from kd_core.schema.json_text import JsonError, JsonObject, read_json
from kd_core.schema.run_files import EVIDENCE_NAME, OLD_EVIDENCE_NAME

#: Raised when a key changes; files without it are of 2026 and are read by kd_core.schema.old_keys.
FORMAT = 2


class BothModels(msgspec.Struct, frozen=True):
    """One number for each model; None for what was not a number."""

    active: float | None = None
    candidate: float | None = None


class BothEstimates(msgspec.Struct, frozen=True):
    """One number for each model, with how sure it is."""

    active: Estimate | None = None
    candidate: Estimate | None = None


class Flicker(msgspec.Struct, frozen=True):
    """Of 1,000 labelled frames that follow another one, how many change the class.

    Of both models and of the reader's own ``labels``; None where no frame follows another.
    """

    active: float | None = None
    candidate: float | None = None
    labels: float | None = None


class ComparedScore(msgspec.Struct, frozen=True):
    """One score of both models, between 0 and 1.

    ``difference``: candidate minus active, by paired bootstrap; ``intervals``: Wilson's interval of
    each model's own score, of a recall or a precision alone.
    """

    active: float | None = None
    candidate: float | None = None
    difference: Estimate = Estimate()
    verdict: Literal["better", "worse", "undecided"] = "undecided"
    intervals: BothEstimates | None = None


class ComparedPart(msgspec.Struct, frozen=True):
    """Both models on the same frames.

    ``groups``: what is drawn together, patients or procedures; ``recall`` and ``precision`` by
    class, of which files of 2026 have no precision; ``calibration``: expected calibration error;
    ``wrong_before``: frames on which the active model was wrong, ``corrected`` and ``broken``:
    those that the candidate changed; ``confusion``: active and candidate, rows truth, columns
    predicted. ``procedures`` and ``patients`` are 0 where frames belong to none.
    """

    frames: int = 0
    groups: int = 0
    accuracy: ComparedScore = ComparedScore()
    macro_f1: ComparedScore = ComparedScore()
    recall: dict[str, ComparedScore] = {}
    precision: dict[str, ComparedScore] = {}
    calibration: BothModels | None = None
    corrected: int = 0
    broken: int = 0
    wrong_before: int = 0
    confusion: tuple[tuple[tuple[int, ...], ...], ...] = ()
    flicker_per_1000: Flicker | None = None
    procedures: int = 0
    patients: int = 0


class NoneOfTheseFrames(msgspec.Struct, frozen=True):
    """Frames that show none of the classes: how many were learnt from and held out.

    ``left_unsure``: the share of those held out of which a model names no class, None for none.
    """

    learnt: int = 0
    held_out: int = 0
    left_unsure: BothModels | None = None


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """What a reader decides by.

    ``held_out``: on procedures that no model learnt from, None where there are none;
    ``known_before``: on the held-out part of the replay set; ``recall_lost``: points that each of
    its classes lost there, and ``needs_reason``: those that lost more than may be lost without a
    reason. ``not_yet_named``: class to why the candidate does not name it yet, which ``sentence``
    says first. ``seen_by_teachers``: file names of held-out frames that are no evidence.
    """

    format: int = FORMAT
    sentence: str = ""
    verdict: Literal["better", "worse", "mixed", "undecided"] = "undecided"
    held_out: ComparedPart | None = None
    known_before: ComparedPart | None = None
    recall_lost: dict[str, float] = {}
    needs_reason: tuple[str, ...] = ()
    not_yet_named: dict[str, str] = {}
    seen_by_teachers: tuple[str, ...] = ()
    none_of_these: NoneOfTheseFrames = NoneOfTheseFrames()


def evidence_from(plain: object) -> Evidence:
    """From a JSON object with the keys of today or of 2026. Raises JsonError where it is none."""
    if isinstance(plain, dict) and "format" not in plain:
        plain = old_keys.evidence(plain)
    try:
        return msgspec.convert(plain, Evidence)
    except msgspec.ValidationError as error:
        raise JsonError(f"{error}.") from None


def read_evidence(folder: Path) -> Evidence:
    """What lies beside a candidate.

    Raises FileNotFoundError where there is none, OSError where it cannot be read, JsonError where
    it is damaged.
    """
    try:
        return evidence_from(read_json(folder / EVIDENCE_NAME, JsonObject))
    except FileNotFoundError:
        return evidence_from(read_json(folder / OLD_EVIDENCE_NAME, JsonObject))


def write_evidence(folder: Path, evidence: Evidence) -> None:
    """Replace it in one step. Raises OSError where it cannot be written."""
    content = msgspec.json.format(msgspec.json.encode(evidence), indent=1)
    write_atomically(folder / EVIDENCE_NAME, content + b"\n")
