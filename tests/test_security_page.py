"""SECURITY.md promises what tests prove: each that it names is there."""

from __future__ import annotations

import ast
import re

from endoscope_app.base.paths import FILES, FOLDERS
from tests.places import REPOSITORY

PAGE = REPOSITORY / ".github" / "SECURITY.md"
_NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def test_every_test_that_proves_a_promise_exists() -> None:
    named = _NAMED.findall(PAGE.read_text(encoding="utf-8"))
    assert len(named) > 30
    missing = []
    for path, name in named:
        place = REPOSITORY / path
        tree = (
            ast.parse(place.read_text(encoding="utf-8")) if place.exists() else ast.Module([], [])
        )
        known = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        if name not in known:
            missing.append(f"{path}::{name}")
    assert missing == []


def test_every_promise_names_a_test() -> None:
    text = PAGE.read_text(encoding="utf-8")
    part = text.partition("| promise | tests |")[2].partition("\n\n")[0]
    rows = [line for line in part.splitlines() if line.startswith("| ")]
    assert len(rows) > 10
    assert [row[:60] for row in rows if not _NAMED.search(row)] == []


def test_all_that_lies_in_the_data_folder_is_told() -> None:
    text = PAGE.read_text(encoding="utf-8").partition("## Data at rest")[2]
    told = set(re.findall(r"`([\w.-]+)/?`", text))
    assert {*FOLDERS, *FILES} - told == set()


def test_the_readme_leads_there() -> None:
    assert ".github/SECURITY.md" in (REPOSITORY / "README.md").read_text(encoding="utf-8")
