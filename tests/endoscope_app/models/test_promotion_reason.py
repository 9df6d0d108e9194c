"""The reason for promoting a model that lost recall: kept in its card, written before the
choice, and nothing else changed.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest

from endoscope_app.base.errors import AppError
from endoscope_app.models.model_registry import ModelRegistry
from tests.endoscope_app.model_stage import A, make


def test_a_reason_is_kept_in_the_card_and_nothing_else_of_the_model_is_changed(
    tmp_path: Path, registry: ModelRegistry
) -> None:
    checks = {"comparison": {"needs a reason": ["polyp"]}, "robustness": {"unchanged": 0.1 + 0.2}}
    registry.adopt(
        make(tmp_path / "candidate", A, checks=checks, later={"a part": "of a newer program"})
    )
    folder = tmp_path / "data" / "models" / A
    before = json.loads((folder / "card.json").read_text())
    with pytest.raises(AppError, match="lost too much sensitivity for Polyp"):
        registry.promote(A, "Dr. A", "  ")
    assert json.loads((folder / "card.json").read_text()) == before
    registry.promote(A, "Dr. A", " It finds more. ")
    after = json.loads((folder / "card.json").read_text())
    note = {
        "classes": ["polyp"],
        "reason": "It finds more.",
        "reader": "Dr. A",
        "date": registry.history()[-1].utc,
    }
    assert after == {**before, "checks": {**checks, "promoted_in_spite_of": note}}
    assert sorted(path.name for path in folder.iterdir()) == [
        "card.json",
        "student.onnx",
        "student.safetensors",
    ]
    for name, digest in after["files"].items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    exported = registry.export_to(A, tmp_path / "elsewhere")
    assert json.loads((exported / "card.json").read_text()) == after
    (kept,) = [entry for entry in registry.entries() if entry.version == A]
    assert (kept.reader, kept.reason) == ("Dr. A", "It finds more.")
    other = ModelRegistry(tmp_path / "other" / "models", registry.shipped)
    other.adopt(exported)  # in another reader's list the card alone tells it
    assert [entry.reason for entry in other.entries()] == ["", "It finds more."]


def test_a_card_stays_as_it_is_where_no_reason_was_needed(
    tmp_path: Path, registry: ModelRegistry
) -> None:
    registry.adopt(make(tmp_path / "candidate", A))
    card = tmp_path / "data" / "models" / A / "card.json"
    before = card.read_bytes()
    registry.promote(A, "Dr. A", "though nobody asked")
    assert card.read_bytes() == before


def test_a_card_that_cannot_be_written_leaves_the_choice_as_it_was(
    tmp_path: Path, registry: ModelRegistry, shipped: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    registry.adopt(
        make(tmp_path / "candidate", A, checks={"comparison": {"needs a reason": ["polyp"]}})
    )
    before = (tmp_path / "data" / "models" / A / "card.json").read_bytes()
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(AppError, match="disk is full"):
        registry.promote(A, "Dr. A", "because")
    assert registry.active_path() == shipped
    assert (tmp_path / "data" / "models" / A / "card.json").read_bytes() == before
