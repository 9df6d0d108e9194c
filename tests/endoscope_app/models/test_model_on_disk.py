"""A model that was taken in, exported or learnt is on the disk before it has its name: card,
weights and the folders that hold them.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from endoscope_app.models.model_registry import ModelRegistry
from tests.endoscope_app.model_stage import A, S, make
from tests.model_factory import make_model_dir

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the system is asked by /proc")
FILES = {"card.json", "student.onnx", "student.safetensors"}


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """What was forced to the disk, by its name at that time."""
    paths: list[Path] = []
    real = os.fsync

    def noted(handle: int) -> None:
        paths.append(Path(os.readlink(f"/proc/self/fd/{handle}")))
        real(handle)

    monkeypatch.setattr(os, "fsync", noted)
    return paths


def names(paths: list[Path]) -> set[str]:
    """Without the end of a temporary name."""
    return {".".join(path.name.split(".")[:2]) for path in paths}


def test_taken_in_and_exported(tmp_path: Path, synced: list[Path]) -> None:
    candidate = make(tmp_path / "candidate", A)
    registry = ModelRegistry(tmp_path / "models", make(tmp_path / "shipped", S))
    registry.adopt(candidate)
    assert names([path for path in synced if path.is_relative_to(tmp_path / "models")]) >= FILES
    assert tmp_path / "models" in synced
    assert any(path.parent == tmp_path / "models" for path in synced)
    synced.clear()
    registry.export_to(A, tmp_path)
    assert names(synced) >= FILES
    assert tmp_path in synced


def test_learnt(tmp_path: Path, synced: list[Path]) -> None:
    make_model_dir(tmp_path / "out" / "model")
    inside = [path for path in synced if path.parent == tmp_path / "out" / "model"]
    assert names(inside) >= FILES
    assert {tmp_path / "out" / "model", tmp_path / "out"} <= set(synced)
