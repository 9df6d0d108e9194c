"""The card of a model.

What it is, what it was made from, how good it is, and what it must not be used for.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from kd_core.schema import old_keys
from kd_core.schema.atomic_file import write_atomically
from kd_core.schema.class_heads import ClassHead, refuse_other_heads
from kd_core.schema.errors import ModelError
from kd_core.schema.json_text import JsonError, JsonObject, read_json
from kd_core.schema.model_checks import Checks
from kd_core.schema.model_files import CARD_NAME
from kd_core.schema.model_origin import DataNotes, TrainingNotes
from kd_core.schema.model_scores import PartScores
from kd_core.schema.naming_level import UNSURE_BELOW, NamingLevel

RESEARCH_USE = "For research and education. Not a medical device."
#: Raised when a key changes; kd_core.schema.old_keys reads older ones, 1 of November 2026.
FORMAT = 3
#: Of a card whose model has a softmax for each class group: a program that knows none must not read
#: it as one softmax.
FORMAT_WITH_HEADS = 4
#: A card of today has 30 kB.
LARGEST_CARD = 1 << 20
#: Beyond these, calibration has failed, or somebody has changed the card.
TEMPERATURES = (0.01, 100.0)
#: A class that is not named yet has a level that no probability reaches.
HIGHEST_LEVEL = 2.0


class Preprocessing(msgspec.Struct, frozen=True, kw_only=True):
    """Constants of the one preprocessing path (kd_core.vision.preprocess).

    A model runs only with the ones it was trained with.
    """

    version: int
    input_size: int
    mean: tuple[float, float, float]
    std: tuple[float, float, float]


class ModelCard(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=False):
    """JSON beside the weights.

    ``format`` is the version of its keys, ``version`` that of the model. ``files`` maps a file's
    name to its sha256; ``scores`` by part of the data; ``checks``: what else was asked of the
    finished model. ``naming``: from which probability on any class is named; ``thresholds``: of
    classes that have one of their own, all in a card from before there was one level, and in cards
    of today those that a reader has taught, of which few frames are known: no higher than
    ``naming``, or so high that they are not named yet. ``calibration``: what is to be said of
    ``temperature``. ``heads``: a softmax for each class group, with a temperature and a level of
    its own; none: one softmax of all classes.
    """

    format: int = FORMAT
    name: str
    version: str
    parent: str | None = None
    created: str
    architecture: str
    classes: tuple[str, ...]
    preprocessing: Preprocessing
    temperature: float = 1.0
    calibration: str = ""
    naming: NamingLevel | None = None
    thresholds: dict[str, float] = {}
    heads: tuple[ClassHead, ...] = ()
    parameters: dict[str, int] = {}
    files: dict[str, str] = {}
    purpose: str = ""
    not_for: str = ""
    notice: str = RESEARCH_USE
    data: DataNotes = DataNotes()
    training: TrainingNotes = TrainingNotes()
    scores: dict[str, PartScores] = {}
    checks: Checks = Checks()

    def threshold(self, name: str) -> float:
        """The probability from which on the class ``name`` is named; below it: "unsure"."""
        head = next((head for head in self.heads if name in head.classes), None)
        naming = self.naming if head is None else head.naming
        common = UNSURE_BELOW if naming is None else naming.level
        return self.thresholds.get(name, common)


def card_from(plain: JsonObject) -> ModelCard:
    """From a JSON object with the keys of today or of November 2026.

    Raises JsonError where it is no card.
    """
    if plain.get("format", 1) in (1, 2):
        plain = {**old_keys.card(plain), "format": FORMAT}
    if plain.get("format") not in (FORMAT, FORMAT_WITH_HEADS):
        raise JsonError("it was written by a newer program.")
    try:
        return msgspec.convert(plain, ModelCard)
    except msgspec.ValidationError as error:
        raise JsonError(f"{error}.") from None


def read_card(model_dir: Path) -> ModelCard:
    """The card in ``model_dir``.

    Raises ModelError when it is missing, not JSON, or lacks what a model needs.
    """
    path = model_dir / CARD_NAME
    if not model_dir.is_dir():
        raise ModelError(
            f"There is no model folder at {model_dir}.", "Choose a folder that holds card.json."
        )
    try:
        card = card_from(read_json(path, JsonObject, LARGEST_CARD))
    except FileNotFoundError:
        raise ModelError(
            f"The model folder {model_dir.name} has no card.json.",
            "Choose a complete model folder.",
        ) from None
    except (OSError, JsonError) as error:
        why = (str(error.strerror) if isinstance(error, OSError) else str(error)).rstrip(".")
        raise ModelError(
            f"The card of model {model_dir.name} cannot be read: {why}.",
            "Use another copy of the model.",
        ) from error
    if len(card.classes) < 2 or len(set(card.classes)) != len(card.classes):
        raise ModelError(
            f"The card of model {card.version} names no valid set of classes.",
            "Use another copy of the model.",
        )
    refuse_other_heads(card.heads, card.classes, card.version)
    _refuse_numbers(card)
    return card


def _refuse_numbers(card: ModelCard) -> None:
    """What would make probabilities of nothing, or name every frame or none."""
    low, high = TEMPERATURES
    namings = [card.naming, *(head.naming for head in card.heads)]
    levels = [*card.thresholds.values(), *(each.level for each in namings if each is not None)]
    temperatures = [card.temperature, *(head.temperature for head in card.heads)]
    wrong = ""
    if not all(low <= temperature <= high for temperature in temperatures):
        wrong = f"a temperature that is not between {low} and {high:.0f}"
    elif not all(0 <= level <= HIGHEST_LEVEL for level in levels):
        wrong = "a level of certainty that is no probability"
    elif any(part is not None and not part >= 0 for part in card.parameters.values()):
        wrong = "a number of parameters below 0"
    if wrong:
        raise ModelError(
            f"The card of model {card.version} holds {wrong}.", "Use another copy of the model."
        )


def write_card(model_dir: Path, card: ModelCard) -> None:
    """Write the card as readable JSON, replacing an old one in one step. Raises OSError."""
    write_atomically(
        model_dir / CARD_NAME, msgspec.json.format(msgspec.json.encode(card), indent=2) + b"\n"
    )
