"""What a model's card says of its proof: accuracies, what was lost, and why it was promoted all
the same.
"""

from __future__ import annotations

from typing import Any

from kd_core.schema.model_card import IN_SPITE, ModelCard

HELD_OUT, OLD_KNOWLEDGE, TEST = "held-out procedures", "old knowledge", "test"


def needs_reason(card: ModelCard) -> tuple[str, ...]:
    """The classes for whose loss a promotion must give a reason, from the card's comparison."""
    found = _inside(card.checks, "comparison", "needs a reason")
    return tuple(str(name) for name in found) if isinstance(found, list) else ()


def accuracies(card: ModelCard) -> dict[str, float]:
    """Accuracy by what it was measured on; a card may come from elsewhere, so what is no share
    is left out.
    """
    found = {
        HELD_OUT: _inside(card.checks, "comparison", "new", "accuracy", "candidate"),
        OLD_KNOWLEDGE: _inside(card.checks, "comparison", "old", "accuracy", "candidate"),
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


def _inside(part: Any, *names: str) -> Any:
    for name in names:
        part = part.get(name) if isinstance(part, dict) else None
    return part
