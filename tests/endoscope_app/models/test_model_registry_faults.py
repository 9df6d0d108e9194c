"""What must not come into the registry, and what a full disk and kill -9 leave of it."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from endoscope_app.base.errors import AppError
from endoscope_app.models.model_registry import ModelRegistry
from tests.endoscope_app.model_stage import A, B, S, active_of, change_card, make
from tests.places import REPOSITORY

CRASHES = 60


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
        (_missing, "lacks the file student.safetensors"),
        (_not_vouched_for, "does not vouch for student.safetensors"),
        (_changed, "its hash differs"),
        (_pickle_beside, "Weights.PTH is a pickle"),
        (_pickle_vouched_for, "extra.pkl is a pickle"),
        (_link, "is a link"),
        (_pipe, "not a plain file"),
        (_escape("../secret"), "outside its folder"),
        (_escape("/etc/passwd"), "outside its folder"),
        (_escape("..\\secret"), "outside its folder"),
        (_escape(""), "outside its folder"),
        (_version("../../evil"), "does not name a version"),
        (_version("con"), "does not name a version"),
        (_version(f"{A}\n"), "does not name a version"),
        (_version(S), "already here"),
        (_no_page, "cannot be read"),
        (_no_card, "no card.json"),
    ],
)
def test_what_must_not_come_in_is_refused_and_leaves_nothing(
    tmp_path: Path, registry: ModelRegistry, spoil: object, words: str
) -> None:
    candidate = make(tmp_path / "candidate", A)
    assert callable(spoil)
    spoil(candidate)
    with pytest.raises(AppError, match=words) as refused:
        registry.adopt(candidate)
    assert refused.value.way_out
    models = tmp_path / "data" / "models"
    assert not models.exists() or list(models.iterdir()) == []


def test_a_candidate_that_is_itself_a_link_is_refused(
    tmp_path: Path, registry: ModelRegistry
) -> None:
    (tmp_path / "link").symlink_to(make(tmp_path / "candidate", A))
    with pytest.raises(AppError, match="is a link"):
        registry.adopt(tmp_path / "link")


def test_what_the_card_does_not_name_is_left_behind(
    tmp_path: Path, registry: ModelRegistry
) -> None:
    candidate = make(tmp_path / "candidate", A)
    (candidate / "notes.txt").write_text("not vouched for")
    registry.adopt(candidate)
    taken = sorted(path.name for path in (tmp_path / "data" / "models" / A).iterdir())
    assert taken == ["card.json", "student.onnx", "student.safetensors"]


def test_a_full_disk_is_a_sentence_and_leaves_nothing(
    tmp_path: Path, registry: ModelRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    candidate = make(tmp_path / "candidate", A)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(AppError, match="disk is full"):
        registry.adopt(candidate)
    with pytest.raises(AppError, match="disk is full"):
        registry.rename(S, "a name")
    monkeypatch.undo()
    left = [path.name for path in (tmp_path / "data" / "models").iterdir()]
    assert left == ["active.lock"]
    assert registry.adopt(candidate) == A


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is POSIX")
@pytest.mark.timeout(900)  # sixty rounds, as long as this machine takes for one
def test_a_kill_at_any_moment_leaves_the_old_or_the_new_state(
    tmp_path: Path, shipped: Path
) -> None:
    lost: dict[str, object] = {"comparison": {"needs a reason": ["polyp"]}}
    make(tmp_path / "candidates" / A, A)
    make(tmp_path / "candidates" / B, B, checks=lost)
    draw = random.Random(6)
    seen: set[tuple[str, int]] = set()
    whole_s = _round_s(tmp_path / "timed", shipped, tmp_path / "candidates")
    for number in range(CRASHES):
        folder = tmp_path / f"models {number}"
        _kill(folder, shipped, tmp_path / "candidates", draw.uniform(0.0, 2 * whole_s))
        registry = ModelRegistry(folder, shipped)
        entries = registry.entries()
        assert registry.trouble == ""
        assert [entry.problem for entry in entries] == [""] * len(entries)
        for entry in entries[1:]:
            _check(entry.path)
            if entry.active and entry.version == B:
                assert (
                    json.loads((entry.path / "card.json").read_text())["checks"][
                        "promoted_in_spite_of"
                    ]["reason"]
                    == "a reason"
                )
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


def _child(folder: Path, shipped: Path, candidates: Path) -> subprocess.Popen[bytes]:
    module = "tests.endoscope_app.model_crash_child"
    return subprocess.Popen(
        [sys.executable, "-m", module, str(folder), str(shipped), str(candidates)],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        stdout=subprocess.PIPE,
    )


def _round_s(folder: Path, shipped: Path, candidates: Path) -> float:
    """How long one round of changes takes on this machine, as busy as it is now."""
    with _child(folder, shipped, candidates) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        spent = float(process.stdout.readline())
        process.kill()
    return spent


def _kill(folder: Path, shipped: Path, candidates: Path, after_s: float) -> None:
    with _child(folder, shipped, candidates) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        time.sleep(after_s)
        assert process.poll() is None
        process.kill()


def _check(folder: Path) -> None:
    card = json.loads((folder / "card.json").read_text())
    for name, digest in card["files"].items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
