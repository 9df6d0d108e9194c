"""The registry of models: what is in use, what was before, what may come in, and what a kill at
any moment leaves.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from endoscope_app.base.errors import AppError
from endoscope_app.models.card_checks import HELD_OUT, OLD_KNOWLEDGE, TEST
from endoscope_app.models.model_registry import ModelRegistry
from tests.endoscope_app.model_stage import A, B, S, active_of, make


def test_a_new_registry_writes_nothing_and_has_the_shipped_model(
    tmp_path: Path, registry: ModelRegistry, shipped: Path
) -> None:
    assert registry.active_path() == shipped
    (only,) = registry.entries()
    assert (only.version, only.shipped, only.active) == (S, True, True)
    assert registry.previous() == registry.trouble == ""
    assert not (tmp_path / "data").exists()


def test_promotions_are_taken_back_one_by_one_to_the_shipped_model_at_last(
    tmp_path: Path, two: ModelRegistry, shipped: Path
) -> None:
    assert active_of(two) == S
    two.promote(A, "Dr. A")
    two.promote(B, "Dr. B", "because")
    assert two.active_path() == tmp_path / "data" / "models" / B
    assert [(one.version, one.reader, one.reason) for one in two.history()] == [
        (A, "Dr. A", ""),
        (B, "Dr. B", "because"),
    ]
    again = ModelRegistry(tmp_path / "data" / "models", shipped)
    assert active_of(again) == B
    assert again.previous() == A
    assert again.roll_back("Dr. C") == A
    assert again.roll_back() == S
    assert again.active_path() == shipped
    with pytest.raises(AppError, match="none was in use before it"):
        again.roll_back()
    kept = json.loads((tmp_path / "data" / "models" / "active.json").read_text())
    assert [(one["promotion"]["reason"], one["reader"]) for one in kept["taken_back"]] == [
        ("because", "Dr. C"),
        ("", ""),
    ]


def test_the_shipped_model_can_be_promoted_again_and_that_taken_back(two: ModelRegistry) -> None:
    two.promote(A, "")
    two.promote(S, "")
    assert active_of(two) == S
    with pytest.raises(AppError, match="already in use"):
        two.promote(S, "")
    assert two.roll_back() == A == active_of(two)


def test_entries_tell_scores_of_what_the_card_has_and_ignore_nonsense(
    tmp_path: Path, registry: ModelRegistry
) -> None:
    comparison = {
        "new": {"accuracy": {"candidate": 0.75}},
        "old": {"accuracy": {"candidate": 7}},
        "needs a reason": ["polyp"],
    }
    registry.adopt(
        make(
            tmp_path / "c",
            A,
            parent=S,
            scores={"test": {"accuracy": 0.5}},
            checks={"comparison": comparison},
        )
    )
    entry = registry.entries()[1]
    assert (entry.version, entry.parent, entry.created, entry.name) == (
        A,
        S,
        "2026-02-02T10:00:00Z",
        "model a",
    )
    assert entry.scores == {HELD_OUT: 0.75, TEST: 0.5}
    assert OLD_KNOWLEDGE not in entry.scores
    assert entry.needs_reason == ("polyp",)
    with pytest.raises(AppError, match="sensitivity for Polyp"):
        registry.promote(A, "Dr. A", "  ")
    assert active_of(registry) == S
    registry.promote(A, "Dr. A", " it is rare here ")
    assert registry.history()[-1].reason == "it is rare here"
    assert registry.entries()[1].reader == "Dr. A"


def test_a_name_is_kept_beside_and_the_files_stay(tmp_path: Path, two: ModelRegistry) -> None:
    before = {path.name: path.read_bytes() for path in (tmp_path / "data" / "models" / A).iterdir()}
    two.rename(A, "  evening \n list ")
    assert {entry.version: entry.name for entry in two.entries()}[A] == "evening list"
    assert {
        path.name: path.read_bytes() for path in (tmp_path / "data" / "models" / A).iterdir()
    } == before
    two.rename(A, "")
    assert {entry.version: entry.name for entry in two.entries()}[A] == "model a"
    with pytest.raises(AppError, match="at most 120"):
        two.rename(A, "x" * 121)


def test_an_exported_model_can_be_taken_in_elsewhere(
    tmp_path: Path, two: ModelRegistry, shipped: Path
) -> None:
    made = two.export_to(A, tmp_path / "stick")
    assert made == tmp_path / "stick" / A
    assert sorted(path.name for path in made.iterdir()) == [
        "card.json",
        "student.onnx",
        "student.safetensors",
    ]
    other = ModelRegistry(tmp_path / "other", shipped)
    assert other.adopt(made) == A
    with pytest.raises(AppError, match="already a folder"):
        two.export_to(A, tmp_path / "stick")
    two.export_onnx(A, tmp_path / "a.onnx")
    assert (tmp_path / "a.onnx").read_bytes() == b"onnx of " + A.encode()


def test_only_what_nobody_needs_is_deleted(tmp_path: Path, two: ModelRegistry) -> None:
    two.promote(A, "")
    two.promote(B, "")
    for version, words in ((S, "came with the program"), (A, "Go back returns to"), (B, "in use")):
        with pytest.raises(AppError, match=words):
            two.delete(version)
    two.roll_back()
    two.delete(B)
    assert [entry.version for entry in two.entries()] == [S, A]
    assert sorted(path.name for path in (tmp_path / "data" / "models").iterdir()) == [
        A,
        "active.json",
        "active.lock",
    ]
    with pytest.raises(AppError, match="no usable model"):
        two.delete(B)
    with pytest.raises(AppError, match="no usable model"):
        two.delete("../models")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'{"history": [{"version": 3}]}',
        b"\xff\x00",
        b"[" * 5000,
        b'{"names": {"a": "\xff"}}',
    ],
)
def test_a_damaged_list_is_set_aside_and_the_shipped_model_used(
    tmp_path: Path, two: ModelRegistry, shipped: Path, content: bytes
) -> None:
    two.promote(A, "")
    path = tmp_path / "data" / "models" / "active.json"
    path.write_bytes(content)
    assert two.active_path() == shipped
    assert "damaged" in two.trouble
    (aside,) = path.parent.glob("active.json.damaged-*Z")
    assert aside.read_bytes() == content
    assert aside.name in two.trouble
    assert [entry.version for entry in two.entries()] == [S, B, A]
    two.promote(A, "")
    two.active_path()
    assert two.trouble == ""


def test_a_missing_list_is_no_trouble(tmp_path: Path, two: ModelRegistry, shipped: Path) -> None:
    two.promote(A, "")
    (tmp_path / "data" / "models" / "active.json").unlink()
    assert two.active_path() == shipped
    assert two.trouble == ""


@pytest.mark.parametrize(
    "version", ["../../shipped", "/etc", "", ".", "2026.09.09-99999999", "x" * 500]
)
def test_an_active_model_that_is_not_there_is_replaced_by_the_shipped_one(
    tmp_path: Path, two: ModelRegistry, shipped: Path, version: str
) -> None:
    (tmp_path / "data" / "models" / "active.json").write_text(
        json.dumps({"history": [{"version": version, "utc": ""}]})
    )
    assert two.active_path() == shipped
    assert "is missing, so the model that came with the program is used" in two.trouble


def test_a_roll_back_passes_over_a_model_that_is_gone(tmp_path: Path, two: ModelRegistry) -> None:
    two.promote(A, "")
    two.promote(B, "")
    shutil.rmtree(tmp_path / "data" / "models" / A)
    assert two.previous() == S
    assert two.roll_back() == S


def test_a_damaged_model_is_listed_as_such_and_can_only_be_deleted(
    tmp_path: Path, two: ModelRegistry
) -> None:
    (tmp_path / "data" / "models" / A / "card.json").write_text("{")
    entry = next(entry for entry in two.entries() if entry.version == A)
    assert "cannot be read" in entry.problem
    for act in (
        lambda: two.promote(A, ""),
        lambda: two.rename(A, "x"),
        lambda: two.export_to(A, tmp_path / "stick"),
    ):
        with pytest.raises(AppError, match="no usable model"):
            act()
    two.delete(A)
    assert A not in [entry.version for entry in two.entries()]
