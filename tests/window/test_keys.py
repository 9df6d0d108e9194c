"""Every row of README's table of keys, pressed in the real window: a row without a check, or a
check without a row, fails.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.endoscope_app.clips import make_clip
from tests.window.driven import REPOSITORY, driven

pytestmark = [
    pytest.mark.slow,
    pytest.mark.window,
    pytest.mark.timeout(620),
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Xvfb is for Linux"),
]


def rows_of_the_readme() -> list[str]:
    """First cells of the table under "## Keys"."""
    text = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    section = text.split("\n## Keys\n")[1].split("\n## ")[0]
    cells = re.findall(r"^\| (.+?) \| .+ \|$", section, re.MULTILINE)
    return [cell for cell in cells if cell not in ("key", "---")]


def keys_of_the_readme() -> set[str]:
    """Each key of those cells by itself, as the sheet of keys writes it."""
    written = {
        "Page Up": "PgUp",
        "Page Down": "PgDown",
        "Ctrl+Page Up": "Ctrl+PgUp",
        "Ctrl+Page Down": "Ctrl+PgDown",
        "1 to 9, 0": "1 … 9, 0",
    }
    names = {"Enter", "M (held)"}
    for cell in rows_of_the_readme():
        if cell in written or cell in names:
            names.add(written.get(cell, cell))
            continue
        plain = cell.replace(", then a digit or Enter", "").replace(", and .", " and .")
        words = re.split(r", | and | or | ; |; | \(or |[()]", plain)
        names |= {written.get(word, word).strip(" ") for word in words if word.strip(" ")}
    return names


def test_every_key_of_the_readme_does_what_it_says(display: str, tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "other.mp4", count=600)
    stills = tmp_path / "stills"
    stills.mkdir()
    for number in range(3):
        cv2.imwrite(str(stills / f"{number}.png"), np.full((90, 120, 3), 60 * number, np.uint8))
    seen = driven(display, "key_driver", tmp_path / "data", clip, stills, seconds=600)
    assert seen["rows"] == rows_of_the_readme()
    words = {word for text in seen["sheet"] for word in text.split("  or  ")}
    assert keys_of_the_readme() - words == {"drop"}, "F1 shows all keys"
