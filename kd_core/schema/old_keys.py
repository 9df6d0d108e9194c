"""Keys that files of November 2026 carry, sentences among them, and what they are called now."""

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
_KIND_COUNT = "frames of each kind"
_CHECKS = {
    "unsure of frames that are none of the classes": "unsure_of_others",
    "promoted in spite of": "promoted_in_spite_of",
    "test opened": "test_opened",
}
_TAUGHT_BY = {
    "share of attention": "attention_share",
    "attention by place": "attention_by_position",
}
EVIDENCE_PART = {"wrong before": "wrong_before", "flicker per 1000 frames": "flicker_per_1000"}


def renamed(plain: object, names: Mapping[str, str]) -> object:
    """A JSON object with its old keys under their new names; anything else as it is."""
    return renamed_keys(plain, names) if isinstance(plain, Mapping) else plain


def renamed_keys(plain: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """A JSON object with its old keys under their new names."""
    return {names.get(key, key): value for key, value in plain.items()}


def evidence(plain: Mapping[str, Any]) -> dict[str, Any]:
    """A proof.json -> with the keys of kd_core.schema.evidence.Evidence."""
    return {
        key: renamed(value, EVIDENCE_PART) for key, value in renamed_keys(plain, EVIDENCE).items()
    }


def card(plain: Mapping[str, Any]) -> dict[str, Any]:
    """A card.json of format 1 -> with the keys of kd_core.schema.model_card.ModelCard."""
    parts = {"checks": _checks, "training": _training, "data": _data}
    return {
        key: parts[key](value) if key in parts and isinstance(value, Mapping) else value
        for key, value in plain.items()
    }


def _checks(plain: Mapping[str, Any]) -> dict[str, Any]:
    made = renamed_keys(plain, _CHECKS)
    made["latency"] = renamed(made.get("latency"), {"ms a picture": "ms_per_image"})
    unsure = made.get("unsure_of_others")
    if isinstance(unsure, Mapping) and _KIND_COUNT in unsure:
        shares = {kind: share for kind, share in unsure.items() if kind != _KIND_COUNT}
        made["unsure_of_others"] = {"frames_per_kind": unsure[_KIND_COUNT], "shares": shares}
    comparison = made.get("comparison")
    if isinstance(comparison, Mapping) and "format" not in comparison:
        made["comparison"] = evidence(comparison)
    return made


def _training(plain: Mapping[str, Any]) -> dict[str, Any]:
    made = renamed_keys(plain, {"best epoch": "best_epoch"})
    made["parameters"] = renamed(made.get("parameters", {}), {"training-only": "training_only"})
    made["basis"] = renamed(made.get("basis"), {"energy kept": "energy_kept"})
    teachers = made.get("teachers", ())
    if isinstance(teachers, list):
        made["teachers"] = [renamed(teacher, _TAUGHT_BY) for teacher in teachers]
    return made


def _data(plain: Mapping[str, Any]) -> dict[str, Any]:
    return renamed_keys(plain, {"left out": "left_out", "held out": "held_out"})
