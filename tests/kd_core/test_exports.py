"""What ``import kd_core`` offers: by name, loaded when it is asked for."""

from __future__ import annotations

import ast
import inspect

import pytest

import kd_core
from tests.kd_core.platform.test_imports import HEAVY, loaded_by


def test_the_package_alone_loads_nothing_heavy() -> None:
    assert loaded_by("import kd_core").isdisjoint({*HEAVY, "numpy", "cv2", "onnxruntime"})


def test_settings_and_the_predictor_need_no_torch() -> None:
    loaded = loaded_by("from kd_core import SCHEMES, Predictor, TrainConfig, load_model")
    assert loaded.isdisjoint(HEAVY)
    assert "onnxruntime" not in loaded  # before a model is opened


@pytest.mark.parametrize("name", kd_core.__all__)
def test_every_name_is_there_and_explains_itself(name: str) -> None:
    offered = getattr(kd_core, name)
    assert name in dir(kd_core)
    if callable(offered):
        assert inspect.getdoc(offered)


def test_type_checkers_see_what_is_loaded() -> None:
    tree = ast.parse(inspect.getsource(kd_core))
    (guarded,) = (node for node in tree.body if isinstance(node, ast.If))
    seen = {
        alias.name: node.module
        for node in guarded.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert seen == kd_core._HOMES
    assert sorted(seen) == sorted(kd_core.__all__)


def test_another_name_is_refused_as_usual() -> None:
    with pytest.raises(AttributeError, match="no attribute 'distill'"):
        _ = kd_core.distill
