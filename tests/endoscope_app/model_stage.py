"""For the registry's tests: small sound model folders, a shipped one, and a registry that holds
two more.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from endoscope_app.models.model_registry import ModelRegistry

S, A, B = "2026.01.01-00000000", "2026.02.02-aaaaaaaa", "2026.03.03-bbbbbbbb"


def make(folder: Path, version: str, **parts: object) -> Path:
    """A folder that is a model as far as files and card go (weights of a few bytes); built by
    hand, without the code under test.
    """
    folder.mkdir(parents=True)
    files = {
        "student.onnx": b"onnx of " + version.encode(),
        "student.safetensors": b"weights of " + version.encode() * 100,
    }
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


def active_of(registry: ModelRegistry) -> str:
    (found,) = [entry.version for entry in registry.entries() if entry.active]
    return found
