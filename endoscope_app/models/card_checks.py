"""What a model's card says of its proof: accuracies, what was lost, and why it was promoted all
the same.
"""

from __future__ import annotations

from typing import Any

from kd_core.schema.evidence import ComparedPart, Evidence, evidence_from
from kd_core.schema.json_text import JsonError
from kd_core.schema.model_card import IN_SPITE, ModelCard

HELD_OUT, OLD_KNOWLEDGE, TEST = "held-out procedures", "old knowledge", "test"


def needs_reason(card: ModelCard) -> tuple[str, ...]:
    """The classes for whose loss a promotion must give a reason, from the card's comparison."""
    return _evidence(card).needs_reason


def accuracies(card: ModelCard) -> dict[str, float]:
    """Accuracy by what it was measured on; a card may come from elsewhere, so what is no share
    is left out.
    """
    evidence = _evidence(card)
    found = {
        HELD_OUT: _accuracy(evidence.held_out),
        OLD_KNOWLEDGE: _accuracy(evidence.known_before),
        TEST: _inside(card.scores, "test", "accuracy"),
    }
    return {
        name: float(value)
        for name, value in found.items()
        if isinstance(value, float | int) and 0 <= value <= 1
    }


def reason_given(card: ModelCard) -> str:
    """Why it was promoted though it lost recall; empty where no reason is kept."""
    found = _inside(card.checks, IN_SPITE, "reason")
    return found if isinstance(found, str) else ""


def _evidence(card: ModelCard) -> Evidence:
    """The card's comparison; an empty one where there is none, or none that can be read."""
    try:
        return evidence_from(card.checks.get("comparison", {}))
    except JsonError:
        return Evidence()


def _accuracy(part: ComparedPart | None) -> float | None:
    return None if part is None else part.accuracy.candidate


def _inside(part: Any, *names: str) -> Any:
    for name in names:
        part = part.get(name) if isinstance(part, dict) else None
    return part
