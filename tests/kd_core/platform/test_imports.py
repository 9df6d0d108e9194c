"""What a fresh interpreter loads: the live path never pulls in torch, and the contract nothing
heavy at all.
"""

from __future__ import annotations

import json
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import kd_core.schema

HEAVY = (
    "torch",
    "torchvision",
    "pytorch_grad_cam",
    "safetensors",
    "onnx",
    "matplotlib",
    "sklearn",
    "PySide6",
)
CONTRACT = [
    f"kd_core.schema.{module.name}" for module in pkgutil.iter_modules(kd_core.schema.__path__)
]
REPORT = (
    "\nimport json, sys; print(json.dumps(sorted({name.partition('.')[0] for name in"
    " sys.modules})))"
)


def loaded_by(program: str, *arguments: str) -> set[str]:
    """Top-level modules that a fresh interpreter holds after ``program``."""
    command = [sys.executable, "-W", "error", "-c", program + REPORT, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_classifying_a_image_and_its_heat_map_load_no_torch(model_dir: Path) -> None:
    loaded = loaded_by(
        """
import sys
from pathlib import Path
import numpy as np
from kd_core.vision.predictor import Predictor
predictor = Predictor.load(Path(sys.argv[1]))
made = predictor.predict([np.full((300, 400, 3), 120, np.uint8)])[0]
assert abs(made.probabilities.sum() - 1) < 1e-5
assert predictor.cam(made, 0).shape == (14, 14)
""",
        str(model_dir),
    )
    assert {"kd_core", "onnxruntime", "numpy", "cv2"} <= loaded
    assert loaded.isdisjoint(HEAVY)


def test_the_modules_of_the_contract_are_found() -> None:
    expected = {
        f"kd_core.schema.{name}"
        for name in ("config", "errors", "events", "manifest", "model_card", "taxonomy")
    }
    assert expected <= set(CONTRACT)


@pytest.mark.parametrize("module", CONTRACT)
def test_the_contract_loads_nothing_heavy(module: str) -> None:
    loaded = loaded_by(f"import {module}")
    assert "kd_core" in loaded
    assert loaded.isdisjoint({*HEAVY, "numpy", "cv2", "onnxruntime"})


@pytest.mark.parametrize("command", ["info", "predict", "evaluate"])
def test_commands_that_do_not_train_load_no_torch(
    model_dir: Path, data_dir: Path, command: str
) -> None:
    words = {
        "info": [],
        "predict": [str(data_dir / "polyps" / "00.png")],
        "evaluate": ["--data", str(data_dir)],
    }[command]
    program = "import sys\nfrom kd_core.__main__ import main\nassert main(sys.argv[1:]) == 0"
    loaded = loaded_by(program, command, "--model", str(model_dir), *words)
    metrics = {"sklearn"} if command == "evaluate" else set()
    assert loaded.isdisjoint(set(HEAVY) - metrics)
    assert ("numpy" in loaded) == (command != "info")


def test_help_never_waits_for_torch() -> None:
    program = """
import sys
from kd_core.__main__ import COMMANDS, main
for words in ([], *([name] for name in COMMANDS)):
    try:
        main([*words, "--help"])
    except SystemExit as end:
        assert end.code == 0, words
"""
    assert loaded_by(program).isdisjoint(HEAVY)
