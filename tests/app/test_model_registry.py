"""The registry of models: what is in use, what was before, what may come in, and what a kill at any moment leaves."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from endoscope_app.errors import AppError
from endoscope_app.store.model_registry import HELD_OUT, OLD_KNOWLEDGE, TEST, ModelRegistry

REPOSITORY = Path(__file__).resolve().parents[2]
CRASHES = 40
S, A, B = "2026.01.01-00000000", "2026.02.02-aaaaaaaa", "2026.03.03-bbbbbbbb"


def make(folder: Path, version: str, **parts: object) -> Path:
    """A folder that is a model as far as files and card go (weights of a few bytes); built by hand, without the code under test."""
    folder.mkdir(parents=True)
    files = {"student.onnx": b"onnx of " + version.encode(), "student.safetensors": b"weights of " + version.encode() * 100}
    for name, content in files.items():
        (folder / name).write_bytes(content)
    card = {
        "name": f"model {version[-1]}",
        "version": version,
        "created": version[:10].replace(".", "-") + "T10:00:00Z",
        "architecture": "student",
        "classes": ["caecum", "polyp"],
        "preprocessing": {"version": 1, "input_size": 224, "mean": [0, 0, 0], "std": [1, 1, 1]},
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
        **parts,
    }
    (folder / "card.json").write_text(json.dumps(card))
    return folder


def change_card(folder: Path, **parts: object) -> None:
    card = json.loads((folder / "card.json").read_text())
    (folder / "card.json").write_text(json.dumps(card | parts))


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    return make(tmp_path / "shipped", S)


@pytest.fixture
def registry(tmp_path: Path, shipped: Path) -> ModelRegistry:
    return ModelRegistry(tmp_path / "data" / "models", shipped)


@pytest.fixture
def two(tmp_path: Path, registry: ModelRegistry) -> ModelRegistry:
    """With the models A and B taken in."""
    for version in (A, B):
        registry.adopt(make(tmp_path / "candidates" / version, version, parent=S))
    return registry


def active_of(registry: ModelRegistry) -> str:
    (found,) = [entry.version for entry in registry.entries() if entry.active]
    return found


def test_a_new_registry_writes_nothing_and_has_the_shipped_model(tmp_path: Path, registry: ModelRegistry, shipped: Path) -> None:
    assert registry.active_path() == shipped
    (only,) = registry.entries()
    assert (only.version, only.shipped, only.active) == (S, True, True)
    assert registry.previous() == registry.trouble == ""
    assert not (tmp_path / "data").exists()


def test_promotions_are_taken_back_one_by_one_to_the_shipped_model_at_last(tmp_path: Path, two: ModelRegistry, shipped: Path) -> None:
    assert active_of(two) == S
    two.promote(A, "Dr. A")
    two.promote(B, "Dr. B", "because")
    assert two.active_path() == tmp_path / "data" / "models" / B
    assert [(one.version, one.reader, one.reason) for one in two.history()] == [(A, "Dr. A", ""), (B, "Dr. B", "because")]
    again = ModelRegistry(tmp_path / "data" / "models", shipped)
    assert active_of(again) == B
    assert again.previous() == A
    assert again.roll_back("Dr. C") == A
    assert again.roll_back() == S
    assert again.active_path() == shipped
    with pytest.raises(AppError, match="none was before it"):
        again.roll_back()
    kept = json.loads((tmp_path / "data" / "models" / "active.json").read_text())
    assert [(one["promotion"]["reason"], one["reader"]) for one in kept["taken_back"]] == [("because", "Dr. C"), ("", "")]


def test_the_shipped_model_can_be_promoted_again_and_that_taken_back(two: ModelRegistry) -> None:
    two.promote(A, "")
    two.promote(S, "")
    assert active_of(two) == S
    with pytest.raises(AppError, match="already the active one"):
        two.promote(S, "")
    assert two.roll_back() == A == active_of(two)


def test_entries_tell_scores_of_what_the_card_has_and_ignore_nonsense(tmp_path: Path, registry: ModelRegistry) -> None:
    comparison = {"new": {"accuracy": {"candidate": 0.75}}, "old": {"accuracy": {"candidate": 7}}, "needs a reason": ["polyp"]}
    registry.adopt(make(tmp_path / "c", A, parent=S, scores={"test": {"accuracy": 0.5}}, checks={"comparison": comparison}))
    entry = registry.entries()[1]
    assert (entry.version, entry.parent, entry.created, entry.name) == (A, S, "2026-02-02T10:00:00Z", "model a")
    assert entry.scores == {HELD_OUT: 0.75, TEST: 0.5}
    assert OLD_KNOWLEDGE not in entry.scores
    assert entry.needs_reason == ("polyp",)
    with pytest.raises(AppError, match="recall of polyp"):
        registry.promote(A, "Dr. A", "  ")
    assert active_of(registry) == S
    registry.promote(A, "Dr. A", " it is rare here ")
    assert registry.history()[-1].reason == "it is rare here"
    assert registry.entries()[1].reader == "Dr. A"


def test_a_name_is_kept_beside_and_the_files_stay(tmp_path: Path, two: ModelRegistry) -> None:
    before = {path.name: path.read_bytes() for path in (tmp_path / "data" / "models" / A).iterdir()}
    two.rename(A, "  evening \n list ")
    assert {entry.version: entry.name for entry in two.entries()}[A] == "evening list"
    assert {path.name: path.read_bytes() for path in (tmp_path / "data" / "models" / A).iterdir()} == before
    two.rename(A, "")
    assert {entry.version: entry.name for entry in two.entries()}[A] == "model a"
    with pytest.raises(AppError, match="at most 120"):
        two.rename(A, "x" * 121)


def test_an_exported_model_can_be_taken_in_elsewhere(tmp_path: Path, two: ModelRegistry, shipped: Path) -> None:
    made = two.export_to(A, tmp_path / "stick")
    assert made == tmp_path / "stick" / A
    assert sorted(path.name for path in made.iterdir()) == ["card.json", "student.onnx", "student.safetensors"]
    other = ModelRegistry(tmp_path / "other", shipped)
    assert other.adopt(made) == A
    with pytest.raises(AppError, match="already a folder"):
        two.export_to(A, tmp_path / "stick")
    two.export_onnx(A, tmp_path / "a.onnx")
    assert (tmp_path / "a.onnx").read_bytes() == b"onnx of " + A.encode()


def test_only_what_nobody_needs_is_deleted(tmp_path: Path, two: ModelRegistry) -> None:
    two.promote(A, "")
    two.promote(B, "")
    for version, words in ((S, "came with the program"), (A, "a roll back brings"), (B, "in use")):
        with pytest.raises(AppError, match=words):
            two.delete(version)
    two.roll_back()
    two.delete(B)
    assert [entry.version for entry in two.entries()] == [S, A]
    assert sorted(path.name for path in (tmp_path / "data" / "models").iterdir()) == [A, "active.json"]
    with pytest.raises(AppError, match="no model"):
        two.delete(B)
    with pytest.raises(AppError, match="no model"):
        two.delete("../models")


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"history": [{"version": 3}]}', b"\xff\x00", b"[" * 5000, b'{"format": 1, "more": 2}']
)
def test_a_damaged_list_is_set_aside_and_the_shipped_model_used(tmp_path: Path, two: ModelRegistry, shipped: Path, content: bytes) -> None:
    two.promote(A, "")
    path = tmp_path / "data" / "models" / "active.json"
    path.write_bytes(content)
    assert two.active_path() == shipped
    assert "damaged" in two.trouble
    assert (path.parent / "active.json.damaged").read_bytes() == content
    assert [entry.version for entry in two.entries()] == [S, B, A]
    two.promote(A, "")
    two.active_path()
    assert two.trouble == ""


def test_a_missing_list_is_no_trouble(tmp_path: Path, two: ModelRegistry, shipped: Path) -> None:
    two.promote(A, "")
    (tmp_path / "data" / "models" / "active.json").unlink()
    assert two.active_path() == shipped
    assert two.trouble == ""


@pytest.mark.parametrize("version", ["../../shipped", "/etc", "", ".", "2026.09.09-99999999", "x" * 500])
def test_an_active_model_that_is_not_there_is_replaced_by_the_shipped_one(
    tmp_path: Path, two: ModelRegistry, shipped: Path, version: str
) -> None:
    (tmp_path / "data" / "models" / "active.json").write_text(json.dumps({"history": [{"version": version, "utc": ""}]}))
    assert two.active_path() == shipped
    assert "is missing, so the shipped model is used" in two.trouble


def test_a_roll_back_passes_over_a_model_that_is_gone(tmp_path: Path, two: ModelRegistry) -> None:
    two.promote(A, "")
    two.promote(B, "")
    shutil.rmtree(tmp_path / "data" / "models" / A)
    assert two.previous() == S
    assert two.roll_back() == S


def test_a_damaged_model_is_listed_as_such_and_can_only_be_deleted(tmp_path: Path, two: ModelRegistry) -> None:
    (tmp_path / "data" / "models" / A / "card.json").write_text("{")
    entry = next(one for one in two.entries() if one.version == A)
    assert "cannot be read" in entry.problem
    for act in (lambda: two.promote(A, ""), lambda: two.rename(A, "x"), lambda: two.export_to(A, tmp_path / "stick")):
        with pytest.raises(AppError, match="no sound model"):
            act()
    two.delete(A)
    assert A not in [one.version for one in two.entries()]


def _missing(folder: Path) -> None:
    (folder / "student.safetensors").unlink()


def _not_vouched_for(folder: Path) -> None:
    change_card(folder, files={"student.onnx": "0" * 64})


def _changed(folder: Path) -> None:
    (folder / "student.onnx").write_bytes(b"another")


def _pickle_beside(folder: Path) -> None:
    (folder / "Weights.PTH").write_bytes(pickle.dumps({}))


def _pickle_vouched_for(folder: Path) -> None:
    card = json.loads((folder / "card.json").read_text())
    change_card(folder, files=card["files"] | {"extra.pkl": "0" * 64})


def _link(folder: Path) -> None:
    (folder / "student.onnx").rename(folder.parent / "elsewhere.onnx")
    (folder / "student.onnx").symlink_to(folder.parent / "elsewhere.onnx")


def _pipe(folder: Path) -> None:
    (folder / "student.onnx").unlink()
    os.mkfifo(folder / "student.onnx")


def _escape(name: str) -> object:
    def spoil(folder: Path) -> None:
        card = json.loads((folder / "card.json").read_text())
        (folder.parent / "secret").write_bytes(b"secret")
        change_card(folder, files=card["files"] | {name: hashlib.sha256(b"secret").hexdigest()})

    return spoil


def _version(version: str) -> object:
    return lambda folder: change_card(folder, version=version)


def _no_page(folder: Path) -> None:
    change_card(folder, checks={"latency": {"wrong": 1}})


def _no_card(folder: Path) -> None:
    (folder / "card.json").unlink()


@pytest.mark.skipif(sys.platform == "win32", reason="links and pipes are POSIX")
@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (_missing, "lacks the file student.safetensors"), (_not_vouched_for, "does not vouch for student.safetensors"),
        (_changed, "its hash differs"), (_pickle_beside, "Weights.PTH is a pickle"), (_pickle_vouched_for, "extra.pkl is a pickle"),
        (_link, "is a link"), (_pipe, "not a plain file"), (_escape("../secret"), "outside its folder"),
        (_escape("/etc/passwd"), "outside its folder"), (_escape("..\\secret"), "outside its folder"), (_escape(""), "outside its folder"),
        (_version("../../evil"), "does not name a version"), (_version("con"), "does not name a version"),
        (_version(f"{A}\n"), "does not name a version"), (_version(S), "already here"), (_no_page, "cannot be shown"),
        (_no_card, "no card.json"),
    ],
)  # fmt: skip
def test_what_must_not_come_in_is_refused_and_leaves_nothing(tmp_path: Path, registry: ModelRegistry, spoil: object, words: str) -> None:
    candidate = make(tmp_path / "candidate", A)
    assert callable(spoil)
    spoil(candidate)
    with pytest.raises(AppError, match=words) as refused:
        registry.adopt(candidate)
    assert refused.value.way_out
    models = tmp_path / "data" / "models"
    assert not models.exists() or list(models.iterdir()) == []


def test_a_candidate_that_is_itself_a_link_is_refused(tmp_path: Path, registry: ModelRegistry) -> None:
    (tmp_path / "link").symlink_to(make(tmp_path / "candidate", A))
    with pytest.raises(AppError, match="is a link"):
        registry.adopt(tmp_path / "link")


def test_what_the_card_does_not_name_is_left_behind(tmp_path: Path, registry: ModelRegistry) -> None:
    candidate = make(tmp_path / "candidate", A)
    (candidate / "notes.txt").write_text("not vouched for")
    registry.adopt(candidate)
    taken = sorted(path.name for path in (tmp_path / "data" / "models" / A).iterdir())
    assert taken == ["card.json", "student.onnx", "student.safetensors"]


def test_a_full_disk_is_a_sentence_and_leaves_nothing(tmp_path: Path, registry: ModelRegistry, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    candidate = make(tmp_path / "candidate", A)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(AppError, match="disk is full"):
        registry.adopt(candidate)
    with pytest.raises(AppError, match="disk is full"):
        registry.rename(S, "a name")
    monkeypatch.undo()
    assert list((tmp_path / "data" / "models").iterdir()) == []
    assert registry.adopt(candidate) == A


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is POSIX")
@pytest.mark.timeout(120)
def test_a_kill_at_any_moment_leaves_the_old_or_the_new_state(tmp_path: Path, shipped: Path) -> None:
    lost: dict[str, object] = {"comparison": {"needs a reason": ["polyp"]}}
    make(tmp_path / "candidates" / A, A)
    make(tmp_path / "candidates" / B, B, checks=lost)
    draw = random.Random(6)
    seen: set[tuple[str, int]] = set()
    for number in range(CRASHES):
        folder = tmp_path / f"models {number}"
        _kill(folder, shipped, tmp_path / "candidates", draw.uniform(0.0, 0.06))
        registry = ModelRegistry(folder, shipped)
        entries = registry.entries()
        assert registry.trouble == ""
        assert [entry.problem for entry in entries] == [""] * len(entries)
        for entry in entries[1:]:
            _check(entry.path)
            if entry.active and entry.version == B:
                assert json.loads((entry.path / "card.json").read_text())["checks"]["promoted in spite of"]["reason"] == "a reason"
        seen.add((active_of(registry), len(entries)))
        # and it works on, whatever lies about
        for version in (A, B):
            if version not in [entry.version for entry in entries]:
                registry.adopt(tmp_path / "candidates" / version)
        target = A if active_of(registry) != A else B
        before = active_of(registry)
        registry.promote(target, "", "a reason")
        assert registry.roll_back() == before == active_of(registry)
    assert len(seen) > 3, seen


def _kill(folder: Path, shipped: Path, candidates: Path, after_s: float) -> None:
    command = [sys.executable, "-m", "tests.app.model_crash_child", str(folder), str(shipped), str(candidates)]
    with subprocess.Popen(command, cwd=REPOSITORY, env={**os.environ, "PYTHONPATH": str(REPOSITORY)}, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        time.sleep(after_s)
        assert process.poll() is None
        process.kill()


def _check(folder: Path) -> None:
    card = json.loads((folder / "card.json").read_text())
    for name, digest in card["files"].items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
