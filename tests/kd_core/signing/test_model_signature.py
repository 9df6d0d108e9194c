"""A signed folder stays as it was signed, file by file, or its signature does not fit."""

from __future__ import annotations

import base64
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from kd_core.schema.errors import DataError, ModelError
from kd_core.signing.folder_digests import MOST_FILES
from kd_core.signing.model_signature import (
    LARGEST_SIGNATURE,
    refuse_misfit,
    remove_signature,
    sign_folder,
    signature_state,
)
from kd_core.signing.signed_text import DOMAIN, signed_text
from tests.endoscope_app.model_stage import A, B, make
from tests.signed_models import LAB, OTHER_LAB, change_signature, public, signed

NAMES = ("card.json", "card.md", "student.onnx", "student.safetensors")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    model = make(tmp_path / "model", A)
    (model / "card.md").write_text("# A model\n")
    return signed(model)


def why(folder: Path) -> str:
    state = signature_state(folder)
    assert state.kind == "misfit", state
    with pytest.raises(ModelError, match="Do not use this model") as caught:
        refuse_misfit(folder)
    assert caught.value.sentence == state.why
    return state.why


def test_a_signed_model_fits_and_tells_the_key_and_the_time(folder: Path) -> None:
    state = signature_state(folder)
    assert (state.kind, state.public_key, state.why) == ("fits", public(LAB), "")
    assert state.signed.endswith("Z")
    refuse_misfit(folder)
    assert set(json.loads((folder / "signature.json").read_text())["files"]) == set(NAMES)


def test_a_model_of_before_is_unsigned_and_usable(tmp_path: Path) -> None:
    model = make(tmp_path / "model", A)
    assert signature_state(model).kind == "none"
    refuse_misfit(model)


@pytest.mark.parametrize("name", NAMES)
def test_a_bit_that_flips_in_any_file_is_noticed(folder: Path, name: str) -> None:
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)
    assert why(folder) == f"The signature does not fit: {name} was changed."


@pytest.mark.parametrize("name", NAMES)
def test_a_file_that_is_missing_is_noticed(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert why(folder) == f"The signature does not fit: {name} is missing."


def test_a_file_that_was_added_is_noticed_but_not_what_systems_leave(folder: Path) -> None:
    for name in (".DS_Store", "Thumbs.db", "desktop.ini", "._card.json"):
        (folder / name).write_bytes(b"litter")
    assert signature_state(folder).kind == "fits"
    (folder / "heads.safetensors").write_bytes(b"more")
    assert why(folder) == "The signature does not fit: heads.safetensors was added."


def test_two_files_that_changed_places_are_noticed(folder: Path) -> None:
    first, second = folder / NAMES[2], folder / NAMES[3]
    one, two = first.read_bytes(), second.read_bytes()
    first.write_bytes(two)
    second.write_bytes(one)
    assert "was changed" in why(folder)


def test_the_list_of_files_cannot_be_changed_with_the_files(folder: Path) -> None:
    (folder / "card.md").unlink()
    files = json.loads((folder / "signature.json").read_text())["files"]
    del files["card.md"]
    change_signature(folder, files=files)
    assert "not made with the key" in why(folder)


def test_another_key_in_the_place_of_the_lab_s_is_noticed(folder: Path, tmp_path: Path) -> None:
    theirs = shutil.copytree(folder, tmp_path / "theirs")
    sign_folder(theirs, OTHER_LAB)
    other = json.loads((theirs / "signature.json").read_text())
    change_signature(folder, public_key=other["public_key"])
    assert "not made with the key" in why(folder)
    signed(folder)
    change_signature(folder, signature=other["signature"])
    assert "not made with the key" in why(folder)
    # Signed anew as a whole, it is another's: who trusts the first key is told
    assert signature_state(theirs).public_key == public(OTHER_LAB) != public(LAB)


def test_the_signature_of_another_model_does_not_fit(folder: Path, tmp_path: Path) -> None:
    other = signed(make(tmp_path / "other", B))
    shutil.copy(other / "signature.json", folder / "signature.json")
    assert "The signature does not fit" in why(folder)


def test_the_time_is_signed_too(folder: Path) -> None:
    change_signature(folder, signed="2020-01-01T00:00:00Z")
    assert "not made with the key" in why(folder)


def test_a_signature_of_the_same_files_for_another_purpose_does_not_count(folder: Path) -> None:
    """Without the domain, what a lab signs elsewhere could be taken for a model."""
    plain = json.loads((folder / "signature.json").read_text())
    text = signed_text(plain["signed"], plain["files"])
    assert text.startswith(DOMAIN)
    made = base64.b64encode(LAB.sign(text.removeprefix(DOMAIN))).decode()
    change_signature(folder, signature=made)
    assert "not made with the key" in why(folder)


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-40])


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _huge(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b" " * LARGEST_SIGNATURE)


def _deep(path: Path) -> None:
    path.write_bytes(b"[" * 60_000)


def _short_key(path: Path) -> None:
    change_signature(path.parent, public_key="AAAA")


def _short_signature(path: Path) -> None:
    change_signature(path.parent, signature="AAAA")


def _more(path: Path) -> None:
    change_signature(path.parent, trusted=True)


def _two_lines(path: Path) -> None:
    files = json.loads(path.read_text())["files"]
    change_signature(path.parent, files={**files, "a\n" + "0" * 64 + "  b": "0" * 64})


def _outside(path: Path) -> None:
    files = json.loads(path.read_text())["files"]
    change_signature(path.parent, files={**files, "../card.json": "0" * 64})


def _old_format(path: Path) -> None:
    change_signature(path.parent, format=0)


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    "damage",
    [
        _cut,
        _empty,
        _huge,
        _deep,
        _short_key,
        _short_signature,
        _more,
        _two_lines,
        _outside,
        _old_format,
        _folder,
    ],
)
def test_a_damaged_signature_does_not_fit(folder: Path, damage: Callable[[Path], None]) -> None:
    damage(folder / "signature.json")
    assert why(folder).startswith("The signature does not fit: it")


@pytest.mark.skipif(os.name != "posix", reason="links and pipes are made on POSIX systems")
def test_links_and_pipes_do_not_fit_and_are_not_waited_for(folder: Path, tmp_path: Path) -> None:
    text = folder / "signature.json"
    kept = tmp_path / "kept.json"
    text.rename(kept)
    text.symlink_to(kept)
    assert "it is a link" in why(folder)
    text.unlink()
    os.mkfifo(text)
    assert "cannot be read" in why(folder)
    text.unlink()
    kept.rename(text)
    (folder / "card.md").unlink()
    os.mkfifo(folder / "card.md")
    assert "card.md is no plain file" in why(folder)


def test_a_newer_format_is_neither_trusted_nor_damaged(folder: Path) -> None:
    change_signature(folder, format=2, algorithm="of a later day")
    assert signature_state(folder).kind == "newer"
    refuse_misfit(folder)


def test_a_folder_with_more_than_a_model_s_files_is_not_signed(folder: Path) -> None:
    for number in range(MOST_FILES):
        (folder / f"{number}.txt").write_bytes(b"")
    with pytest.raises(DataError, match="holds more than 64 files"):
        sign_folder(folder, LAB)
    assert "holds more than 64 files" in why(folder)


def test_a_signature_is_taken_away_once(folder: Path) -> None:
    assert remove_signature(folder)
    assert not remove_signature(folder)
    assert signature_state(folder).kind == "none"
