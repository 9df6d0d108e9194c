"""The reference models that are asked about a label beside the model in use. No Qt."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from endoscope_app.base.errors import AppError
from endoscope_app.base.wording import network_name
from endoscope_app.labels.errors import wording
from kd_core.schema.errors import CoreError
from kd_core.schema.model_card import read_card


@dataclass(frozen=True)
class ReferenceModel:
    """Where it lies, and what a reader calls it."""

    folder: Path
    name: str


def reference_models(folders: Iterable[Path], classes: tuple[str, ...]) -> list[ReferenceModel]:
    """Those in these folders. AppError for one that does not know exactly these classes."""
    return [_reference_model(folder, classes) for folder in folders]


def _reference_model(folder: Path, classes: tuple[str, ...]) -> ReferenceModel:
    try:
        card = read_card(folder)
    except CoreError as error:
        raise AppError(error.sentence, error.way_out) from error
    name = network_name(card.name)
    if set(card.classes) != set(classes):
        raise AppError(*wording.other_classes(name))
    return ReferenceModel(folder, name)
