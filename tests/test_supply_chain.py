"""What the programs are made of: pinned with hashes, within the ranges, from no named host."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.places import REPOSITORY

CONSTRAINTS = REPOSITORY / ".ci" / "constraints.txt"
#: What somebody installs who uses the programs.
EXTRAS = ("train", "timm")


def pins() -> list[Requirement]:
    text = CONSTRAINTS.read_text(encoding="utf-8").replace("\\\n", " ")
    return [Requirement(line.partition(" --hash")[0]) for line in text.splitlines() if line]


def required() -> list[Requirement]:
    """What pyproject.toml names for users."""
    with (REPOSITORY / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)["project"]
    optional = project["optional-dependencies"]
    named = [*project["dependencies"], *(line for extra in EXTRAS for line in optional[extra])]
    return [Requirement(line) for line in named]


def test_the_constraints_name_no_host_and_every_file_by_its_hash() -> None:
    text = CONSTRAINTS.read_text(encoding="utf-8")
    assert re.findall(r"://|@ |--(?:extra-)?index|--find-links|--trusted-host", text) == []
    lines = [line for line in text.replace("\\\n", " ").splitlines() if line]
    assert len(lines) > 40
    wanted = re.compile(
        r"[a-z0-9._-]+==[\w.!+-]+ (?:; [^#]+? )?\s*(?:--hash=sha256:[0-9a-f]{64}\s*)+"
    )
    assert [line[:60] for line in lines if not wanted.fullmatch(f"{line} ")] == []


def test_every_dependency_is_pinned_within_its_range() -> None:
    pinned: dict[str, list[str]] = {}
    for pin in pins():
        (only,) = pin.specifier
        pinned.setdefault(canonicalize_name(pin.name), []).append(only.version)
    wrong = [
        f"{need}: {pinned.get(canonicalize_name(need.name), 'not pinned; run .ci/lock')}"
        for need in required()
        if not (versions := pinned.get(canonicalize_name(need.name), []))
        or not all(need.specifier.contains(version) for version in versions)
    ]
    assert wrong == []
    assert len(required()) > 20


def test_every_range_has_both_ends() -> None:
    ends = {str(need): {part.operator for part in need.specifier} for need in required()}
    assert [need for need, operators in ends.items() if operators != {">=", "<"}] == []


@pytest.mark.skipif(sys.platform == "win32", reason="the script is one of a POSIX shell")
def test_one_command_writes_what_a_release_is_made_of(tmp_path: Path) -> None:
    if find_spec("cyclonedx_py") is None:
        pytest.skip('the extra "release" is not installed')
    done = subprocess.run(
        [REPOSITORY / ".ci" / "sbom", tmp_path / "bom.json"],
        env={"SBOM_PYTHON": sys.executable, "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    bom = json.loads((tmp_path / "bom.json").read_text(encoding="utf-8"))
    assert bom["bomFormat"] == "CycloneDX"
    assert bom["metadata"]["component"]["name"] == "endoscope-app"
    listed = {(part["name"], part["version"]) for part in bom["components"]}
    assert {(pin.name, next(iter(pin.specifier)).version) for pin in pins()} <= listed
    assert all(part.get("externalReferences") for part in bom["components"])


def test_a_release_is_audited_and_ships_what_it_is_made_of() -> None:
    text = (REPOSITORY / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8")
    for step in ("pip_audit --require-hashes", ".ci/constraints.txt", ".ci/sbom", ".ci/run"):
        assert step in text
    assert "permissions:\n  contents: read" in text
