"""Keys that files of November 2026 carry, sentences among them, and what they are called now."""

from __future__ import annotations

from collections.abc import Mapping

from kd_core.schema.json_text import JsonObject

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
_PARAMETERS = {"training-only": "training_only"}


def renamed(plain: object, names: Mapping[str, str]) -> object:
    """A JSON object with its old keys under their new names; anything else as it is."""
    return renamed_keys(plain, names) if isinstance(plain, Mapping) else plain


def renamed_keys(plain: Mapping[str, object], names: Mapping[str, str]) -> JsonObject:
    """A JSON object with its old keys under their new names."""
    return {names.get(key, key): value for key, value in plain.items()}


def evidence(plain: Mapping[str, object]) -> JsonObject:
    """A proof.json -> with the keys of kd_core.schema.evidence.Evidence."""
    return {
        key: renamed(value, EVIDENCE_PART) for key, value in renamed_keys(plain, EVIDENCE).items()
    }


def card(plain: Mapping[str, object]) -> JsonObject:
    """A card.json of format 1 or 2 -> with the keys of kd_core.schema.model_card.ModelCard."""
    parts = {"checks": _checks, "training": _training, "data": _data, "scores": _scores}
    return {
        key: parts[key](value) if key in parts and isinstance(value, Mapping) else value
        for key, value in plain.items()
    }


def result(plain: Mapping[str, object]) -> JsonObject:
    """A result.json of a reproduction -> with the keys of reproduction.reproduce.Result."""
    return {
        **plain,
        "parameters": renamed(plain.get("parameters"), _PARAMETERS),
        "training": renamed(plain.get("training", {}), {"best epoch": "best_epoch"}),
    }


def _checks(plain: Mapping[str, object]) -> JsonObject:
    checks = renamed_keys(plain, _CHECKS)
    checks["latency"] = renamed(checks.get("latency"), {"ms a picture": "ms_per_image"})
    unsure = checks.get("unsure_of_others")
    if isinstance(unsure, Mapping) and _KIND_COUNT in unsure:
        shares = {kind: share for kind, share in unsure.items() if kind != _KIND_COUNT}
        checks["unsure_of_others"] = {"frames_per_kind": unsure[_KIND_COUNT], "shares": shares}
    comparison = checks.get("comparison")
    if isinstance(comparison, Mapping) and "format" not in comparison:
        checks["comparison"] = evidence(comparison)
    explanation = checks.get("explanation")
    if isinstance(explanation, Mapping):
        means = renamed(explanation.get("means"), {"picture": "image"})
        checks["explanation"] = {**explanation, "means": means}
    return checks


def _scores(plain: Mapping[str, object]) -> JsonObject:
    return {
        part: {**scores, "reliability": _reliability(scores["reliability"])}
        if isinstance(scores, Mapping) and "reliability" in scores
        else scores
        for part, scores in plain.items()
    }


def _reliability(rows: object) -> object:
    return (
        [renamed(row, {"pictures": "images"}) for row in rows] if isinstance(rows, list) else rows
    )


def _training(plain: Mapping[str, object]) -> JsonObject:
    training = renamed_keys(plain, {"best epoch": "best_epoch"})
    training["parameters"] = renamed(training.get("parameters", {}), _PARAMETERS)
    training["basis"] = renamed(training.get("basis"), {"energy kept": "energy_kept"})
    teachers = training.get("teachers", ())
    if isinstance(teachers, list):
        training["teachers"] = [renamed(teacher, _TAUGHT_BY) for teacher in teachers]
    return training


def _data(plain: Mapping[str, object]) -> JsonObject:
    return renamed_keys(plain, {"left out": "left_out", "held out": "held_out"})
