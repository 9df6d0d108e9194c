"""The documentation builds without a warning, and the examples in docstrings are true."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import kd_core
from tests.places import REPOSITORY

#: Rooms whose docstrings may hold examples; each of them is imported.
ROOMS = (
    "kd_core.schema",
    "kd_core.losses",
    "kd_core.evaluation",
    "kd_core.vision",
    "kd_core.signing",
)


def modules_of(room: str) -> list[str]:
    """Names of a package's modules, itself first."""
    package = importlib.import_module(room)
    return [room, *(f"{room}.{found.name}" for found in pkgutil.iter_modules(package.__path__))]


def test_examples_in_docstrings_are_true() -> None:
    results = {
        name: doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS)
        for room in ROOMS
        for name in modules_of(room)
    }
    assert {name: result.failed for name, result in results.items() if result.failed} == {}
    assert sum(result.attempted for result in results.values()) >= 10


@pytest.mark.slow
def test_the_documentation_builds_without_a_warning(tmp_path: Path) -> None:
    pytest.importorskip("sphinx")
    pytest.importorskip("myst_parser")
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html"]
    places = [str(REPOSITORY / "resources" / "docs"), str(tmp_path / "html")]
    done = subprocess.run(
        [*command, "-d", str(tmp_path / "doctrees"), *places],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert kd_core.__version__ in (tmp_path / "html" / "index.html").read_text(encoding="utf-8")
    assert "softened_kl" in (tmp_path / "html" / "api.html").read_text(encoding="utf-8")
