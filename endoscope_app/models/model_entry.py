"""One model as the list of models knows it, from its card and from who chose it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from endoscope_app.base.errors import AppError
from endoscope_app.models import model_folders, wording
from endoscope_app.models.card_checks import accuracies, needs_reason, reason_given
from endoscope_app.models.promotions import Promotions


@dataclass(frozen=True)
class ModelEntry:
    """One model.

    ``scores``: accuracy on what its card has of HELD_OUT, OLD_KNOWLEDGE and TEST. ``reader`` chose
    it last and gave ``reason``, empty where none was needed; one from elsewhere has its card's.

    ``needs_reason``: keys of the classes that lost too much to choose it without one. ``problem``:
    why it cannot be used, empty for a sound one. ``signature``: who signed it, in words.
    """

    version: str
    name: str
    path: Path
    parent: str = ""
    created: str = ""
    reader: str = ""
    shipped: bool = False
    active: bool = False
    scores: dict[str, float] = field(default_factory=dict)
    needs_reason: tuple[str, ...] = ()
    problem: str = ""
    reason: str = ""
    signature: str = ""


def read_entry(path: Path, promotions: Promotions, *, shipped: bool, active: bool) -> ModelEntry:
    """The model in a folder; one that cannot be used says why in ``problem``."""
    try:
        card = model_folders.card_of(path)
        if not shipped and card.version != path.name:
            raise wording.card_of_another(path.name)
    except AppError as error:
        name = promotions.names.get(path.name, "")
        return ModelEntry(path.name, name, path, shipped=shipped, problem=str(error))
    last = promotions.last_of(card.version)
    return ModelEntry(
        card.version,
        promotions.names.get(card.version, card.name),
        path,
        card.parent or "",
        card.created,
        last.reader if last is not None else "",
        shipped,
        active,
        accuracies(card),
        needs_reason(card),
        reason=last.reason if last is not None else reason_given(card),
    )
