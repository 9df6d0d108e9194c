"""Choosing anew, on the validation part, from which probability on an older model names a class."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import msgspec

from kd_core.api.labelled_data import OnWarning, ignore
from kd_core.api.loading import load_model
from kd_core.api.predictions import chosen_samples
from kd_core.api.seen_images import warn_of_seen
from kd_core.artifacts.checkpoint import remove_old_signature, writing
from kd_core.evaluation.examination import naming_on
from kd_core.schema.atomic_file import write_atomically
from kd_core.schema.card_text import as_markdown
from kd_core.schema.errors import DataError
from kd_core.schema.model_card import ModelCard, read_card, write_card
from kd_core.schema.model_files import MARKDOWN_NAME
from kd_core.schema.model_scores import PartScores


def choose_naming_level(
    model: str | Path,
    data: str | Path,
    split: str | Path,
    *,
    ignore_unknown: bool = False,
    threads: int = 1,
    on_warning: OnWarning = ignore,
) -> ModelCard:
    """Give the card of the student or teacher in ``model`` the naming level that it lacks.

    It takes the place of thresholds per class. ``split``: the one it was trained with; only its
    validation part is asked about, and the weights' bytes stay as they are. What the former
    thresholds named of other parts is left out, for those parts are not looked at. Raises DataError
    where the card has a level, and for data that cannot be read; ModelError.
    """
    folder = Path(model)
    card = read_card(folder)
    if card.heads:
        raise DataError(
            f"Model {card.version} has a naming level for each class group.",
            "Nothing is to be done.",
        )
    if card.naming is not None:
        raise DataError(
            f"The card of model {card.version} has a naming level: {card.naming.level:.0%}.",
            "Nothing is to be done.",
        )
    samples, _ = chosen_samples(data, card.classes, split, "val", ignore_unknown)
    loaded = load_model(folder, threads=threads)
    warn_of_seen(folder, card, samples, split, on_warning)
    found = naming_on(
        lambda images: [row.probabilities for row in loaded.predict(images)], card, samples
    )
    scores = {
        part: msgspec.structs.replace(
            row, abstention=found.abstention if part == "validation" else None
        )
        for part, row in {"validation": PartScores(n=found.abstention.n), **card.scores}.items()
    }
    calibrated = msgspec.structs.replace(
        card,
        naming=msgspec.structs.replace(found.naming, chosen=f"{datetime.now(UTC):%Y-%m-%d}"),
        thresholds={},
        scores=scores,
        checks=msgspec.structs.replace(card.checks, unsure_of_others=found.unsure_of_others),
    )
    with writing(folder):
        remove_old_signature(folder, on_warning)
        write_card(folder, calibrated)
        write_atomically(folder / MARKDOWN_NAME, as_markdown(calibrated).encode())
    return calibrated
