"""What tests of the app share where they ask for it by name: a registry of models on disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from endoscope_app.models.model_registry import ModelRegistry
from tests.endoscope_app.model_stage import A, B, S, make


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
