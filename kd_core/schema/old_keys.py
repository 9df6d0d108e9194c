"""Keys that files of 2026 carry, sentences among them, and what they are called now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

EVIDENCE = {
    "new": "held_out",
    "old": "known_before",
    "recall lost on old knowledge": "recall_lost",
    "needs a reason": "needs_reason",
    "left_out_seen": "seen_by_teachers",
}
EVIDENCE_PART = {"wrong before": "wrong_before", "flicker per 1000 frames": "flicker_per_1000"}


def renamed(plain: object, names: Mapping[str, str]) -> object:
    """A JSON object with its old keys under their new names; anything else as it is."""
    return renamed_keys(plain, names) if isinstance(plain, Mapping) else plain


def renamed_keys(plain: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """A JSON object with its old keys under their new names."""
    return {names.get(key, key): value for key, value in plain.items()}
