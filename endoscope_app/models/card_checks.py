"""What a model's card says of its comparison: accuracies, what was lost, why it was promoted."""

from __future__ import annotations

from kd_core.schema.evidence import ComparedPart, Evidence
from kd_core.schema.model_card import ModelCard
from kd_core.schema.model_scores import PartScores

HELD_OUT, OLD_KNOWLEDGE, TEST = "held-out procedures", "old knowledge", "test"


def needs_reason(card: ModelCard) -> tuple[str, ...]:
    """The classes for whose loss a promotion must give a reason, from the card's comparison."""
    return _evidence(card).needs_reason


def accuracies(card: ModelCard) -> dict[str, float]:
    """Accuracy by what it was measured on.

    A card may come from elsewhere, so what is no share is left out.
    """
    evidence = _evidence(card)
    shares = {
        HELD_OUT: _accuracy(evidence.held_out),
        OLD_KNOWLEDGE: _accuracy(evidence.known_before),
        TEST: card.scores.get("test", PartScores()).accuracy,
    }
    return {name: share for name, share in shares.items() if share is not None and 0 <= share <= 1}


def reason_given(card: ModelCard) -> str:
    """Why it was promoted though it lost recall; empty where no reason is kept."""
    promoted = card.checks.promoted_in_spite_of
    return "" if promoted is None else promoted.reason


def _evidence(card: ModelCard) -> Evidence:
    return card.checks.comparison or Evidence()


def _accuracy(part: ComparedPart | None) -> float | None:
    return None if part is None else part.accuracy.candidate
