"""The card of a model: what it is, what it was made from, how good it is, what it must not be
used for.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from kd_core.schema.atomic_file import write_atomically
from kd_core.schema.errors import ModelError
from kd_core.schema.json_text import JsonError, read_json
from kd_core.schema.model_files import CARD_NAME

RESEARCH_USE = "For research and education. Not a medical device."
#: The check that says why a reader promoted a model though it had lost recall.
IN_SPITE = "promoted in spite of"
#: Where a card gives no threshold: a class that is not the more probable half is no statement.
UNSURE_BELOW = 0.5


class Preprocessing(msgspec.Struct, frozen=True, kw_only=True):
    """Constants of the one preprocessing path (kd_core.vision.preprocess); a model runs only
    with the ones it was trained with.
    """

    version: int
    input_size: int
    mean: tuple[float, float, float]
    std: tuple[float, float, float]


class ModelCard(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=False):
    """JSON beside the weights.

    ``files`` maps a file's name to its sha256; free-form parts are plain JSON objects.

    ``scores`` by part of the data; ``checks``: what else was asked of the finished model
    (robustness, explanation, shortcuts, ...).
    """

    format: int = 1
    name: str
    version: str
    parent: str | None = None
    created: str
    architecture: str
    classes: tuple[str, ...]
    preprocessing: Preprocessing
    temperature: float = 1.0
    thresholds: dict[str, float] = {}
    parameters: dict[str, int] = {}
    files: dict[str, str] = {}
    purpose: str = ""
    not_for: str = ""
    notice: str = RESEARCH_USE
    data: dict[str, Any] = {}
    training: dict[str, Any] = {}
    scores: dict[str, Any] = {}
    checks: dict[str, Any] = {}

    def threshold(self, name: str) -> float:
        """The probability from which on the class ``name`` is named; below it the answer is
        "unsure".
        """
        return self.thresholds.get(name, UNSURE_BELOW)


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
        card = read_json(path, ModelCard)
    except FileNotFoundError:
        raise ModelError(
            f"The model folder {model_dir.name} has no card.json.",
            "Choose a complete model folder.",
        ) from None
    except (OSError, JsonError) as error:
        why = str(error).rstrip(".")
        raise ModelError(
            f"The card of model {model_dir.name} cannot be read: {why}.",
            "Use another copy of the model.",
        ) from error
    if len(card.classes) < 2 or len(set(card.classes)) != len(card.classes):
        raise ModelError(
            f"The card of model {card.version} names no valid set of classes.",
            "Use another copy of the model.",
        )
    if not card.temperature > 0:
        raise ModelError(
            f"The card of model {card.version} holds a temperature that is not above 0.",
            "Use another copy of the model.",
        )
    return card


def write_card(model_dir: Path, card: ModelCard) -> None:
    """Write the card as readable JSON, replacing an old one in one step. Raises OSError."""
    write_atomically(
        model_dir / CARD_NAME, msgspec.json.format(msgspec.json.encode(card), indent=2) + b"\n"
    )
