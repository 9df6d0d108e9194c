"""What a model was made from and how, as its card keeps it."""

from __future__ import annotations

import msgspec

from kd_core.schema.json_text import JsonObject


class DataNotes(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The data a model was trained with; what does not apply is missing.

    ``left_out`` counts images of other classes, ``unreadable`` files. ``held_out`` and
    ``none_of_these`` say it in a sentence, ``replayed`` names the source of what was replayed,
    ``unlabelled`` says what was learnt as teachers alone say it. ``complete_labels``: an image
    without a label of a class group was taken to show none of it.
    """

    source: str = ""
    images: int | None = None
    groups: int | None = None
    procedures: int | None = None
    left_out: dict[str, int] = {}
    held_out: str = ""
    none_of_these: str = ""
    unreadable: int | None = None
    split: str = ""
    replayed: str = ""
    unlabelled: str = ""
    complete_labels: bool = False


class TaughtBy(msgspec.Struct, frozen=True, omit_defaults=True):
    """A teacher; where a fusion reads several, how much it reads this one and where (h, w)."""

    name: str
    version: str
    attention_share: float | None = None
    attention_by_position: list[list[float]] = []


class ParameterCounts(msgspec.Struct, frozen=True):
    """``training_only``: adapters and fusions that are thrown away in the end."""

    deployed: int = 0
    training_only: int = 0


class Basis(msgspec.Struct, frozen=True):
    """A teacher's strongest directions, and the share of its features' energy that they keep."""

    directions: int
    energy_kept: float


class Provenance(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What would be needed to do it again.

    ``commit`` of this program; ``packages``: versions; ``precision`` and ``threads``: what was
    really used; ``command``: file names only; ``data``: digest of the contents of the images that
    were learnt from.
    """

    commit: str = ""
    packages: dict[str, str] = {}
    python: str = ""
    precision: str = ""
    threads: int = 0
    command: str = ""
    data: str = ""


class TrainingNotes(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a model was trained.

    ``config``: the settings as they were called then; ``kept``: which weights these are;
    ``not_yet_named``: class to why no frame is called it yet; ``class_shift``: what was added to
    logits of classes so that none lost too much recall, by class; ``provenance``: none in cards of
    before 2026-12.
    """

    scheme: str = ""
    config: JsonObject = {}
    teachers: tuple[TaughtBy, ...] = ()
    parameters: ParameterCounts = ParameterCounts()
    hardware: str = ""
    kept: str = ""
    best_epoch: int = 0
    minutes: float = 0.0
    basis: Basis | None = None
    not_yet_named: dict[str, str] = {}
    class_shift: dict[str, float] = {}
    provenance: Provenance | None = None
