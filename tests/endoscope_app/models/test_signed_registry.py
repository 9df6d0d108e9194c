"""Signed models in the registry: taken in whole, exported whole, refused where they do not fit."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from endoscope_app.base.errors import AppError
from endoscope_app.models import model_folders, signature_wording
from endoscope_app.models.model_registry import ModelRegistry
from endoscope_app.models.trusted_keys import KEYS_NAME, MOST_KEYS, TrustedKeys
from kd_core.schema.model_checks import PromotedInSpite
from kd_core.signing.ed25519 import fingerprint
from kd_core.signing.model_signature import signature_state
from tests.endoscope_app.model_stage import A, B, S, make
from tests.signed_models import LAB, OTHER_LAB, change_signature, public, signed


@pytest.fixture
def registry(tmp_path: Path) -> ModelRegistry:
    return ModelRegistry(tmp_path / "models", make(tmp_path / "shipped", S))


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """As a lab sends it: with a page that the card does not vouch for."""
    folder = make(tmp_path / "lab" / A, A)
    (folder / "card.md").write_text("# A model\n")
    return signed(folder)


def said(registry: ModelRegistry, version: str) -> str:
    return next(entry.signature for entry in registry.entries() if entry.version == version)


def test_who_signed_is_said_of_every_model(
    registry: ModelRegistry, bundle: Path, tmp_path: Path
) -> None:
    registry.adopt(bundle)
    registry.adopt(make(tmp_path / B, B))
    assert said(registry, S) == "Came with the program"
    assert said(registry, B) == "Not signed"
    assert said(registry, A) == (
        f"Signed by an unknown key (fingerprint {fingerprint(public(LAB))})"
    )
    registry.keys.add("University lab", public(LAB))
    assert said(registry, A) == "Signed by University lab"
    registry.keys.remove(public(LAB))
    assert "unknown key" in said(registry, A)


def test_all_that_was_signed_comes_in_and_goes_out_again(
    registry: ModelRegistry, bundle: Path, tmp_path: Path
) -> None:
    registry.adopt(bundle)
    kept = tmp_path / "models" / A
    assert {path.name for path in kept.iterdir()} == {path.name for path in bundle.iterdir()}
    out = registry.export_to(A, tmp_path / "stick")
    for folder in (kept, out):
        assert signature_state(folder) == signature_state(bundle)


@pytest.mark.parametrize(
    "name", ["card.json", "card.md", "student.onnx", "student.safetensors", "signature.json"]
)
def test_a_model_with_any_file_changed_is_not_taken_in(
    registry: ModelRegistry, bundle: Path, name: str
) -> None:
    text = (bundle / name).read_bytes()
    place = len(text) - 3 if name == "signature.json" else len(text) // 2
    (bundle / name).write_bytes(text[:place] + b" " + text[place:])
    if name == "signature.json":  # a space more is the same JSON
        change_signature(bundle, signed="2020-01-01T00:00:00Z")
    with pytest.raises(AppError):
        registry.adopt(bundle)
    assert [entry.version for entry in registry.entries()] == [S]
    assert not list((registry.shipped.parent / "models").glob("*"))


def test_a_model_that_changes_in_the_registry_is_damaged(
    registry: ModelRegistry, bundle: Path, tmp_path: Path
) -> None:
    registry.adopt(bundle)
    assert said(registry, A).startswith("Signed by")
    (tmp_path / "models" / A / "card.md").write_text("# Another\n")
    entry = next(entry for entry in registry.entries() if entry.version == A)
    assert entry.signature == signature_wording.MISFIT
    assert entry.problem.startswith("The signature does not fit: card.md was changed.")
    with pytest.raises(AppError, match="does not fit"):
        registry.export_to(A, tmp_path / "stick")


def test_a_newer_format_is_said_and_kept_for_a_newer_program(
    registry: ModelRegistry, bundle: Path, tmp_path: Path
) -> None:
    change_signature(bundle, format=2)
    registry.adopt(bundle)
    assert said(registry, A) == signature_wording.NEWER
    kept = tmp_path / "models" / A / "signature.json"
    assert kept.read_bytes() == (bundle / "signature.json").read_bytes()
    assert (kept.parent / "card.md").exists()


def test_a_reason_in_the_card_takes_the_signature_away_first(
    registry: ModelRegistry, bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry.adopt(bundle)
    kept = tmp_path / "models" / A

    class KilledError(Exception):
        pass

    def killed(*_: object) -> None:
        raise KilledError

    with monkeypatch.context() as patch:
        patch.setattr(model_folders, "write_atomically", killed)
        with pytest.raises(KilledError):
            model_folders.note_promotion(kept, PromotedInSpite(("polyp",), "better light"))
    # A kill between the two leaves a model that is unsigned, never one that is refused
    assert said(registry, A) == "Not signed"
    model_folders.note_promotion(kept, PromotedInSpite(("polyp",), "better light"))
    assert "better light" in (kept / "card.json").read_text()
    assert said(registry, A) == "Not signed"


def test_a_renamed_model_stays_signed(registry: ModelRegistry, bundle: Path) -> None:
    registry.adopt(bundle)
    registry.rename(A, "evening")
    assert said(registry, A).startswith("Signed by")


def test_keys_are_kept_for_their_reader_alone_and_read_again(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        TrustedKeys(tmp_path / "models").add("  University\tlab ", public(LAB))
    finally:
        os.umask(before)
    path = tmp_path / "models" / KEYS_NAME
    (key,) = TrustedKeys(tmp_path / "models").all()
    assert (key.name, key.public_key) == ("University lab", public(LAB))
    assert os.name != "posix" or stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_name_stands_for_one_key_and_a_key_for_one_name(tmp_path: Path) -> None:
    keys = TrustedKeys(tmp_path)
    keys.add("University lab", public(LAB))
    with pytest.raises(AppError, match="already, as University lab"):
        keys.add("Another", public(LAB))
    with pytest.raises(AppError, match="There is a key of University lab already"):
        keys.add("UNIVERSITY  lab", public(OTHER_LAB))
    for name in ("", " \t", "x" * 61, "Lab\u202ebal", "Lab\x07"):
        with pytest.raises(AppError, match="1 to 60 letters"):
            keys.add(name, public(OTHER_LAB))
    assert len(keys.all()) == 1


def test_the_list_of_keys_has_an_end(tmp_path: Path) -> None:
    keys = TrustedKeys(tmp_path)
    for number in range(MOST_KEYS):
        keys.add(f"Lab {number}", number.to_bytes(32, "little"))
    with pytest.raises(AppError, match="the most it can"):
        keys.add("One more", public(LAB))


def test_with_a_damaged_list_no_key_is_trusted(tmp_path: Path) -> None:
    keys = TrustedKeys(tmp_path)
    keys.add("University lab", public(LAB))
    path = tmp_path / KEYS_NAME
    path.write_text(json.dumps({"format": 1, "keys": [{"name": "x", "public_key": "AAAA"}]}))
    assert keys.all() == ()
    assert "set aside" in keys.trouble
    assert not path.exists()
    keys.add("University lab", public(LAB))
    assert keys.name_of(public(LAB)) == "University lab"


def test_an_unreadable_list_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / KEYS_NAME).mkdir()
    keys = TrustedKeys(tmp_path)
    assert keys.all() == ()
    with pytest.raises(AppError, match="nothing was changed"):
        keys.add("University lab", public(LAB))
