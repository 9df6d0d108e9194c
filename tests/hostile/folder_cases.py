"""A data folder of which one file is damaged, each of its kinds in many ways."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.endoscope_app.base.test_damaged_state import HOSTILE
from tests.places import REPOSITORY

FIXTURE = REPOSITORY / "tests" / "fixtures" / "data_folder_2026_11" / "data"
LIBRARY = "labels/labels.sqlite"
#: One of every kind of file that the program writes there: 17 of these.
KINDS = (
    "settings.json",
    "recent.json",
    LIBRARY,
    "labels/frames/*/*.png",
    "labels/first/*.png",
    "models/active.json",
    "models/*/card.json",
    "models/*/student.onnx",
    "models/*/student.safetensors",
    "predictions/*",
    "runs/held-out.json",
    "runs/*/run.json",
    "runs/*/sides.json",
    "runs/*/events.jsonl",
    "runs/*/labels/manifest.csv",
    "runs/*/candidate/compared.json",
    "runs/*/candidate/card.json",
)
FLIPS = 6


def damaged_folders(
    folder: Path, contents: int, kinds: Sequence[str]
) -> Iterator[tuple[str, Path]]:
    """Each of these kinds of file with so many hostile contents, and bytes exchanged in it."""
    draw = random.Random(17)
    for kind in kinds:
        found = sorted(FIXTURE.glob(kind))
        assert found, kind
        name = found[0].relative_to(FIXTURE)
        whole = found[0].read_bytes()
        bad = [*HOSTILE[:contents], whole[: len(whole) // 2]]
        for _ in range(FLIPS):
            flipped = bytearray(whole)
            flipped[draw.randrange(len(whole))] ^= 1 << draw.randrange(8)
            bad.append(bytes(flipped))
        for number, content in enumerate(bad):
            path = folder / f"data {number}"
            shutil.copytree(FIXTURE, path)
            (path / name).write_bytes(content)
            yield f"{name} {number}", path


def without(path: Path) -> None:
    """Done with this one."""
    shutil.rmtree(path)
